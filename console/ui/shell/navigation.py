"""The left of the window: the queues of the platform with their live counts, and the screens beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from console.ui.shell.screens import Screen
from console.ui.theme.theme import ICON_PIXELS, Theme
from console.ui.theme.tokens import RADIUS, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count
from console.ui.widgets.labels import label

_PLACE = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1


class _PlaceDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002 - Qt's name
        return QSize(160, 32 if index.data(_PLACE) is not None else 36)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = self._theme.tokens
        place: Queue | Screen | None = index.data(_PLACE)
        if place is None:
            self._paint_heading(painter, option.rect, index.data())
            return
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
        icon = self._theme.icon(place.icon, colour)
        icon.paint(painter, QRect(rect.left() + SPACE_2, rect.center().y() - 7, ICON_PIXELS, ICON_PIXELS))
        inner = rect.adjusted(SPACE_2 + ICON_PIXELS + SPACE_2, 0, -SPACE_2, 0)
        painter.setPen(QColor(tokens.text))
        painter.setFont(self._theme.strong_font if chosen else self._theme.text_font)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, place.title)
        painter.setFont(self._theme.small_font)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(
            inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, index.data(_COUNT) or ""
        )
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, words: str) -> None:
        painter.save()
        painter.setPen(QColor(self._theme.tokens.muted))
        painter.setFont(self._theme.small_font)
        inner = rect.adjusted(SPACE_4, 0, -SPACE_2, -SPACE_2)
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()


class Navigation(QWidget):
    """Signals: `chosen(Queue)`, `screen_chosen(Screen)`."""

    chosen = Signal(object)
    screen_chosen = Signal(object)

    def __init__(self, theme: Theme, title: str, queues: Sequence[Queue]) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = QListWidget()
        self._list.setObjectName("navigation")
        self._list.setAccessibleName("Queues and screens")
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = _PlaceDelegate(theme)
        self._list.setItemDelegate(self._delegate)
        for queue in queues:
            self._add_row(queue)
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
        self._list.currentItemChanged.connect(self._tell)

    def add_screen(self, screen: Screen) -> None:
        """Offer a screen under the heading of its group, after those that came before."""
        last = max((row for row, place in self._places() if _group(place) == screen.group), default=None)
        if last is None:
            heading = QListWidgetItem(screen.group)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(heading)
            last = self._list.count() - 1
        self._add_row(screen, last + 1)

    def choose(self, place: int) -> None:
        """Open the queue at a place; nothing happens beyond the last."""
        queues = [row for row, what in self._places() if isinstance(what, Queue)]
        if 0 <= place < len(queues):
            self._list.setCurrentRow(queues[place])

    def mark(self, queue: Queue) -> None:
        """Mark the queue as the place where one is, without opening it anew."""
        self._list.blockSignals(True)
        for row, what in self._places():
            if what is queue:
                self._list.setCurrentRow(row)
        self._list.blockSignals(False)

    def choose_screen(self, key: str) -> None:
        """Open the screen of this key."""
        for row, what in self._places():
            if isinstance(what, Screen) and what.key == key:
                self._list.setCurrentRow(row)

    def _places(self) -> Iterator[tuple[int, Queue | Screen]]:
        for row in range(self._list.count()):
            what = self._list.item(row).data(_PLACE)
            if what is not None:
                yield row, what

    def _add_row(self, what: Queue | Screen, place: int | None = None) -> None:
        row = QListWidgetItem(what.title)
        row.setData(_PLACE, what)
        self._list.insertItem(self._list.count() if place is None else place, row)

    def choose_none(self) -> None:
        """Mark nothing: what is shown stands at none of these places."""
        self._list.setCurrentRow(-1)

    def _tell(self, row: QListWidgetItem | None) -> None:
        what = row.data(_PLACE) if row is not None else None
        if what is None:
            return
        if isinstance(what, Screen):
            self.screen_chosen.emit(what)
        else:
            self.chosen.emit(what)

    def show_count(self, key: str, value: Count) -> None:
        """Show how many wait in a queue, or in a screen."""
        for place, what in self._places():
            if what.key == key:
                row = self._list.item(place)
                row.setData(_COUNT, count(value))
                row.setData(Qt.ItemDataRole.AccessibleTextRole, f"{what.title}, {count(value)} open")


def _group(place: Queue | Screen) -> str | None:
    return place.group if isinstance(place, Screen) else None
