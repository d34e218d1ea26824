"""Topics and their categories as curators see them, and what they do to them on its way up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from console.domain.subjects import Subject
from console.domain.work import Work

TOPIC, CATEGORY, SUGGESTION = "topic", "category", "user_topic"
"""The kinds of subject that are curated."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A row of the tree. `scenes` is the platform's own counter, `categories` are counted."""

    id: UUID
    name: str
    slug: str
    description: str
    active: bool
    scenes: int
    categories: int


@dataclass(frozen=True, slots=True)
class Category:
    """A row below its topic."""

    id: UUID
    topic_id: UUID
    name: str
    slug: str
    active: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """What can be edited of a topic or a category; an empty text stands for none.

    `topic_id` is a category's topic; a topic has none, and a category has no `icon_url`.
    """

    name: str
    slug: str
    description: str
    active: bool
    icon_url: str = ""
    topic_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A topic or a category as it is now, with its content version."""

    kind: str
    id: UUID
    version: str
    columns: Columns


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A topic that a user suggested and that stands in no topic yet. `status` is pending or approved."""

    id: UUID
    version: str
    name: str
    description: str
    author: str
    status: str
    at: datetime


class Act(StrEnum):
    """What a change does."""

    CREATE = "create"
    EDIT = "edit"
    PLACE = "place"
    PROMOTE = "promote"


PAST = {Act.CREATE: "Created", Act.EDIT: "Saved", Act.PLACE: "Moved", Act.PROMOTE: "Promoted"}
"""What was done, for a sentence."""


@dataclass(frozen=True, slots=True)
class CurationChange:
    """One change; columns that are None stay as they are, an empty text empties one.

    `after` is the sibling that a placed row stands behind, None to be the first; a new one without it stands
    last. `topic_id` of a suggestion is the topic that it becomes (part of).
    """

    act: Act
    kind: str
    id: UUID
    title: str
    version: str | None = None
    name: str | None = None
    slug: str | None = None
    description: str | None = None
    icon_url: str | None = None
    active: bool | None = None
    topic_id: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Curated:
    """What the primary answered."""

    id: UUID
    at: datetime
    repeated: bool


@dataclass(frozen=True, slots=True)
class Curate(Work[Curated]):
    """1 to 5,000 changes, all or none. Stale when one was made from what is not there any more."""

    changes: tuple[CurationChange, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is changed."""
        return tuple(Subject(change.kind, change.id) for change in self.changes)

    @property
    def words(self) -> str:
        """What it does."""
        first = next((each for each in self.changes if each.act is Act.PROMOTE), self.changes[0])
        verb = "Move" if first.act is Act.PLACE else first.act.capitalize()
        more = len(self.changes) - 1 if first.act is not Act.PROMOTE else 0
        return f"{verb} “{first.title}”" + (f" and {more:,} more" if more else "")

    @property
    def typed(self) -> str | None:
        """The texts of a single change."""
        if len(self.changes) != 1:
            return None
        change = self.changes[0]
        return "\n".join(each for each in (change.name, change.slug, change.description) if each) or None


def edited(entry: Entry, columns: Columns) -> CurationChange | None:
    """The change that makes an entry hold `columns`; None where it does already."""
    held = entry.columns
    if held == columns:
        return None
    return CurationChange(
        Act.EDIT,
        entry.kind,
        entry.id,
        held.name,
        version=entry.version,
        name=columns.name if columns.name != held.name else None,
        slug=columns.slug if columns.slug != held.slug else None,
        description=columns.description if columns.description != held.description else None,
        icon_url=columns.icon_url if columns.icon_url != held.icon_url else None,
        active=columns.active if columns.active != held.active else None,
        topic_id=columns.topic_id if columns.topic_id != held.topic_id else None,
    )


def created(kind: str, id: UUID, columns: Columns, after: UUID | None = None) -> CurationChange:
    """The change that makes a new topic or category."""
    return CurationChange(
        Act.CREATE,
        kind,
        id,
        columns.name,
        name=columns.name,
        slug=columns.slug or None,
        description=columns.description,
        icon_url=columns.icon_url if kind == TOPIC else None,
        active=columns.active,
        topic_id=columns.topic_id,
        after=after,
    )
