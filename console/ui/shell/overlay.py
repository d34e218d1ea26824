"""Panels over the window: a field, and rows that answer it. Palette, search and lists are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
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

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RADIUS, SPACE_2, SPACE_3
from console.ui.widgets.labels import label

WIDTH, HEIGHT = 620, 420
_ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an overlay: words at the left, facts at the right, and what Enter does."""

    words: str
    facts: str
    run: Callable[[], None] | None


class _RowDelegate(QStyledItemDelegate):
    """Words at the left, cut where the facts at the right begin."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002, N802 - Qt's name
        return QSize(200, 30)

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
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.facts)
        facts = painter.fontMetrics().horizontalAdvance(row.facts) + SPACE_3
        painter.setFont(self._theme.text_font)
        painter.setPen(QColor(tokens.text))
        words = painter.fontMetrics().elidedText(
            row.words, Qt.TextElideMode.ElideRight, inner.width() - facts
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()


class _Backdrop(QWidget):
    """Lies between an overlay and the window, and takes the clicks. Signals: `clicked()`."""

    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the click: it closes the overlay and does nothing below."""
        event.accept()
        self.clicked.emit()


class Overlay(QFrame):
    """Signals: `typed(str)`. Escape and a click outside close it and give the keyboard back.

    While it is open its field alone has the keyboard: a letter that reached the window
    would be a verb's key, and decide the item behind.
    """

    typed = Signal(str)

    def __init__(self, theme: Theme, host: QWidget, title: str, hint: str) -> None:
        super().__init__(host)
        self.setObjectName("overlay")
        self._host = host
        self._before: QWidget | None = None
        self._backdrop = _Backdrop(host)
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
        self._foot = label("", "muted", theme.small_font)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addWidget(label(title, font=theme.strong_font))
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self._foot)
        self.field.textChanged.connect(self.typed)
        self.field.returnPressed.connect(self._run)
        self.list.itemActivated.connect(lambda _: self._run())
        self.field.installEventFilter(self)
        host.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Show it, empty, with the keyboard in its field."""
        focused = self._host.window().focusWidget()
        if not self.isVisible():
            self._before = focused
        self.field.clear()
        self._place()
        self._backdrop.show()
        self._backdrop.raise_()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.typed.emit("")

    def dismiss(self) -> None:
        """Hide it and give the keyboard back."""
        self.hide()
        self._backdrop.hide()
        # What had the keyboard may be gone: the item behind is built anew when it changes.
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_rows(self, rows: Sequence[Row], foot: str = "") -> None:
        """Show these rows, the first chosen."""
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(row.words)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.words}, {row.facts}")
            item.setData(_ROW, row)
            if row.run is None:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsSelectable)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._foot.setText(foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
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
                row = max(0, min(self.list.count() - 1, self.list.currentRow() + step))
                self.list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)

    def _run(self) -> None:
        row = self.list.currentIndex().data(_ROW)
        if isinstance(row, Row) and row.run is not None:
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
        height = min(HEIGHT, self._host.height() - 96)
        self.setGeometry((self._host.width() - width) // 2, 56, width, height)
