"""The left of the window: the queues of the platform with their live counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.domain.queues import Count, Queue
from console.ui.theme.theme import ICON_PIXELS, Theme
from console.ui.theme.tokens import RADIUS, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count
from console.ui.widgets.labels import label

_QUEUE = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1


class _QueueDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002, N802
        return QSize(160, 32)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = self._theme.tokens
        queue = index.data(_QUEUE)
        rect: QRect = option.rect.adjusted(SPACE_2, 1, -SPACE_2, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QColor(tokens.focus)
            if option.state & QStyle.StateFlag.State_HasFocus and chosen
            else Qt.PenStyle.NoPen
        )
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(tokens.selected if chosen else tokens.raised))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        colour = tokens.accent if chosen else tokens.muted
        icon = self._theme.icon(queue.icon, colour)
        icon.paint(painter, QRect(rect.left() + SPACE_2, rect.center().y() - 7, ICON_PIXELS, ICON_PIXELS))
        inner = rect.adjusted(SPACE_2 + ICON_PIXELS + SPACE_2, 0, -SPACE_2, 0)
        painter.setPen(QColor(tokens.text))
        painter.setFont(self._theme.strong_font if chosen else self._theme.text_font)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, queue.title)
        painter.setFont(self._theme.small_font)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(
            inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, index.data(_COUNT) or ""
        )
        painter.restore()


class Navigation(QWidget):
    """Signals: `chosen(Queue)`."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, title: str, queues: Sequence[Queue]) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = QListWidget()
        self._list.setObjectName("navigation")
        self._list.setAccessibleName("Queues")
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = _QueueDelegate(theme)
        self._list.setItemDelegate(self._delegate)
        for queue in queues:
            row = QListWidgetItem(queue.title)
            row.setData(_QUEUE, queue)
            self._list.addItem(row)
        heading = label(title, font=theme.strong_font)
        heading.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_2)
        section = label("Queues", "section", theme.small_font)
        section.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(heading)
        column.addWidget(section)
        column.addWidget(self._list)
        self._list.currentItemChanged.connect(lambda row: self.chosen.emit(row.data(_QUEUE)))

    def choose(self, place: int) -> None:
        """Open the queue at a place; nothing happens beyond the last."""
        if 0 <= place < self._list.count():
            self._list.setCurrentRow(place)

    def show_count(self, key: str, value: Count) -> None:
        """Show how many wait in a queue."""
        for place in range(self._list.count()):
            row = self._list.item(place)
            if row.data(_QUEUE).key == key:
                row.setData(_COUNT, count(value))
                row.setData(
                    Qt.ItemDataRole.AccessibleTextRole, f"{row.data(_QUEUE).title}, {count(value)} open"
                )
