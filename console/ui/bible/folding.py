"""Objects and arrays of the text, folded to their first and last line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextBlock, QTextCursor

from console.bible.positions import PositionIndex
from console.runtime.tasks import Tasks
from console.ui.bible.highlight import brackets
from console.ui.bible.keys import OwnKeys
from console.ui.bible.text import JsonText
from console.ui.theme.words import count_of

SLICE: Final = 10_000
"""Lines that are hidden or shown before the next key may go in."""
MOST_LINES: Final = 60_000
"""Lines that are folded at once: Qt walks over hidden ones whenever it paints."""


@dataclass(frozen=True, slots=True)
class _Fold:
    """The lines between two that stay; the cursors follow what is typed around them."""

    first: QTextCursor
    last: QTextCursor

    def holds(self, block: QTextBlock) -> bool:
        return self.first.blockNumber() < block.blockNumber() < self.last.blockNumber()


def opens(block: QTextBlock) -> int:
    """The column of the bracket that a line opens and does not close; -1 where there is none."""
    open_ones: list[int] = []
    for at, sign in brackets(block.text()):
        if sign in "{[":
            open_ones.append(at)
        elif open_ones:
            open_ones.pop()
    return open_ones[-1] if open_ones else -1


class Folding(QObject):
    """Ctrl+Shift+[ folds what the cursor is in, Ctrl+Shift+] unfolds it; the line numbers' signs do both."""

    def __init__(self, editor: JsonText, tasks: Tasks) -> None:
        super().__init__(editor)
        self._editor, self._tasks = editor, tasks
        self._folds: list[_Fold] = []
        self._keys = OwnKeys(
            editor,
            {
                "Ctrl+Shift+[": self._fold_here,
                "Ctrl+Shift+{": self._fold_here,
                "Ctrl+Shift+]": self._unfold_here,
                "Ctrl+Shift+}": self._unfold_here,
            },
        )
        editor.gutter.pressed.connect(self._toggle)
        editor.gutter.sign = self.sign
        editor.after_hidden = self._after
        editor.tail = self.tail
        editor.cursorPositionChanged.connect(self._reveal)
        editor.loaded.connect(self._folds.clear)

    def sign(self, line: int) -> str:
        """What the gutter shows beside a line (from 1): ▸ for a folded one, ▾ for one that can be folded."""
        block = self._editor.document().findBlockByNumber(line - 1)
        if self._at(block) is not None:
            return "▸"
        return "▾" if opens(block) >= 0 and block.next().isValid() else ""

    def tail(self, block: QTextBlock) -> str:
        """What stands behind a folded line."""
        fold = self._at(block) if self._folds else None
        if fold is None:
            return ""
        return f"⋯ {count_of(fold.last.blockNumber() - fold.first.blockNumber() - 1, 'line')}"

    def _after(self, block: QTextBlock) -> QTextBlock:
        """The line to go on with behind one that is hidden."""
        ends = [fold.last.block() for fold in self._folds if fold.holds(block)]
        return max(ends, key=QTextBlock.blockNumber) if ends else block.next()

    def _at(self, block: QTextBlock) -> _Fold | None:
        number = block.blockNumber()
        return next((fold for fold in self._folds if fold.first.blockNumber() == number), None)

    def _toggle(self, line: int) -> None:
        block = self._editor.document().findBlockByNumber(line - 1)
        fold = self._at(block)
        if fold is not None:
            self._spawn_unfold(fold)
        elif opens(block) >= 0:
            self._tasks.spawn(self.fold(block), "fold the bible's text", self)

    def _fold_here(self) -> None:
        self._tasks.spawn(self._fold_around(), "fold the bible's text", self)

    async def _fold_around(self) -> None:
        block = self._editor.textCursor().block()
        if opens(block) < 0 or self._at(block) is not None:
            text, offset = self._editor.text(), self._editor.offset()
            _tokens, _child, holder = await asyncio.to_thread(PositionIndex(text).around, offset)
            if holder is None or text != self._editor.text():
                return
            block = self._editor.block_at(holder)
        await self.fold(block)

    def _unfold_here(self) -> None:
        fold = self._at(self._editor.textCursor().block())
        if fold is not None:
            self._spawn_unfold(fold)

    def _spawn_unfold(self, fold: _Fold) -> None:
        self._tasks.spawn(self.unfold(fold), "unfold the bible's text", self)

    async def fold(self, block: QTextBlock) -> None:
        """Hide the lines of what a line opens, but its last."""
        column = opens(block)
        if column < 0 or self._at(block) is not None:
            return
        text, revision = self._editor.text(), self._editor.revision
        start = self._editor.offset_of(block, column)
        end = await asyncio.to_thread(PositionIndex(text).end, start, 0)
        if revision != self._editor.revision:
            return
        last = self._editor.block_at(end - 1)
        if last.blockNumber() <= block.blockNumber() + 1:
            return
        lines = last.blockNumber() - block.blockNumber() - 1
        if lines > MOST_LINES:
            self._editor.refused.emit(f"{lines:,} lines are too many to fold; at most {MOST_LINES:,} can be.")
            return
        fold = _Fold(QTextCursor(block), QTextCursor(last))
        self._folds.append(fold)
        cursor = self._editor.textCursor()
        if fold.holds(cursor.block()):
            cursor.setPosition(block.position() + column)
            self._editor.setTextCursor(cursor)
        await self._show(fold, visible=False)

    async def unfold(self, fold: _Fold) -> None:
        """Show the lines again; what was folded within them stays so."""
        if fold not in self._folds:
            return
        self._folds.remove(fold)
        await self._show(fold, visible=True)

    def _hidden(self, block: QTextBlock) -> bool:
        return any(fold.holds(block) for fold in self._folds)

    async def _show(self, fold: _Fold, *, visible: bool) -> None:
        document = self._editor.document()
        block = fold.first.block().next()
        revision = self._editor.revision
        begin, count = block.position(), 0
        while block.isValid() and block.blockNumber() < fold.last.blockNumber():
            block.setVisible(visible and not self._hidden(block))
            count += 1
            block = block.next()
            if count % SLICE == 0:
                document.markContentsDirty(begin, max(0, block.position() - begin))
                begin = block.position()
                await asyncio.sleep(0)
                if revision != self._editor.revision:
                    self._all()
                    return
        document.markContentsDirty(begin, max(0, block.position() - begin))
        self._editor.viewport().update()
        self._editor.gutter.update()

    def _all(self) -> None:
        """The text changed while lines were hidden: show every line again, rather than lose one."""
        self._folds.clear()
        block = self._editor.document().begin()
        while block.isValid():
            block.setVisible(True)
            block = block.next()
        self._editor.document().markContentsDirty(0, self._editor.document().characterCount())

    def _reveal(self) -> None:
        """The cursor is never on a line that is hidden."""
        block = self._editor.textCursor().block()
        if block.isVisible():
            return
        for fold in [fold for fold in self._folds if fold.holds(block)]:
            self._folds.remove(fold)
            # At once: what follows scrolls to the cursor.
            step = self._show(fold, visible=True)
            self._tasks.spawn(step, "unfold the bible's text", self)
        block.setVisible(True)
        self._editor.document().markContentsDirty(block.position(), block.length())
