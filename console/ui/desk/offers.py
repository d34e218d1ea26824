"""How a line can go on, offered under it while the keyboard stays in the line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from console.ui.theme.words import shortened

_LINE = Qt.ItemDataRole.UserRole
_FRAME = 12


class Offers(QListWidget):
    """A part of `host` over what lies under the line, no window: that would take the keyboard.

    Signals: `taken(str)` with the whole line that was chosen.
    """

    taken = Signal(str)

    def __init__(self, line: QLineEdit, host: QWidget) -> None:
        super().__init__(host)
        self._line = line
        self.setObjectName("choices")
        self.setAccessibleName("How the filter can go on")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._take)
        self.hide()
        line.installEventFilter(self)

    def show_lines(self, lines: Sequence[str], words: Sequence[str]) -> None:
        """Offer whole lines, each shown as its words; nothing hides the list."""
        self.clear()
        for each, shown in zip(lines, words, strict=True):
            item = QListWidgetItem(shortened(shown))
            item.setData(_LINE, each)
            self.addItem(item)
        host = self.parentWidget()
        if not lines or host is None:
            self.hide()
            return
        place = self._line.mapTo(host, QPoint(0, self._line.height()))
        height = sum(self.sizeHintForRow(row) for row in range(self.count())) + _FRAME
        self.setGeometry(place.x(), place.y(), self._line.width(), min(height, host.height() - place.y()))
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that move in the list, while it is shown."""
        if watched is self._line and event.type() == QEvent.Type.FocusOut:
            self.hide()
        if watched is self._line and isinstance(event, QKeyEvent) and not self.isHidden():
            return event.type() == QEvent.Type.KeyPress and self._key(event.key())
        return super().eventFilter(watched, event)

    def _key(self, key: int) -> bool:
        chosen = self.currentRow()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.setCurrentRow((chosen + step) % self.count() if chosen >= 0 else 0)
        elif key == Qt.Key.Key_Tab or (key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen >= 0):
            self._take(self.item(max(chosen, 0)))
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _take(self, item: QListWidgetItem) -> None:
        line = str(item.data(_LINE))
        self.hide()
        self.taken.emit(line)
