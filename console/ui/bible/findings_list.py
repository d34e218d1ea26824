"""All findings of a bible in a list; Return or a click goes to one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.ui.bible.checking import Mark
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import ROW_HEIGHT, SPACE_2, SPACE_3
from console.ui.theme.words import plain
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex


class Findings(QAbstractListModel):
    """The marks of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: tuple[Mark, ...] = ()

    def show(self, marks: tuple[Mark, ...]) -> None:
        """Show others; the same ones keep what is chosen."""
        if marks != self.marks:
            self.beginResetModel()
            self.marks = marks
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name
        """How many there are."""
        return 0 if parent.isValid() else len(self.marks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of one finding."""
        if not index.isValid():
            return None
        mark = self.marks[index.row()]
        where = f"line {mark.line:,} column {mark.column:,}"
        if role == Qt.ItemDataRole.DisplayRole:
            return plain(mark.message)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{mark.severity}, {where}: {plain(mark.message)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{mark.message}\n{mark.path or where}")
        return None


class _Rows(QStyledItemDelegate):
    """A sign, the message, and the place at the right."""

    def __init__(self, theme: Theme, findings: Findings) -> None:
        super().__init__()
        self._theme, self._findings = theme, findings

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """One line."""
        return QSize(200, ROW_HEIGHT - 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        tokens, mark = self._theme.tokens, self._findings.marks[index.row()]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Highlight))
        room = option.rect.adjusted(SPACE_3, 0, -SPACE_3, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        error = mark.severity == "error"
        painter.setPen(tokens.grave if error else tokens.notable)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, "✕" if error else "!")
        metrics = QFontMetrics(option.font)
        place = plain(mark.path) or "text"
        place = metrics.elidedText(place, Qt.TextElideMode.ElideMiddle, room.width() // 3)
        right = f"{place}   {mark.line:,}:{mark.column:,}"
        painter.setPen(tokens.muted)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, right)
        words = room.adjusted(18, 0, -metrics.horizontalAdvance(right) - SPACE_2, 0)
        painter.setPen(tokens.text)
        shown = metrics.elidedText(plain(mark.message), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()


class FindingsList(QListView):
    """Signals: `chosen(object)` with the Mark to go to."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.findings = Findings()
        self.setModel(self.findings)
        self._rows = _Rows(theme, self.findings)
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Findings")
        self.clicked.connect(self._go)
        self.activated.connect(self._go)

    def sizeHint(self) -> QSize:
        """As high as a few rows."""
        return QSize(400, min(5, max(1, len(self.findings.marks))) * (ROW_HEIGHT - 8) + 2)

    def _go(self, index: Index) -> None:
        self.chosen.emit(self.findings.marks[index.row()])
