"""A decision on its way up, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from console.domain.subjects import Claim, Subject
from console.domain.work import Work


@dataclass(frozen=True, slots=True)
class Target:
    """A subject as the person saw it when they decided.

    `version` is the content version shown; `flag_ids` are the flags shown, which are all that the
    decision settles; `title` is kept so that the journal can name it without the database. `covered_by` names
    the subject whose lease covers this one (a scene, for its segments); None where it is held itself.
    """

    subject: Subject
    version: str
    title: str
    flag_ids: tuple[UUID, ...] = ()
    covered_by: Subject | None = None

    @property
    def leased(self) -> Subject:
        """What is to be held for a decision on it."""
        return self.covered_by or self.subject


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject the database may claim next, with the version this console has of it."""

    subject: Subject
    version: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the primary answered: applied at `at`; `repeated` when it had been applied before.

    `next` is the claim on the next item that was taken in the same transaction, if any was free.
    """

    id: UUID
    at: datetime
    repeated: bool
    next: Claim | None


@dataclass(frozen=True, slots=True)
class Decision(Work[Outcome]):
    """Verb, policy and note on one or many targets.

    `scope` is the queue it was taken in, or the kind's scope when the subject was found by search.
    """

    scope: str
    verb: str
    policy: str | None
    note: str | None
    targets: tuple[Target, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is decided."""
        return tuple(target.subject for target in self.targets)

    @property
    def words(self) -> str:
        """What it does."""
        more = f" and {len(self.targets) - 1} more" if len(self.targets) > 1 else ""
        return f"{self.verb.replace('_', ' ').capitalize()} “{self.targets[0].title}”{more}"

    @property
    def typed(self) -> str | None:
        """The note."""
        return self.note


@dataclass(frozen=True, slots=True)
class Undo(Work[Outcome]):
    """The reversal of decision `decision_id`, which is told as `undone` ("Approved “The tide”")."""

    decision_id: UUID
    undone: str = ""

    @property
    def words(self) -> str:
        """What it does."""
        return f"Undo: {self.undone}" if self.undone else "Undo of a decision"


class DecisionState(StrEnum):
    """Where a decision stands, seen from this console."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A line of "my decisions"."""

    id: UUID
    at: datetime
    login: str
    scope: str
    verb: str
    policy: str | None
    note: str | None
    subject: Subject
    title: str
    items: int
    state: DecisionState
    reversible: bool
