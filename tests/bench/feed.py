"""How soon one console knows what another did: from a claim in one process to the feed in another's loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg

from console.bootstrap import application
from console.config import Directories
from console.domain.changes import ChangeBatch, Event
from console.domain.staff import Role
from console.domain.subjects import Subject
from console.runtime.loop import run
from console.ui.theme.theme import Choice
from db.announcing import Announcer
from db.feed import ChangeFeed
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.bench.measure import Measurement, median, percentile
from tests.support.databases import Database
from tests.support.staff import add_staff

CLAIMS = 200
WARMING = 10
LONGEST_PAUSE_SECONDS = 0.15
"""Between two claims, at random from nothing: some come while the one before is still being read."""
LIMIT_SECONDS = 0.25
WRITER, READER = "feed_writer", "feed_reader"
_CHANNEL = "bench"

Times = list[tuple[UUID, float, float]]


def feed(database: Database, folder: Path) -> list[Measurement]:
    """Claim in a process of its own and follow here; beside it a bare notification between the same two."""
    for login in (WRITER, READER):
        add_staff(database, login, Role.MODERATOR)
    with database.connect() as c:
        found = c.execute("SELECT id FROM ideas ORDER BY id LIMIT %s", [CLAIMS + WARMING]).fetchall()
    ideas = [row[0] for row in found]
    app = application(Directories.of_user(folder), Choice.LIGHT)
    context = multiprocessing.get_context("spawn")
    arrived: dict[UUID, float] = {}
    told: dict[UUID, float] = {}
    written: Times = []

    def hear(batch: ChangeBatch) -> None:
        now = time.time()
        for change in batch.changes:
            if change.event is Event.CLAIMED:
                arrived[change.subject.id] = now

    async def listen() -> None:
        async with await psycopg.AsyncConnection.connect(
            database.primary, user=READER, password=database.passwords[READER], autocommit=True
        ) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}".encode())
            async for notice in connection.notifies():
                told[UUID(notice.payload)] = time.time()

    async def follow() -> int:
        servers = Servers(database.primary, (), SignIn(READER, database.passwords[READER]))
        followed = ChangeFeed(servers)
        tasks = [asyncio.ensure_future(followed.run(hear)), asyncio.ensure_future(listen())]
        await followed.following.wait()
        with context.Pool(1) as pool:
            answer = pool.apply_async(write, (database.primary, WRITER, database.passwords[WRITER], ideas))
            while not answer.ready():
                await asyncio.sleep(0.05)
            written.extend(answer.get())
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while len(arrived) < len(ideas) or len(told) < len(ideas):
                    await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await servers.close()
        return 0

    run(app.qt, follow, print)
    counted = written[WARMING:]
    ours = [arrived[idea] - at for idea, at, _ in counted if idea in arrived]
    bare = [told[idea] - at for idea, _, at in counted if idea in told]
    middle, late, floor = median(ours), percentile(ours, 0.95), median(bare)
    return [
        Measurement(
            "another's claim, from the call to the feed", "ms", middle * 1000, late * 1000, floor * 1000,
            middle / floor, "p95 under 250 ms, none missed; floor: a bare NOTIFY",
            len(ours) == len(counted) and late < LIMIT_SECONDS, f"{len(ours)} of {len(counted)} heard",
        )
    ]  # fmt: skip


def write(primary: str, login: str, password: str, ideas: list[UUID]) -> Times:
    """Claim each idea as a console does; when it was sent, and when a bare notification was sent after it."""
    return asyncio.run(_write(primary, SignIn(login, password), ideas))


async def _write(primary: str, sign_in: SignIn, ideas: list[UUID]) -> Times:
    servers, dice, times = Servers(primary, (), sign_in), random.Random(1), []
    announcer = Announcer(servers)
    announcing = asyncio.ensure_future(announcer.run())
    writer = GreenroomWriter(servers, announcer.soon)
    async with await psycopg.AsyncConnection.connect(
        primary, user=sign_in.login, password=sign_in.password, autocommit=True
    ) as bare:
        for idea in ideas:
            begun = time.time()
            held = await writer.claim(Subject("idea", idea))
            await asyncio.sleep(dice.random() * LONGEST_PAUSE_SECONDS)
            await writer.release([held.token])
            noted = time.time()
            await bare.execute("SELECT pg_notify(%s, %s)", [_CHANNEL, str(idea)])
            times.append((idea, begun, noted))
            await asyncio.sleep(dice.random() * LONGEST_PAUSE_SECONDS)
    announcing.cancel()
    await asyncio.gather(announcing, return_exceptions=True)
    await servers.close()
    return times
