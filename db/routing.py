"""Which server answers: reads go to a replica that has everything this console wrote, else to the primary."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any, TypeVar

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from console.config import MAX_LAG
from console.domain.errors import GreenroomError, SignInFailed, TooSlow, Unavailable
from console.domain.servers import Position, Served, Server
from console.services.ports import ServerHealth
from db import node as nodes
from db.errors import translated
from db.node import POSITION, Node, SignIn, lsn

__all__ = ["Servers", "SignIn"]

T = TypeVar("T")

AS_NEAR, NEAR_SECONDS = 1.5, 0.002
"""A replica is as near as the nearest up to so many times its round trip, and so many seconds more."""
REMEMBERED = 200
"""Positions of the primary that are known with their time: those of some minutes."""

_log = logging.getLogger(__name__)

PIPELINED = 100_000
"""Characters of parameters that leave in a pipeline: psycopg 3.3's stands still for ever with one that does
not fit into the socket's buffer (tried: 500,000 go, 2,000,000 do not)."""

_UNKNOWN = Position("", 0, 0)
"""Something was written, and where is not known: no server has reached it."""


class Servers:
    """The primary and its replicas, as one signed-in person reaches them.

    `max_lag` is how many seconds a replica may be behind and still be read. `pooled` says that a
    transaction pooler (PgBouncer) stands before the servers: then nothing is prepared, and limits on
    statements are left to it.

    Attributes: `written` is the last position this console wrote or was told of; `there` is where the
    primary was when it was last connected to; `moved` is called when that is of another history than
    before, as after a failover; `pooled` as given.
    """

    def __init__(
        self,
        primary: str,
        replicas: tuple[str, ...],
        sign_in: SignIn,
        max_lag: float = MAX_LAG,
        *,
        pooled: bool = False,
    ) -> None:
        self._primary = Node(Server.PRIMARY, "primary", primary, sign_in, pooled=pooled)
        titles = ["replica"] if len(replicas) == 1 else [f"replica {n + 1}" for n in range(len(replicas))]
        self._replicas = [
            Node(Server.REPLICA, title, url, sign_in, pooled=pooled)
            for title, url in zip(titles, replicas, strict=True)
        ]
        self._max_lag = max_lag
        self.pooled = pooled
        self._writer: psycopg.AsyncConnection[Any] | None = None
        self._writing = asyncio.Lock()
        self._turn = 0
        # The primary's positions by the time when it was asked, newest last.
        self._passed: deque[tuple[float, Position]] = deque(maxlen=REMEMBERED)
        self._promoted = 0
        self.written: Position | None = None
        self.there: Position | None = None
        self.moved: Callable[[], None] = lambda: None
        self._leaving: set[asyncio.Task[None]] = set()

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> tuple[T, Served]:
        """What `work` reads on a server that shows this console's own writes, and which server it was.

        A server that fails gives way to the next, the primary last: `work` may run more than once. While
        the primary is out of reach the replica that is least behind answers, whatever it is lacking.
        """
        for node in self._nearest_first():
            with _giving_way():
                async with node.connection() as connection:
                    if await self._caught_up(node, connection):
                        return await work(connection), node.served(alone=not self._primary.reachable)
        if self._primary.reachable or not self._replicas:
            try:
                return await self.read_primary(work), self._primary.served()
            except Unavailable:
                if self._primary.reachable or not self._replicas:
                    raise
        for node in sorted(self._replicas, key=lambda each: (not each.reachable, each.lag or 0)):
            with _giving_way():
                async with node.connection() as connection:
                    return await work(connection), node.served(alone=True)
        return await self.read_primary(work), self._primary.served()

    async def read_primary(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `work` reads on the primary."""
        try:
            async with self._primary.connection() as connection:
                return await work(connection)
        except Unavailable:
            # A primary that was started again leaves broken connections behind: a new one is tried once.
            if self._primary.reachable:
                raise
        async with self._primary.connection() as connection:
            return await work(connection)

    async def call(self, query: str, parameters: Mapping[str, Any]) -> Any:
        """Run one function of the schema on the primary and return its single value.

        Each call is a transaction of its own; afterwards the console knows the position it wrote.
        """
        with translated():
            # The wait for calls before this one counts: a frozen server keeps each of them as long.
            async with asyncio.timeout(nodes.ANSWER_SECONDS), self._writing:
                calling = asyncio.ensure_future(self._call(query, parameters))
                try:
                    with translated():
                        return await asyncio.shield(calling)
                except Unavailable:
                    # Whatever is wrong with the connection, the next call gets a new one.
                    await self._drop_writer()
                    raise
                except asyncio.CancelledError:
                    self._leave(calling)
                    raise

    async def _call(self, query: str, parameters: Mapping[str, Any]) -> Any:
        writer = await self._connected()
        known, row = False, None
        large = sum(len(each) for each in parameters.values() if isinstance(each, str)) > PIPELINED
        try:
            # Both leave in one go; the sync between them ends the first one's transaction.
            async with nullcontext() if large else writer.pipeline() as pipeline:
                call = await writer.execute(query.encode(), parameters)
                if pipeline is None:
                    row = await call.fetchone()
                else:
                    await pipeline.sync()
                position = await writer.execute(POSITION.encode())
                row = row or await call.fetchone()
                found = await position.fetchone()
                if found is not None:
                    self.written = Position(found[0], found[1], lsn(found[2]))
                    known = True
        except psycopg.Error as error:
            if row is None:
                known = error.sqlstate is not None  # The server said no: nothing was written.
                raise
            _log.warning("the position after a write is not known: %s", error)
        finally:
            if not known:
                self.written = _UNKNOWN
        now = self.written
        if known and now is not None and self.there is not None and now.history != self.there.history:
            await self._met(now)  # A pooler's servers change places without a new connection.
        return None if row is None else row[0]

    async def connect(self, server: Server) -> psycopg.AsyncConnection[Any]:
        """A connection that the caller closes, to the primary or to the first replica that lets it in.

        Raises what the last of them said.
        """
        nodes = [self._primary] if server is Server.PRIMARY else self._replicas
        failed: Exception = Unavailable("The profile names no replica")
        for node in nodes:
            try:
                with translated():
                    return await node.connect()
            except GreenroomError as error:
                failed = error
        raise failed

    async def primary(self) -> Position:
        """Where the primary was when it was connected to; it is connected to now, if need be."""
        async with self._writing:
            with translated():
                async with asyncio.timeout(nodes.ANSWER_SECONDS):
                    await self._connected()
        if self.there is None:
            raise Unavailable("The primary does not say where it is")
        return self.there

    def told(self, position: Position) -> None:
        """Somebody else wrote up to here, and the person is about to be told: reads from now on show it."""
        if self.written is None or position.reached(self.written):
            self.written = position

    async def noticed(self, position: Position) -> None:
        """The primary that others are followed on is here: it may be another than the one known until now.

        Behind a pooler nothing else tells before the next write. A call under way finds it out by itself.
        """
        there = self.there
        newer = there and position.system_id == there.system_id and position.timeline > there.timeline
        if newer and not self._writing.locked():
            async with self._writing:
                await self._drop_writer()
                await self._met(position)

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._writer is not None:
            # A connection that the server has ended says so before anything is sent on it.
            with suppress(psycopg.OperationalError):
                self._writer.pgconn.consume_input()
        if self._writer is None or self._writer.closed:
            self._writer = None
            writer = await self._primary.connect()
            try:
                found = await (await writer.execute(POSITION.encode())).fetchone()
            except BaseException:
                await writer.close()
                raise
            self._writer, self._primary.reachable = writer, True
            if found is not None:
                await self._met(Position(found[0], found[1], lsn(found[2])))
        return self._writer

    async def _met(self, position: Position) -> None:
        """The primary is at this position. After a failover what is connected to the old one is let go."""
        before, self.there = self.there, position
        if before is None or before.history != position.history:
            if before is not None:
                await self._primary.renew()
            self.moved()

    def _leave(self, calling: asyncio.Future[Any]) -> None:
        """Give a call up, with its connection. The driver takes ten seconds more over a frozen server."""
        writer, self._writer, self.written = self._writer, None, _UNKNOWN

        async def end() -> None:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            if writer is not None:
                with suppress(psycopg.Error):
                    await writer.close()

        leaving = asyncio.get_running_loop().create_task(end(), name="give a call up")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(psycopg.Error):
                await writer.close()

    async def health(self) -> tuple[ServerHealth, ...]:
        """Ask every server how it is, all at once; the primary first."""
        every = (self._primary, *self._replicas)
        unknown, begun = self.written is _UNKNOWN, time.monotonic()
        await asyncio.gather(*(node.probe() for node in every))
        ahead = self._primary.position if self._primary.reachable else None
        if ahead is not None:
            self._passed.append((begun, ahead))
            if unknown and self.written is _UNKNOWN:
                # Asked after that write had its answer, so it shows it.
                self.written = ahead
        for node in self._replicas:
            node.lag = self._behind(node)
            if node.seen is not None and node.seen.reachable:
                node.seen = replace(node.seen, lag=node.lag)
        await self._look_for_promoted()
        return tuple(node.seen for node in every if node.seen is not None)

    def _behind(self, node: Node) -> float | None:
        """How many seconds a replica is behind at most.

        The time since it replayed a commit says too much of a platform that rests. It shows what the primary
        had when that was where the replica is now.
        """
        if node.position is None:
            return node.lag
        if self._passed and self._primary.reachable and node.position.reached(self._passed[-1][1]):
            return 0.0
        shown = (at for at, position in reversed(self._passed) if node.position.reached(position))
        since = next(shown, None)
        known = [each for each in (node.lag, since and time.monotonic() - since) if each is not None]
        return min(known, default=None)

    async def _look_for_promoted(self) -> None:
        """A replica on a newer timeline than the primary's was promoted, or follows one that was.

        Then every host is asked again which one it is: the old primary may live on.
        """
        newest = max(
            (
                node.position.timeline
                for node in self._replicas
                if self.there and node.position and node.position.system_id == self.there.system_id
            ),
            default=0,
        )
        asked_for = max(self._promoted, self.there.timeline if self.there else 0)
        if newest > asked_for and len(self._primary.hosts) > 1 and not self._writing.locked():
            self._promoted = newest
            async with self._writing:
                await self._drop_writer()

    async def close(self) -> None:
        """Close every connection, once a call under way has ended: its owner ends it first."""
        async with self._writing:
            await self._drop_writer()
        await asyncio.gather(*self._leaving)
        for node in (self._primary, *self._replicas):
            await node.close()

    def _nearest_first(self) -> list[Node]:
        """The replicas that may be read: the nearest first, of those as near the one with the least to do."""
        fit = [
            node
            for node in self._replicas
            if node.reachable and (node.lag is None or node.lag <= self._max_lag)
        ]
        if len(fit) < 2:
            return fit
        near = min(node.round_trip or 0 for node in fit) * AS_NEAR + NEAR_SECONDS
        self._turn += 1

        def order(place: int) -> tuple[bool, bool, int, int]:
            node = fit[place]
            return node.busy, (node.round_trip or 0) > near, node.in_use, (place + self._turn) % len(fit)

        return [fit[place] for place in sorted(range(len(fit)), key=order)]

    async def _caught_up(self, node: Node, connection: AsyncConnection) -> bool:
        if self.written is None or (node.position and node.position.reached(self.written)):
            return True
        return (await node.read_position(connection)).reached(self.written)


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let a server that fails give way to the next. A query that takes too long would do so there too.

    A password that was just changed may not have come to a replica yet: the primary knows.
    """
    try:
        yield
    except TooSlow:
        raise
    except (Unavailable, SignInFailed) as error:
        _log.info("a replica gives way: %s", error)
