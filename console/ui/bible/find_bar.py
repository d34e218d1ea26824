"""The bar that finds and replaces in the text above it."""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from console.runtime.tasks import Tasks
from console.ui.bible.searching import Wanted, find, replaced
from console.ui.bible.text import JsonText
from console.ui.bible.text_view import units
from console.ui.theme.tokens import SPACE_1, SPACE_2


class FindBar(QWidget):
    """Enter or F3 finds the next, Shift the one before, Escape goes back to the text."""

    def __init__(self, editor: JsonText, tasks: Tasks) -> None:
        super().__init__()
        self._editor, self._tasks = editor, tasks
        self.query, self.replacement = QLineEdit(), QLineEdit()
        self.pattern, self.match_case = QCheckBox("Regular expression"), QCheckBox("Match case")
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setProperty("part", "muted")
        self._one, self._all = QPushButton("Replace"), QPushButton("Replace all")
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE_2, SPACE_1, SPACE_2, SPACE_1)
        grid.setSpacing(SPACE_2)
        for row, field, name in ((0, self.query, "Find"), (1, self.replacement, "Replace with")):
            field.setAccessibleName(name)
            field.setPlaceholderText(name)
            grid.addWidget(field, row, 0)
        for column, box in ((1, self.match_case), (2, self.pattern)):
            box.setAccessibleName(box.text())
            box.toggled.connect(partial(self._start, 0))
            grid.addWidget(box, 0, column)
        for column, button in ((1, self._one), (2, self._all)):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
            grid.addWidget(button, 1, column)
        self.result.setAccessibleName("Matches")
        grid.addWidget(self.result, 2, 0, 1, 3)
        self.query.textChanged.connect(partial(self._start, 0))
        self._one.clicked.connect(lambda: self._replace(every=False))
        self._all.clicked.connect(lambda: self._replace(every=True))
        self.hide()

    def open(self, *, replacing: bool) -> None:
        """Show the bar, with what is selected as what to find."""
        chosen = self._editor.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.query.setText(chosen)
        for widget in (self.replacement, self._one, self._all):
            widget.setVisible(replacing)
        self.show()
        self.query.setFocus()
        self.query.selectAll()

    def step(self, by: int) -> None:
        """Go to the next match (1) or the one before (-1), round the ends."""
        self._start(by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that work in every field of the bar."""
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._editor.setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self.step(-1 if back else 1)
        else:
            super().keyPressEvent(event)

    def _wanted(self) -> Wanted:
        return Wanted(self.query.text(), self.pattern.isChecked(), self.match_case.isChecked())

    def _start(self, by: int, *_: object) -> None:
        self._tasks.spawn(self._find(by), "find in the bible's text", self)

    async def _find(self, by: int) -> None:
        text, wanted = self._editor.text(), self._wanted()
        try:
            spans = await asyncio.to_thread(find, text, wanted)
        except ValueError as error:
            self.result.setText(str(error))
            return
        if wanted != self._wanted() or text != self._editor.text():
            return
        if not spans:
            self.result.setText("No matches" if wanted.query else "")
            return
        cursor = self._editor.textCursor()
        starts = _starts(text, spans)
        at = self._chosen(starts, by, cursor.selectionStart())
        self.result.setText(f"{at + 1:,} of {len(spans):,}")
        if by:
            start, end = spans[at]
            self._select(starts[at], starts[at] + units(text[start:end]))

    @staticmethod
    def _chosen(starts: list[int], by: int, here: int) -> int:
        if by < 0:
            return next((at for at in range(len(starts) - 1, -1, -1) if starts[at] < here), len(starts) - 1)
        first = here + 1 if by else here
        return next((at for at, start in enumerate(starts) if start >= first), 0)

    def _select(self, start: int, end: int) -> QTextCursor:
        cursor = self._editor.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self._editor.setTextCursor(cursor)
        return cursor

    def _replace(self, *, every: bool) -> None:
        self._tasks.spawn(self._replaced(every), "replace in the bible's text", self)

    async def _replaced(self, every: bool) -> None:
        text, wanted, by = self._editor.text(), self._wanted(), self.replacement.text()
        here = self._editor.textCursor().selectionStart()
        try:
            spans = await asyncio.to_thread(find, text, wanted)
            if spans and not every:
                starts = _starts(text, spans)
                at = self._chosen(starts, 0, here)
                spans = [spans[at]]
            new = await asyncio.to_thread(replaced, text, spans, wanted, by) if spans else ""
        except ValueError as error:
            self.result.setText(str(error))
            return
        if not spans or text != self._editor.text():
            self.result.setText("The text changed meanwhile: nothing was replaced" if spans else "No matches")
            return
        start = units(text[: spans[0][0]])
        cursor = self._select(start, start + units(text[spans[0][0] : spans[-1][1]]))
        cursor.insertText(new)
        self.result.setText(f"{len(spans):,} replaced")


def _starts(text: str, spans: list[tuple[int, int]]) -> list[int]:
    """Where the spans begin in Qt's characters, in one walk over the text."""
    found, last, position = [], 0, 0
    for start, _end in spans:
        position += units(text[last:start])
        found.append(position)
        last = start
    return found
