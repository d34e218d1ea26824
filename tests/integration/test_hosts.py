"""Of several hosts the one on the highest timeline is written to, never a primary that came back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from console.domain.decisions import Decision, Target, Undo
from console.domain.errors import SignInFailed, Unavailable
from console.domain.remarks import NoteAdd
from console.domain.servers import Position
from console.domain.staff import Role
from console.domain.subjects import Subject
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline, Resent
from db import feed
from db.embedded import EmbeddedCluster, programs
from db.greenroom.attach import attach
from db.hosts import each_host
from db.journal import SqliteJournal
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.content import Content, add_content, add_idea
from tests.support.databases import Database, wait_for_replay
from tests.support.folders import quick_folder
from tests.support.pgbouncer import pgbouncer
from tests.support.staff import add_staff
from tests.support.waiting import until


@pytest.mark.parametrize(
    ("conninfo", "hosts"),
    [
        ("postgresql://a/x", [{"host": "a", "dbname": "x"}]),
        (
            "postgresql://a:1,b:2/x?target_session_attrs=read-write&sslmode=require",
            [
                {"host": "a", "port": "1", "dbname": "x", "sslmode": "require"},
                {"host": "b", "port": "2", "dbname": "x", "sslmode": "require"},
            ],
        ),
        (
            "host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5433 load_balance_hosts=random",
            [
                {"host": "a", "hostaddr": "10.0.0.1", "port": "5433"},
                {"host": "b", "hostaddr": "10.0.0.2", "port": "5433"},
            ],
        ),
    ],
)
def test_each_host_is_named_alone(conninfo: str, hosts: list[dict[str, str]]) -> None:
    assert [conninfo_to_dict(each) for each in each_host(conninfo)] == hosts


@pytest.fixture
def platform() -> Iterator[Database]:
    """An attached platform on a cluster of its own: its standby is promoted."""
    with quick_folder() as folder:
        cluster = EmbeddedCluster(folder, throwaway=True)
        lease = cluster.attach()
        try:
            database = Database(cluster, "platform")
            cluster.create_database(database.name)
            with database.engine() as engine:
                with engine.begin() as connection:
                    migrate.upgrade(connection)
                attach(engine, SCENES)
            add_staff(database, "mia", Role.MODERATOR)
            yield database
        finally:
            lease.give_back()
            cluster.stop()
            cluster.destroy()


def both(database: Database) -> str:
    """A URL's parts that name the old primary first."""
    first, second = conninfo_to_dict(database.primary), conninfo_to_dict(database.replica)
    return make_conninfo(
        database.primary,
        host=f"{first['host']},{second['host']}",
        port=f"{first['port']},{second['port']}",
    )


def promote(database: Database) -> None:
    home = Path(str(database.cluster.home)) / "standby"
    programs.run("pg_ctl", "-D", str(home), "-w", "promote")


def kill(database: Database) -> None:
    """End the primary as a machine without power does.

    The processes of a killed postmaster notice only in a while, and answer until then.
    """
    with database.connect() as connection:
        children = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
    home = Path(str(database.cluster.home)) / "primary"
    postmaster = int((home / "postmaster.pid").read_text().split()[0])
    for pid in (postmaster, *children):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def claimed_on(servers: Servers, content: Content, database: Database) -> str:
    """Claim, and say which of the two has it."""
    writer = GreenroomWriter(servers)
    held = await writer.claim(Subject("idea", content.idea))
    found = []
    for name, url in (("old", database.primary), ("new", database.cluster.addresses.replica(database.name))):
        with psycopg.connect(url, user="mia", password=database.passwords["mia"]) as connection:
            row = connection.execute("SELECT count(*) FROM greenroom.claims WHERE holder = 'mia'").fetchone()
            if row == (1,):
                found.append(name)
    await writer.release([held.token])
    return "+".join(found)


async def test_a_promoted_standby_is_written_to_and_the_old_primary_is_not(platform: Database) -> None:
    content = add_content(platform)
    wait_for_replay(platform.cluster)
    sign_in = SignIn("mia", platform.passwords["mia"])
    servers = Servers(both(platform), (), sign_in)
    try:
        assert (await claimed_on(servers, content, platform)).startswith("old")
        promote(platform)
    finally:
        await servers.close()
    servers = Servers(both(platform), (), sign_in)
    try:
        assert await claimed_on(servers, content, platform) == "new"
        # The new one is lost; what the old one is told would be lost with it.
        standby = Path(str(platform.cluster.home)) / "standby"
        programs.run("pg_ctl", "-D", str(standby), "-w", "-m", "immediate", "stop")
        for _ in range(2):
            with pytest.raises(Unavailable):
                await GreenroomWriter(servers).claim(Subject("idea", content.idea))
        with pytest.raises(Unavailable, match="was the primary before"):
            await GreenroomWriter(servers).person()
    finally:
        await servers.close()


