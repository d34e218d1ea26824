"""An answer of one's own: the edited fourth, or new keys under which both are kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.ui.documents.questions import Question
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2
from console.ui.theme.words import plain
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label


class _Field(QPlainTextEdit):
    """Ctrl+Enter takes what is typed; Tab goes on."""

    done = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAccessibleName("Your own answer")
        self.setMinimumHeight(96)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The key that takes it."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit()
        else:
            super().keyPressEvent(event)


class OwnAnswer(QWidget):
    """Opened below the sides. Signals: `edited(str)`; `both(dict)` with the new keys; `left()`."""

    edited = Signal(str)
    both = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.field = _Field()
        self.field.setFont(theme.fixed_font)
        self.field.done.connect(self.take)
        self._keys = QWidget()
        self._form = QFormLayout(self._keys)
        self._form.setContentsMargins(0, 0, 0, 0)
        self.key_fields: dict[str, QLineEdit] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self.field)
        self._stack.addWidget(self._keys)
        self._title = label("", font=theme.strong_font)
        self.problem = label("", "grave")
        self.problem.setWordWrap(True)
        self.problem.setAccessibleName("Why the answer cannot be taken")
        self._take, leave = QPushButton("Take this  Ctrl+Enter"), quiet_button("Leave  Esc")
        self._take.clicked.connect(self.take)
        leave.clicked.connect(self.left)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_2)
        foot.addWidget(self.problem, 1)
        foot.addWidget(leave)
        foot.addWidget(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self._title)
        column.addWidget(self._stack, 1)
        column.addLayout(foot)
        self.hide()

    def edit(self, asked: Question, text: str) -> None:
        """Ask for an own answer; it begins with `text`."""
        order = asked.conflict.kind == "order"
        self._title.setText("Your own order, one line each" if order else "Your own answer")
        self._stack.setCurrentWidget(self.field)
        self.field.setPlainText(text)
        self._open(self.field)
        self.field.moveCursor(QTextCursor.MoveOperation.End)

    def ask_keys(self, asked: Question) -> None:
        """Ask for the keys that theirs gets when both are kept."""
        self._title.setText("Keep both: theirs is kept as")
        while self._form.rowCount():
            self._form.removeRow(0)
        self.key_fields = {}
        for key, proposal in asked.new_key.items():
            field = QLineEdit(proposal)
            field.setAccessibleName(f"New {plain(key)} of theirs")
            field.returnPressed.connect(self.take)
            self.key_fields[key] = field
            self._form.addRow(label(plain(key), "muted"), field)
        self._stack.setCurrentWidget(self._keys)
        first = next(iter(self.key_fields.values()))
        self._open(first)
        first.selectAll()

    def _open(self, field: QWidget) -> None:
        self.problem.clear()
        self.show()
        field.setFocus()

    def take(self) -> None:
        """Hand over what is typed."""
        if self._stack.currentWidget() is self.field:
            self.edited.emit(self.field.toPlainText())
        else:
            self.both.emit({key: field.text() for key, field in self.key_fields.items()})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the answer as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
