"""The changes that the form's fields ask for, made in the text in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Final

from console.bible.editing import Edit
from console.bible.positions import PositionIndex
from console.runtime.tasks import Tasks
from console.ui.bible.context import Make
from console.ui.bible.text import JsonText

AT_ONCE: Final = 2_000_000
"""Characters of a text in which a place is found while the person waits; in a longer one aside."""


class Changing:
    """Makes changes of a text; `pending` holds those that are not made yet, each with its session."""

    def __init__(self, text: JsonText, tasks: Tasks) -> None:
        self._text, self._tasks = text, tasks
        self.pending: list[tuple[Make, Hashable]] = []
        self._session: tuple[Hashable, int] | None = None

    def ask(self, make: Make, session: Hashable) -> None:
        """Make a change, at once where that is quick. Changes of one `session` in a row are one step back."""
        self.pending.append((make, session))
        if len(self._text.text()) <= AT_ONCE:
            self.settle()
        elif len(self.pending) == 1:
            self._tasks.spawn(self._work_off(), "change the bible's text", self._text)

    def forget(self) -> None:
        """Another text comes: drop what is pending."""
        self.pending.clear()
        self._session = None

    def settle(self) -> None:
        """Make the changes that are pending, now."""
        while self.pending:
            self._make(*self.pending.pop(0))

    def _make(self, make: Make, session: Hashable) -> None:
        try:
            edits = make(PositionIndex(self._text.text()))
        except LookupError:
            # The text changed under the form: what the form shows next is the text.
            self._text.check_again()
            return
        self._replace(edits, session)

    async def _work_off(self) -> None:
        """Make the changes that are pending one by one; where is found aside."""
        while self.pending:
            first, revision = self.pending[0], self._text.revision
            try:
                edits = await asyncio.to_thread(first[0], PositionIndex(self._text.text()))
            except LookupError:
                edits = None
            # Meanwhile somebody may have wanted the text as it is, or have typed into it.
            if revision != self._text.revision or not self.pending or self.pending[0] is not first:
                continue
            del self.pending[0]
            if edits is None:
                self._text.check_again()
            else:
                self._replace(edits, first[1])

    def _replace(self, edits: list[Edit], session: Hashable) -> None:
        joined = session is not None and self._session == (session, self._text.revision)
        self._text.replace(edits, joined=joined)
        self._session = (session, self._text.revision) if session is not None else None
