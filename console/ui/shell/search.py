"""Find anything: subjects whose id or name begins with what is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.queues import Item
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.ports import Journal, Reader
from console.ui.shell.overlay import Overlay, Row
from console.ui.theme.theme import Theme
from console.ui.theme.words import humanised, plain

TYPING_SECONDS = 0.12
"""A pause this long means that a person has typed what they meant."""
FOUND = 20
SEARCH = "search"
"""The name under which the journal keeps what was searched for."""


class Search(Overlay):
    """Signals: `subject_wanted(Subject)` when one that was found is to be shown."""

    subject_wanted = Signal(object)

    def __init__(self, theme: Theme, host: QWidget, reader: Reader, tasks: Tasks) -> None:
        super().__init__(theme, host, "Find anything", "An id, a name, or a URL")
        self._reader = reader
        self._tasks = tasks
        self._asked: asyncio.Task[Any] | None = None
        self.typed.connect(self._find)

    def keep(self, journal: Journal) -> None:
        """What is typed stands there again, also in the next run."""
        self.typed.connect(lambda text: self._tasks.spawn(self._save(journal, text), "keep the search", self))
        self._tasks.spawn(self._restore(journal), "restore the search", self)

    async def _save(self, journal: Journal, text: str) -> None:
        if text != self.kept:
            self.kept = text
            await journal.save_draft(SEARCH, text or None)

    async def _restore(self, journal: Journal) -> None:
        self.kept = await journal.draft(SEARCH) or ""

    def _find(self, text: str) -> None:
        # An old answer never replaces a new one.
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        if len(text.strip()) < 2:
            self.show_rows((), "Ids, usernames, titles, slugs; the beginning of a name is enough")
        else:
            self.await_rows()
            self._asked = self._tasks.spawn(self._show_found(text), "find", self)

    async def _show_found(self, text: str) -> None:
        await asyncio.sleep(TYPING_SECONDS)
        found = await self._reader.find(text, FOUND)
        rows = [Row(plain(item.title), self._facts(item), self._opening(item.subject)) for item in found]
        self.show_rows(rows, "" if rows else "Nothing begins with that", served=self._reader.served)

    def _facts(self, item: Item) -> str:
        kind = self._reader.platform.kind(item.subject.kind).title
        status = item.cells[0] if item.cells else None
        return f"{kind} · {humanised(str(status))}" if status else kind

    def _opening(self, subject: Subject) -> Callable[[], None]:
        return lambda: self.subject_wanted.emit(subject)
