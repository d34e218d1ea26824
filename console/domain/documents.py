"""Documents that a platform keeps in versions (a scene's bible): their history, and saves on their way up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.subjects import Subject
from console.domain.work import Work


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One row of a document's history, without the document.

    `author` is the login that saved it from a console; None where `made_by` tells the platform's own
    work ("job of segment 12", or empty for the first version). `size` is in bytes, as stored.
    """

    version: int
    saved_at: datetime
    author: str | None
    made_by: str
    note: str | None
    size: int


@dataclass(frozen=True, slots=True)
class DocumentHistory:
    """A document's versions, newest first, and what a save is to be based on (0: there is none yet).

    `last_entry` is the number of the last entry of what the document describes (a scene's last segment,
    whether viewers see it or not), 0 without one.
    """

    title: str
    base: int
    last_entry: int
    versions: tuple[DocumentVersion, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What the primary answered. `unchanged`: the newest version holds the same, and nothing was saved."""

    version: int
    at: datetime
    repeated: bool
    unchanged: bool


@dataclass(frozen=True, slots=True)
class DocumentSave(Work[Saved]):
    """A new version of a document, made from version `base`; Stale when another was saved since.

    `text` is JSON; what is stored has the new version's number as its `version`.
    """

    subject: Subject
    title: str
    base: int
    text: str
    note: str | None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What the document describes."""
        return (self.subject,)

    @property
    def words(self) -> str:
        """What it does."""
        return f"Save the bible of “{self.title}”"

    @property
    def typed(self) -> str | None:
        """The whole document, below its note."""
        return f"{self.note}\n\n{self.text}" if self.note else self.text
