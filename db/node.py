"""One server of a profile: its connections for reads, and what is known of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from console.domain.servers import Position, Served, Server
from console.services.ports import ServerHealth
from db.errors import translated
from db.hosts import each_host, newest_primary
from db.transport import scram_only

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
NEWEST = 0.3
"""What the newest round trip counts for in the mean of them."""

POSITION = "SELECT system_id, timeline, lsn::text AS lsn FROM greenroom.position()"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who connects. The password is kept out of every URL, log and repr."""

    login: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn({self.login!r})"


def _end(making: asyncio.Future[psycopg.AsyncConnection[Any]]) -> None:
    """Close a connection that nobody waits for any more, whenever it is made."""
    if not making.cancelled() and making.exception() is None:
        making.result().pgconn.finish()


class Node:
    """One server: its pool of readers and what is known of it.

    Attributes: `title` is what a person calls it; `position`, `lag` (seconds, of a replica) and
    `round_trip` (seconds) as last measured; `reachable` until a connection fails; `hosts` that it may be.
    """

    def __init__(self, server: Server, title: str, conninfo: str, sign_in: SignIn, *, pooled: bool) -> None:
        self.server, self.title = server, title
        self.hosts = tuple(scram_only(host) for host in each_host(conninfo))
        self._timeline = 0
        self.name = _name(conninfo)
        self.position: Position | None = None
        self.lag: float | None = None
        self.round_trip: float | None = None
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
            making.add_done_callback(_end)
            done, _ = await asyncio.wait([making], timeout=GIVE_UP_SECONDS)
            if not done:
                making.cancel()
            raise

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        if self.server is Server.REPLICA or len(self.hosts) == 1:
            return await self._connect_to(self.hosts[0])
        connection, self._timeline = await newest_primary(self.hosts, self._connect_to, self._timeline)
        return connection

    async def _connect_to(self, host: str) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            host,
            user=self._sign_in.login,
            password=self._sign_in.password,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS if len(self.hosts) == 1 else ASK_SECONDS,
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
    def in_use(self) -> int:
        """How many connections for reads are in use."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, AsyncAdaptedQueuePool) else 0

    @property
    def busy(self) -> bool:
        """Whether every connection for reads is in use."""
        return self.in_use >= READERS

    def served(self, *, alone: bool = False) -> Served:
        """This server as the one that answered."""
        return Served(self.server, self.title, self.lag, alone)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A reading connection, with errors translated. A broken one counts as a server out of reach."""
        with translated():
            async with asyncio.timeout(ANSWER_SECONDS) as limit:
                try:
                    connection = await self.engine.connect()
                except Exception:
                    self.reachable = False
                    raise
                try:
                    yield connection
                except asyncio.CancelledError:
                    # A reader that goes away has its query cancelled, and the server is well.
                    self.reachable = not limit.expired()
                    raise
                except BaseException:
                    self.reachable = not connection.invalidated
                    raise
                else:
                    self.reachable = True
                finally:
                    await connection.close()

    async def read_position(self, connection: AsyncConnection) -> Position:
        """Ask how far the server is."""
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

    async def renew(self) -> None:
        """Another server answers to this name by now: what is connected to the old one is let go."""
        await self.engine.dispose()

    async def close(self) -> None:
        """Close every connection."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait([self._probing])
        await self.engine.dispose()

    def _lost(self, message: str) -> None:
        self.reachable = False
        self.seen = ServerHealth(self.server, self.title, self.name, False, None, None, message)

    async def _ask(self) -> None:
        try:
            with translated():
                async with asyncio.timeout(PROBE_SECONDS), self.engine.connect() as connection:
                    started = time.perf_counter()
                    await self.read_position(connection)
                    elapsed = time.perf_counter() - started
                    if self.server is Server.REPLICA:
                        self.lag = float(await connection.scalar(_SECONDS_SINCE_REPLAY) or 0)
        except Exception as error:  # noqa: BLE001 - whatever fails, the server counts as out of reach
            self._lost(str(error))
        else:
            known = self.round_trip
            self.round_trip = elapsed if known is None else known + NEWEST * (elapsed - known)
            self.reachable = True
            self.seen = ServerHealth(self.server, self.title, self.name, True, self.round_trip, None)


_POSITION = text(POSITION)
# Of one that was promoted meanwhile, and replays no more, nothing is behind.
_SECONDS_SINCE_REPLAY = text(
    "SELECT CASE WHEN pg_is_in_recovery()"
    " THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END"
)


def lsn(value: str) -> int:
    """A log position as a number, from PostgreSQL's way of writing it ("1/2AB")."""
    high, low = value.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _name(conninfo: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(parts.get("host") or "local")
    return "local socket" if host.startswith("/") else host
