"""A queue as a declaration: everything the console knows of it, and no code of its own.

A platform says once what its subjects are (`SubjectKind`) and in which queues they wait (`Queue`).
List, inspector, decision bar, undo, key overview and the database's own table of verbs
(`greenroom.verbs`, written by `attach`) are all made from these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from console.domain.servers import Served
from console.domain.staff import Role
from console.domain.subjects import Holder, Subject
from console.domain.terms import Term

CellValue: TypeAlias = str | int | float | bool | datetime | UUID | tuple[str, ...] | None


class CellType(StrEnum):
    """How a value is shown, aligned and compared."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    DURATION = "duration"
    BYTES = "bytes"
    STATUS = "status"
    REASON = "reason"
    PERSON = "person"
    TAGS = "tags"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a queue's list. `width` is in pixels at 100 %; the stretching one takes the rest.

    `mark` is a sign written after each value.
    """

    key: str
    title: str
    type: CellType = CellType.TEXT
    width: int = 96
    stretch: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A named keyset order and the index that serves it without a sort."""

    key: str
    title: str
    index: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A column that the list can be narrowed by, with its choices as (value, label)."""

    key: str
    title: str
    choices: tuple[tuple[str, str], ...]


class Relation(StrEnum):
    """What a verb writes: the subject's own row, the flags that were shown, or its review state."""

    CONTENT = "content"
    FLAGS = "flags"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Change:
    """Columns a verb sets on one relation.

    Values are literals or one of the placeholders `$now`, `$reviewer` (the person's platform user),
    `$policy` (title of the chosen policy), `$note` and `$reason` (policy title, then the note), which
    the database fills in.
    """

    relation: Relation
    values: Mapping[str, str | None]


class Reason(StrEnum):
    """Whether a verb asks for a policy."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Verb:
    """What can be decided, who may, which key, and what it writes.

    `kinds` narrows a verb to some subject kinds of its queue (None: all). `effect` names the one
    platform routine, if any, that a verb needs beyond setting columns (for example creating a topic).
    `past` is the verb as a toast and the history say it: "Approved".
    """

    key: str
    title: str
    past: str
    shortcut: str
    icon: str
    role: Role
    changes: tuple[Change, ...]
    reason: Reason = Reason.NONE
    kinds: frozenset[str] | None = None
    destructive: bool = False
    reversible: bool = True
    effect: str | None = None

    @property
    def holds_against(self) -> bool:
        """Whether it holds against the author what a policy names, as `greenroom.holds_against()` says."""
        return self.reason is Reason.REQUIRED or any(
            change.relation is Relation.FLAGS and change.values.get("status") == "resolved"
            for change in self.changes
        )


class BlockKind(StrEnum):
    """The shapes an inspector can show; it knows these and no platform."""

    TEXT = "text"
    FACTS = "facts"
    MEDIA = "media"
    IMAGE = "image"
    JSON = "json"
    DIFF = "diff"
    REPORTS = "reports"
    HISTORY = "history"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class BlockDeclaration:
    """A block of the inspector: a read of its own, under `key`, giving a value of `kind`."""

    key: str
    title: str
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """A kind of subject: how it is named and shown, and what can be done to it outside any queue.

    `scope` (for example `scenes.idea`) is what a decision names instead of a queue when the subject was
    found by search.
    """

    key: str
    scope: str
    title: str
    icon: str
    blocks: tuple[BlockDeclaration, ...]
    verbs: tuple[Verb, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """An ordered set of pending items. `kinds` are the subject kinds that can stand in it.

    The inspector shows `blocks` first, then those of the item's kind. `role` is the least rank that
    sees the queue; `waiting` words its emptiness ("No ideas are waiting"). `older` words the command that
    lets what was there before the console wait too; empty where everything waits anyway. `asked` are columns
    that a filter may name although the list does not show them.
    """

    key: str
    title: str
    icon: str
    kinds: tuple[str, ...]
    columns: tuple[Column, ...]
    orders: tuple[Order, ...]
    verbs: tuple[Verb, ...]
    blocks: tuple[BlockDeclaration, ...] = ()
    filters: tuple[Filter, ...] = ()
    role: Role = Role.REVIEWER
    waiting: str = "Nothing is waiting"
    older: str = ""
    asked: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Platform:
    """All that the console knows of a platform: its kinds, its queues, and what curators do, by name."""

    key: str
    title: str
    kinds: tuple[SubjectKind, ...]
    queues: tuple[Queue, ...]
    curation: tuple[Verb, ...] = ()

    @property
    def curation_scope(self) -> str:
        """The scope of what curators do."""
        return f"{self.key}.curation"

    def kind(self, key: str) -> SubjectKind:
        """The declared kind called `key`; KeyError when the platform has none."""
        return {kind.key: kind for kind in self.kinds}[key]

    def queue(self, key: str) -> Queue:
        """The declared queue called `key`; KeyError when the platform has none."""
        return {queue.key: queue for queue in self.queues}[key]

    def verbs_for(self, scope: str, kind: str, role: Role) -> tuple[Verb, ...]:
        """The verbs of a queue (`scope` is its key) or of a kind's own scope, as declared in order.

        Only those that a person of `role` may use on a subject of `kind`.
        """
        declared = {queue.key: queue.verbs for queue in self.queues}
        declared |= {each.scope: each.verbs for each in self.kinds}
        declared[self.curation_scope] = self.curation
        return tuple(
            verb
            for verb in declared[scope]
            if role >= verb.role and (verb.kinds is None or kind in verb.kinds)
        )

    def blocks_for(self, scope: str, kind: str) -> tuple[BlockDeclaration, ...]:
        """The queue's own blocks (none outside a queue), then those of the kind."""
        own = {queue.key: queue.blocks for queue in self.queues}.get(scope, ())
        return own + self.kind(kind).blocks


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a keyset page ended: the order's column values of its last row."""

    values: tuple[CellValue, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a queue, frozen as it was read.

    `version` is the content version, `cells` has a value for each column of the queue in order,
    `cursor` is its place in the page's order, `holder` somebody else's live claim.
    """

    subject: Subject
    version: str
    title: str
    cells: tuple[CellValue, ...]
    cursor: Cursor
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A keyset page: up to the asked number of items, whether more follow, and who answered.

    `reached` is where a filter had looked at as many rows as a page may, before the page was full.
    """

    items: tuple[Item, ...]
    more: bool
    served_by: Served
    reached: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many items wait; `capped` means at least `value`, counting stopped there."""

    value: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What a list asks for: a queue, one of its orders, values for some of its filters, and typed terms."""

    queue: str
    order: str
    filters: Mapping[str, str] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out some of the queue."""
        return bool(self.filters or self.terms)
