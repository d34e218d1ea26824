"""What a write changed, here or in another console, so that every view that shows it can refresh itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from console.domain.subjects import Subject


@dataclass(frozen=True, slots=True)
class Changes:
    """Subjects whose state changed and the decision behind it.

    `initiator` names the view that caused it, so that it can ignore its own echo.
    """

    subjects: tuple[Subject, ...]
    decision_id: UUID | None
    initiator: str | None


class Event(Enum):
    """What was done to a subject."""

    CLAIMED = "claimed"
    RELEASED = "released"
    DECIDED = "decided"
    UNDONE = "undone"
    SAVED = "saved"
    FLAGGED = "flagged"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Change:
    """What a login did, as the change log tells it.

    `decision_id` is the decision's, the undo's or the save's own id; `scope` is where a decision was
    made and `past` its verb in the past tense ("Approved"); `expires_at` is the end of a claim that nobody
    extends.
    """

    subject: Subject
    event: Event
    login: str
    at: datetime
    decision_id: UUID | None = None
    scope: str = ""
    past: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """What was done since the batch before, each once; that of one subject in order.

    With `complete` false some of it is not known any more: what is shown must be read anew.
    """

    changes: tuple[Change, ...]
    complete: bool = True
