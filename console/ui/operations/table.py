"""A sheet as Qt's table: sorted by a click on a column, filtered by what is typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from console.domain.operations import Column, Measure, SheetKind
from console.ui.theme.words import exact, number, plain, shortened, since, size
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
"""The row's values as they were read."""
_SORTED_BY = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
SHORT, LONGEST = 120, 2_000
"""Characters of a text in its cell, and in its tooltip."""
_LEFT = {Measure.TEXT, Measure.MOMENT}


def words(value: object, measure: Measure) -> str:
    """A value as its cell shows it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return since(value)
    if isinstance(value, UUID):
        return str(value)[:8]
    if isinstance(value, int | float):
        match measure:
            case Measure.BYTES:
                return size(value)
            case Measure.SECONDS:
                return f"{value:,.1f} s"
            case Measure.MILLISECONDS:
                return f"{value:,.1f} ms"
            case _:
                return number(value)
    return shortened(str(value), SHORT)


def whole(value: object) -> str:
    """A value as it is copied and filtered by, in one line."""
    if isinstance(value, datetime):
        return exact(value)
    return "" if value is None else plain(str(value))


class SheetModel(QAbstractTableModel):
    """The rows of one sheet."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._columns: tuple[Column, ...] = ()
        self.rows: tuple[tuple[object, ...], ...] = ()

    def show_rows(self, kind: SheetKind, rows: tuple[tuple[object, ...], ...]) -> None:
        """Show these in the place of those before."""
        self.beginResetModel()
        self._columns, self.rows = kind.columns, rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """One for each row of the sheet."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Those of the sheet."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Vertical or section >= len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self._columns[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words to show, the whole value beside the pointer, values to sort by."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self._columns[index.column()]
        value = row[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return words(value, column.measure)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(whole(value)[:LONGEST])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == ROW:
            return row
        if role == _SORTED_BY:
            return value.timestamp() if isinstance(value, datetime) else value
        return None


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column.measure in _LEFT else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class Sifted(QSortFilterProxyModel):
    """The rows in which every word that was typed stands somewhere."""

    def __init__(self, parent: QObject, model: SheetModel) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted: list[str] = []
        self.setSourceModel(model)
        self.setSortRole(_SORTED_BY)

    def sift(self, text: str) -> None:
        """Show the rows that hold these words, whatever their case."""
        self._wanted = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002 - Qt's name
        """Whether the row holds all of them."""
        if not self._wanted:
            return True
        text = " ".join(whole(value) for value in self._model.rows[source_row]).casefold()
        return all(word in text for word in self._wanted)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Numbers and moments by their value, the rest as texts; what is missing comes first."""
        one, two = left.data(_SORTED_BY), right.data(_SORTED_BY)
        if one is None or two is None:
            return one is None and two is not None
        if isinstance(one, int | float) and isinstance(two, int | float):
            return one < two
        return str(one).casefold() < str(two).casefold()
