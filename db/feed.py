"""The change feed: what other consoles did, within a moment, and nothing twice or never."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from console.domain.changes import Change, ChangeBatch, Event
from console.domain.errors import GreenroomError, Unavailable
from console.domain.servers import Position, Server
from console.domain.subjects import Subject
from db.errors import translated
from db.node import ANSWER_SECONDS, lsn
from db.routing import Servers

POLL_SECONDS = 2.0
"""Between two reads where LISTEN is impossible: behind a transaction pooler, and on a replica."""
IDLE_SECONDS = 5.0
"""Without any hint for so long, the log is read all the same: a hint may be lost with its sender."""
GAP_SECONDS = 0.1
"""Between two reads: a hundred consoles that decide must not make a hundred read for each decision."""
PRIMARY_SECONDS = 10.0
"""How long a replica is read before the primary is tried again."""
UPKEEP_SECONDS = 30.0
OVERLAP = timedelta(seconds=60)
"""What is read again by time: longer than any transaction of staff, which is ended after ten seconds."""
LIMIT = 10_000
"""More changes than that are quicker shown by reading the lists anew. A minute of them is read by time."""
LARGE = 100_000
"""Characters of an answer that is parsed beside the loop."""
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 10.0

_READ = b"SELECT greenroom.changes(%s::pg_snapshot, %s::timestamptz, %s)::text"
_log = logging.getLogger(__name__)

_Key = tuple[int, str, str]


class ChangeFeed:
    """Follows the change log on the primary by LISTEN, or by polling where that is impossible.

    It begins with what happens after its first read.

    Attributes: `following` is set while the log is read, and cleared while there is no connection.
    """

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.following = asyncio.Event()
        self._heard: Callable[[ChangeBatch], None] = lambda _: None
        # The last snapshot of a primary, and when it was taken there.
        self._snapshot: tuple[str, datetime] | None = None
        self._timeline: int | None = None
        self._read_until: datetime | None = None
        self._seen: dict[_Key, datetime] = {}
        self._retry = FIRST_RETRY_SECONDS

    async def run(self, heard: Callable[[ChangeBatch], None]) -> None:
        """Hand every batch to `heard`, until cancelled. A broken line is mended, and the break made up."""
        self._heard = heard
        while True:
            try:
                with translated():
                    await self._follow()
            except GreenroomError as error:
                _log.info("the change feed broke: %s", error)
                await asyncio.sleep(self._retry)
                self._retry = min(2 * self._retry, LONGEST_RETRY_SECONDS)

    async def _follow(self) -> None:
        """Read from one connection until it breaks, or until a better one may be had."""
        try:
            server, connection = Server.PRIMARY, await self._servers.connect(Server.PRIMARY)
        except Unavailable:
            server, connection = Server.REPLICA, await self._servers.connect(Server.REPLICA)
        try:
            listening = server is Server.PRIMARY and not self._servers.pooled
            if listening:
                await connection.execute("LISTEN greenroom_changes")
            await self._make_up(connection, server)
            self._retry = FIRST_RETRY_SECONDS
            self.following.set()
            if server is Server.REPLICA:
                await self._poll_replica(connection)
            else:
                await self._follow_primary(connection, listening=listening)
        finally:
            self.following.clear()
            await connection.close()

    async def _make_up(self, connection: psycopg.AsyncConnection[Any], server: Server) -> None:
        """Read what came while there was no connection.

        A server that was started again, or another that was promoted, may use transaction ids that an old
        snapshot holds for seen: so it is read by time too.
        """
        if server is Server.PRIMARY and self._snapshot is not None:
            await self._read_by_snapshot(connection)
        answer = await self._read_by_time(connection)
        if server is Server.PRIMARY and self._snapshot is None:
            self._snapshot = answer["snapshot"], _time(answer["at"])

    async def _follow_primary(self, connection: psycopg.AsyncConnection[Any], *, listening: bool) -> None:
        upkeep = time.monotonic()
        while True:
            if listening:
                async for _ in connection.notifies(timeout=IDLE_SECONDS, stop_after=1):
                    pass
            else:
                await asyncio.sleep(POLL_SECONDS)
            await self._read_by_snapshot(connection)
            if time.monotonic() >= upkeep:
                await connection.execute(b"SELECT greenroom.end_stale_sessions()")
                upkeep = time.monotonic() + UPKEEP_SECONDS
            await asyncio.sleep(GAP_SECONDS)

    async def _poll_replica(self, connection: psycopg.AsyncConnection[Any]) -> None:
        until = time.monotonic() + PRIMARY_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(POLL_SECONDS)
            await self._read_by_time(connection)

    async def _read_by_snapshot(self, connection: psycopg.AsyncConnection[Any]) -> None:
        answer = await _changes(connection, *(self._snapshot or (None, None)))
        there = self._servers.there
        if there and there.system_id == answer["system_id"] and there.timeline > answer["timeline"]:
            raise Unavailable("Another server is the primary by now")
        before, self._timeline = self._timeline, answer["timeline"]
        self._snapshot = answer["snapshot"], _time(answer["at"])
        self._hand_on(answer)
        await self._servers.noticed(_position(answer))
        if before not in {None, self._timeline}:
            # A pooler put another server behind the same connection: the old snapshot says little of it.
            await self._read_by_time(connection)

    async def _read_by_time(self, connection: psycopg.AsyncConnection[Any]) -> dict[str, Any]:
        since = None if self._read_until is None else self._read_until - OVERLAP
        answer = await _changes(connection, None, since)
        self._hand_on(answer)
        return answer

    def _hand_on(self, answer: dict[str, Any]) -> None:
        """Pass on what was not seen yet; reads that follow show it."""
        fresh: list[Change] = []
        for entry in answer["changes"]:
            key = entry["change_id"], entry["xid"], entry["at"]
            if key not in self._seen:
                self._seen[key] = _time(entry["at"])
                fresh.append(_change(entry))
        now = max(self._read_until or _time(answer["at"]), _time(answer["at"]))
        self._read_until = now
        while self._seen and next(iter(self._seen.values())) < now - 2 * OVERLAP:
            del self._seen[next(iter(self._seen))]
        if fresh or not answer["complete"]:
            self._servers.told(_position(answer))
            self._heard(ChangeBatch(tuple(fresh), answer["complete"]))


async def _changes(
    connection: psycopg.AsyncConnection[Any], since: str | None, since_at: datetime | None
) -> dict[str, Any]:
    async with asyncio.timeout(ANSWER_SECONDS):
        row = await (await connection.execute(_READ, (since, since_at, LIMIT))).fetchone()
    if row is None:
        raise RuntimeError("a function gave no row")
    parsing = asyncio.to_thread(json.loads, row[0]) if len(row[0]) > LARGE else None
    answer: dict[str, Any] = json.loads(row[0]) if parsing is None else await parsing
    return answer


def _position(answer: dict[str, Any]) -> Position:
    return Position(answer["system_id"], answer["timeline"], lsn(answer["lsn"]))


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _change(entry: dict[str, Any]) -> Change:
    key, decision, expires = entry["partition_key"], entry["decision_id"], entry["expires_at"]
    return Change(
        Subject(entry["kind"], UUID(entry["id"]), None if key is None else _time(key)),
        Event(entry["event"]),
        entry["login"],
        _time(entry["at"]),
        None if decision is None else UUID(decision),
        entry["scope"] or "",
        entry["past"] or "",
        None if expires is None else _time(expires),
    )
