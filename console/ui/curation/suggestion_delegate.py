"""How a suggestion is painted: its name large, its facts quiet, marked where a topic is as good as it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.ui.curation.suggestion_model import ROW, SURE, Index, facts
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import plain

_HEIGHT = 52


class SuggestionDelegate(QStyledItemDelegate):
    """Paints one suggestion in two lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """Two lines."""
        return QSize(200, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one suggestion."""
        suggestion, like = index.data(ROW)
        tokens, rect = self._theme.tokens, option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, QColor(tokens.selected))
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(tokens.accent))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QColor(tokens.focus))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.raised))
        inner = rect.adjusted(SPACE_4, SPACE_2, -SPACE_3, -SPACE_2)
        elide, left = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignLeft
        painter.setFont(self._theme.strong_font)
        painter.setPen(QColor(tokens.text))
        words = painter.fontMetrics().elidedText(plain(suggestion.name), elide, inner.width())
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignTop, words)
        painter.setFont(self._theme.small_font)
        sure = like is not None and like.score >= SURE
        painter.setPen(QColor(tokens.notable if sure else tokens.muted))
        words = painter.fontMetrics().elidedText(facts(suggestion, like), elide, inner.width())
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignBottom, words)
        painter.restore()
