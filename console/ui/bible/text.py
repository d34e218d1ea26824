"""The bible as JSON text: given as it stands, checked while it is typed, never in the next key's way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextBlock, QTextCursor, QTextOption
from rapidfuzz.distance import Postfix, Prefix

from console.bible.editing import Edit
from console.bible.positions import PositionIndex
from console.bible.schema import AnnotatedSchema
from console.bible.validation import Surroundings
from console.bible.values import Tokens
from console.runtime.tasks import Tasks
from console.ui.bible.checking import analyse, place
from console.ui.bible.incoming import Refused, escaped, fit, wrapping
from console.ui.bible.text_view import TextView, units
from console.ui.theme.theme import Theme

QUIET_MILLISECONDS: Final = 50
"""How long no key comes before the text is checked."""
AT_ONCE: Final = 2_000_000
"""Characters of a text that is looked through while the person waits; a longer one aside."""
PIECE: Final = 60_000
"""Characters put in at once: more would hold the next key up."""


def _fitted(text: str) -> tuple[str, QTextOption.WrapMode, str]:
    """The text as it can be shown, how to wrap it, and why it cannot be shown."""
    try:
        text = fit(text)
    except Refused as refused:
        return str(refused), QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere, str(refused)
    return text, wrapping(text), ""


def _least(text: str, edit: Edit) -> Edit:
    """The edit without what it would put where the same stands."""
    old, new = text[edit.start : edit.end], edit.new
    same = Prefix.similarity(old, new)
    tail = Postfix.similarity(old[same:], new[same:])
    return Edit(edit.start + same, edit.end - tail, new[same : len(new) - tail])


class JsonText(TextView):
    """Edits one JSON text.

    `revision` counts the texts that stood here. Signals: `edited()` after each change by the person,
    `loaded()` when the whole of a text has been put in, `refused(str)` when one cannot be shown, with
    the reason, `analysed(object)` with the `Analysis` of the text
    as it stands, and `findings_changed(tuple)` with its `Mark`s.
    """

    edited = Signal()
    loaded = Signal()
    refused = Signal(str)
    analysed = Signal(object)
    findings_changed = Signal(tuple)

    def __init__(self, theme: Theme, tasks: Tasks, schema: AnnotatedSchema | None = None) -> None:
        super().__init__(theme)
        self.schema = schema
        self.surroundings: Surroundings | None = None
        self._tasks = tasks
        self.revision = 0
        self._seen = self.document().revision()
        self._kept: tuple[int, str] | None = None
        self._rest, self._at = "", 0
        self._locked = self._filling = False
        self._loads = 0
        self._held: str | None = None
        self.setAccessibleName("Bible as JSON text")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MILLISECONDS)
        self._quiet.timeout.connect(self._check)
        self._loading = QTimer(self, interval=0)
        self._loading.timeout.connect(self._load)
        self.document().contentsChange.connect(self._keep)
        self.textChanged.connect(self._changed)

    # -- the text

    def text(self) -> str:
        """The whole text as it stands; unlike toPlainText it keeps no-break spaces."""
        if self._held is not None:
            return self._held
        if self._filling:
            return self._rest
        if self._kept is None or self._kept[0] != self.revision:
            self._kept = (self.revision, self.document().toRawText().replace("\u2029", "\n"))
        return self._kept[1]

    def _keep(self, start: int, removed: int, added: int) -> None:
        """Follow a change in the text that is kept: to take all of 10 MB from the document takes too long."""
        if self._filling or self._kept is None or self.document().revision() == self._seen:
            return
        revision, text = self._kept
        size = self.document().characterCount() - 1
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(start, size))
        cursor.setPosition(min(start + added, size), QTextCursor.MoveMode.KeepAnchor)
        put = cursor.selectedText().replace("\u2029", "\n") if added <= PIECE else None
        self._kept = None
        if put is None or revision != self.revision or not (text.isascii() and put.isascii()):
            return
        text = text[:start] + put + text[start + removed :]
        # Qt counts the end of the document in when all of it changed.
        if len(text) == size:
            self._kept = (revision + 1, text)

    @property
    def held(self) -> bool:
        """Whether the text cannot be shown, and so not be edited."""
        return self._held is not None

    def set_text(self, text: str) -> None:
        """Show another text, without a way back to the old one; `loaded` tells when all of it is there.

        One that cannot be shown stays what `text` gives, and cannot be edited.
        """
        self._loading.stop()
        self._quiet.stop()
        self._loads += 1
        self._held, self._rest, self._at = None, text, 0
        self._filling = True
        self.setUndoRedoEnabled(False)
        self.setReadOnly(True)
        self.findings, self._pair = (), None
        self.clear()
        self.revision += 1
        if len(text) <= AT_ONCE:
            self._begin(*_fitted(text))
        else:
            self._tasks.spawn(self._begin_aside(text, self._loads), "lay out the bible's text", self)

    async def _begin_aside(self, text: str, load: int) -> None:
        fitted = await asyncio.to_thread(_fitted, text)
        if load == self._loads:
            self._begin(*fitted)

    def _begin(self, text: str, mode: QTextOption.WrapMode, refused: str) -> None:
        if refused:
            self._held = self._rest
            self.refused.emit(refused)
        self._rest = text
        self.setWordWrapMode(mode)
        self._loading.start()
        self._load()

    def _load(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        piece = self._rest[self._at : self._at + PIECE]
        self._at += len(piece)
        cursor.insertText(piece)
        if self._at == len(piece):
            self.moveCursor(QTextCursor.MoveOperation.Start)
        if self._at < len(self._rest):
            return
        self._loading.stop()
        self._filling = False
        self._kept = (self.revision, self._rest)
        self._rest, self._at = "", 0
        self.setReadOnly(self._locked or self._held is not None)
        self.setUndoRedoEnabled(True)
        self.document().setModified(False)
        self._check()
        self.loaded.emit()

    def lock(self, locked: bool) -> None:
        """Let the text be read only, or be edited again."""
        self._locked = locked
        self.setReadOnly(locked or self._filling or self._held is not None)

    def replace(self, edits: Sequence[Edit], *, joined: bool = False) -> None:
        """Make edits of the text, the last of it first, as one step back, or as part of the step before."""
        text, cursor = self.text(), QTextCursor(self.document())
        if joined:
            cursor.joinPreviousEditBlock()
        else:
            cursor.beginEditBlock()
        for edit in map(partial(_least, text), edits):
            start = units(text[: edit.start])
            cursor.setPosition(start)
            cursor.setPosition(start + units(text[edit.start : edit.end]), QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(escaped(edit.new))
        cursor.endEditBlock()
        self._check()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste as plain text, on the lines that it has; a long text goes in piece by piece."""
        text = source.text()
        if len(text) <= PIECE:
            self._put(text)
        else:
            self.setReadOnly(True)
            self._tasks.spawn(self._paste(text), "paste into the bible's text", self)

    def _wrap_for(self, text: str) -> None:
        mode = wrapping(text)
        if mode == QTextOption.WrapMode.WrapAnywhere:
            self.setWordWrapMode(mode)

    def _put(self, text: str) -> None:
        try:
            text = fit(text)
            self._wrap_for(text)
            self.insertPlainText(text)
        except Refused as refused:
            self.refused.emit(str(refused))

    async def _paste(self, text: str) -> None:
        try:
            text = await asyncio.to_thread(fit, text)
            self._wrap_for(text)
            cursor = self.textCursor()
            cursor.beginEditBlock()
            for at in range(0, len(text), PIECE):
                if at:
                    cursor.joinPreviousEditBlock()
                cursor.insertText(text[at : at + PIECE])
                cursor.endEditBlock()
                await asyncio.sleep(0)
        except Refused as refused:
            self.refused.emit(str(refused))
        finally:
            self.setReadOnly(self._locked)
        self.ensureCursorVisible()

    # -- findings

    def _changed(self) -> None:
        # Folding and colouring change the picture of the text, not the text.
        if self.document().revision() == self._seen:
            return
        self._seen = self.document().revision()
        if self._filling:
            return
        self.revision += 1
        self._quiet.start()
        self.edited.emit()

    def _check(self) -> None:
        self._quiet.stop()
        self._tasks.spawn(self._find(self.revision), "check the bible's text", self)

    async def _find(self, revision: int) -> None:
        found = await asyncio.to_thread(analyse, self.text(), self.schema, self.surroundings)
        if revision == self.revision:
            self.findings = found.marks
            self._underline()
            self.analysed.emit(found)
            self.findings_changed.emit(found.marks)

    def _underline(self) -> None:
        # While a text comes, its lines are not all there.
        if not self._filling:
            super()._underline()

    def check_again(self) -> None:
        """Check the text as it stands, since what is around it changed."""
        self._check()

    def go_to_finding(self, step: int) -> None:
        """Move to the next finding (1) or the one before (-1), round the ends."""
        cursor = self.textCursor()
        here = cursor.position()
        places = sorted({self._position(mark.line, mark.column) for mark in self.findings})
        if places:
            beyond = [at for at in places if (at > here if step > 0 else at < here)]
            self._go(beyond[0 if step > 0 else -1] if beyond else places[0 if step > 0 else -1])

    # -- places

    def offset(self, cursor: QTextCursor | None = None) -> int:
        """Where the cursor (or another one) is, in characters of the text."""
        at = (cursor or self.textCursor()).position()
        text = self.text()
        return at if text.isascii() else len(text.encode("utf-16-le")[: 2 * at].decode("utf-16-le", "ignore"))

    def block_at(self, offset: int) -> QTextBlock:
        """The line of a character of the text."""
        return self.document().findBlock(units(self.text()[:offset]))

    def offset_of(self, block: QTextBlock, column: int) -> int:
        """The character at a column of a line, in characters of the text."""
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + column)
        return self.offset(cursor)

    def go_to_line(self, line: int, column: int) -> None:
        """Move to a character; both count from 1."""
        self._go(self._position(line, column))

    async def go_to_place(self, tokens: Tokens) -> None:
        """Move to the value at a place, or to what would hold it."""
        line, column = await asyncio.to_thread(PositionIndex(self.text()).locate, tokens)
        self._go(self._position(line, column))

    async def go_to(self, path: str) -> None:
        """Move to what a pointer names. Raises LookupError or ValueError, with words for the person."""
        line, column = await asyncio.to_thread(place, self.text(), path, self.schema)
        self._go(self._position(line, column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F8 and Shift+F8 go through the findings."""
        if event.key() == Qt.Key.Key_F8:
            self.go_to_finding(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)
