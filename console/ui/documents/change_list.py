"""The list of changes: a model of rows, and what paints each of them in three ways."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QTextLayout
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.ui.documents.painting import laid_out, paint
from console.ui.documents.rows import Pieces, Row
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RADIUS, SPACE_1, SPACE_2, SPACE_3, SPACE_4

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_NO_INDEX = QModelIndex()


class Mode(StrEnum):
    """How changes are shown."""

    SIDES = "Side by side"
    INLINE = "Inline"
    SENTENCES = "Sentences"


class ChangeModel(QAbstractListModel):
    """What the list shows; replaced as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: tuple[Row, ...]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """One for each change."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row itself under `ROW`, else its words."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.sentence
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.sentence}. {row.author}" if row.author else row.sentence
        return None


class ChangeDelegate(QStyledItemDelegate):
    """Paints a change: its sentence, who made it, and below, as the mode says, its sides."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.mode = Mode.SIDES

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as all of its text."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QListView) else option.rect.width()
        row = index.data(ROW)
        return QSize(width, self._height(row, width)) if isinstance(row, Row) else QSize(width, 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        row = index.data(ROW)
        if not isinstance(row, Row):
            return
        tokens, rect = self._theme.tokens, option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QColor(tokens.focus) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected))
            painter.drawRoundedRect(rect.adjusted(SPACE_2, 2, -SPACE_2, -2), RADIUS, RADIUS)
        inner = rect.adjusted(SPACE_4, SPACE_2, -SPACE_4, -SPACE_2)
        top = inner.top() + self._paint_head(painter, row, inner) + SPACE_1
        for left, width, pieces, title in self._sides(row, inner.width()):
            ground = QRect(inner.left() + left, top, width, inner.bottom() - top + 1)
            painter.setPen(QColor(tokens.border))
            painter.setBrush(QColor(tokens.surface))
            painter.drawRoundedRect(ground, RADIUS, RADIUS)
            layout = self._layout(pieces, title, width - 2 * SPACE_2)
            colour = tokens.muted if title else tokens.text
            paint(painter, layout, ground.left() + SPACE_2, ground.top() + SPACE_2, colour)
        painter.restore()

    def _paint_head(self, painter: QPainter, row: Row, inner: QRect) -> int:
        tokens = self._theme.tokens
        head = QRect(inner.left(), inner.top(), inner.width(), self._head_height())
        painter.setFont(self._theme.small_font)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.author)
        taken = painter.fontMetrics().horizontalAdvance(row.author) + (SPACE_3 if row.author else 0)
        sentences = self.mode is Mode.SENTENCES
        painter.setFont(self._theme.text_font if sentences else self._theme.strong_font)
        painter.setPen(QColor(tokens.text))
        words = painter.fontMetrics().elidedText(
            row.sentence, Qt.TextElideMode.ElideRight, head.width() - taken
        )
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        return head.height()

    def _head_height(self) -> int:
        return SPACE_2 + int(self._theme.text_font.pointSizeF() * 1.7)

    def _sides(self, row: Row, width: int) -> list[tuple[int, int, Pieces, str]]:
        """Left edge, width and content of each box; a side that is not there says so."""
        if self.mode is Mode.SENTENCES or not (row.before or row.after):
            return []
        if self.mode is Mode.INLINE:
            return [(0, width, row.inline, "")]
        half = (width - SPACE_2) // 2
        absent = ("Not there yet", "Not there any more")
        return [
            (place * (half + SPACE_2), half, pieces, "" if pieces else absent[place])
            for place, pieces in enumerate((row.before, row.after))
        ]

    def _layout(self, pieces: Pieces, title: str, width: float) -> QTextLayout:
        shown: Pieces = (("same", title),) if title else pieces
        return laid_out(shown, width, self._theme.text_font, self._theme.tokens)

    def _height(self, row: Row, width: int) -> int:
        heights = [
            self._layout(pieces, title, room - 2 * SPACE_2).boundingRect().height() + 2 * SPACE_2
            for _, room, pieces, title in self._sides(row, width - 2 * SPACE_4)
        ]
        body = SPACE_1 + int(max(heights)) + 1 if heights else 0
        return 2 * SPACE_2 + self._head_height() + body
