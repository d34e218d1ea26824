"""The document that is open: what it is made from, and what is known of its versions."""

from __future__ import annotations

from dataclasses import dataclass

from console.bible.conflicts import Decision
from console.bible.values import Json
from console.domain.documents import DocumentHistory, DocumentVersion
from console.domain.subjects import Subject
from console.services.documents import Shelf, Story


@dataclass(frozen=True, slots=True)
class Base:
    """What the editor's text is made from: the number that a save names, and the document."""

    number: int
    document: Json


@dataclass(slots=True, eq=False)
class OpenDocument:
    """One document while it is open.

    `clean` is the editor's text as it was loaded or saved; what differs from it is unsaved. `known` is the
    newest version that was heard of; `decisions` are answers given while merging.
    """

    subject: Subject
    history: DocumentHistory
    shelf: Shelf
    story: Story
    base: Base
    clean: str = ""
    known: int = 0
    decisions: tuple[Decision, ...] = ()
    kept: str = ""
    """The text of the draft on disk; empty without one."""
    offered: bool = False
    """A draft waits for a decision: nothing may be written over it."""
    sending: bool = False
    """A save or merge is on its way."""
    again: bool = False
    """Another save was asked for meanwhile."""

    @property
    def segments(self) -> frozenset[int]:
        """The numbers of the scene's segments, from 1 to the last."""
        return frozenset(range(1, self.history.last_entry + 1))

    @property
    def newest(self) -> DocumentVersion | None:
        """The facts of the newest version known."""
        return self.history.versions[0] if self.history.versions else None

    def stored(self, number: int) -> int:
        """The version that is stored under a number, or the last one before it: 0 when there is none."""
        return max((each.version for each in self.history.versions if each.version <= number), default=0)

    def between(self, number: int) -> list[DocumentVersion]:
        """The versions after a number, newest first."""
        return [each for each in self.history.versions if each.version > number]
