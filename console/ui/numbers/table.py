"""The numbers of each policy or day as a table that is sorted by its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from console.domain.numbers import Line
from console.ui.theme.tokens import ROW_HEIGHT
from console.ui.theme.words import number, share, waited
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_SORTED_BY = Qt.ItemDataRole.UserRole
NUMBER_PIXELS = 100


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    help: str
    value: Callable[[Line], float | None]
    words: Callable[[Line], str]


def _quantile(title: str, help: str, which: str, share_: float) -> _Column:
    def value(line: Line) -> float | None:
        return (line.look if which == "look" else line.wait).quantile(share_)

    return _Column(title, help, value, lambda line: waited(value(line)))


COLUMNS = (
    _Column(
        "Decided", "Items decided, undone ones too", lambda line: line.tally.decided,
        lambda line: number(line.tally.decided),
    ),
    _Column(
        "Taken back", "Undone by who decided", lambda line: line.tally.taken_back,
        lambda line: number(line.tally.taken_back),
    ),
    _Column(
        "Overturned", "Undone by somebody else", lambda line: line.tally.overturned,
        lambda line: number(line.tally.overturned),
    ),
    _Column(
        "Rate", "Overturned, of what was decided and not taken back",
        lambda line: line.tally.overturn_rate, lambda line: share(line.tally.overturn_rate),
    ),
    _quantile("To first look", "Half were opened within this time", "look", 0.5),
    _quantile("To decision", "Half were decided within this time", "decision", 0.5),
    _quantile("90 % decided", "Nine of ten were decided within this time", "decision", 0.9),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A line of numbers made ready for the table: its words, and the values that it is sorted by."""

    words: tuple[str, ...]
    values: tuple[str | float, ...]


def told(title: str, line: Line) -> Told:
    """The line as the table shows it; reckoning quantiles of a year takes longer than a frame."""
    values = (column.value(line) for column in COLUMNS)
    return Told(
        (title, *(column.words(line) for column in COLUMNS)),
        (title.casefold(), *(-1.0 if value is None else float(value) for value in values)),
    )


class LinesModel(QAbstractTableModel):
    """What each row is about, and its numbers."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self._rows: Sequence[Told] = ()

    def show_rows(self, rows: Sequence[Told]) -> None:
        """Show these in the place of those before."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """One for each line."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """What the row is about, then COLUMNS."""
        return 0 if parent.isValid() else len(COLUMNS) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' titles, with help."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section - 1].title if section else self._what
        if role == Qt.ItemDataRole.ToolTipRole and section:
            return tooltip(COLUMNS[section - 1].help)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words to show, values to sort by."""
        if not index.isValid():
            return None
        row, place = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.words[place]
        if role == _SORTED_BY:
            return row.values[place]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(place)
        return None


def _alignment(place: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class LinesTable(QTableView):
    """The model's rows; a click on a header sorts by it. It is as high as its rows."""

    def __init__(self, model: LinesModel) -> None:
        super().__init__()
        self._sorting = QSortFilterProxyModel(self)
        self._sorting.setSourceModel(model)
        self._sorting.setSortRole(_SORTED_BY)
        self.setModel(self._sorting)
        self.setSortingEnabled(True)
        self.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultSectionSize(NUMBER_PIXELS)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._sorting.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + self._sorting.rowCount() * ROW_HEIGHT + 2)