async def test_a_killed_primary_gives_way_within_five_seconds_of_the_promotion(platform: Database) -> None:
    content = add_content(platform)
    wait_for_replay(platform.cluster)
    servers = Servers(both(platform), (), SignIn("mia", platform.passwords["mia"]))
    writer = GreenroomWriter(servers)
    try:
        await writer.person()
        kill(platform)
        with pytest.raises(Unavailable):
            await writer.claim(Subject("idea", content.idea))
        with pytest.raises(Unavailable, match="takes writes"):
            await writer.claim(Subject("idea", content.idea))
        promote(platform)
        begun = time.monotonic()
        assert (await writer.claim(Subject("idea", content.idea))).subject.id == content.idea
        assert time.monotonic() - begun < 5
    finally:
        await servers.close()


async def test_a_wrong_password_is_told_as_one(attached: Database) -> None:
    servers = Servers(both(attached), (), SignIn("mia", "wrong"))
    try:
        with pytest.raises(SignInFailed):
            await GreenroomWriter(servers).person()
    finally:
        await servers.close()


def cut_off(database: Database) -> None:
    """End replication: from here on the standby lacks what the primary answers."""
    wait_for_replay(database.cluster)
    with database.connect(replica=True) as standby:
        standby.execute("ALTER SYSTEM SET primary_conninfo = ''")
        standby.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 20
        while standby.execute("SELECT FROM pg_stat_wal_receiver").fetchone() is not None:
            assert time.monotonic() < deadline
            time.sleep(0.02)


async def test_what_the_new_primary_lacks_is_sent_again_before_what_was_waiting(
    platform: Database, tmp_path: Path
) -> None:
    content = add_content(platform)
    with platform.connect() as c:
        ideas = [content.idea, *(add_idea(c, content.author, content.topic) for _ in range(3))]
    servers = Servers(both(platform), (), SignIn("mia", platform.passwords["mia"]))
    writer, journal = GreenroomWriter(servers), SqliteJournal(tmp_path / "journal.sqlite3")
    claims, resent = ClaimBook(writer), list[Resent]()
    pipeline = DecisionPipeline(writer, journal, claims, resent=resent.append)
    servers.moved = pipeline.primary_moved
    sender = asyncio.ensure_future(pipeline.run())
    works = []
    try:
        for idea in ideas:
            subject = Subject("idea", idea)
            version = (await claims.hold(subject)).version
            works.append(
                Decision(uuid4(), "scenes.ideas", "approve", None, None, (Target(subject, version, "Tide"),))
            )
        await pipeline.submit(works[0])
        cut_off(platform)
        await pipeline.submit(works[1])
        note = NoteAdd(uuid4(), works[2].subjects[0], "Tide", "Look here")
        await pipeline.submit(note)
        await pipeline.submit(works[2])
        kill(platform)
        undo = Undo(uuid4(), works[1].id)
        asked = [asyncio.ensure_future(pipeline.submit(work)) for work in (undo, works[3])]
        promote(platform)
        async with asyncio.timeout(60):
            await asyncio.gather(*asked)
        assert [told.works for told in resent] == [((works[1], None), (note, None), (works[2], None))]
        everything = [*(work.id for work in works), note.id, undo.id]
        assert await writer.applied(everything) == set(everything)
        assert await journal.unsettled() == []
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        await journal.close()
        await servers.close()
    with psycopg.connect(
        platform.cluster.addresses.replica(platform.name),
        user="mia",
        password=platform.passwords["mia"],
    ) as new:
        once = new.execute("SELECT count(*), count(DISTINCT decision_id) FROM greenroom.decisions").fetchone()
        assert once == (5, 5)


async def test_an_old_primary_that_lives_on_is_left_when_its_standby_is_promoted(platform: Database) -> None:
    content = add_content(platform)
    wait_for_replay(platform.cluster)
    sign_in = SignIn("mia", platform.passwords["mia"])
    servers = Servers(both(platform), (platform.replica,), sign_in)
    moves: list[int] = []
    servers.moved = lambda: moves.append(servers.there.timeline if servers.there else 0)
    try:
        assert "old" in await claimed_on(servers, content, platform)
        promote(platform)
        async with asyncio.timeout(30):
            await servers.health()
            assert await claimed_on(servers, content, platform) == "new"
        assert moves == [1, 2]
    finally:
        await servers.close()


async def test_behind_a_pooler_the_feed_notices_that_another_is_the_primary(
    platform: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.1)
    old, new = (Path(str(conninfo_to_dict(url)["host"])) for url in (platform.primary, platform.replica))
    with quick_folder() as folder:
        behind = folder / "server"
        behind.symlink_to(old)
        with pgbouncer(platform, host=behind) as pooled:
            servers = Servers(pooled, (), SignIn("mia", platform.passwords["mia"]), pooled=True)
            following = asyncio.create_task(feed.ChangeFeed(servers).run(lambda _: None))
            try:
                before = await servers.primary()
                moved: list[Position | None] = []
                servers.moved = lambda: moved.append(servers.there)
                wait_for_replay(platform.cluster)
                promote(platform)
                behind.unlink()
                behind.symlink_to(new)
                kill(platform)
                await until(lambda: moved)
                assert moved[0] is not None
                assert moved[0].system_id == before.system_id
                assert moved[0].timeline > before.timeline
                assert (await servers.primary()).history == moved[0].history
                assert len(moved) == 1
            finally:
                following.cancel()
                await asyncio.wait([following])
                await servers.close()
