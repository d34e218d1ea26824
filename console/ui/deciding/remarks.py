"""What people write about an item without deciding it: a flag of their own, or a note for colleagues."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, Signal

from console.domain.errors import GreenroomError
from console.domain.queues import Item
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.ports import Journal, Writer
from console.ui.deciding.asking import Asking, Question, draft_key
from console.ui.theme.words import shortened


class Remarks(QObject):
    """Signals: `written(Item)` when what is known of the item is old."""

    written = Signal(object)

    def __init__(
        self, writer: Writer, journal: Journal, asking: Asking, tasks: Tasks, notices: Notices
    ) -> None:
        super().__init__()
        self._writer = writer
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
        id = uuid4()
        await self._write(
            item,
            self._writer.raise_flag(id, item.subject, reason, description),
            f"Flagged “{shortened(item.title)}”",
            lambda: self._spawn(self._withdraw(id, item), "withdraw the flag"),
        )

    async def _note(self, item: Item, body: str) -> None:
        id = uuid4()
        await self._write(
            item,
            self._writer.add_note(id, item.subject, body),
            f"Noted on “{shortened(item.title)}”",
            lambda: self._spawn(self._retract(id, item), "retract the note"),
        )

    async def _write(self, item: Item, call: Coroutine[Any, Any, None], words: str, undo: Any) -> None:
        try:
            await call
        except GreenroomError as error:
            # The draft is still in the journal: the panel opens with it again.
            self._notices.failed("write", error)
            return
        await self._journal.save_draft(draft_key((item,)), None)
        self._notices.done(words, Action("Undo", undo))
        self.written.emit(item)

    async def _withdraw(self, id: UUID, item: Item) -> None:
        await self._take_back(self._writer.withdraw_flag(id), "Flag withdrawn", item)

    async def _retract(self, id: UUID, item: Item) -> None:
        await self._take_back(self._writer.retract_note(id), "Note taken back", item)

    async def _take_back(self, call: Coroutine[Any, Any, None], words: str, item: Item) -> None:
        try:
            await call
        except GreenroomError as error:
            self._notices.failed("undo", error)
            return
        self._notices.done(words)
        self.written.emit(item)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
