"""What the use cases need from outside; `db` satisfies these Protocols.

Every method may raise `console.domain.errors.Unavailable`; writes may raise the `Refused` family.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from console.domain.audit import AuditHead
from console.domain.blocks import Block
from console.domain.changes import ChangeBatch
from console.domain.curation import Category, Entry, Suggestion, Topic
from console.domain.decisions import Candidate, Decision, DecisionRecord, Outcome
from console.domain.documents import DocumentHistory, DocumentVersion
from console.domain.merging import Carried, Contents, TopicMerge
from console.domain.numbers import Numbers
from console.domain.operations import Sheet, SheetKind
from console.domain.policies import Consequence, Policy
from console.domain.queues import Count, Cursor, Item, Page, Platform, View
from console.domain.saved_filters import SavedFilter
from console.domain.scenes import Brought, Scene, Script
from console.domain.servers import Position, Served, Server
from console.domain.staff import Person
from console.domain.staffing import AdminRequest, Member
from console.domain.subjects import Claim, Holder, Subject
from console.domain.work import Work

Answer = TypeVar("Answer")


class Reader(Protocol):
    """Reads of one platform. Each goes to the replica when that has replayed what this console wrote."""

    platform: Platform
    served: Served | None
    """Who answered the read before: whoever awaited it finds it here at once."""

    async def page(self, view: View, after: Cursor | None, limit: int) -> Page:
        """Up to `limit` items (1 to 500) following `after` in the view's order."""

    async def count(self, queue: str) -> Count:
        """How many items wait in the queue, exact to 9,999."""

    async def item(self, subject: Subject) -> Item:
        """The subject as it is now, read from the primary while that answers; NotFound when there is none."""

    async def block(self, subject: Subject, block: str) -> Block:
        """One block of the inspector, by the key it was declared under."""

    async def find(self, text: str, limit: int) -> Sequence[Item]:
        """Subjects whose id, name, title, slug or URL is (or begins with) `text`, best match first."""

    async def holders(self, subjects: Sequence[Subject]) -> dict[Subject, Holder]:
        """Live claims of other people on these subjects."""

    async def saved_filters(self, queue: str) -> Sequence[SavedFilter]:
        """Lines that are kept for a queue: the person's own, newest first, then those the team shares."""

    async def policies(self) -> Sequence[Policy]:
        """The policies in force, most severe first."""

    async def all_policies(self) -> Sequence[Policy]:
        """The newest version of every policy, retired ones too, most severe first."""

    async def consequence(self, subject: Subject, policy: str) -> Consequence | None:
        """What a decision under `policy` (its key) would mean for the author; None where there is none."""

    async def my_decisions(self, before: datetime | None, limit: int) -> Sequence[DecisionRecord]:
        """The person's own decisions, newest first, older than `before`."""

    async def decided_today(self) -> int:
        """How many decisions the person made since midnight of this machine's time zone."""


