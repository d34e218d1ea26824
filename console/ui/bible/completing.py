"""The list of what can stand at the cursor, and the words about what is under the pointer."""

from __future__ import annotations

import asyncio
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QStringListModel, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QToolTip

from console.bible.schema import AnnotatedSchema, no_schema
from console.runtime.tasks import Tasks
from console.ui.bible.checking import Analysis
from console.ui.bible.naming import Names
from console.ui.bible.suggesting import Place, Suggestion, explain, suggest
from console.ui.bible.text import JsonText
from console.ui.bible.text_view import units
from console.ui.theme.words import plain
from console.ui.widgets.labels import tooltip

PAUSE_MILLISECONDS: Final = 60
WIDTH: Final = 420
LONGEST: Final = 400
"""Characters before the cursor in its line: whoever types more writes prose."""


class Completion(QObject):
    """Ctrl+Space, or typing in a string, offers what can stand there; Ctrl+I or the pointer explains."""

    def __init__(self, editor: JsonText, tasks: Tasks) -> None:
        super().__init__(editor)
        self._editor, self._tasks = editor, tasks
        self._schema: AnnotatedSchema = editor.schema or no_schema()
        self._names = Names({}, self._schema)
        self._place: Place | None = None
        self._offered: tuple[Suggestion, ...] = ()
        self._words = QStringListModel(self)
        self._list = QCompleter(self._words, self)
        self._list.setWidget(editor)
        self._popup = QListView()
        self._popup.setObjectName("choices")
        self._list.setPopup(self._popup)
        self._list.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._popup.setAccessibleName("What can stand here")
        self._popup.clicked.connect(self._take)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._pause.timeout.connect(lambda: self._ask(asked=False))
        editor.analysed.connect(self._learn)
        editor.installEventFilter(self)
        editor.viewport().installEventFilter(self)

    @property
    def offered(self) -> tuple[Suggestion, ...]:
        """What is offered now; nothing while the list is hidden."""
        return self._offered if self._popup.isVisible() else ()

    def _learn(self, found: Analysis) -> None:
        if found.names is not None:
            self._names = found.names

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Listen to keys and to a pointer that rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if watched is self._editor.viewport():
                at = self._editor.cursorForPosition(event.pos())
                self._explain(at, event.globalPos())
                return True
        elif (
            isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is self._editor
        ):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shown = self._popup.isVisible()
        if control and event.key() == Qt.Key.Key_Space:
            self._ask(asked=True)
            return True
        if control and event.key() == Qt.Key.Key_I:
            box = self._editor.cursorRect()
            self._explain(self._editor.textCursor(), self._editor.viewport().mapToGlobal(box.bottomLeft()))
            return True
        if shown and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self._popup.currentIndex())
            return True
        if shown and event.key() == Qt.Key.Key_Escape:
            self._hide()
            return True
        if (event.text().isprintable() and event.text()) or (shown and event.key() == Qt.Key.Key_Backspace):
            if shown or self._in_string(event.text()):
                self._pause.start()
        elif event.text() or event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._hide()
        return False

    def _in_string(self, typed: str) -> bool:
        """Whether what is being typed is in a string, told from its line alone."""
        cursor = self._editor.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()] + typed
        return len(before) < LONGEST and before.replace('\\"', "").count('"') % 2 == 1

    def _hide(self) -> None:
        self._pause.stop()
        self._popup.hide()

    def _ask(self, *, asked: bool) -> None:
        if not self._editor.isReadOnly():
            self._tasks.spawn(self._offer(asked), "complete in the bible's text", self)

    async def _offer(self, asked: bool) -> None:
        text, offset = self._editor.text(), self._editor.offset()
        place, offered = await asyncio.to_thread(suggest, text, offset, self._schema, self._names)
        if offset != self._editor.offset() or text != self._editor.text():
            return
        done = len(offered) == 1 and offered[0].literal.strip(' ":') == text[place.start : place.end].strip(
            '"'
        )
        if not offered or (not asked and (not place.quoted or done)):
            self._hide()
            return
        self._place, self._offered = place, offered
        self._words.setStringList(
            [plain(f"{each.name}   {each.detail}" if each.detail else each.name) for each in offered]
        )
        self._popup.setCurrentIndex(self._list.completionModel().index(0, 0))
        box = self._editor.cursorRect().translated(self._editor.viewport().pos())
        box.setWidth(WIDTH)
        self._list.complete(box)
        self._popup.setCurrentIndex(self._list.completionModel().index(0, 0))

    def _take(self, index: QModelIndex) -> None:
        place = self._place
        self._hide()
        if place is None or not 0 <= index.row() < len(self._offered):
            return
        text = self._editor.text()
        cursor = self._editor.textCursor()
        start = units(text[: place.start])
        cursor.setPosition(start)
        cursor.setPosition(start + units(text[place.start : place.end]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(self._offered[index.row()].literal)
        self._editor.setTextCursor(cursor)

    def _explain(self, cursor: QTextCursor, at: QPoint) -> None:
        self._tasks.spawn(self._told(cursor, at), "explain a place of the bible", self)

    async def _told(self, cursor: QTextCursor, at: QPoint) -> None:
        text = self._editor.text()
        offset = self._editor.offset(cursor)
        line, column = cursor.blockNumber() + 1, cursor.positionInBlock() + 1
        found = [
            mark.message for mark in self._editor.findings if mark.line == line and mark.column <= column
        ]
        said = await asyncio.to_thread(explain, text, offset, self._schema)
        words = "\n".join([*found, *([said] if said else [])])
        if words and self._editor.isVisible():
            html = tooltip(plain(words, lines=True)).replace("\n", "<br>")
            QToolTip.showText(at, html, self._editor.viewport())
        else:
            QToolTip.hideText()
