"""Reads show one's own writes and go on when a server fails; a write is told as what it was."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from console.domain.errors import ConfigurationError, GreenroomError, SignInFailed, TooSlow, Unavailable
from console.domain.queues import View
from console.domain.servers import Position, Server
from console.domain.subjects import Subject
from db import node
from db.platforms.scenes.reads import READS
from db.reader import PlatformReader
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.console import SignedIn
from tests.support.content import add_content, add_idea, one
from tests.support.databases import Database, wait_for_replay
from tests.support.wire import Wire, wire_to

IDEAS = View("scenes.ideas", "oldest")


@asynccontextmanager
async def console_on(primary: str, replica: str, database: Database, **more: Any) -> AsyncIterator[SignedIn]:
    servers = Servers(primary, (replica,), SignIn("mia", database.passwords["mia"]), **more)
    try:
        yield SignedIn(servers, PlatformReader(servers, READS), GreenroomWriter(servers))
    finally:
        await servers.close()


@pytest.fixture
def lines(attached: Database) -> Iterator[tuple[Wire, Wire]]:
    """Wires to the primary and to the replica."""
    with wire_to(attached.primary) as primary, wire_to(attached.replica) as replica:
        yield primary, replica


@contextmanager
def replay_paused(database: Database) -> Iterator[None]:
    with database.connect(replica=True) as standby:
        standby.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            standby.execute("SELECT pg_wal_replay_resume()")
    wait_for_replay(database.cluster)


async def served_by(console: SignedIn) -> Server:
    return (await console.reader.page(IDEAS, None, 5)).served_by.server


async def test_a_replica_out_of_reach_is_passed_over_and_used_again(
    attached: Database, lines: tuple[Wire, Wire]
) -> None:
    primary, replica = lines
    async with console_on(primary.conninfo, replica.conninfo, attached) as console:
        assert await served_by(console) is Server.REPLICA
        replica.cut()
        assert await served_by(console) is Server.PRIMARY  # the very read that found out goes on
        first, second = await console.servers.health()
        assert (first.reachable, second.reachable) == (True, False)
        assert second.message
        replica.mend()
        assert await served_by(console) is Server.PRIMARY  # nobody has seen it yet
        await console.servers.health()
        assert await served_by(console) is Server.REPLICA


async def test_servers_that_were_started_again_fail_no_read_and_no_write(
    attached: Database, lines: tuple[Wire, Wire]
) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(lines[0].conninfo, lines[1].conninfo, attached) as console:
        await console.writer.claim(Subject("idea", content.idea))
        await console.reader.item(Subject("idea", content.idea))
        assert await served_by(console)
        for line in lines:
            line.cut_once()
        await asyncio.sleep(0.1)
        assert (await console.reader.item(Subject("idea", content.idea))).title == "A tide that stays"
        await console.writer.claim(Subject("idea", content.idea))
        assert (await console.reader.page(IDEAS, None, 5)).items


async def test_without_any_server_a_read_and_a_write_are_unavailable_and_come_back(
    attached: Database, lines: tuple[Wire, Wire]
) -> None:
    content = add_content(attached)
    async with console_on(lines[0].conninfo, lines[1].conninfo, attached) as console:
        await console.writer.person()
        for line in lines:
            line.cut()
        with pytest.raises(Unavailable):
            await console.reader.page(IDEAS, None, 5)
        with pytest.raises(Unavailable):
            await console.writer.claim(Subject("idea", content.idea))
        assert [each.reachable for each in await console.servers.health()] == [False, False]
        for line in lines:
            line.mend()
        assert [each.reachable for each in await console.servers.health()] == [True, True]
        await console.writer.claim(Subject("idea", content.idea))
        await console.reader.page(IDEAS, None, 5)


async def test_a_frozen_server_is_given_up_and_its_probe_holds_up_no_other(
    attached: Database, lines: tuple[Wire, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "PROBE_SECONDS", 4)
    monkeypatch.setattr(node, "ANSWER_SECONDS", 1)
    async with console_on(lines[0].conninfo, lines[1].conninfo, attached) as console:
        await console.servers.health()
        for line in lines:
            line.freeze()
        begun = time.perf_counter()
        assert [each.reachable for each in await console.servers.health()] == [False, False]
        assert time.perf_counter() - begun < 7.5, "one after the other"
        with pytest.raises(Unavailable):
            await console.writer.person()
        for line in lines:
            line.mend()
        assert (await console.writer.person()).login == "mia"
        async with asyncio.timeout(60):
            while not all(each.reachable for each in await console.servers.health()):
                await asyncio.sleep(0.1)


async def test_calls_behind_one_that_hangs_are_told_in_their_own_time(
    attached: Database, lines: tuple[Wire, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "ANSWER_SECONDS", 1)
    async with console_on(lines[0].conninfo, lines[1].conninfo, attached) as console:
        await console.writer.person()
        lines[0].freeze()
        first = asyncio.ensure_future(console.writer.person())
        await asyncio.sleep(0.1)
        behind = [asyncio.ensure_future(console.writer.claim(Subject("idea", uuid4()))) for _ in range(3)]
        done, _ = await asyncio.wait(
            [first, *behind], timeout=4
        )  # The driver's own way takes ten seconds more.
        assert len(done) == 4
        assert {type(each.exception()) for each in done} == {Unavailable}
        lines[0].mend()
        assert (await console.writer.person()).login == "mia"


async def test_reads_follow_a_write_to_the_primary_until_the_replica_has_it(attached: Database) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(attached.primary, attached.replica, attached) as console:
        assert await served_by(console) is Server.REPLICA
        with replay_paused(attached):
            await console.writer.claim(Subject("idea", content.idea))
            assert await served_by(console) is Server.PRIMARY
            await asyncio.sleep(0.05)
            lag = (await console.servers.health())[1].lag
            assert lag is not None
            assert lag > 0
        assert await served_by(console) is Server.REPLICA
        assert (await console.servers.health())[1].lag == 0


async def test_a_replica_too_far_behind_is_not_read(attached: Database) -> None:
    add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(attached.primary, attached.replica, attached, max_lag=0.01) as console:
        with replay_paused(attached):
            add_content(attached)
            await asyncio.sleep(0.05)
            assert await served_by(console) is Server.REPLICA
            await console.servers.health()
            assert await served_by(console) is Server.PRIMARY
        async with asyncio.timeout(20):  # it replays in its own time, and 10 ms is little for a busy machine
            while await served_by(console) is Server.PRIMARY:
                await console.servers.health()


async def test_a_write_whose_answer_is_lost_sends_reads_to_the_primary(
    attached: Database, lines: tuple[Wire, Wire]
) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(lines[0].conninfo, attached.replica, attached) as console:
        await console.writer.person()
        lines[0].lose_the_next_answer()
        with pytest.raises(Unavailable):
            await console.writer.claim(Subject("idea", content.idea))
        assert await served_by(console) is Server.PRIMARY
        await console.servers.health()
        wait_for_replay(attached.cluster)
        assert await served_by(console) is Server.REPLICA


async def test_a_write_counts_even_when_its_position_cannot_be_read(
    attached: Database, caplog: pytest.LogCaptureFixture
) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(attached.primary, attached.replica, attached) as console:
        await console.writer.person()
        with attached.connect() as c:
            c.execute("ALTER FUNCTION greenroom.position() RENAME TO moved")
            claim = await console.writer.claim(Subject("idea", content.idea))
            c.execute("ALTER FUNCTION greenroom.moved() RENAME TO position")
            held = c.execute("SELECT token FROM greenroom.claims WHERE holder = 'mia'").fetchall()
        assert held == [(claim.token,)]
        assert "position" in caplog.text
        wait_for_replay(attached.cluster)
        assert await served_by(console) is Server.PRIMARY
        assert await console.writer.claim(Subject("idea", content.idea)) is not None
        wait_for_replay(attached.cluster)
        assert await served_by(console) is Server.REPLICA


async def test_the_position_after_a_call_includes_its_commit(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic) for _ in range(5)]
    wait_for_replay(attached.cluster)
    async with console_on(attached.primary, attached.replica, attached) as console:
        for idea in ideas:
            await console.writer.claim(Subject("idea", idea))
            written = console.servers.written
            assert written is not None
            with attached.connect(replica=True) as standby:
                async with asyncio.timeout(60):
                    replayed = "SELECT lsn - '0/0' FROM greenroom.position()"
                    while one(standby, replayed) < written.lsn:
                        await asyncio.sleep(0.01)
                assert one(standby, "SELECT count(*) FROM greenroom.claims WHERE id = %s", idea) == 1


async def test_another_timeline_is_never_caught_up(attached: Database) -> None:
    async with console_on(attached.primary, attached.replica, attached) as console:
        await console.writer.person()
        wait_for_replay(attached.cluster)
        assert await served_by(console) is Server.REPLICA
        written = console.servers.written
        assert written is not None
        console.servers.written = Position(written.system_id, written.timeline + 1, written.lsn)
        assert await served_by(console) is Server.PRIMARY
        await console.writer.person()
        wait_for_replay(attached.cluster)
        assert await served_by(console) is Server.REPLICA


async def test_behind_a_pooler_nothing_is_prepared(attached: Database) -> None:
    content = add_content(attached)
    for pooled in (False, True):
        async with console_on(attached.primary, attached.replica, attached, pooled=pooled) as console:
            for _ in range(8):
                await console.writer.claim(Subject("idea", content.idea))
            prepared = await console.servers.call("SELECT count(*) > 0 FROM pg_prepared_statements", {})
            limited = await console.servers.call("SELECT current_setting('statement_timeout') <> '0'", {})
            # Behind one the limits come from the login's role.
            assert (prepared, limited) == (not pooled, True)


async def test_a_busy_server_counts_as_reachable(attached: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "PROBE_SECONDS", 0.2)
    async with console_on(attached.primary, attached.replica, attached) as console:
        await console.servers.health()
        sleeping = [
            asyncio.ensure_future(console.servers.read(lambda c: c.exec_driver_sql("SELECT pg_sleep(1)")))
            for _ in range(node.READERS)
        ]
        await asyncio.sleep(0.3)
        assert [each.reachable for each in await console.servers.health()] == [True, True]
        await asyncio.gather(*sleeping)


async def test_the_password_shows_nowhere(attached: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = f"s3cret-{uuid4().hex}"
    sign_in = SignIn("mia", secret)
    shown = [repr(sign_in), str(sign_in)]
    nowhere = attached.primary.replace(f"dbname={attached.name}", "dbname=nowhere")
    for primary, login in ((attached.primary, sign_in), (nowhere, SignIn("ada", secret))):
        servers = Servers(primary, (attached.replica,), login)
        shown += [repr(vars(servers)), *(repr(vars(each)) for each in (servers._primary, *servers._replicas))]
        for attempt in (servers.call("SELECT 1", {}), PlatformReader(servers, READS).policies()):
            with pytest.raises(GreenroomError) as raised:
                await attempt
            shown.append("".join(traceback.format_exception(raised.value)))
        shown += [repr(each) for each in await servers.health()]
        await servers.close()
    shown.append(caplog.text)
    assert all(secret not in each for each in shown)


async def test_who_is_not_let_in_is_told_so(attached: Database) -> None:
    with attached.connect() as c:
        c.execute("CREATE ROLE nobody_here LOGIN PASSWORD 'x'")
        c.execute("ALTER ROLE rey NOLOGIN")
    try:
        wrong = (
            (SignIn("mia", "wrong"), attached.primary, SignInFailed),
            (SignIn("nobody-at-all", "x"), attached.primary, SignInFailed),
            (SignIn("nobody_here", "x"), attached.primary, GreenroomError),
            (SignIn("rey", attached.passwords["rey"]), attached.primary, SignInFailed),
            (
                SignIn("mia", attached.passwords["mia"]),
                psycopg.conninfo.make_conninfo(attached.primary, dbname="nowhere"),
                ConfigurationError,
            ),
            (
                SignIn("mia", attached.passwords["mia"]),
                psycopg.conninfo.make_conninfo(attached.primary, host="host.invalid"),
                Unavailable,
            ),
        )
        for sign_in, conninfo, expected in wrong:
            servers = Servers(conninfo, (), sign_in)
            with pytest.raises(expected) as raised:
                await GreenroomWriter(servers).person()
            assert raised.value.remedy
            await servers.close()
    finally:
        with attached.connect() as c:
            c.execute("DROP ROLE nobody_here")
            c.execute("ALTER ROLE rey LOGIN")


async def test_a_connection_given_up_while_it_is_made_does_not_stay_on_the_server(attached: Database) -> None:
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND (state = 'starting' OR usename = 'mia') AND pid <> pg_backend_pid()"
    )
    with attached.connect() as c:
        for step in range(40):
            servers = Servers(attached.primary, (), SignIn("mia", attached.passwords["mia"]))
            reading = asyncio.get_running_loop().create_task(servers.read_primary(_nothing))
            await asyncio.sleep(step * 0.0005)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await servers.close()
        async with asyncio.timeout(60):
            while one(c, query) > 0:
                await asyncio.sleep(0.05)


async def _nothing(_: object) -> None:
    """A read that asks nothing: making the connection is all that matters."""


@asynccontextmanager
async def with_two_replicas(database: Database) -> AsyncIterator[tuple[Servers, Wire, Wire]]:
    """Two ways to the replica, as two replicas."""
    sign_in = SignIn("mia", database.passwords["mia"])
    with wire_to(database.replica) as first, wire_to(database.replica) as second:
        servers = Servers(database.primary, (first.conninfo, second.conninfo), sign_in)
        try:
            yield servers, first, second
        finally:
            await servers.close()


async def titles_of(servers: Servers, reads: int) -> list[str]:
    return [(await servers.read(lambda c: c.exec_driver_sql("SELECT 1")))[1].title for _ in range(reads)]


async def test_the_nearest_replica_is_read_and_when_it_is_busy_or_gone_the_other(attached: Database) -> None:
    async with with_two_replicas(attached) as (servers, first, second):
        first.delay = 0.05
        for _ in range(3):
            await servers.health()
        assert set(await titles_of(servers, 6)) == {"replica 2"}
        sleeping = [
            asyncio.ensure_future(servers.read(lambda c: c.exec_driver_sql("SELECT pg_sleep(2)")))
            for _ in range(node.READERS)
        ]
        await asyncio.sleep(0.2)
        assert set(await titles_of(servers, 2)) == {"replica 1"}
        await asyncio.gather(*sleeping)
        second.cut()
        assert set(await titles_of(servers, 4)) == {"replica 1"}


async def test_replicas_that_are_as_near_share_the_reads(attached: Database) -> None:
    async with with_two_replicas(attached) as (servers, _, _):
        await servers.health()
        for each in servers._replicas:
            each.round_trip = 0.001  # whatever this machine was busy with
        titles = await titles_of(servers, 20)
        assert {titles.count("replica 1"), titles.count("replica 2")} == {10}


async def test_while_the_primary_is_away_the_replica_answers_and_says_so(
    attached: Database, lines: tuple[Wire, Wire]
) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(lines[0].conninfo, lines[1].conninfo, attached) as console:
        with replay_paused(attached):
            await console.writer.claim(Subject("idea", content.idea))
            assert (await console.reader.page(IDEAS, None, 5)).served_by.alone is False
            lines[0].cut()
            page = await console.reader.page(IDEAS, None, 5)
            assert (page.served_by.title, page.served_by.alone) == ("replica", True)
            assert page.items
            assert (await console.reader.item(Subject("idea", content.idea))).title == "A tide that stays"
            lines[0].mend()
            await console.servers.health()
            page = await console.reader.page(IDEAS, None, 5)
            assert (page.served_by.server, page.served_by.alone) == (Server.PRIMARY, False)


async def test_how_far_a_replica_is_behind_does_not_grow_while_nothing_is_written(attached: Database) -> None:
    add_content(attached)
    wait_for_replay(attached.cluster)
    async with console_on(attached.primary, attached.replica, attached) as console:
        await console.servers.health()
        await asyncio.sleep(0.5)
        with replay_paused(attached):
            add_content(attached)  # half a second after the last commit, which the replica has
            behind = (await console.servers.health())[1].lag
            assert behind is not None
            await asyncio.sleep(0.3)
            assert 0.2 < ((await console.servers.health())[1].lag or 0) < 20
        assert (await console.servers.health())[1].lag == 0


def running(database: Database) -> int:
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = 'mia' AND state = 'active' AND position('pg_sleep(60)' IN query) > 0"
    )
    counts = []
    for replica in (True, False):
        with database.connect(replica=replica) as c:
            counts.append(one(c, query))
    return sum(counts)


async def test_a_read_that_is_given_up_ends_on_the_server(attached: Database) -> None:
    async with console_on(attached.primary, attached.replica, attached) as console:
        reading = asyncio.ensure_future(
            console.servers.read(lambda c: c.exec_driver_sql("SELECT pg_sleep(60)"))
        )
        async with asyncio.timeout(60):
            while running(attached) == 0:
                await asyncio.sleep(0.02)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            while running(attached) > 0:
                await asyncio.sleep(0.02)
        assert await served_by(console) is Server.REPLICA


async def test_a_read_that_takes_too_long_is_ended_once_and_told_so(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "_OPTIONS", "-c statement_timeout=300 -c timezone=UTC")
    asked = 0

    async def work(connection: Any) -> None:
        nonlocal asked
        asked += 1
        await connection.exec_driver_sql("SELECT pg_sleep(60)")

    async with console_on(attached.primary, attached.replica, attached) as console:
        with pytest.raises(TooSlow, match="ended it"):
            await console.servers.read(work)
        assert asked == 1
        assert running(attached) == 0
        assert await served_by(console) is Server.REPLICA
