"""What was done to topics and categories: sent through the journal, told, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, Signal

from console.domain.curation import PAST, Curate, Curated, CurationChange
from console.domain.decisions import Undo
from console.domain.errors import Refused
from console.domain.work import Work
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Catalogue, Journal, MergeWriter
from console.ui.theme.words import shortened

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class CurationServices:
    """What curation works with; `login` is the person's."""

    login: str
    catalogue: Catalogue
    writer: MergeWriter
    pipeline: DecisionPipeline
    journal: Journal


class Acts(QObject):
    """Signals: `done()` when all that was sent is answered: what is shown may be old by now."""

    done = Signal()

    def __init__(
        self, services: CurationServices, tasks: Tasks, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._journal = services.pipeline, services.journal
        self._tasks, self._notices = tasks, notices
        self._undoable: list[tuple[UUID, str]] = []
        self._waiting = 0

    async def send(self, *changes: CurationChange, words: str = "") -> Curated:
        """Send changes, all or none, and offer to take them back. Raises what the database refused with."""
        work, first = Curate(uuid4(), changes), changes[0]
        words = words or f"{PAST[first.act]} “{shortened(first.name or first.title, 40)}”"
        # Before the answer: an undo is sent behind it.
        self._undoable.append((work.id, words))
        try:
            answer: Curated = await self.submit(work)
        except Refused:
            self._undoable = [each for each in self._undoable if each[0] != work.id]
            raise
        if (work.id, words) in self._undoable:
            self._notices.done(words, Action("Undo", partial(self.undo, work.id, words)), about=work.id)
        return answer

    def spawn(self, *changes: CurationChange) -> None:
        """Send changes behind the person's back; a refusal is told."""
        self._tasks.spawn(self.send(*changes), "curate", self)

    def undo_last(self) -> None:
        """Take back what was done here last."""
        if self._undoable:
            self.undo(*self._undoable[-1])

    def undo(self, id: UUID, words: str) -> None:
        """Take one of them back."""
        self._undoable = [each for each in self._undoable if each[0] != id]
        self._tasks.spawn(self._undo(id, words), "undo", self)

    async def _undo(self, id: UUID, words: str) -> None:
        await self.submit(Undo(uuid4(), id, words))
        self._notices.done(f"Undone: {words}", about=id)

    async def submit(self, work: Work[Answer]) -> Answer:
        """Send one; a refusal is raised, and not kept in the journal."""
        self._waiting += 1
        try:
            return await self._pipeline.submit(work)
        except Refused:
            # It is told at once, and what was typed still stands in the fields.
            await self._journal.dismiss(work.id)
            raise
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.done.emit()
