"""How a row of the tree is painted: the name large, its facts quiet, what is retired grey and said so."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.curation import Category, Topic
from console.ui.curation.columns import Column
from console.ui.curation.tree import ENTRY
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3

HEIGHT = 30
Index = QModelIndex | QPersistentModelIndex


class EntryDelegate(QStyledItemDelegate):
    """Paints one cell; the selection runs over the whole row."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """One line."""
        return QSize(80, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        entry = index.data(ENTRY)
        if not isinstance(entry, Topic | Category):
            return
        tokens, rect = self._theme.tokens, option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if not chosen and option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.raised))
        column = index.column()
        inner = rect.adjusted(SPACE_2, 0, -SPACE_2, 0)
        text = str(index.data() or "")
        if column == Column.NAME:
            self._paint_name(painter, inner, entry, text)
        else:
            painter.setFont(self._theme.small_font)
            painter.setPen(QColor(tokens.muted))
            right = column >= Column.CATEGORIES
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            elide = Qt.TextElideMode.ElideMiddle
            words = painter.fontMetrics().elidedText(text, elide, inner.width())
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()

    def _paint_name(self, painter: QPainter, inner: QRect, entry: Topic | Category, text: str) -> None:
        tokens = self._theme.tokens
        if not entry.active:
            painter.setFont(self._theme.small_font)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "retired")
            inner = inner.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance("retired") - SPACE_3, 0)
        strong = isinstance(entry, Topic) and entry.active
        painter.setFont(self._theme.strong_font if strong else self._theme.text_font)
        painter.setPen(QColor(tokens.text if entry.active else tokens.muted))
        words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
