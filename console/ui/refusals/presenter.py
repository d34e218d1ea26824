"""Keeps the list of what was refused, and does what the person wants with it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.domain.documents import DocumentSave
from console.domain.errors import GreenroomError
from console.domain.subjects import Subject
from console.runtime.notices import Action, Level, Notice, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, JournalEntry
from console.ui.deciding.asking import note_draft
from console.ui.refusals.screen import RefusalsScreen, subject_of
from console.ui.theme.theme import Theme
from console.ui.theme.words import count_of, shortened

KEY = "refused"


class Refusals(QObject):
    """Signals: `counted(int)` whenever it is known how many there are."""

    counted = Signal(int)

    def __init__(
        self,
        theme: Theme,
        pipeline: DecisionPipeline,
        journal: Journal,
        tasks: Tasks,
        notices: Notices,
        open_subject: Callable[[Subject], None],
        open_document: Callable[[Subject], None],
    ) -> None:
        super().__init__()
        self._pipeline, self._journal = pipeline, journal
        self._tasks, self._notices = tasks, notices
        self._open_subject, self._open_document = open_subject, open_document
        self.view = RefusalsScreen(theme)
        self.view.retry_wanted.connect(lambda entry: self._spawn(self._retry(entry), "try again"))
        self.view.dismiss_wanted.connect(lambda entries: self._spawn(self._dismiss(entries), "dismiss"))
        self.view.open_wanted.connect(lambda entry: self._spawn(self._open(entry), "open"))

    def opened(self) -> None:
        """The screen has come to the front."""
        self.view.list.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Read the journal anew."""
        self._spawn(self._read(), "read what was refused")

    async def tell_earlier(self, show: Callable[[], None]) -> None:
        """At the start: say once what earlier runs have left here; `show` opens the screen."""
        entries = await self._read()
        if entries:
            first = shortened(entries[-1].work.words)
            more = f" and {count_of(len(entries) - 1, 'other change')}" if len(entries) > 1 else ""
            self._notices.post(
                Notice(
                    Level.REFUSED,
                    f"{first}{more}",
                    "Read them, try them again, or dismiss them.",
                    action=Action("Show", show),
                    about=KEY,
                    title="Refused earlier, and kept",
                )
            )

    async def _read(self) -> Sequence[JournalEntry]:
        entries = await self._journal.refusals()
        self.view.show_entries(entries)
        self.counted.emit(len(entries))
        return entries

    async def _retry(self, entry: JournalEntry) -> None:
        words = shortened(entry.work.words)
        try:
            await self._pipeline.retry(entry.work)
        except GreenroomError as error:
            self._notices.failed("try again", error, what=words)
        else:
            self._notices.done(f"Done now: {words}")
        await self._read()

    async def _dismiss(self, entries: Sequence[JournalEntry]) -> None:
        for entry in entries:
            await self._journal.dismiss(entry.id)
        await self._read()

    async def _open(self, entry: JournalEntry) -> None:
        """Open the item; what was typed stands in the reason panel again, a document in its editor."""
        subject = subject_of(entry)
        if subject is None:
            return
        if isinstance(entry.work, DocumentSave):
            self._open_document(subject)
            return
        if entry.work.typed is not None and not await self._journal.draft(note_draft(subject)):
            await self._journal.save_draft(note_draft(subject), entry.work.typed)
        self._open_subject(subject)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
