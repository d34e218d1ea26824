"""My decisions: what this person decided, newest first; what can be undone is undone from here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.decisions import DecisionRecord, DecisionState
from console.domain.servers import Served
from console.domain.staff import Person
from console.runtime.tasks import Tasks
from console.services.ports import Reader
from console.ui.shell.overlay import Overlay, Row
from console.ui.theme.theme import Theme
from console.ui.theme.words import ago, humanised, shortened

MINE = 50
"""Decisions read at once."""


class MyDecisions(Overlay):
    """Signals: `undo_wanted(UUID, str)` with the decision's id and what it is called."""

    undo_wanted = Signal(object, str)

    def __init__(self, theme: Theme, host: QWidget, person: Person, reader: Reader, tasks: Tasks) -> None:
        super().__init__(theme, host, "My decisions", "Type to narrow")
        self._person = person
        self._reader = reader
        self._tasks = tasks
        self._records: list[DecisionRecord] | None = None
        self._older = False
        self._answered_by: Served | None = None
        self._asked: asyncio.Task[Any] | None = None
        self.typed.connect(self._narrow)

    def _narrow(self, text: str) -> None:
        if not text:
            self._records = None
        if self._records is None:
            self.await_rows()
            self._ask(text)
        else:
            self._show_records(self._records, text)

    def _ask(self, text: str) -> None:
        """Read on, and end an earlier read: an old answer never replaces a new one."""
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._tasks.spawn(self._read(text), "my decisions", self)

    async def _read(self, text: str) -> None:
        """Read the newest decisions, or those before the ones that are shown."""
        known = self._records or []
        older = await self._reader.my_decisions(known[-1].at if known else None, MINE)
        self._answered_by = self._reader.served
        self._older = len(older) == MINE
        self._records = [*known, *older]
        self._show_records(self._records, text)

    def _show_records(self, records: Sequence[DecisionRecord], text: str) -> None:
        rows = [
            Row(self._told(r), f"{ago(r.at)} · Enter undoes", self._undoing(r))
            if r.state is DecisionState.DONE and r.reversible
            else Row(self._told(r), f"{ago(r.at)} · {r.state.value}", None)
            for r in records
            if text.lower() in self._told(r).lower()
        ]
        if self._older:
            since = f"before {records[-1].at.astimezone():%d %B %Y}"
            rows.append(Row("Show older decisions", since, lambda: self._ask(text), keeps=True))
        nothing = "None of your decisions has these words" if text else "No decisions yet"
        self.show_rows(rows, "" if rows else nothing, served=self._answered_by)

    def _told(self, record: DecisionRecord) -> str:
        verbs = self._reader.platform.verbs_for(record.scope, record.subject.kind, self._person.role)
        past = next((verb.past for verb in verbs if verb.key == record.verb), humanised(record.verb))
        more = f" and {record.items - 1} more" if record.items > 1 else ""
        return f"{past} “{shortened(record.title)}”{more}"

    def _undoing(self, record: DecisionRecord) -> Callable[[], None]:
        return lambda: self.undo_wanted.emit(record.id, self._told(record))
