"""Which server answers: reads go to a replica that has everything this console wrote, else to the primary."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from console.domain.errors import GreenroomError, SignInFailed, Unavailable
from console.domain.queues import Server
from console.services.ports import ServerHealth
from db.errors import translated
from db.hosts import each_host, newest_primary
from db.transport import scram_only

T = TypeVar("T")

CONNECT_SECONDS = 5
ASK_SECONDS = 2
"""Of several hosts each is waited for: one that is frozen may not take long."""
PROBE_SECONDS = 2
STATEMENT_MILLISECONDS = 15_000
LOCK_MILLISECONDS = 3_000
ANSWER_SECONDS = 20
"""A server that is frozen ends no statement by itself: it is given up a little after it should have."""
GIVE_UP_SECONDS = 1
_OPTIONS = (
    f"-c statement_timeout={STATEMENT_MILLISECONDS} -c lock_timeout={LOCK_MILLISECONDS}"
    " -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
)
READERS = 3
"""Connections kept for reads on each server: a view, its blocks, and the counts beside it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a server has come. Positions of different systems or timelines do not compare."""

    system_id: str
    timeline: int
    lsn: int

    def reached(self, wanted: Position) -> bool:
        """Whether a server at this position shows all that was written up to `wanted`."""
        same = (self.system_id, self.timeline) == (wanted.system_id, wanted.timeline)
        return same and self.lsn >= wanted.lsn


_UNKNOWN = Position("", 0, 0)
"""Something was written, and where is not known: no server has reached it."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who connects. The password is kept out of every URL, log and repr."""

    login: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn({self.login!r})"


