"""What an inspector shows: values by shape. The inspector knows shapes, not platforms.

Every string in here came from a database and is data: it is shown as plain text, never as markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from console.domain.queues import CellType, CellValue
from console.domain.subjects import Subject


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Prose as typed by a user or written by a job."""

    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; `subject` makes it a link that opens what it names."""

    label: str
    value: CellValue
    type: CellType = CellType.TEXT
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class FactsBlock:
    """Labelled values, in reading order."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class MediaBlock:
    """A video: where it is, how long (seconds), and its still. URLs are untrusted until checked."""

    url: str
    duration: float | None
    poster_url: str | None


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """A still picture at an untrusted URL; None where there is none."""

    url: str | None
    caption: str


@dataclass(frozen=True, slots=True)
class JsonBlock:
    """A JSON document as indented text, in which numbers stand as they are stored; None for no document."""

    text: str | None


@dataclass(frozen=True, slots=True)
class DiffBlock:
    """Two texts to compare."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Report:
    """One flag on the subject. `reporter` is None for automatic detection."""

    flag_id: UUID
    reason: str
    description: str | None
    reporter: str | None
    reporter_record: str | None
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReportsBlock:
    """The open flags of a subject, oldest first. A decision settles exactly these.

    `more` says that the subject has open flags beyond the ones listed.
    """

    reports: tuple[Report, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the subject: a decision, an undo, a note."""

    at: datetime
    who: str
    what: str
    reason: str | None
    note: str | None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class HistoryBlock:
    """Earlier decisions and notes, newest first."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Another subject worth a look, with two short facts beside its title."""

    subject: Subject
    title: str
    status: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class RelatedBlock:
    """Other subjects: the author's other work, the scene around a segment."""

    items: tuple[Related, ...]


Block: TypeAlias = (
    TextBlock
    | FactsBlock
    | MediaBlock
    | ImageBlock
    | JsonBlock
    | DiffBlock
    | ReportsBlock
    | HistoryBlock
    | RelatedBlock
)
