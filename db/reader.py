"""Reads of one platform, each on the server that may answer it (the port `Reader`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.blocks import Block
from console.domain.decisions import DecisionRecord, DecisionState
from console.domain.errors import NotFound, Unavailable
from console.domain.policies import Consequence, Policy
from console.domain.queues import Count, Cursor, Item, Page, Platform, View
from console.domain.saved_filters import SavedFilter
from console.domain.subjects import Holder, Subject
from console.domain.terms import Words
from console.services.ports import Catalogue, Documents, Films, Operations
from db.answering import Answering
from db.routing import Servers
from db.sources import Source

EXACT_TO = 9_999
"""Counts are exact up to here; beyond it they say "10k+"."""
READ = 50_000
"""Rows that a filter looks at for one page. Then it shows what it found, and where it stopped."""
READ_WORDS = 2_000
"""The same where words are looked for without an index: taking each text apart is what takes long then."""


@dataclass(frozen=True, slots=True)
class PlatformReads:
    """What a platform brings: its declaration, and the reads behind it; `films` where it has scenes."""

    platform: Platform
    sources: Mapping[str, Source]
    block: Callable[[AsyncConnection, Subject, str], Awaitable[Block]]
    find: Callable[[AsyncConnection, str, int], Awaitable[list[Any]]]
    films: Callable[[Servers], Films] | None = None
    catalogue: Callable[[Servers], Catalogue] | None = None
    documents: Callable[[Servers], Documents] | None = None
    operations: Callable[[Servers], Operations] | None = None


class PlatformReader(Answering):
    """The port `Reader` over one platform's declared reads."""

    def __init__(self, servers: Servers, reads: PlatformReads) -> None:
        super().__init__(servers)
        self._reads = reads
        self.platform = reads.platform
        self.films = None if reads.films is None else reads.films(servers)

    async def page(self, view: View, after: Cursor | None, limit: int) -> Page:
        """A keyset page of the view."""
        source = self._reads.sources[view.queue]
        queue = self.platform.queue(view.queue)
        cells = 8 + len(source.cells)

        async def read(connection: AsyncConnection) -> tuple[Sequence[Row[*tuple[Any, ...]]], Cursor | None]:
            last = None
            if view.narrowed:
                words = any(isinstance(term.test, Words) for term in view.terms)
                rows = READ_WORDS if words and not source.text_indexed else READ
                place = (await connection.execute(source.reach(view.order, after, rows))).first()
                last = None if place is None else Cursor(tuple(place))
            statement = source.page(view, after, limit + 1, (*queue.columns, *queue.asked), last)
            return (await connection.execute(statement)).all(), last

        (rows, last), server = await self._servers.read(read)
        items = tuple(
            Item(
                Subject(row[0], row[1], row[2]),
                row[3],
                row[4],
                tuple(tuple(v) if isinstance(v, list) else v for v in row[8:cells]),
                Cursor(tuple(row[cells:])),
                None if row[5] is None else Holder(row[5], row[6], row[7]),
            )
            for row in rows[:limit]
        )
        full = len(rows) > limit
        return Page(items, full or last is not None, server, None if full else last)

    async def count(self, queue: str) -> Count:
        """How many wait, exact to 9,999."""
        rows = await self._read(_all(self._reads.sources[queue].count(EXACT_TO + 1)))
        value = int(rows[0][0])
        return Count(min(value, EXACT_TO), value > EXACT_TO)

    async def item(self, subject: Subject) -> Item:
        """The subject as the primary has it now."""

        def read(connection: AsyncConnection) -> Awaitable[list[Any]]:
            return self._reads.find(connection, str(subject.id), 10)

        try:
            rows = await self._servers.read_primary(read)
        except Unavailable:
            # A decision on what a replica shows is checked on the primary, when that is back.
            rows = await self._read(read)
        for row in rows:
            if row[0] == subject.kind:
                return _found(row)
        raise NotFound(f"There is no {subject} any more", "It was deleted.", subject=subject)

    async def block(self, subject: Subject, block: str) -> Block:
        """One block of the inspector."""
        return await self._read(lambda connection: self._reads.block(connection, subject, block))

    async def find(self, text: str, limit: int) -> Sequence[Item]:
        """Subjects by id, name or URL."""
        rows = await self._read(lambda connection: self._reads.find(connection, text, limit))
        return [_found(row) for row in rows]

    async def holders(self, subjects: Sequence[Subject]) -> dict[Subject, Holder]:
        """Live claims of other people on these subjects."""
        if not subjects:
            return {}
        by_key = {(subject.kind, subject.id): subject for subject in subjects}
        rows = await self._read(_all(_HOLDERS, {"ids": [s.id for s in subjects]}))
        return {
            by_key[row.kind, row.id]: Holder(row.holder, row.acquired_at, row.expires_at)
            for row in rows
            if (row.kind, row.id) in by_key
        }

    async def policies(self) -> Sequence[Policy]:
        """Policies in force, most severe first."""
        return [policy for policy in await self.all_policies() if policy.active]

    async def all_policies(self) -> Sequence[Policy]:
        """The newest version of every policy, retired ones too, most severe first."""
        return [Policy(*row) for row in await self._read(_all(_POLICIES))]

    async def consequence(self, subject: Subject, policy: str) -> Consequence | None:
        """What the policy would mean for the subject's author; None where it has none."""
        where = {"kind": subject.kind, "id": subject.id, "key": subject.partition_key, "policy": policy}
        ((told,),) = await self._read(_all(_CONSEQUENCE, where))
        return None if told is None else Consequence(**told)

    async def saved_filters(self, queue: str) -> Sequence[SavedFilter]:
        """The person's own lines, then the team's."""
        rows = await self._read(_all(_FILTERS, {"queue": queue}))
        return [SavedFilter(*row) for row in rows]

    async def my_decisions(self, before: datetime | None, limit: int) -> Sequence[DecisionRecord]:
        """The person's own decisions, newest first."""
        rows = await self._read(_all(_MINE, {"before": before, "limit": limit}))
        return [
            DecisionRecord(
                id=row.decision_id,
                at=row.decided_at,
                login=row.login,
                scope=row.scope,
                verb=row.verb,
                policy=row.policy_key,
                note=row.note,
                subject=Subject(row.kind, row.id, row.partition_key),
                title=row.title,
                items=row.items,
                state=DecisionState.DONE if row.undone_by is None else DecisionState.UNDONE,
                reversible=row.reversible,
            )
            for row in rows
        ]

    async def decided_today(self) -> int:
        """Decisions since local midnight."""
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        rows = await self._read(_all(_TODAY, {"midnight": midnight}))
        return int(rows[0][0])


