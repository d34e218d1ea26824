"""The journal on a real disk: after a kill, beside a second console, on damaged files and full disks."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from console.domain.decisions import Decision, Target, Undo
from console.domain.errors import ConfigurationError, Unavailable
from console.domain.servers import Position
from console.domain.subjects import Subject
from db.journal import _STEPS, SqliteJournal
from db.refusals import SLOTS

HERE, ELSEWHERE = Position("7", 1, 100), Position("7", 2, 50)

_APPENDS_THEN_WAITS = """
import asyncio, sys
from pathlib import Path
from tests.integration.test_journal import a_decision
from db.journal import SqliteJournal

async def main():
    journal = SqliteJournal(Path(sys.argv[1]))
    for number in range(5):
        await journal.append(a_decision(f"Idea {number}"))
    await journal.save_draft("note", "half a sentence")
    print("appended", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def a_decision(title: str = "An idea") -> Decision:
    """A decision that uses every field."""
    at = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)
    target = Target(
        Subject("segment", uuid4(), at), "v1", title, (uuid4(), uuid4()), Subject("scene", uuid4())
    )
    return Decision(uuid4(), "scenes.flags", "hide", "spam", "Ünïcode 'quoted'\n", (target,))


@asynccontextmanager
async def journal_at(path: Path, warn: Callable[[str], None] | None = None) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal(path, warn) if warn else SqliteJournal(path)
    try:
        yield journal
    finally:
        await journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scenes-mia" / "journal.sqlite3"


async def test_entries_come_back_as_they_were_in_the_order_made(path: Path) -> None:
    works: list[Decision | Undo] = [
        a_decision(),
        Undo(uuid4(), uuid4()),
        a_decision(),
        a_decision(),
        a_decision(),
    ]
    async with journal_at(path) as journal:
        for work in works:
            await journal.append(work)
        await journal.append(works[0])
        await journal.done(works[2].id, HERE)
        await journal.refused(works[3].id, "It changed")
    async with journal_at(path) as journal:
        left = await journal.unsettled()
        assert [entry.work for entry in left] == [works[0], works[1], works[3], works[4]]
        assert [(entry.state, entry.message) for entry in left] == [
            ("waiting", None),
            ("waiting", None),
            ("refused", "It changed"),
            ("waiting", None),
        ]
        await journal.dismiss(works[0].id)
        await journal.dismiss(works[3].id)
        assert [entry.work for entry in await journal.unsettled()] == [works[0], works[1], works[4]]


async def test_the_order_is_that_of_writing_even_when_the_clock_goes_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=n) for n in range(3))
    monkeypatch.setattr("db.journal._now", lambda: next(times).isoformat())
    works = [a_decision() for _ in range(3)]
    async with journal_at(path) as journal:
        for work in works:
            await journal.append(work)
        assert [entry.work for entry in await journal.unsettled()] == works


