"""What others do is heard soon, once, and also when a line broke or nobody can listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from console.domain.changes import Change, ChangeBatch, Event
from console.domain.servers import Server
from console.domain.subjects import Subject
from db import feed as feeding
from db.announcing import GAP_SECONDS, Announcer
from db.feed import ChangeFeed
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.content import add_content, add_idea, claim, decide, item, undo
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until
from tests.support.wire import wire_to


@dataclass
class Heard:
    """What a feed has handed on."""

    feed: ChangeFeed
    servers: Servers
    batches: list[ChangeBatch] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        return [change for batch in self.batches for change in batch.changes]

    def ids(self, event: Event = Event.CLAIMED) -> list[UUID]:
        return [change.subject.id for change in self.changes if change.event is event]


@asynccontextmanager
async def following(
    database: Database, primary: str | None = None, replica: str | None = None, **more: Any
) -> AsyncIterator[Heard]:
    """A feed of mia's that has begun."""
    servers = Servers(
        primary or database.primary,
        (replica or database.replica,),
        SignIn("mia", database.passwords["mia"]),
        **more,
    )
    heard = Heard(ChangeFeed(servers), servers)
    task = asyncio.get_running_loop().create_task(heard.feed.run(heard.batches.append))
    try:
        async with asyncio.timeout(60):
            await heard.feed.following.wait()
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await servers.close()
    assert task.cancelled()


async def test_a_decision_of_another_is_heard_with_all_that_is_shown_of_it(attached: Database) -> None:
    content = add_content(attached)
    async with following(attached) as heard:
        with attached.connect("max") as other:
            held = claim(other, "segment", content.segment, content.segment_created_at)
            made = decide(other, "scenes.segments", "pass", [item(held)])
            undone = undo(other, made["decision_id"])
            other.execute("SELECT greenroom.announce()")
        await until(lambda: len(heard.changes) == 3)
        taken, decided, back = heard.changes
        assert [each.event for each in heard.changes] == [Event.CLAIMED, Event.DECIDED, Event.UNDONE]
        assert {each.login for each in heard.changes} == {"max"}
        assert {each.subject.partition_key for each in heard.changes} == {content.segment_created_at}
        assert taken.expires_at is not None
        assert (taken.expires_at - taken.at).total_seconds() == 120
        assert (str(decided.decision_id), decided.past) == (made["decision_id"], "Passed")
        assert str(back.decision_id) == undone["decision_id"]


async def test_a_console_that_writes_is_heard_at_once(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "IDLE_SECONDS", 60.0)
    content = add_content(attached)
    async with following(attached) as heard, following(attached) as other:
        announcer = Announcer(other.servers)
        announcing = asyncio.get_running_loop().create_task(announcer.run())
        writer = GreenroomWriter(other.servers, announcer.soon)
        held = await writer.claim(Subject("idea", content.idea))
        await until(lambda: heard.ids() == [content.idea])
        await writer.release([held.token])
        await until(lambda: heard.ids(Event.RELEASED) == [content.idea])
        announcing.cancel()
        await asyncio.gather(announcing, return_exceptions=True)


async def test_what_is_written_in_a_burst_is_announced_together(attached: Database) -> None:
    async with following(attached) as heard:
        with attached.connect("max") as listener:
            listener.execute("LISTEN greenroom_changes")
            announcer = Announcer(heard.servers)
            announcing = asyncio.get_running_loop().create_task(announcer.run())
            begun = time.monotonic()
            for _ in range(100):
                announcer.soon()
                await asyncio.sleep(0.001)
            told = list[psycopg.Notify]()

            def twice() -> bool:
                told.extend(listener.notifies(timeout=0))
                return len(told) >= 2

            await until(twice)
            await asyncio.sleep(5 * GAP_SECONDS)
            lasted = time.monotonic() - begun
            announcing.cancel()
            await asyncio.gather(announcing, return_exceptions=True)
            told.extend(listener.notifies(timeout=0.5))
        assert len(told) <= lasted / GAP_SECONDS + 1


async def test_a_lost_hint_costs_seconds_and_no_change(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "IDLE_SECONDS", 0.2)
    content = add_content(attached)
    async with following(attached) as heard:
        with attached.connect("max") as other:
            claim(other, "idea", content.idea)
        await until(lambda: heard.ids() == [content.idea])


