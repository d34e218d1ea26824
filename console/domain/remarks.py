"""What people write about a subject without deciding it, on its way up: flags of their own, notes, marks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from console.domain.subjects import Subject
from console.domain.work import Work


@dataclass(frozen=True, slots=True)
class FlagRaise(Work[None]):
    """A flag in the person's own name, for the policy `reason`; `id` is the flag's."""

    subject: Subject
    title: str
    reason: str
    description: str

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is flagged."""
        return (self.subject,)

    @property
    def words(self) -> str:
        """What it does."""
        return f"Flag “{self.title}”"

    @property
    def typed(self) -> str | None:
        """The description."""
        return self.description or None


@dataclass(frozen=True, slots=True)
class FlagWithdraw(Work[None]):
    """Takes back a flag of one's own that nobody has looked at; UndoRefused when somebody has."""

    flag_id: UUID
    title: str

    @property
    def words(self) -> str:
        """What it does."""
        return f"Withdraw the flag on “{self.title}”"


@dataclass(frozen=True, slots=True)
class NoteAdd(Work[None]):
    """A note for colleagues (1 to 10,000 characters); `id` is the note's."""

    subject: Subject
    title: str
    body: str

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is noted on."""
        return (self.subject,)

    @property
    def words(self) -> str:
        """What it does."""
        return f"Note on “{self.title}”"

    @property
    def typed(self) -> str | None:
        """The note."""
        return self.body


@dataclass(frozen=True, slots=True)
class NoteRetract(Work[None]):
    """Takes back a note of one's own; UndoRefused after ten minutes."""

    note_id: UUID
    title: str

    @property
    def words(self) -> str:
        """What it does."""
        return f"Take back the note on “{self.title}”"


@dataclass(frozen=True, slots=True)
class MarkSave(Work[None]):
    """Sets a mark, or moves one of one's own: in ms from the beginning, `policy` is what it is about."""

    mark_id: UUID
    subject: Subject
    title: str
    begins: int
    ends: int | None
    policy: str
    note: str | None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is marked."""
        return (self.subject,)

    @property
    def words(self) -> str:
        """What it does."""
        return f"Mark “{self.title}”"

    @property
    def typed(self) -> str | None:
        """The note."""
        return self.note


@dataclass(frozen=True, slots=True)
class MarkRemove(Work[None]):
    """Takes a mark away, or puts it back; NotPermitted when it is somebody else's."""

    mark_id: UUID
    title: str
    removed: bool = True

    @property
    def words(self) -> str:
        """What it does."""
        return f"{'Remove' if self.removed else 'Put back'} a mark of “{self.title}”"


@dataclass(frozen=True, slots=True)
class MarkFlag(Work[None]):
    """Flags what a mark of one's own is about, for its reason and at its time; `id` is the flag's."""

    mark_id: UUID
    title: str

    @property
    def words(self) -> str:
        """What it does."""
        return f"Flag “{self.title}” at a mark"