@contextmanager
def another_console(path: Path) -> Iterator[None]:
    """A process that has appended; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", _APPENDS_THEN_WAITS, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "appended\n"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def test_what_a_killed_process_had_appended_is_there(path: Path) -> None:
    with another_console(path):
        async with journal_at(path) as journal:
            assert await journal.unsettled() == []  # its console lives and sends them itself
    async with journal_at(path) as journal:
        left = await journal.unsettled()
        assert [entry.work.targets[0].title for entry in left if isinstance(entry.work, Decision)] == [
            f"Idea {number}" for number in range(5)
        ]
        assert await journal.draft("note") == "half a sentence"


async def test_of_two_consoles_one_takes_up_what_a_third_left(path: Path) -> None:
    async with journal_at(path) as gone:
        for _ in range(20):
            await gone.append(a_decision())
    async with journal_at(path) as first, journal_at(path) as second:
        taken = await asyncio.gather(first.unsettled(), second.unsettled())
        assert sorted(len(each) for each in taken) == [0, 20]
        own = a_decision()
        await second.append(own)
        assert own.id not in {entry.id for entry in await first.unsettled()}
        assert own.id in {entry.id for entry in await second.unsettled()}


async def test_settled_entries_are_dropped_after_a_day(path: Path) -> None:
    old, fresh, waiting = a_decision(), a_decision(), a_decision()
    async with journal_at(path) as journal:
        for work in (old, fresh, waiting):
            await journal.append(work)
        await journal.done(old.id, HERE)
        await journal.done(fresh.id, HERE)
    with sqlite3.connect(path) as c:
        long_ago = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
        c.execute("UPDATE entries SET at = ?", [long_ago])  # the fresh one waited for a day
        c.execute("UPDATE entries SET answered_at = ? WHERE id = ?", [long_ago, str(old.id)])
    c.close()
    async with journal_at(path) as journal:
        assert [entry.id for entry in await journal.unsettled()] == [waiting.id]
    c = sqlite3.connect(path)
    assert {row[0] for row in c.execute("SELECT id FROM entries")} == {str(fresh.id), str(waiting.id)}
    c.close()


def spoil(path: Path, damage: str) -> bytes:
    content = bytearray(path.read_bytes())
    if damage == "not a database":
        content[:] = b"This is a letter to the editor." * 100
    else:
        content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    return bytes(content)


def kept_beside(path: Path) -> list[Path]:
    return [each for each in path.parent.glob("*.damaged-*") if not each.name.endswith(("-wal", "-shm"))]


async def test_two_windows_on_one_document_keep_what_is_typed_in_each(path: Path) -> None:
    async with journal_at(path) as first:
        async with journal_at(path) as second:
            await first.save_draft("scene", "first\nof one")
            assert await second.draft("scene") is None
            await second.save_draft("scene", "second\nof the other")
            assert await first.draft("scene") == "first\nof one"
            both = [(each.line, each.elsewhere) for each in await first.drafts("scene")]
            assert both == [("first", False), ("second", True)]
            await second.save_draft("other", None)
        # What the other left is kept beside, and comes when one's own is settled.
        assert await first.draft("scene") == "first\nof one"
        assert [each.elsewhere for each in await first.drafts("scene")] == [False, False]
        await first.save_draft("scene", None)
        assert await first.draft("scene") == "second\nof the other"
        await first.save_draft("scene", None)
        assert await first.drafts("scene") == []


async def test_what_was_typed_in_an_older_console_is_there(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as older:
        for step, script in enumerate(_STEPS[:2], 1):
            older.executescript(f"BEGIN; {script} PRAGMA user_version = {step}; COMMIT")
        older.execute("INSERT INTO drafts VALUES ('note', 'half a sentence', '2026-03-01')")
        older.commit()
    async with journal_at(path) as journal:
        assert await journal.draft("note") == "half a sentence"


def bytes_of(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("damage", ["not a database", "pages overwritten"])
async def test_a_damaged_file_is_kept_told_and_replaced(path: Path, damage: str) -> None:
    async with journal_at(path) as journal:
        for _ in range(200):
            await journal.append(a_decision())
    content = spoil(path, damage)
    told: list[str] = []
    work = a_decision()
    async with journal_at(path, told.append) as journal:
        await journal.append(work)
        assert [entry.work for entry in await journal.unsettled()] == [work]
        kept = kept_beside(path)
        assert bytes_of(kept) == [content]
        assert len(told) == 1
        assert str(kept[0]) in told[0]


async def test_an_unreadable_entry_hides_no_other(path: Path) -> None:
    first, second = a_decision(), a_decision()
    told: list[str] = []
    async with journal_at(path) as journal:
        await journal.append(first)
        await journal.append(second)
    with sqlite3.connect(path) as c:
        c.execute("UPDATE entries SET work = '{}' WHERE id = ?", [str(first.id)])
    c.close()
    async with journal_at(path, told.append) as journal:
        assert [entry.work for entry in await journal.unsettled()] == [second]
    assert len(told) == 1
    assert str(first.id) in told[0]


async def test_a_full_disk_is_told_and_loses_nothing_written_before(path: Path) -> None:
    work = a_decision()
    async with journal_at(path) as journal:
        await journal.append(work)
        connection = journal._connection  # SQLite's own limit stands in for a full disk
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 1")
        big = replace(a_decision(), note="x" * 1_000_000)
        with pytest.raises(ConfigurationError, match=r"journal\.sqlite3 cannot be used: .*full"):
            await journal.append(big)
        connection.execute("PRAGMA max_page_count = 1000000")
        await journal.append(work)
        assert work in [entry.work for entry in await journal.unsettled()]


async def test_a_refusal_that_a_full_disk_did_not_take_is_one_at_the_next_start(path: Path) -> None:
    work, other = a_decision(), a_decision()
    async with journal_at(path) as journal:
        await journal.append(work)
        await journal.append(other)
        connection = journal._connection  # SQLite's own limit stands in for a full disk
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 1")
        await journal.refused(work.id, "Max is deciding this" + "ß" * 1_000_000)
    async with journal_at(path) as journal:
        left = {entry.work: entry for entry in await journal.unsettled()}
        assert (left[work].state, left[other].state) == ("refused", "waiting")
        assert (left[work].message or "").startswith("Max is deciding thisßß")
        # It is taken over once: tried again and left without an answer, it waits.
        await journal.reopen([work.id])
    async with journal_at(path) as journal:
        assert {entry.state for entry in await journal.unsettled()} == {"waiting"}


async def test_where_no_refusal_can_be_kept_at_all_that_is_told(path: Path) -> None:
    async with journal_at(path) as journal:
        works = [a_decision() for _ in range(SLOTS + 1)]
        for work in works:
            await journal.append(work)
        connection = journal._connection  # SQLite's own limit stands in for a full disk
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 1")
        for work in works[:SLOTS]:
            await journal.refused(work.id, "x" * 1_000_000)
        with pytest.raises(ConfigurationError, match="full"):
            await journal.refused(works[SLOTS].id, "x" * 1_000_000)


async def test_a_journal_that_somebody_keeps_locked_is_unavailable(path: Path) -> None:
    async with journal_at(path) as journal:
        await journal.append(a_decision())
        connection = journal._connection  # only to wait less than the five seconds
        assert connection is not None
        connection.execute("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            await journal.append(a_decision())
        other.execute("ROLLBACK")
        other.close()
        await journal.append(a_decision())


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    journal = SqliteJournal(tmp_path / "file" / "journal.sqlite3")
    with pytest.raises(ConfigurationError, match=r"journal\.sqlite3 cannot be used"):
        await journal.append(a_decision())
    await journal.close()


async def test_nobody_else_can_read_it(path: Path) -> None:
    async with journal_at(path) as journal:
        await journal.append(a_decision())
        assert mode(path) == 0o600
        assert mode(path.parent) == 0o700


async def test_what_was_answered_in_another_history_is_told_in_order_until_it_is_found_or_waits_again(
    path: Path,
) -> None:
    works = [a_decision() for _ in range(5)]
    here, nowhere, found, lost, later = works
    async with journal_at(path) as journal:
        for work in works:
            await journal.append(work)
        await journal.done(here.id, ELSEWHERE)
        await journal.done(nowhere.id, None)
        for work in (later, lost, found):
            await journal.done(work.id, HERE)
        assert await journal.answered_elsewhere(HERE) == [
            entry for entry in await journal.answered_elsewhere(HERE) if entry.id == here.id
        ]
        left = await journal.answered_elsewhere(ELSEWHERE)
        assert [entry.work for entry in left] == [found, lost, later]
        await journal.found([found.id, later.id], ELSEWHERE)
        await journal.reopen([lost.id])
        assert await journal.answered_elsewhere(ELSEWHERE) == []
        assert [entry.work for entry in await journal.unsettled()] == [lost]


async def test_what_another_console_had_answered_is_left_to_it_while_it_lives(path: Path) -> None:
    work = a_decision()
    async with journal_at(path) as other:
        await other.append(work)
        await other.done(work.id, HERE)
        async with journal_at(path) as journal:
            assert await journal.answered_elsewhere(ELSEWHERE) == []
    async with journal_at(path) as journal:
        assert [entry.work for entry in await journal.answered_elsewhere(ELSEWHERE)] == [work]


async def test_what_was_answered_more_than_a_day_ago_is_not_looked_for(path: Path) -> None:
    work = a_decision()
    async with journal_at(path) as journal:
        await journal.append(work)
        await journal.done(work.id, HERE)
        long_ago = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
        with sqlite3.connect(path) as c:
            c.execute("UPDATE entries SET answered_at = ?", [long_ago])
        c.close()
        assert await journal.answered_elsewhere(ELSEWHERE) == []


async def test_a_file_of_an_earlier_version_is_brought_up_to_date(path: Path) -> None:
    work = a_decision()
    async with journal_at(path) as journal:
        await journal.append(work)
    with sqlite3.connect(path) as c:
        for column in ("answered_at", "system_id", "timeline", "lsn"):
            c.execute(f"ALTER TABLE entries DROP COLUMN {column}")
        c.execute("PRAGMA user_version = 0")
    c.close()
    async with journal_at(path) as journal:
        assert [entry.work for entry in await journal.unsettled()] == [work]
        await journal.done(work.id, HERE)
        assert [entry.work for entry in await journal.answered_elsewhere(ELSEWHERE)] == [work]
