"""Behind PgBouncer in transaction mode the console works as it does without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.changes import ChangeBatch
from console.domain.decisions import Decision, Target, Undo
from console.domain.errors import SignInFailed, Unavailable
from console.domain.queues import View
from console.domain.subjects import Subject
from db.feed import ChangeFeed
from db.platforms.scenes.reads import READS
from db.reader import PlatformReader
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.content import add_content, add_idea, claim, one
from tests.support.databases import Database, wait_for_replay
from tests.support.pgbouncer import SERVER_CONNECTIONS, pgbouncer


@asynccontextmanager
async def through(pooled: str, database: Database, login: str = "mia") -> AsyncIterator[Servers]:
    """One person's servers, the primary alone, behind the pooler."""
    servers = Servers(pooled, (), SignIn(login, database.passwords[login]), pooled=True)
    try:
        yield servers
    finally:
        await servers.close()


async def test_from_sign_in_to_undo(attached: Database) -> None:
    content = add_content(attached)
    with pgbouncer(attached) as pooled:
        async with through(pooled, attached) as servers:
            writer, reader = GreenroomWriter(servers), PlatformReader(servers, READS)
            assert (await writer.person()).login == "mia"
            page = await reader.page(View("scenes.ideas", "oldest"), None, 10)
            assert [item.subject.id for item in page.items] == [content.idea]
            held = await writer.claim(page.items[0].subject)
            item = page.items[0]
            decision = Decision(
                uuid4(),
                "scenes.ideas",
                "approve",
                None,
                None,
                (Target(item.subject, item.version, item.title),),
            )
            await writer.decide(decision, [held.token], [])
            assert await writer.applied([decision.id]) == {decision.id}
            assert (await reader.page(View("scenes.ideas", "oldest"), None, 10)).items == ()
            await writer.send(Undo(uuid4(), decision.id))
        with attached.connect() as c:
            assert one(c, "SELECT moderation_status FROM ideas WHERE id = %s", content.idea) == "pending"


async def test_many_at_once_take_turns_and_nobody_reads_another_ones_answer(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic, f"Idea {n}") for n in range(4)]
    with pgbouncer(attached) as pooled:

        async def work(login: str, idea: object) -> str:
            async with through(pooled, attached, login) as servers:
                writer = GreenroomWriter(servers)
                for _ in range(10):
                    held = await writer.claim(Subject("idea", idea))  # type: ignore[arg-type]
                    assert held.subject.id == idea
                    await writer.release([held.token])
                return (await writer.person()).login

        logins = ["mia", "max", "rey", "ada"]
        assert await asyncio.gather(*map(work, logins, ideas)) == logins
        with attached.connect() as c:
            used = one(c, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'mia'")
        assert used <= SERVER_CONNECTIONS


async def test_limits_on_statements_are_in_force_and_nothing_is_prepared(attached: Database) -> None:
    with pgbouncer(attached) as pooled:
        async with through(pooled, attached) as servers:

            async def settings(connection: AsyncConnection) -> tuple[str, str, str, int]:
                names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
                values = [await connection.scalar(text(f"SHOW {name}")) for name in names]
                prepared = await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
                return (*map(str, values), int(prepared or 0))  # type: ignore[return-value]

            for _ in range(12):
                assert await servers.read_primary(settings) == ("15s", "3s", "10s", 0)


async def test_what_others_do_is_heard_by_polling(attached: Database) -> None:
    content = add_content(attached)
    with pgbouncer(attached) as pooled:
        async with through(pooled, attached) as servers:
            heard: list[ChangeBatch] = []
            following = asyncio.create_task(ChangeFeed(servers).run(heard.append))
            try:
                async with asyncio.timeout(60):
                    while not heard:
                        with attached.connect("max") as other:
                            token = claim(other, "idea", content.idea)["token"]
                            other.execute("SELECT greenroom.release(%s)", [[token]])
                        await asyncio.sleep(0.2)
            finally:
                following.cancel()
                await asyncio.wait([following])
            assert {change.subject.id for batch in heard for change in batch.changes} == {content.idea}


async def test_a_wrong_password_is_told_as_one(attached: Database) -> None:
    wait_for_replay(attached.cluster)
    with pgbouncer(attached) as pooled:
        servers = Servers(pooled, (), SignIn("mia", "not the password"), pooled=True)
        try:
            with pytest.raises((SignInFailed, Unavailable)):
                await GreenroomWriter(servers).person()
        finally:
            await servers.close()
