"""The pipeline on a real database and journal: consoles die, lines break, each decision counts once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.decisions import Candidate, Decision, Target, Undo
from console.domain.errors import Stale, Taken
from console.domain.subjects import Subject
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from db.journal import SqliteJournal
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.content import add_content, add_idea, one
from tests.support.databases import Database
from tests.support.wire import wire_to

_DIES = """
import asyncio, os, sys
from pathlib import Path
from uuid import UUID
from tests.integration.test_writer import a_decision, opened

async def main():
    primary, path, *rest = sys.argv[1:]
    async with opened(primary, Path(path)) as desk:
        works = [await a_decision(desk, UUID(each)) for each in rest]
        await desk.pipeline.submit(works[0])
        for work in works[1:]:
            await desk.journal.append(work)
        # One was sent and its answer never noted.
        token = await desk.claims.token(works[1].targets[0].subject, works[1].targets[0].version)
        await desk.writer.decide(works[1], [token], [])
        os.kill(os.getpid(), 9)

asyncio.run(main())
"""


@dataclass
class Desk:
    """What bootstrap puts together, without a window."""

    writer: GreenroomWriter
    journal: SqliteJournal
    claims: ClaimBook
    pipeline: DecisionPipeline


@asynccontextmanager
async def opened(primary: str, path: Path, login: str = "mia") -> AsyncIterator[Desk]:
    servers = Servers(primary, (), SignIn(login, f"{login}-password"))
    writer, journal = GreenroomWriter(servers), SqliteJournal(path)
    claims = ClaimBook(writer)
    pipeline = DecisionPipeline(writer, journal, claims)
    sender = asyncio.ensure_future(pipeline.run())
    try:
        yield Desk(writer, journal, claims, pipeline)
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        await journal.close()
        await servers.close()


async def a_decision(desk: Desk, idea: UUID, verb: str = "approve") -> Decision:
    """A decision on the idea as it is now; its claim is given back, as a person's is who looked."""
    subject = Subject("idea", idea)
    version = (await desk.claims.hold(subject)).version
    await desk.claims.release(subject)
    return Decision(uuid4(), "scenes.ideas", verb, None, None, (Target(subject, version, "An idea"),))


@pytest.fixture
def ideas(attached: Database) -> list[UUID]:
    content = add_content(attached)
    with attached.connect() as c:
        return [add_idea(c, content.author, content.topic, f"Idea {n}") for n in range(6)]


async def test_what_a_killed_console_left_is_sent_once_in_its_order(
    attached: Database, ideas: list[UUID], tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite3"
    arguments = [attached.primary, str(path), *(str(idea) for idea in ideas[:4])]
    process = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _DIES, *arguments], check=False, timeout=60
    )
    assert process.returncode == -9
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM greenroom.decisions") == 2
    async with opened(attached.primary, path) as desk:
        left = await desk.journal.unsettled()
        assert len(left) == 3
        recovering = asyncio.ensure_future(desk.pipeline.recover())
        fresh = await a_decision(desk, ideas[4])
        await desk.pipeline.submit(fresh)
        assert await recovering == []
        assert await desk.journal.unsettled() == []
    with attached.connect() as c:
        rows = c.execute("SELECT decision_id FROM greenroom.decisions ORDER BY decided_at").fetchall()
    assert [row[0] for row in rows][1:] == [*(entry.id for entry in left), fresh.id]


async def test_a_cut_line_loses_nothing_and_doubles_nothing(
    attached: Database, ideas: list[UUID], tmp_path: Path
) -> None:
    with wire_to(attached.primary) as wire:
        async with opened(wire.conninfo, tmp_path / "journal.sqlite3") as desk:
            works = [await a_decision(desk, idea) for idea in ideas]
            await desk.pipeline.submit(works[0])
            await desk.claims.hold(works[1].targets[0].subject)
            wire.lose_the_next_answer()  # the database applies it, and nobody hears of it
            lost = asyncio.ensure_future(desk.pipeline.submit(works[1]))
            asked = [asyncio.ensure_future(desk.pipeline.submit(work)) for work in works[2:]]
            with attached.connect() as c:
                async with asyncio.timeout(60):
                    while one(c, "SELECT count(*) FROM greenroom.decisions") < 2:
                        await asyncio.sleep(0.01)
            wire.cut()
            await asyncio.sleep(0.3)
            assert desk.pipeline.tally.waiting >= 1
            wire.mend()
            outcomes = await asyncio.gather(lost, *asked)
            assert outcomes[0].repeated
            assert await desk.journal.unsettled() == []
    with attached.connect() as c:
        rows = c.execute("SELECT decision_id FROM greenroom.decisions ORDER BY decided_at").fetchall()
        assert [row[0] for row in rows] == [work.id for work in works]
        assert one(c, "SELECT count(*) FROM greenroom.audit WHERE decision_id IS NOT NULL") == len(works)