class Writer(Protocol):
    """The functions of the schema `greenroom`, each one transaction on the primary."""

    async def person(self) -> Person:
        """Who this connection belongs to; SignInFailed when the login is not active staff."""

    async def claim(self, subject: Subject) -> Claim:
        """Lease the subject; Taken when somebody else holds it, TooManyClaims at the cap."""

    async def claim_next(self, scope: str, candidates: Sequence[Candidate]) -> Claim | None:
        """Lease the first candidate that is still pending, unchanged and free; None when none is."""

    async def renew(self, tokens: Sequence[UUID]) -> frozenset[UUID]:
        """Extend these leases; returns the tokens that are still live."""

    async def release(self, tokens: Sequence[UUID]) -> None:
        """Give these leases back."""

    async def decide(
        self, decision: Decision, tokens: Sequence[UUID], candidates: Sequence[Candidate]
    ) -> Outcome:
        """Apply the decision (one token a target) and lease the next free candidate with it."""

    async def send(self, work: Work[Answer]) -> Answer:
        """Apply anything but a decision."""

    async def applied(self, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Which works of these ids the primary has applied."""

    async def bring_older(self, queue: str, limit: int) -> Brought:
        """Let up to `limit` (1 to 500) items from before the console was attached wait in the queue too."""

    async def primary(self) -> Position:
        """Where the primary was when it was connected to, which happens now if need be."""

    @property
    def written(self) -> Position | None:
        """Where the primary was after the last write."""

    async def seal_audit(self) -> AuditHead:
        """Chain what was written to the audit since the last seal; tells the newest seal."""

    async def count_numbers(self) -> bool:
        """Count some of what was decided since the last time; whether there is more to count."""


class MergeWriter(Protocol):
    """Carries merges of topics on."""

    async def carry_merge(self, merge: UUID | None) -> Carried | None:
        """Move the next rows of it, or (None) of one that was left; None where there is nothing to do.

        Also None where another console does it just now. Busy when something else holds what it needs.
        """


class AuditMemory(Protocol):
    """Remembers, for one login on this machine, the newest seal of the audit that was seen."""

    async def seen(self) -> AuditHead | None:
        """The newest seal seen, None before the first."""

    async def remember(self, head: AuditHead) -> None:
        """Keep it in place of the one before."""

    async def contradicted(self, head: AuditHead) -> None:
        """Keep one for good that the database does not hold any more: it is evidence."""


class NumbersReads(Protocol):
    """How the work went."""

    served: Served | None

    async def numbers(self, first: date, last: date, scope: str | None) -> Numbers:
        """Of whole days in UTC, `last` included, of one queue or of all."""


class Feed(Protocol):
    """What every console does, as the database tells it."""

    async def run(self, heard: Callable[[ChangeBatch], None]) -> None:
        """Hand each batch to `heard`, until cancelled; what a broken line missed is made up."""


class Films(Protocol):
    """Scenes, each read as one film. NotFound when the subject does not exist."""

    served: Served | None

    async def scene_of(self, segment: Subject) -> Subject:
        """The scene that a segment is of."""

    async def film(self, scene: Subject) -> Scene:
        """The scene with its segments, their open flags and marks; the first thousand of a longer one."""

    async def script(self, segment: Subject) -> Script:
        """The texts of one segment."""


class Documents(Protocol):
    """Documents that a platform keeps in versions. A save is a work: it is sent through the pipeline.

    `kinds` are the kinds of subjects that have one, or belong to a subject that has one.
    """

    kinds: frozenset[str]
    served: Served | None

    async def home(self, subject: Subject) -> Subject | None:
        """The subject whose document this one belongs to (a segment's scene, a scene itself), if any."""

    async def history(self, subject: Subject, *, fresh: bool = False) -> DocumentHistory:
        """Its versions, without their content; NotFound when the subject does not exist.

        `fresh` asks the primary: after a refusal a replica may not know yet what was refused for.
        """

    async def newest(self, subject: Subject) -> DocumentVersion | None:
        """The facts of its newest version, cheap enough to be asked every few seconds; None before one."""

    async def document(self, subject: Subject, version: int) -> str:
        """One version as JSON text, numbers as they were stored; NotFound when there is none."""


class Catalogue(Protocol):
    """Topics and categories, in the order in which they stand. Changes are works: `Curate`."""

    served: Served | None

    async def topics(self) -> Sequence[Topic]:
        """Every topic, retired ones too."""

    async def categories(self, topics: Sequence[UUID]) -> Sequence[Category]:
        """Every category of these topics, retired ones too, topic by topic in the order given."""

    async def matching(self, text: str) -> Sequence[Category]:
        """Categories with this text in their name or slug, whatever its case; 500 at most."""

    async def ideas(self, topics: Sequence[UUID], categories: Sequence[UUID]) -> dict[UUID, Count]:
        """How many ideas stand in each, exact to 9,999."""

    async def entry(self, kind: str, id: UUID) -> Entry:
        """One as it is now, from the primary; NotFound when it does not exist."""

    async def entries(self) -> Sequence[Entry]:
        """Every topic with its categories behind it, in their order, from the primary."""

    async def contents(self, topic: UUID) -> Contents:
        """How many rows stand in a topic."""

    async def merges(self) -> Sequence[TopicMerge]:
        """Merges that can be taken back or are not at rest, newest first."""

    async def merge(self, id: UUID) -> TopicMerge:
        """One as it is now, from the primary; NotFound when there is none."""

    async def suggestions(self) -> Sequence[Suggestion]:
        """What users suggested and no topic holds yet, approved ones first, oldest first; 500 at most."""


class Staffing(Protocol):
    """Staff and what waits for a second admin, as the primary has it. Changes are works."""

    async def members(self) -> Sequence[Member]:
        """Every login, ended ones last."""

    async def requests(self) -> Sequence[AdminRequest]:
        """What waits for an answer, oldest first."""

    async def people(self, beginning: str) -> Sequence[tuple[UUID, str, str]]:
        """Active accounts by the beginning of their name: id, username, display name; 20 at most."""


class Operations(Protocol):
    """What admins see of the running platform. Jobs are steered by works: `JobSteer`, `JobUndo`."""

    kinds: Sequence[SheetKind]

    async def sheet(self, key: str) -> Sheet:
        """One of the kinds as it is now; NotPermitted to all but admins."""

    async def verify_audit(self, after: int) -> tuple[int | None, Sequence[str]]:
        """Hold the next seals after this one against their rows: the last (None: no more), what is wrong."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A work as the journal keeps it. `state` is waiting, done or refused."""

    id: UUID
    at: datetime
    work: Work[Any]
    state: str
    message: str | None


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """Something typed: its name, its first line, and whether another living console of this login has it."""

    key: str
    line: str
    elsewhere: bool


class Journal(Protocol):
    """The local record that has every work before it is sent. Calls return once it is on disk."""

    async def append(self, work: Work[Any]) -> None:
        """Record as waiting. A second append of the same id changes nothing."""

    async def done(self, id: UUID, at: Position | None) -> None:
        """The primary applied it, and was at `at` then; None: it wrote nothing that could be lost."""

    async def answered_elsewhere(self, now: Position) -> Sequence[JournalEntry]:
        """What was answered in the last 24 hours in another history than `now` is of, in order."""

    async def found(self, ids: Sequence[UUID], at: Position) -> None:
        """These works are in the history that `at` is of."""

    async def reopen(self, ids: Sequence[UUID]) -> None:
        """These wait again: they were answered and are lost, or were refused and are tried again."""

    async def refusals(self) -> Sequence[JournalEntry]:
        """What was refused and not dismissed, oldest first, without that of another living console."""

    async def refused(self, id: UUID, message: str) -> None:
        """The primary refused it; kept, with what was typed, until the person dismisses it."""

    async def dismiss(self, id: UUID) -> None:
        """The person has seen a refusal."""

    async def unsettled(self) -> Sequence[JournalEntry]:
        """Entries that wait or were refused, oldest first."""

    async def save_draft(self, key: str, text: str | None) -> None:
        """Keep (or with None drop) something typed in this console, under a name of its own."""

    async def draft(self, key: str) -> str | None:
        """What was kept under this name in this console, or left by one that has ended."""

    async def drafts(self, prefix: str) -> Sequence[KeptDraft]:
        """Everything that is kept under names with this beginning, oldest first."""

    async def close(self) -> None:
        """Flush and close the file."""


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """One server as last probed. `round_trip` and `lag` in seconds; lag is None on the primary.

    `title` is what a person calls it ("primary", "replica 2"), `name` its host.
    """

    server: Server
    title: str
    name: str
    reachable: bool
    round_trip: float | None
    lag: float | None
    message: str | None = None


class HealthProbe(Protocol):
    """Asks every server of the profile how it is."""

    async def health(self) -> Sequence[ServerHealth]:
        """The primary first, then each replica."""
