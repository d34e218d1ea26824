"""Panels over the window: a field, and rows that answer it. Palette, search and lists are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from console.domain.servers import Served
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import FADED, RADIUS, SPACE_1, SPACE_2, SPACE_3
from console.ui.widgets.labels import label
from console.ui.widgets.served import served_label, tell_served

WIDTH, HEIGHT = 620, 420
ROW_HEIGHT, HEADING_HEIGHT = 30, 34
_ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an overlay: words at the left, facts or the caps of keys at the right, and what Enter does.

    `heading` marks the title of the lines below it; `keeps` leaves the overlay open when it is run.
    """

    words: str
    facts: str
    run: Callable[[], None] | None
    keys: tuple[str, ...] = ()
    heading: bool = False
    keeps: bool = False


class _RowDelegate(QStyledItemDelegate):
    """Words at the left, cut where the facts at the right begin."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        row = index.data(_ROW)
        return QSize(200, HEADING_HEIGHT if isinstance(row, Row) and row.heading else ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, tokens = index.data(_ROW), self._theme.tokens
        if not isinstance(row, Row):
            return
        rect: QRect = option.rect.adjusted(0, 1, 0, -1)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected and row.run is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        inner = rect.adjusted(SPACE_2, 0, -SPACE_2, 0)
        painter.setFont(self._theme.small_font)
        painter.setPen(QColor(tokens.muted))
        if row.heading:
            below = inner.adjusted(0, 0, 0, -SPACE_1)
            painter.drawText(below, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, row.words)
            painter.restore()
            return
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.facts)
        facts = painter.fontMetrics().horizontalAdvance(row.facts) + SPACE_3
        facts += self._paint_caps(painter, inner, row.keys)
        painter.setFont(self._theme.text_font)
        painter.setPen(QColor(tokens.text))
        words = painter.fontMetrics().elidedText(
            row.words, Qt.TextElideMode.ElideRight, inner.width() - facts
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()

    def _paint_caps(self, painter: QPainter, inner: QRect, keys: tuple[str, ...]) -> int:
        """Paint keys as caps, from the right; returns the room they took."""
        tokens, right = self._theme.tokens, inner.right()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in reversed(keys):
            width = painter.fontMetrics().horizontalAdvance(key) + 2 * SPACE_2
            cap = QRect(right - width, inner.center().y() - 9, width, 20)
            painter.setPen(QColor(tokens.border))
            painter.setBrush(QColor(tokens.ground))
            painter.drawRoundedRect(cap, SPACE_1, SPACE_1)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            right -= width + SPACE_1
        return inner.right() - right


class _Backdrop(QWidget):
    """Lies between an overlay and the window, pales it, and takes the clicks. Signals: `clicked()`."""

    clicked = Signal()

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lay the ground's colour over what is behind, thinly."""
        colour = QColor(self._theme.tokens.ground)
        colour.setAlphaF(1 - FADED)
        QPainter(self).fillRect(event.rect(), colour)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the click: it closes the overlay and does nothing below."""
        event.accept()
        self.clicked.emit()


class Overlay(QFrame):
    """Signals: `typed(str)`. Escape and a click outside close it and give the keyboard back.

    Attributes: `kept` stands in the field when it is opened, selected, so that typing replaces it.

    While it is open its field alone has the keyboard: a letter that reached the window
    would be a verb's key, and decide the item behind.
    """

    typed = Signal(str)

    def __init__(self, theme: Theme, host: QWidget, title: str, hint: str, *, highest: int = HEIGHT) -> None:
        super().__init__(host)
        self.setObjectName("overlay")
        self._host = host
        self._highest = highest
        self._awaited = False
        self._run_awaited = False
        self._before: QWidget | None = None
        self.kept = ""
        self._backdrop = _Backdrop(theme, host)
        self._backdrop.clicked.connect(self.dismiss)
        self._backdrop.hide()
        self.field = QLineEdit()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(title)
        self.list = QListWidget()
        self.list.setAccessibleName(f"{title}: results")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.currentItemChanged.connect(self._announce)
        self._delegate = _RowDelegate(theme)
        self.list.setItemDelegate(self._delegate)
        self._foot, self._served = label("", "muted", theme.small_font), served_label(theme)
        self._served.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addWidget(label(title, font=theme.strong_font))
        column.addWidget(self.field)
        column.addWidget(self.list)
        feet = QHBoxLayout()
        feet.addWidget(self._foot)
        feet.addStretch()
        feet.addWidget(self._served)
        column.addLayout(feet)
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self._run)
        self.list.itemActivated.connect(lambda _: self._run())
        self.field.installEventFilter(self)
        host.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Show it with the keyboard in its field."""
        focused = self._host.window().focusWidget()
        if not self.isVisible():
            self._before = focused
        self.field.blockSignals(True)
        self.field.setText(self.kept)
        self.field.blockSignals(False)
        self.field.selectAll()
        self._place()
        self._backdrop.show()
        self._backdrop.raise_()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._typed(self.kept)

    def await_rows(self) -> None:
        """Rows are on their way: Enter means the first of them, not what is still shown."""
        self._awaited = True

    def _typed(self, text: str) -> None:
        self._awaited = self._run_awaited = False
        self.typed.emit(text)

    def dismiss(self) -> None:
        """Hide it and give the keyboard back."""
        self._awaited = self._run_awaited = False
        self.hide()
        self._backdrop.hide()
        # What had the keyboard may be gone: the item behind is built anew when it changes.
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_rows(self, rows: Sequence[Row], foot: str = "", *, served: Served | None = None) -> None:
        """Show these rows, the first chosen; run it if Enter was pressed while they were awaited.

        `foot` stands below them, and who `served` them.
        """
        wanted, self._awaited, self._run_awaited = self._run_awaited, False, False
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(row.words)
            facts = " ".join((row.facts, *row.keys)).strip()
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (row.words, facts))))
            item.setData(_ROW, row)
            if row.run is None:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsSelectable)
            self.list.addItem(item)
        first = next((place for place, row in enumerate(rows) if row.run is not None), 0)
        self.list.setCurrentRow(first)
        self._foot.setText(foot)
        self._foot.setVisible(bool(foot))
        tell_served(self._served, served)
        self._served.setVisible(served is not None)
        self._place()
        if wanted:
            self._run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while the field has the keyboard."""
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.dismiss()
                return True
            if event.key() in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}:
                return True
            if watched is self.field and event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def _step(self, step: int) -> None:
        """Go to the next line in this direction that is no heading."""
        place = self.list.currentRow() + step
        while 0 <= place < self.list.count():
            row = self.list.item(place).data(_ROW)
            if isinstance(row, Row) and not row.heading:
                self.list.setCurrentRow(place)
                return
            place += step
        self.list.scrollToTop() if step < 0 else self.list.scrollToBottom()

    def _run(self) -> None:
        if self._awaited:
            self._run_awaited = True
            return
        row = self.list.currentIndex().data(_ROW)
        if isinstance(row, Row) and row.run is not None:
            if not row.keeps:
                self.dismiss()
            row.run()

    def _announce(self, item: QListWidgetItem | None) -> None:
        """Tell the chosen row to a screen reader, which follows the field."""
        self.field.setAccessibleDescription(
            str(item.data(Qt.ItemDataRole.AccessibleTextRole)) if item is not None else ""
        )

    def _place(self) -> None:
        self._backdrop.setGeometry(self._host.rect())
        width = min(WIDTH, self._host.width() - 48)
        rows = sum(self.list.sizeHintForRow(place) for place in range(self.list.count()))
        layout = self.layout()
        around = layout.minimumSize().height() - self.list.minimumHeight() if layout is not None else 0
        self.list.setFixedHeight(max(0, min(rows, self._highest, self._host.height() - 96 - around)))
        height = layout.totalMinimumSize().height() if layout is not None else around
        self.setGeometry((self._host.width() - width) // 2, 56, width, height)