class _Node:
    """One server: its pool of readers and what is known of it."""

    def __init__(self, server: Server, conninfo: str, sign_in: SignIn, *, pooled: bool) -> None:
        self.server = server
        self._hosts = tuple(scram_only(host) for host in each_host(conninfo))
        self._timeline = 0
        self.name = _name(conninfo)
        self.position: Position | None = None
        self.lag: float | None = None
        self.reachable = True
        self.seen: ServerHealth | None = None
        self._probing: asyncio.Task[None] | None = None
        self._sign_in = sign_in
        self._pooled = pooled
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self.connect,
            pool_size=READERS,
            max_overflow=0,
            pool_pre_ping=False,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )

    async def connect(self) -> psycopg.AsyncConnection[Any]:
        """A new connection. One that is given up half-way is made and closed, or the server waits for it."""
        making = asyncio.ensure_future(self._connect())
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            done, _ = await asyncio.wait([making], timeout=GIVE_UP_SECONDS)
            if not done:
                making.cancel()
            elif not making.cancelled() and making.exception() is None:
                await making.result().close()
            raise

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        if self.server is Server.REPLICA or len(self._hosts) == 1:
            return await self._connect_to(self._hosts[0])
        connection, self._timeline = await newest_primary(self._hosts, self._connect_to, self._timeline)
        return connection

    async def _connect_to(self, host: str) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            host,
            user=self._sign_in.login,
            password=self._sign_in.password,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS if len(self._hosts) == 1 else ASK_SECONDS,
            application_name="greenroom",
            tcp_user_timeout=ANSWER_SECONDS * 1000,
            keepalives_idle=10,
            keepalives_interval=3,
            keepalives_count=3,
            options="" if self._pooled else _OPTIONS,
        )
        if self._pooled:
            connection.prepare_threshold = None
        return connection

    @property
    def busy(self) -> bool:
        """Whether every connection for reads is in use."""
        pool = self.engine.pool
        return isinstance(pool, AsyncAdaptedQueuePool) and pool.checkedout() >= READERS

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A reading connection, with errors translated. A broken one counts as a server out of reach."""
        with translated():
            async with asyncio.timeout(ANSWER_SECONDS):
                try:
                    connection = await self.engine.connect()
                except Exception:
                    self.reachable = False
                    raise
                try:
                    yield connection
                finally:
                    self.reachable = not connection.invalidated
                    await connection.close()

    async def read_position(self, connection: AsyncConnection) -> Position:
        row = (await connection.execute(_POSITION)).one()
        self.position = Position(row.system_id, row.timeline, lsn(row.lsn))
        return self.position

    async def probe(self) -> None:
        """Ask how the server is; `seen` and `reachable` say, within PROBE_SECONDS."""
        if self.busy and self.seen is not None:
            return  # All its connections are at work: it need not be asked whether it is there.
        if self._probing is None or self._probing.done():
            self._probing = asyncio.get_running_loop().create_task(self._ask(), name=f"probe {self.name}")
        # The driver takes seconds to give up on a frozen server; whoever asks is not kept as long.
        done, _ = await asyncio.wait([self._probing], timeout=PROBE_SECONDS)
        if not done:
            self._lost("The server did not answer in time")

    async def close(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait([self._probing])
        await self.engine.dispose()

    def _lost(self, message: str) -> None:
        self.reachable = False
        self.seen = ServerHealth(self.server, self.name, False, None, None, message)

    async def _ask(self) -> None:
        started = time.perf_counter()
        try:
            with translated():
                async with asyncio.timeout(PROBE_SECONDS), self.engine.connect() as connection:
                    await self.read_position(connection)
                    elapsed = time.perf_counter() - started
                    if self.server is Server.REPLICA:
                        self.lag = float(await connection.scalar(_SECONDS_SINCE_REPLAY) or 0)
        except Exception as error:  # noqa: BLE001 - whatever fails, the server counts as out of reach
            self._lost(str(error))
        else:
            self.reachable = True
            self.seen = ServerHealth(self.server, self.name, True, elapsed, None)


class Servers:
    """The primary and its replicas, as one signed-in person reaches them.

    `max_lag` is how many seconds a replica may be behind and still be read. `pooled` says that a
    transaction pooler (PgBouncer) stands before the servers: then nothing is prepared, and limits on
    statements are left to it.

    Attributes: `written` is the last position this console wrote or was told of; `pooled` as given.
    """

    def __init__(
        self,
        primary: str,
        replicas: tuple[str, ...],
        sign_in: SignIn,
        max_lag: float = 10.0,
        *,
        pooled: bool = False,
    ) -> None:
        self._primary = _Node(Server.PRIMARY, primary, sign_in, pooled=pooled)
        self._replicas = [_Node(Server.REPLICA, each, sign_in, pooled=pooled) for each in replicas]
        self._max_lag = max_lag
        self.pooled = pooled
        self._writer: psycopg.AsyncConnection[Any] | None = None
        self._writing = asyncio.Lock()
        self.written: Position | None = None

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> tuple[T, Server]:
        """What `work` reads on a server that shows this console's own writes, and which server it was.

        A server that fails gives way to the next, the primary last: `work` may run more than once.
        """
        for node in self._replicas:
            if not node.reachable or (node.lag is not None and node.lag > self._max_lag):
                continue
            # A password that was just changed may not be here yet: the primary knows.
            with suppress(Unavailable, SignInFailed):
                async with node.connection() as connection:
                    if await self._caught_up(node, connection):
                        return await work(connection), node.server
        return await self.read_primary(work), Server.PRIMARY

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
        async with self._writing:
            try:
                with translated():
                    async with asyncio.timeout(ANSWER_SECONDS):
                        return await self._call(query, parameters)
            except Unavailable:
                # Whatever is wrong with the connection, the next call gets a new one.
                await self._drop_writer()
                raise

    async def _call(self, query: str, parameters: Mapping[str, Any]) -> Any:
        writer = await self._connected()
        known, row = False, None
        try:
            # Both leave in one go; the sync between them ends the first one's transaction.
            async with writer.pipeline() as pipeline:
                call = await writer.execute(query.encode(), parameters)
                await pipeline.sync()
                position = await writer.execute(_POSITION.text.encode())
                row = await call.fetchone()
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

    def told(self, position: Position) -> None:
        """Somebody else wrote up to here, and the person is about to be told: reads from now on show it."""
        if self.written is None or position.reached(self.written):
            self.written = position

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._writer is not None:
            # A connection that the server has ended says so before anything is sent on it.
            with suppress(psycopg.OperationalError):
                self._writer.pgconn.consume_input()
        if self._writer is None or self._writer.closed:
            self._writer = await self._primary.connect()
        return self._writer

    async def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(psycopg.Error):
                await writer.close()

    async def health(self) -> tuple[ServerHealth, ...]:
        """Ask every server how it is, all at once; the primary first."""
        nodes = (self._primary, *self._replicas)
        unknown = self.written is _UNKNOWN
        await asyncio.gather(*(node.probe() for node in nodes))
        ahead = self._primary.position
        if unknown and self.written is _UNKNOWN and self._primary.reachable and ahead is not None:
            # Asked after that write had its answer, so it shows it.
            self.written = ahead
        for node in self._replicas:
            behind = ahead is None or node.position is None or not node.position.reached(ahead)
            node.lag = node.lag if behind else 0.0
            if node.seen is not None and node.seen.reachable:
                node.seen = replace(node.seen, lag=node.lag)
        return tuple(node.seen for node in nodes if node.seen is not None)

    async def close(self) -> None:
        """Close every connection, once a call under way has ended: its owner ends it first."""
        async with self._writing:
            await self._drop_writer()
        for node in (self._primary, *self._replicas):
            await node.close()

    async def _caught_up(self, node: _Node, connection: AsyncConnection) -> bool:
        if self.written is None or (node.position and node.position.reached(self.written)):
            return True
        return (await node.read_position(connection)).reached(self.written)


_POSITION = text("SELECT system_id, timeline, lsn::text AS lsn FROM greenroom.position()")
_SECONDS_SINCE_REPLAY = text("SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())")


def lsn(value: str) -> int:
    """A log position as a number, from PostgreSQL's way of writing it ("1/2AB")."""
    high, low = value.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _name(conninfo: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(parts.get("host") or "local")
    return "local socket" if host.startswith("/") else host