async def test_undo_follows_its_decision_through_the_same_line(
    attached: Database, ideas: list[UUID], tmp_path: Path
) -> None:
    with wire_to(attached.primary) as wire:
        async with opened(wire.conninfo, tmp_path / "journal.sqlite3") as desk:
            work = await a_decision(desk, ideas[0])
            wire.cut()
            asked = asyncio.ensure_future(desk.pipeline.submit(work))
            undone = asyncio.ensure_future(desk.pipeline.submit(Undo(uuid4(), work.id)))
            await asyncio.sleep(0.2)
            wire.mend()
            await asyncio.gather(asked, undone)
    with attached.connect() as c:
        assert one(c, "SELECT moderation_status FROM ideas WHERE id = %s", ideas[0]) == "pending"


async def test_a_lease_that_ran_out_is_taken_again_unless_taken_or_changed(
    attached: Database, ideas: list[UUID], tmp_path: Path
) -> None:
    async with (
        opened(attached.primary, tmp_path / "mia.sqlite3") as mia,
        opened(attached.primary, tmp_path / "max.sqlite3", "max") as rival,
    ):
        free, taken, changed = [await a_decision(mia, idea) for idea in ideas[:3]]
        for work in (free, taken, changed):
            await mia.claims.hold(work.targets[0].subject)
        with attached.connect() as c:
            c.execute("UPDATE greenroom.claims SET expires_at = now() - interval '1 second'")
            c.execute("UPDATE ideas SET title = 'Edited' WHERE id = %s", [ideas[2]])
        await rival.claims.hold(taken.targets[0].subject)
        await mia.pipeline.submit(free)
        with pytest.raises(Taken) as refused:
            await mia.pipeline.submit(taken)
        assert refused.value.holder == "max"
        with pytest.raises(Stale):
            await mia.pipeline.submit(changed)
        assert [(entry.id, entry.state) for entry in await mia.journal.unsettled()] == [
            (taken.id, "refused"),
            (changed.id, "refused"),
        ]
    with attached.connect() as c:
        assert c.execute("SELECT id FROM greenroom.claims WHERE holder = 'mia'").fetchall() == []


async def test_the_next_item_comes_claimed_with_the_answer(
    attached: Database, ideas: list[UUID], tmp_path: Path
) -> None:
    async with opened(attached.primary, tmp_path / "journal.sqlite3") as desk:
        first, second = [await a_decision(desk, idea) for idea in ideas[:2]]
        target = second.targets[0]
        outcome = await desk.pipeline.submit(first, [Candidate(target.subject, target.version)])
        assert outcome.next is not None
        assert desk.claims.held(target.subject) == outcome.next
        await desk.pipeline.submit(second)
        assert await desk.writer.applied([first.id, second.id, uuid4()]) == {first.id, second.id}


async def test_the_lease_on_a_scene_carries_more_segments_than_one_person_may_hold(
    attached: Database, tmp_path: Path
) -> None:
    content = add_content(attached)
    scene = Subject("scene", content.scene)
    with attached.connect() as c:
        c.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version)"
            " SELECT scene_id, user_id, job_id, n, input_text, expanded_script, video_url, duration,"
            " bible_version FROM segments, generate_series(2, 20) AS n"
        )
        rows = c.execute(
            "SELECT id, created_at, greenroom.segment_version(input_text, expanded_script, video_url,"
            " hls_playlist_url, status) FROM segments"
        ).fetchall()
    targets = tuple(Target(Subject("segment", r[0], r[1]), r[2], "A segment", (), scene) for r in rows)
    work = Decision(uuid4(), "scenes.segment", "hide", "violence", None, targets)
    async with opened(attached.primary, tmp_path / "journal.sqlite3") as desk:
        await desk.pipeline.submit(work)
        assert desk.claims.held(scene) is None
        with attached.connect() as c:
            assert one(c, "SELECT count(*) FROM segments WHERE status = 'hidden'") == 20
            assert one(c, "SELECT segment_count FROM scenes") == 0
        await desk.pipeline.submit(Undo(uuid4(), work.id))
        with attached.connect() as c:
            assert one(c, "SELECT count(*) FROM segments WHERE status = 'active'") == 20
            assert one(c, "SELECT segment_count FROM scenes") == 20