def _all(
    statement: Executable, values: Mapping[str, Any] | None = None
) -> Callable[[AsyncConnection], Awaitable[Sequence[Row[*tuple[Any, ...]]]]]:
    """The read that gives every row of `statement`."""

    async def read(connection: AsyncConnection) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await connection.execute(statement, values)).all()

    return read


def _found(row: Any) -> Item:
    return Item(Subject(row[0], row[1], row[2]), row[4], row[3], (row[5],), Cursor(()))


_HOLDERS = text(
    "SELECT kind, id, holder, acquired_at, expires_at FROM greenroom.claims"
    " WHERE id = ANY (:ids) AND holder <> session_user AND expires_at > clock_timestamp()"
)
_POLICIES = text(
    "SELECT * FROM (SELECT DISTINCT ON (policy_key) policy_key, version, title, family, severity, help_text,"
    " dsa_category, example, statement, points, points_days, active"
    " FROM greenroom.policies ORDER BY policy_key, version DESC) AS newest"
    " ORDER BY severity DESC, title, policy_key"
)
_CONSEQUENCE = text(
    "SELECT greenroom.consequence(:kind, CAST(:id AS uuid), CAST(:key AS timestamptz), :policy)"
)
_FILTERS = text(
    "SELECT line, login, shared FROM greenroom.saved_filters WHERE scope = :queue"
    " ORDER BY login <> session_user, saved_at DESC LIMIT 100"
)
_MINE = text(
    "SELECT d.decision_id, d.decided_at, d.login, d.scope, d.verb, d.policy_key, d.note, d.undone_by,"
    " i.kind, i.id, i.partition_key, i.title, coalesce(v.reversible, false) AS reversible,"
    " (SELECT count(*) FROM greenroom.decision_items n WHERE n.decision_id = d.decision_id) AS items"
    " FROM greenroom.decisions d JOIN greenroom.decision_items i ON i.decision_id = d.decision_id"
    " AND i.ordinal = 0 LEFT JOIN greenroom.verbs v ON v.scope = d.scope AND v.verb = d.verb"
    " WHERE d.login = session_user AND d.undoes IS NULL"
    " AND (CAST(:before AS timestamptz) IS NULL OR d.decided_at < :before)"
    " ORDER BY d.decided_at DESC LIMIT :limit"
)
_TODAY = text(
    "SELECT count(*) FROM greenroom.decisions WHERE login = session_user AND undoes IS NULL"
    " AND undone_by IS NULL AND decided_at >= :midnight"
)
