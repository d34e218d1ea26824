"""The local record of decisions and drafts: SQLite, on disk before anything is sent."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from console.domain.decisions import Decision, Target, Undo
from console.domain.errors import ConfigurationError
from console.domain.subjects import Subject
from console.services.ports import JournalEntry
from db.leases import Lease

T = TypeVar("T")

KEPT = timedelta(hours=24)
"""How long settled entries stay: a promoted standby may lack decisions that were answered."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, work TEXT NOT NULL, state TEXT NOT NULL, message TEXT,
    console TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS drafts (key TEXT PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL);
"""


class SqliteJournal:
    """The port `Journal` on one file. All work happens on one thread of its own.

    Two consoles of one login share the file; each entry belongs to the console that wrote it until
    that console has ended.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._consoles = path.parent / "consoles"
        self._lease = Lease.take(self._consoles)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._connection: sqlite3.Connection | None = None

    async def append(self, work: Decision | Undo) -> None:
        """Record as waiting; a second append of the same id changes nothing but the owner."""
        await self._run(
            "INSERT INTO entries VALUES (?, ?, ?, 'waiting', NULL, ?)"
            " ON CONFLICT (id) DO UPDATE SET console = excluded.console",
            str(work.id),
            _now(),
            _to_json(work),
            self._lease.path.name,
        )

    async def done(self, id: UUID) -> None:
        """The primary applied it."""
        await self._run("UPDATE entries SET state = 'done' WHERE id = ?", str(id))

    async def refused(self, id: UUID, message: str) -> None:
        """The primary refused it."""
        await self._run("UPDATE entries SET state = 'refused', message = ? WHERE id = ?", message, str(id))

    async def dismiss(self, id: UUID) -> None:
        """The person has seen the refusal."""
        await self._run("DELETE FROM entries WHERE id = ? AND state = 'refused'", str(id))

    async def unsettled(self) -> Sequence[JournalEntry]:
        """What waits or was refused, oldest first, without what another living console is sending."""
        return await self._in_thread(self._unsettled)

    async def save_draft(self, key: str, text: str | None) -> None:
        """Keep or drop something typed."""
        if text:
            await self._run(
                "INSERT INTO drafts VALUES (?, ?, ?) ON CONFLICT (key)"
                " DO UPDATE SET text = excluded.text, at = excluded.at",
                key,
                text,
                _now(),
            )
        else:
            await self._run("DELETE FROM drafts WHERE key = ?", key)

    async def draft(self, key: str) -> str | None:
        """What was kept."""
        rows = await self._run("SELECT text FROM drafts WHERE key = ?", key)
        return str(rows[0][0]) if rows else None

    async def close(self) -> None:
        """Close the file and let go of it."""

        def close() -> None:
            if self._connection is not None:
                self._connection.close()
            self._lease.give_back()

        await self._in_thread(close)
        self._thread.shutdown()

    def _unsettled(self) -> Sequence[JournalEntry]:
        Lease.anyone(self._consoles)  # sweeps the leases of consoles that have ended
        living = {path.name for path in self._consoles.glob("*")} - {self._lease.path.name}
        rows = self._execute(
            "SELECT id, at, work, state, message, console FROM entries"
            " WHERE state IN ('waiting', 'refused') ORDER BY at"
        )
        return [
            JournalEntry(UUID(row[0]), datetime.fromisoformat(row[1]), _from_json(row[2]), row[3], row[4])
            for row in rows
            if row[5] not in living
        ]

    async def _run(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        return await self._in_thread(lambda: self._execute(statement, *values))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _execute(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._open()
        return self._connection.execute(statement, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise ConfigurationError(
                    f"The journal {self._path} cannot be opened: {error}",
                    "Free disk space or check the rights of its folder.",
                ) from error
            # Not a database any more: kept aside for a person to look at, a new one begun.
            self._path.rename(self._path.with_suffix(f".damaged-{datetime.now(UTC):%Y%m%d%H%M%S}"))
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
        connection.execute(
            "DELETE FROM entries WHERE state = 'done' AND at < ?",
            [(datetime.now(UTC) - KEPT).isoformat()],
        )
        return connection


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _to_json(work: Decision | Undo) -> str:
    return json.dumps(asdict(work), default=str)


def _from_json(stored: str) -> Decision | Undo:
    fields = json.loads(stored)
    if "decision_id" in fields:
        return Undo(UUID(fields["id"]), UUID(fields["decision_id"]))
    targets = tuple(
        Target(
            Subject(
                target["subject"]["kind"],
                UUID(target["subject"]["id"]),
                _time(target["subject"]["partition_key"]),
            ),
            target["version"],
            target["title"],
            tuple(UUID(flag) for flag in target["flag_ids"]),
        )
        for target in fields["targets"]
    )
    return Decision(
        UUID(fields["id"]), fields["scope"], fields["verb"], fields["policy"], fields["note"], targets
    )


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
