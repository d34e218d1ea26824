"""Merges of topics: what would move, how far one has come, and what is done about it on its way up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from console.domain.subjects import Subject
from console.domain.work import Work

_TOPIC = "topic"


class MergeState(StrEnum):
    """How a merge stands. What was moved stays moved and recorded in each of them."""

    MOVING = "moving"
    STOPPED = "stopped"
    MERGED = "merged"
    UNDOING = "undoing"
    UNDONE = "undone"


RUNNING = frozenset({MergeState.MOVING, MergeState.UNDOING})
"""States in which something is still to be moved."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows stand in a topic."""

    categories: int
    scenes: int
    ideas: int
    suggestions: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.categories + self.scenes + self.ideas + self.suggestions


@dataclass(frozen=True, slots=True)
class TopicMerge:
    """A merge as it stands: the topic called `title` goes into the one called `survivor`."""

    id: UUID
    topic: UUID
    title: str
    survivor: str
    login: str
    begun: datetime
    undo_until: datetime
    state: MergeState
    moved: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What one transaction of a merge did: `touched` rows. `moved` and `kept` are of the whole merge."""

    id: UUID
    state: MergeState
    touched: int
    moved: int
    kept: int


@dataclass(frozen=True, slots=True)
class MergeBegin(Work[None]):
    """Begins to merge a topic into another; `id` is the merge's."""

    topic: UUID
    survivor: UUID
    title: str
    survivor_title: str

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is merged."""
        return (Subject(_TOPIC, self.topic), Subject(_TOPIC, self.survivor))

    @property
    def words(self) -> str:
        """What it does."""
        return f"Merge “{self.title}” into “{self.survivor_title}”"


class MergeAct(StrEnum):
    """What can be done to a merge that was begun."""

    STOP = "stop"
    RESUME = "resume"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class MergeSteer(Work[None]):
    """Stops a merge, lets it go on, or takes it back."""

    merge: UUID
    topic: UUID
    title: str
    act: MergeAct

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Whose merge it is."""
        return (Subject(_TOPIC, self.topic),)

    @property
    def words(self) -> str:
        """What it does."""
        return f"{self.act.capitalize()} the merge of “{self.title}”"
