"""The desk as the window sees it."""

from __future__ import annotations

from typing import Any, Protocol

from console.domain.queues import Item, Queue, Verb
from console.domain.subjects import Subject


class DeskPanes(Protocol):
    """What the window needs of the desk's presenter."""

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be decided now."""

    @property
    def item(self) -> Item | None:
        """The item shown."""

    def bring_older(self, queue: Queue) -> None:
        """Let older items wait in the queue too."""

    def open_queue(self, queue: Queue) -> None:
        """Show a queue."""

    def open_subject(self, subject: Subject) -> None:
        """Show one subject."""

    def choose(self, verb: Verb, *, with_reason: bool = False) -> None:
        """Decide."""

    def move(self, step: int) -> None:
        """Go along the list."""

    def refresh(self) -> None:
        """Read the view anew."""

    def filter(self) -> None:
        """Give the keyboard to the filter's line."""

    def save_filter(self, shared: bool | None) -> None:
        """Keep the filter for oneself or shared, or forget it."""

    def select_all(self) -> None:
        """Select all rows that are loaded."""

    def invert_selection(self) -> None:
        """Select the other rows."""

    def flag(self) -> None:
        """Flag the item shown."""

    def note(self) -> None:
        """Write a note on the item shown."""

    def look_back(self, step: int) -> None:
        """Go back (-1) or forward (1) among the items looked at."""

    def undo(self) -> None:
        """Take back the newest decision."""

    def undo_decision(self, id: Any, words: str) -> None:
        """Take back one decision."""

    async def poll(self) -> None:
        """Read who holds what."""
