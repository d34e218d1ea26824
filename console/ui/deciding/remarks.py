"""What people write about an item without deciding it: a flag of their own, or a note for colleagues."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from console.domain.errors import GreenroomError
from console.domain.queues import Item
from console.domain.remarks import FlagRaise, FlagWithdraw, NoteAdd, NoteRetract
from console.domain.work import Work
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal
from console.ui.deciding.asking import Asking, Question, draft_key
from console.ui.theme.words import shortened


class Remarks(QObject):
    """Signals: `written(Item)` when what is known of the item is old."""

    written = Signal(object)

    def __init__(
        self, pipeline: DecisionPipeline, journal: Journal, asking: Asking, tasks: Tasks, notices: Notices
    ) -> None:
        super().__init__()
        self._pipeline = pipeline
        self._journal = journal
        self._asking = asking
        self._tasks = tasks
        self._notices = notices

    def flag(self, item: Item) -> None:
        """Ask for the reason, then flag the item."""
        self._asking.begin(
            Question(
                "Raise a flag",
                (item,),
                lambda policy, note, _: self._spawn(
                    self._flag(item, policy or "", note or ""), "raise a flag"
                ),
                required=True,
            )
        )

    def note(self, item: Item) -> None:
        """Ask for the note, then write it."""
        self._asking.begin(
            Question(
                "Write a note",
                (item,),
                lambda _, note, __: self._spawn(self._note(item, note or ""), "write a note"),
                policies=False,
            )
        )

    async def _flag(self, item: Item, reason: str, description: str) -> None:
        flag = FlagRaise(uuid4(), item.subject, item.title, reason, description)
        words = f"Flagged “{shortened(item.title)}”"
        await self._write(item, flag, words, FlagWithdraw(uuid4(), flag.id, item.title), "Flag withdrawn")

    async def _note(self, item: Item, body: str) -> None:
        note = NoteAdd(uuid4(), item.subject, item.title, body)
        words = f"Noted on “{shortened(item.title)}”"
        await self._write(item, note, words, NoteRetract(uuid4(), note.id, item.title), "Note taken back")

    async def _write(
        self, item: Item, work: Work[None], words: str, taking_back: Work[None], taken_back: str
    ) -> None:
        try:
            await self._pipeline.submit(work)
        except GreenroomError as error:
            # The draft is still in the journal: the panel opens with it again.
            kept = f"What you wrote is kept: {work.typed}" if work.typed else ""
            self._notices.failed("write", error, what=f"{shortened(work.words)}", kept=kept)
            return
        await self._journal.save_draft(draft_key((item,)), None)
        self._notices.done(words, Action("Undo", lambda: self._undo(item, taking_back, taken_back)))
        self.written.emit(item)

    def _undo(self, item: Item, work: Work[None], words: str) -> None:
        self._spawn(self._take_back(item, work, words), "take back")

    async def _take_back(self, item: Item, work: Work[None], words: str) -> None:
        try:
            await self._pipeline.submit(work)
        except GreenroomError as error:
            self._notices.failed("undo", error, what=shortened(work.words))
            return
        self._notices.done(words)
        self.written.emit(item)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
