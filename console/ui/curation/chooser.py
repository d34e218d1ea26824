"""Choosing one topic of thousands: typed at, never scrolled through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListView, QVBoxLayout, QWidget

from console.domain.curation import Topic
from console.ui.theme.tokens import SPACE_2, SPACE_3
from console.ui.theme.words import plain

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class _Topics(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.topics: Sequence[Topic] = ()

    def show(self, topics: Sequence[Topic]) -> None:
        self.beginResetModel()
        self.topics = topics
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.topics)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        topic = self.topics[index.row()]
        return plain(topic.name) + ("" if topic.active else "  · retired")


class TopicChooser(QDialog):
    """Asks for a topic; `chosen` is called with its id. `open()` it: nothing waits for a dialog."""

    def __init__(
        self, parent: QWidget, title: str, topics: Sequence[Topic], chosen: Callable[[UUID], None]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(420, 460)
        self._topics, self._chosen = topics, chosen
        self._text = QLineEdit()
        self._text.setPlaceholderText("Type a part of its name")
        self._text.setAccessibleName("A part of the topic's name")
        self._text.setClearButtonEnabled(True)
        self._text.textChanged.connect(self._narrow)
        self._text.installEventFilter(self)
        self._model = _Topics()
        self._rows = QListView()
        self._rows.setModel(self._model)
        self._rows.setUniformItemSizes(True)
        self._rows.setAccessibleName("Topics")
        self._rows.activated.connect(lambda _: self.accept())
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addWidget(self._text)
        column.addWidget(self._rows)
        self._narrow("")

    def accept(self) -> None:
        """Tell which topic is current."""
        row = self._rows.currentIndex().row()
        super().accept()
        if row >= 0:
            self._chosen(self._model.topics[row].id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows go to the list while one types."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in _KEYS:
            self._rows.keyPressEvent(event)
            return True
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        ):
            self.accept()
            return True
        return super().eventFilter(watched, event)

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        self._model.show([t for t in self._topics if all(word in t.name.casefold() for word in words)])
        self._rows.setCurrentIndex(self._model.index(0))
