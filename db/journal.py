"""The local record of what a person writes, and of drafts: SQLite, on disk before anything is sent."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from console.domain.errors import ConfigurationError, GreenroomError, Unavailable
from console.domain.servers import Position
from console.domain.work import Work
from console.services.ports import JournalEntry, KeptDraft
from db.leases import Lease, exclusive
from db.refusals import RefusalReserve
from db.works import from_json, to_json

T = TypeVar("T")
_Value: TypeAlias = str | int | None

KEPT = timedelta(hours=24)
"""How long answered entries stay: a promoted standby may lack what the primary before it had answered."""

_log = logging.getLogger(__name__)

_STEPS = (
    """
CREATE TABLE IF NOT EXISTS entries (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, work TEXT NOT NULL, state TEXT NOT NULL, message TEXT,
    console TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS drafts (key TEXT PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL);
""",
    # Where the primary was when it had applied an entry; nowhere, where nothing was to be written.
    """
ALTER TABLE entries ADD COLUMN answered_at TEXT;
ALTER TABLE entries ADD COLUMN system_id TEXT;
ALTER TABLE entries ADD COLUMN timeline INTEGER;
ALTER TABLE entries ADD COLUMN lsn INTEGER;
""",
    # Each console its own: of two windows on one document neither writes over the other.
    """
CREATE TABLE own_drafts (
    key TEXT NOT NULL, console TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (key, console));
INSERT INTO own_drafts SELECT key, '', text, at FROM drafts;
DROP TABLE drafts;
ALTER TABLE own_drafts RENAME TO drafts;
""",
)
"""What leads from each version of the file to the next; it tells its own by `user_version`."""


class SqliteJournal:
    """The port `Journal` on one file. All work happens on one thread of its own.

    Two consoles of one login share the file; each entry and each draft belongs to the console that wrote it
    until that console has ended.
    """

    def __init__(self, path: Path, warn: Callable[[str], None] = _log.warning) -> None:
        """`warn` is called, on the loop, with what a person should know: damage, an unreadable entry."""
        self._path = path
        self._consoles = path.parent / "consoles"
        self._registry = path.parent / "consoles.lock"
        self._lock = path.parent / "journal.lock"
        self._reserve = RefusalReserve(path.with_name("refusals.reserve"), self._lock)
        self._warn = warn
        self._warnings: list[str] = []
        self._lease: Lease | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._connection: sqlite3.Connection | None = None

    async def append(self, work: Work[Any]) -> None:
        """Record as waiting; a second append of the same id changes nothing."""
        await self._in_thread(
            lambda: self._execute(
                "INSERT INTO entries (id, at, work, state, console) VALUES (?, ?, ?, 'waiting', ?)"
                " ON CONFLICT (id) DO NOTHING",
                str(work.id),
                _now(),
                to_json(work),
                self._own().path.name,
            )
        )

    async def done(self, id: UUID, at: Position | None) -> None:
        """The primary applied it, and was at `at` then; None: it wrote nothing that could be lost."""
        await self._run(
            "UPDATE entries SET state = 'done', message = NULL, answered_at = ?, system_id = ?,"
            " timeline = ?, lsn = ? WHERE id = ?",
            _now(),
            *((at.system_id, at.timeline, at.lsn) if at else (None, None, None)),
            str(id),
        )

    async def answered_elsewhere(self, now: Position) -> Sequence[JournalEntry]:
        """What was answered in the last 24 hours in another history than `now` is of, in order.

        What another living console has written is left to it; what comes is this console's from now on.
        """
        return await self._in_thread(lambda: self._answered_elsewhere(now))

    async def found(self, ids: Sequence[UUID], at: Position) -> None:
        """These works are in the history that `at` is of."""
        await self._run(
            "UPDATE entries SET system_id = ?, timeline = ?, lsn = ?"
            " WHERE id IN (SELECT value FROM json_each(?))",
            at.system_id,
            at.timeline,
            at.lsn,
            _all(ids),
        )

    async def reopen(self, ids: Sequence[UUID]) -> None:
        """These wait again."""
        await self._in_thread(lambda: self._reopen(ids))

    async def refused(self, id: UUID, message: str) -> None:
        """The primary refused it. A full disk takes that note too: what the person was told stays true."""
        await self._in_thread(lambda: self._refused(id, message))

    async def dismiss(self, id: UUID) -> None:
        """The person has seen the refusal."""
        await self._run("DELETE FROM entries WHERE id = ? AND state = 'refused'", str(id))

    async def unsettled(self) -> Sequence[JournalEntry]:
        """What waits or was refused, oldest first, without what another living console is sending.

        What waits is this console's from now on: of two that ask, one gets it.
        """
        return await self._in_thread(self._unsettled)

    async def refusals(self) -> Sequence[JournalEntry]:
        """What was refused and not dismissed."""
        return await self._in_thread(self._refusals)

    async def save_draft(self, key: str, text: str | None) -> None:
        """Keep or drop something typed in this console."""
        await self._in_thread(lambda: self._save_draft(key, text))

    async def draft(self, key: str) -> str | None:
        """What was kept here; else what a console that ended left last, which is this one's from now on."""
        return await self._in_thread(lambda: self._draft(key))

    async def drafts(self, prefix: str) -> Sequence[KeptDraft]:
        """All there are, those of other living consoles too."""
        return await self._in_thread(lambda: self._drafts(prefix))

    async def close(self) -> None:
        """Close the file and let go of it."""

        def close() -> None:
            if self._connection is not None:
                self._connection.close()
            if self._lease is not None:
                self._lease.give_back()

        await self._in_thread(close)
        self._thread.shutdown()

    def _save_draft(self, key: str, text: str | None) -> None:
        if text:
            self._execute(
                "INSERT INTO drafts (key, console, text, at) VALUES (?, ?, ?, ?) ON CONFLICT (key, console)"
                " DO UPDATE SET text = excluded.text, at = excluded.at",
                key,
                self._own().path.name,
                text,
                _now(),
            )
        else:
            self._adopt(key)
            self._execute("DELETE FROM drafts WHERE key = ? AND console = ?", key, self._own().path.name)

    def _draft(self, key: str) -> str | None:
        self._adopt(key)
        rows = self._execute(
            "SELECT text FROM drafts WHERE key = ? AND console = ?", key, self._own().path.name
        )
        return str(rows[0][0]) if rows else None

    def _adopt(self, key: str) -> None:
        """Where this console has no draft, take the newest that an ended one left."""
        with self._among_others() as (own, others):
            self._execute(
                "UPDATE drafts SET console = ?1 WHERE rowid = (SELECT rowid FROM drafts WHERE key = ?2"
                " AND console NOT IN (SELECT value FROM json_each(?3)) ORDER BY console = ?1 DESC, at DESC"
                " LIMIT 1)",
                own,
                key,
                others,
            )

    def _drafts(self, prefix: str) -> Sequence[KeptDraft]:
        with self._among_others() as (_, others):
            rows = self._execute(
                "SELECT key, substr(text, 1, instr(text || char(10), char(10)) - 1),"
                " console IN (SELECT value FROM json_each(?2)) FROM drafts"
                " WHERE substr(key, 1, length(?1)) = ?1 ORDER BY at",
                prefix,
                others,
            )
        return [KeptDraft(str(key), str(line), bool(elsewhere)) for key, line, elsewhere in rows]

    def _reopen(self, ids: Sequence[UUID]) -> None:
        self._take_reserved()
        self._execute(
            "UPDATE entries SET state = 'waiting', message = NULL WHERE state IN ('done', 'refused')"
            " AND id IN (SELECT value FROM json_each(?))",
            _all(ids),
        )

    def _refused(self, id: UUID, message: str) -> None:
        try:
            self._execute("UPDATE entries SET state = 'refused', message = ? WHERE id = ?", message, str(id))
        except (sqlite3.Error, OSError) as error:
            try:
                self._reserve.keep(id, message)
            except OSError as none_left:
                raise error from none_left

    def _take_reserved(self) -> None:
        """Note what was refused while there was no room for it."""
        for id, message in self._reserve.kept().items():
            self._execute(
                "UPDATE entries SET state = 'refused', message = ? WHERE id = ? AND state = 'waiting'",
                message,
                str(id),
            )
            self._reserve.clear(id)

    def _unsettled(self) -> Sequence[JournalEntry]:
        self._take_reserved()
        with self._among_others() as (own, others):
            self._execute(
                "UPDATE entries SET console = ? WHERE state = 'waiting'"
                " AND console NOT IN (SELECT value FROM json_each(?))",
                own,
                others,
            )
        rows = self._execute(
            "SELECT id, at, work, state, message FROM entries WHERE state = 'waiting' AND console = ?"
            " OR state = 'refused' AND console NOT IN (SELECT value FROM json_each(?)) ORDER BY rowid",
            own,
            others,
        )
        return [entry for row in rows if (entry := self._entry(row)) is not None]

    def _refusals(self) -> Sequence[JournalEntry]:
        self._take_reserved()
        with self._among_others() as (_, others):
            rows = self._execute(
                "SELECT id, at, work, state, message FROM entries WHERE state = 'refused'"
                " AND console NOT IN (SELECT value FROM json_each(?)) ORDER BY rowid",
                others,
            )
        return [entry for row in rows if (entry := self._entry(row)) is not None]

    @contextmanager
    def _among_others(self) -> Iterator[tuple[str, str]]:
        """This console, and those that live beside it as a JSON list; none begins until this is left.

        One that began meanwhile would have what it just took up taken from it.
        """
        own = self._own().path.name
        with exclusive(self._registry):
            Lease.anyone(self._consoles)  # sweeps the leases of consoles that have ended
            yield own, json.dumps(sorted({path.name for path in self._consoles.glob("*")} - {own}))

    def _answered_elsewhere(self, now: Position) -> Sequence[JournalEntry]:
        with self._among_others() as (own, others):
            self._execute(
                "UPDATE entries SET console = ? WHERE state = 'done' AND (system_id, timeline) <> (?, ?)"
                " AND answered_at > ? AND console NOT IN (SELECT value FROM json_each(?))",
                own,
                now.system_id,
                now.timeline,
                _kept_since(),
                others,
            )
        rows = self._execute(
            "SELECT id, at, work, state, message FROM entries WHERE state = 'done' AND console = ?"
            " AND (system_id, timeline) <> (?, ?) AND answered_at > ? ORDER BY rowid",
            own,
            now.system_id,
            now.timeline,
            _kept_since(),
        )
        return [entry for row in rows if (entry := self._entry(row)) is not None]

    def _entry(self, row: tuple[Any, ...]) -> JournalEntry | None:
        try:
            work = from_json(row[2])
            return JournalEntry(UUID(row[0]), datetime.fromisoformat(row[1]), work, row[3], row[4])
        except (KeyError, TypeError, ValueError):
            self._warnings.append(
                f"Entry {row[0]} of the journal {self._path} cannot be read; it stays there, unsent."
            )
            return None

    def _own(self) -> Lease:
        if self._lease is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with exclusive(self._registry):
                self._lease = Lease.take(self._consoles)
        return self._lease

    async def _run(self, statement: str, *values: _Value) -> list[tuple[Any, ...]]:
        return await self._in_thread(lambda: self._execute(statement, *values))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        def translated() -> T:
            try:
                return work()
            except (sqlite3.Error, OSError) as error:
                raise self._translate(error) from error

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, translated)
        finally:
            while self._warnings:
                self._warn(self._warnings.pop(0))

    def _translate(self, error: sqlite3.Error | OSError) -> GreenroomError:
        if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return Unavailable(
                f"Another process has kept the journal {self._path} locked", "Try again in a moment."
            )
        return ConfigurationError(
            f"The journal {self._path} cannot be used: {error}",
            "Free disk space or check the rights of its folder.",
        )

    def _execute(self, statement: str, *values: _Value) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = self._open()
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                raise
            self._put_aside()
            self._connection = self._open()
            return self._connection.execute(statement, values).fetchall()

    def _put_aside(self) -> None:
        """Keep a damaged file for a person to look at.

        Its write-ahead log goes with it: SQLite would replay it into the new file of that name.
        """
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        aside = f"{self._path}.damaged-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        with exclusive(self._lock):
            for suffix in ("", "-wal", "-shm"):
                part = Path(f"{self._path}{suffix}")
                if part.exists():
                    part.rename(f"{aside}{suffix}")
        self._warnings.append(
            f"The journal {self._path} was damaged and a new one begun. Decisions that waited in it may not"
            f" have been sent; it is kept as {aside}."
        )

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Two consoles that start at once would meet while the file is being made.
        with exclusive(self._lock):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                for step, script in enumerate(_STEPS[version:], version + 1):
                    connection.executescript(f"BEGIN; {script} PRAGMA user_version = {step}; COMMIT")
                connection.execute(
                    "DELETE FROM entries WHERE state = 'done' AND coalesce(answered_at, at) < ?",
                    [_kept_since()],
                )
                self._reserve.make()
            except BaseException:
                connection.close()
                raise
        return connection


def _all(ids: Sequence[UUID]) -> str:
    return json.dumps([str(id) for id in ids])


def _kept_since() -> str:
    return (datetime.now(UTC) - KEPT).isoformat()


def _now() -> str:
    return datetime.now(UTC).isoformat()
