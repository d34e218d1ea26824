"""The JSON text with its find bar and its line for going to a pointer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from console.bible.schema import AnnotatedSchema
from console.runtime.tasks import Tasks
from console.ui.bible.completing import Completion
from console.ui.bible.find_bar import FindBar
from console.ui.bible.folding import Folding
from console.ui.bible.keys import OwnKeys
from console.ui.bible.text import JsonText
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2


class PointerLine(QWidget):
    """Asks for a pointer; Enter goes there, Escape goes back to the text."""

    def __init__(self, editor: JsonText, tasks: Tasks) -> None:
        super().__init__()
        self._editor, self._tasks = editor, tasks
        self.pointer = QLineEdit()
        self.pointer.setAccessibleName("Pointer to go to")
        self.pointer.setPlaceholderText("/characters/entityId=… or /characters/0")
        self.pointer.returnPressed.connect(lambda: tasks.spawn(self._go(), "go to a pointer", self))
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setProperty("part", "grave")
        self.problem.setAccessibleName("Why the pointer leads nowhere")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_2, SPACE_1, SPACE_2, SPACE_1)
        row.addWidget(self.pointer, 1)
        row.addWidget(self.problem)
        self.hide()

    def open(self) -> None:
        """Show the line and type into it."""
        self.problem.clear()
        self.show()
        self.pointer.setFocus()
        self.pointer.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the text."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def _close(self) -> None:
        self.hide()
        self._editor.setFocus()

    async def _go(self) -> None:
        try:
            await self._editor.go_to(self.pointer.text())
        except (LookupError, ValueError) as error:
            self.problem.setText(str(error))
        else:
            self._close()


class TextPane(QWidget):
    """`text` is the editor. Ctrl+F finds, Ctrl+H replaces, F3 goes on, Ctrl+G goes to a pointer."""

    def __init__(self, theme: Theme, tasks: Tasks, schema: AnnotatedSchema | None = None) -> None:
        super().__init__()
        self.text = JsonText(theme, tasks, schema)
        self.find_bar = FindBar(self.text, tasks)
        self.pointer_line = PointerLine(self.text, tasks)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.text, 1)
        column.addWidget(self.find_bar)
        column.addWidget(self.pointer_line)
        self.folding = Folding(self.text, tasks)
        self.completion = Completion(self.text, tasks)
        self._keys = OwnKeys(
            self,
            {
                "Ctrl+F": lambda: self.find_bar.open(replacing=False),
                "Ctrl+H": lambda: self.find_bar.open(replacing=True),
                "F3": lambda: self.find_bar.step(1),
                "Shift+F3": lambda: self.find_bar.step(-1),
                "Ctrl+G": self.pointer_line.open,
            },
        )