async def test_a_break_is_made_up_from_the_log_and_nothing_comes_twice(attached: Database) -> None:
    content = add_content(attached)
    with wire_to(attached.primary) as wire, attached.connect("max") as other, attached.connect() as c:
        ideas = [content.idea, *(add_idea(c, content.author, content.topic) for _ in range(2))]
        async with following(attached, wire.conninfo) as heard:
            claim(other, "idea", ideas[0])
            other.execute("SELECT greenroom.announce()")
            await until(lambda: heard.ids() == ideas[:1])
            wire.cut()
            await until(lambda: not heard.feed.following.is_set())
            claim(other, "idea", ideas[1])
            wire.mend()
            await until(lambda: heard.ids() == ideas[:2])
            claim(other, "idea", ideas[2])
            other.execute("SELECT greenroom.announce()")
            await until(lambda: heard.ids() == ideas)


async def test_behind_a_transaction_pooler_the_log_is_polled(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "POLL_SECONDS", 0.1)
    content = add_content(attached)
    async with following(attached, pooled=True) as heard:
        with attached.connect("max") as other, attached.connect() as c:
            claim(other, "idea", content.idea)
            await until(lambda: heard.ids() == [content.idea])
            query = "SELECT query FROM pg_stat_activity WHERE usename = 'mia' AND datname = %s"
            assert not [row for row in c.execute(query, [attached.name]) if "LISTEN" in row[0]]


async def test_with_a_replica_only_each_change_comes_once_and_the_primary_is_found_again(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(feeding, "PRIMARY_SECONDS", 1.0)
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    with wire_to(attached.primary) as wire, attached.connect("max") as other, attached.connect() as c:
        ideas = [content.idea, *(add_idea(c, content.author, content.topic) for _ in range(3))]
        async with following(attached, wire.conninfo) as heard:
            wire.cut()
            with other.transaction():
                claim(other, "idea", ideas[0])
                with attached.connect("rey") as quick:
                    claim(quick, "idea", ideas[1])
                await until(lambda: heard.ids() == [ideas[1]])
                # Several reads go by in which the late one is not there yet.
                await asyncio.sleep(0.4)
            await until(lambda: heard.ids() == [ideas[1], ideas[0]])
            wire.mend()
            listening = "SELECT 1 FROM pg_stat_activity WHERE usename = 'mia' AND datname = %s"
            await until(lambda: c.execute(listening, [attached.name]).fetchone() is not None)
            claim(other, "idea", ideas[2])
            other.execute("SELECT greenroom.announce()")
            await until(lambda: heard.ids() == [ideas[1], ideas[0], ideas[2]])
            await asyncio.sleep(0.4)
            assert len(heard.changes) == 3


async def test_more_than_is_worth_reading_says_read_all_anew(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "LIMIT", 2)
    content = add_content(attached)
    async with following(attached) as heard:
        with attached.connect("max") as other, attached.connect() as c, other.transaction():
            for idea in [add_idea(c, content.author, content.topic) for _ in range(3)]:
                claim(other, "idea", idea)
            other.execute("SELECT greenroom.announce()")
        await until(lambda: [batch.complete for batch in heard.batches] == [False])
        assert heard.changes == []


async def test_a_large_answer_is_read_beside_the_loop_all_the_same(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "LARGE", 1)
    content = add_content(attached)
    async with following(attached) as heard:
        with attached.connect("max") as other:
            claim(other, "idea", content.idea)
            other.execute("SELECT greenroom.announce()")
        await until(lambda: heard.ids() == [content.idea])


async def test_reads_after_a_change_was_heard_show_it(attached: Database) -> None:
    content = add_content(attached)
    async with following(attached) as heard:
        wait_for_replay(attached.cluster)
        assert (await heard.servers.read(_nothing))[1].server is Server.REPLICA
        with attached.connect(replica=True) as standby, attached.connect("max") as other:
            standby.execute("SELECT pg_wal_replay_pause()")
            try:
                claim(other, "idea", content.idea)
                other.execute("SELECT greenroom.announce()")
                await until(lambda: heard.ids() == [content.idea])
                assert (await heard.servers.read(_nothing))[1].server is Server.PRIMARY
            finally:
                standby.execute("SELECT pg_wal_replay_resume()")
        wait_for_replay(attached.cluster)
        assert (await heard.servers.read(_nothing))[1].server is Server.REPLICA


async def _nothing(_: object) -> None:
    """A read of nothing: which server is asked is all that matters."""
