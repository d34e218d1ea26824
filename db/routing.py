"""Which server answers: reads go to a replica that has everything this console wrote, else to the primary."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from console.domain.errors import Unavailable
from console.domain.queues import Server
from console.services.ports import ServerHealth
from db.errors import translate, translated

CONNECT_SECONDS = 5
STATEMENT_MILLISECONDS = 15_000
LOCK_MILLISECONDS = 3_000
READERS = 3
"""Connections kept for reads on each server: a view, its blocks, and the counts beside it."""


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


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who connects. The password is kept out of every URL, log and repr."""

    login: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn({self.login!r})"


class _Node:
    """One server: its pool of readers and what is known of it."""

    def __init__(self, server: Server, conninfo: str, sign_in: SignIn) -> None:
        self.server = server
        self.conninfo = conninfo
        self.name = _name(conninfo)
        self.position: Position | None = None
        self.lag: float | None = None
        self.reachable = True
        self._sign_in = sign_in
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self.connect,
            pool_size=READERS,
            max_overflow=0,
            pool_pre_ping=False,
            isolation_level="AUTOCOMMIT",
        )

    async def connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self.conninfo,
            user=self._sign_in.login,
            password=self._sign_in.password,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            application_name="greenroom",
            options=(
                f"-c statement_timeout={STATEMENT_MILLISECONDS} -c lock_timeout={LOCK_MILLISECONDS}"
                " -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
            ),
        )

    async def read_position(self, connection: AsyncConnection) -> Position:
        row = (await connection.execute(_POSITION)).one()
        self.position = Position(row.system_id, row.timeline, _lsn(row.lsn))
        return self.position


class Servers:
    """The primary and its replicas, as one signed-in person reaches them.

    Attributes: `written` is the last position this console wrote or was told of.
    """

    def __init__(
        self, primary: str, replicas: tuple[str, ...], sign_in: SignIn, max_lag: float = 10.0
    ) -> None:
        self._primary = _Node(Server.PRIMARY, primary, sign_in)
        self._replicas = [_Node(Server.REPLICA, each, sign_in) for each in replicas]
        self._max_lag = max_lag
        self._writer: psycopg.AsyncConnection[Any] | None = None
        self._writing = asyncio.Lock()
        self.written: Position | None = None

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[tuple[AsyncConnection, Server]]:
        """A connection that shows this console's own writes, and which server it is."""
        for node in self._replicas:
            if not node.reachable or (node.lag is not None and node.lag > self._max_lag):
                continue
            try:
                connection = await node.engine.connect()
            except (DBAPIError, psycopg.Error, OSError, TimeoutError):
                node.reachable = False
                continue
            try:
                if await self._caught_up(node, connection):
                    with translated():
                        yield connection, node.server
                    return
            finally:
                await connection.close()
        async with self.primary() as connection:
            yield connection, Server.PRIMARY

    @asynccontextmanager
    async def primary(self) -> AsyncIterator[AsyncConnection]:
        """A reading connection on the primary."""
        with translated():
            async with self._primary.engine.connect() as connection:
                yield connection

    async def call(self, query: str, parameters: Mapping[str, Any]) -> Any:
        """Run one function of the schema on the primary and return its single value.

        Each call is a transaction of its own; afterwards the console knows the position it wrote.
        """
        async with self._writing:
            try:
                if self._writer is None or self._writer.closed:
                    self._writer = await self._primary.connect()
                    self._writer.row_factory = dict_row
                cursor = await self._writer.execute(query.encode(), parameters)
                row = await cursor.fetchone()
                position = await (await self._writer.execute(_POSITION.text.encode())).fetchone()
            except psycopg.Error as error:
                raise translate(error) from error
            except (OSError, TimeoutError) as error:
                raise Unavailable(f"The primary cannot be reached: {error}") from error
            if position is not None:
                self.written = Position(position["system_id"], position["timeline"], _lsn(position["lsn"]))
        return None if row is None else next(iter(row.values()))

    async def health(self) -> tuple[ServerHealth, ...]:
        """Ask every server how it is, the primary first."""
        primary = await self._probe(self._primary, None)
        replicas = [await self._probe(node, self._primary.position) for node in self._replicas]
        return (primary, *replicas)

    async def close(self) -> None:
        """Close every connection."""
        if self._writer is not None:
            await self._writer.close()
        for node in (self._primary, *self._replicas):
            await node.engine.dispose()

    async def _caught_up(self, node: _Node, connection: AsyncConnection) -> bool:
        if self.written is None or (node.position and node.position.reached(self.written)):
            return True
        with translated():
            return (await node.read_position(connection)).reached(self.written)

    async def _probe(self, node: _Node, ahead: Position | None) -> ServerHealth:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(CONNECT_SECONDS), node.engine.connect() as connection:
                position = await node.read_position(connection)
                elapsed = time.perf_counter() - started
                if node.server is Server.REPLICA:
                    replayed = await connection.scalar(_SECONDS_SINCE_REPLAY)
                    behind = ahead is not None and not position.reached(ahead)
                    node.lag = float(replayed or 0) if behind else 0.0
        except Exception as error:  # noqa: BLE001 - whatever fails, the server counts as out of reach
            node.reachable = False
            return ServerHealth(node.server, node.name, False, None, None, str(error).splitlines()[0])
        node.reachable = True
        return ServerHealth(node.server, node.name, True, elapsed, node.lag)


_POSITION = text("SELECT system_id, timeline, lsn::text AS lsn FROM greenroom.position()")
_SECONDS_SINCE_REPLAY = text("SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())")


def _lsn(value: str) -> int:
    high, low = value.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _name(conninfo: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(parts.get("host") or "local")
    return "local socket" if host.startswith("/") else host
