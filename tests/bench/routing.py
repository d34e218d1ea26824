"""What routing a read costs, how many reads replicas take off the primary, how soon a failover ends."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from console.config import Profile
from console.data_layer import DataLayer
from console.domain.decisions import Candidate, Decision, Target
from console.domain.errors import Refused
from console.domain.queues import View
from console.domain.servers import Server
from console.domain.staff import Role
from console.domain.subjects import Subject
from db.node import Node
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.reads import READS
from db.routing import Servers, SignIn
from tests.bench.measure import Measurement, median, percentile
from tests.e2e.processes import PATIENCE_SECONDS
from tests.e2e.stage import stage
from tests.support.content import add_content
from tests.support.databases import Database, wait_for_replay
from tests.support.staff import add_staff

RUNS = 400
WARMING = 50
QUEUE = "scenes.flags"
PAGE = 100

LAGS = (0, 50, 500)
"""Milliseconds that the replica is held behind."""
PEOPLE = tuple(f"router{number}" for number in range(1, 5))
LOAD_SECONDS = 12.0
DECISION_SECONDS = 1.5
"""Between two decisions of one person: 2,400 an hour."""
READS_A_DECISION = 8
"""The list, its count, who holds what, and five blocks of an item."""

FAILOVERS = 3

Read = Callable[[AsyncConnection], Awaitable[Any]]


def reads(primary: str, replica: str, sign_in: SignIn) -> list[Measurement]:
    """A page and a single row, through the servers of the profile and on a bare engine, turn by turn.

    After a write of one's own a replica is asked how far it is, once: so one read of a decision's costs more.
    """
    page = READS.sources[QUEUE].page(View(QUEUE, SCENES.queue(QUEUE).orders[0].key), None, PAGE)
    small = text("SELECT policy_key, title FROM greenroom.policies ORDER BY policy_key, version LIMIT 1")
    rows = []
    for name, statement, written, goal in (
        ("a page of 100", page, 0, 1.15),
        ("one row", small, 0, 1.15),
        (f"a page, one of {READS_A_DECISION} after a write", page, READS_A_DECISION, 1.15),
        ("a page, each after a write", page, 1, None),
    ):

        async def read(connection: AsyncConnection, asked: Any = statement) -> Any:
            return (await connection.execute(asked)).all()

        ours, bare = asyncio.run(_compare(primary, replica, sign_in, read, written))
        # A mean: the one read in so many is to count.
        ratio = _trimmed(ours) / _trimmed(bare)
        rows.append(
            Measurement(
                f"routed read, {name}", "ms", _trimmed(ours) * 1000, percentile(ours, 0.95) * 1000,
                _trimmed(bare) * 1000, ratio,
                "for the record" if goal is None else f"at most {goal} of a bare SQLAlchemy read",
                goal is None or ratio <= goal,
            )
        )  # fmt: skip
    return rows


def _trimmed(samples: list[float]) -> float:
    """The mean of what is left without the slowest twentieth."""
    kept = sorted(samples)[: len(samples) * 19 // 20]
    return sum(kept) / len(kept)


async def _compare(
    primary: str, replica: str, sign_in: SignIn, read: Read, written: int
) -> tuple[list[float], list[float]]:
    ours, bare = list[float](), list[float]()
    servers = Servers(primary, (replica,), sign_in)
    # Connections and pool are made alike: what is compared is what stands around them.
    node = Node(Server.REPLICA, "replica", replica, sign_in, pooled=False)
    engine = create_async_engine(
        "postgresql+psycopg://", async_creator=node.connect, pool_size=1, isolation_level="AUTOCOMMIT"
    )
    try:
        await servers.call("SELECT greenroom.me()", {})  # The session has a position that reads have to show.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await servers.read(read))[1].server is not Server.REPLICA:
                await asyncio.sleep(0.05)

        async def routed() -> None:
            if (await servers.read(read))[1].server is not Server.REPLICA:
                raise RuntimeError("the replica was not caught up")

        async def plain() -> None:
            async with engine.connect() as connection:
                await read(connection)

        for turn in range(2 * (RUNS + WARMING)):
            if written and turn % written == 0:
                servers._replicas[0].position = None
            # Each is the first of its pair as often as the other.
            for work, samples in ((routed, ours), (plain, bare))[:: 1 if turn % 2 else -1]:
                begun = time.perf_counter()
                await work()
                samples.append(time.perf_counter() - begun)
    finally:
        await engine.dispose()
        await node.close()
        await servers.close()
    return ours[2 * WARMING :], bare[2 * WARMING :]


def shares(database: Database) -> list[Measurement]:
    """Four people decide and read for a while, the replica held behind by 0, 50 and 500 ms."""
    for login in PEOPLE:
        add_staff(database, login, Role.MODERATOR)
    content = add_content(database)
    with database.connect() as c:
        c.execute(
            "INSERT INTO ideas (user_id, topic_id, title, prompt, created_at)"
            " SELECT %s, %s, 'Routed ' || n, 'The sea waits.', now() - n * interval '1 minute'"
            " FROM generate_series(1, 400) AS n",
            [content.author, content.topic],
        )
    rows = []
    for lag in LAGS:
        with database.connect(replica=True) as standby:
            standby.execute(f"ALTER SYSTEM SET recovery_min_apply_delay = '{lag}ms'".encode())
            standby.execute("SELECT pg_reload_conf()")
        served = asyncio.run(_work(database))
        share = served[Server.REPLICA] / served.total()
        rows.append(
            Measurement(
                f"reads by the replica, {lag} ms behind", "share", share, None, None, None,
                "for the record", True, f"{served.total()} reads of {len(PEOPLE)} people at work",
            )
        )  # fmt: skip
    with database.connect(replica=True) as standby:
        standby.execute("ALTER SYSTEM RESET recovery_min_apply_delay")
        standby.execute("SELECT pg_reload_conf()")
    wait_for_replay(database.cluster)
    return rows


async def _work(database: Database) -> Counter[Server]:
    served: Counter[Server] = Counter()
    async with AsyncExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="gr-bench-")))
        people = [await ending.enter_async_context(_at_work(database, login, folder)) for login in PEOPLE]
        until = time.monotonic() + LOAD_SECONDS
        await asyncio.gather(*(_moderate(data, until, place, served) for place, data in enumerate(people)))
    return served


@asynccontextmanager
async def _at_work(database: Database, login: str, folder: Path) -> AsyncIterator[DataLayer]:
    profile = Profile("bench", "Bench", "scenes", database.primary, (database.replica,))

    def failed(error: Exception) -> None:
        raise error

    data = await DataLayer.open(
        profile,
        SignIn(login, database.passwords[login]),
        folder,
        changed=lambda _: None,
        failed=failed,
        alarm=lambda _: None,
    )
    tasks = [asyncio.ensure_future(work) for work, _ in data.work(lambda _: None)]
    tasks.append(asyncio.ensure_future(_ask_health(data)))
    try:
        yield data
    finally:
        await data.let_go()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await data.close()


async def _ask_health(data: DataLayer) -> None:
    while True:
        await data.servers.health()
        await asyncio.sleep(3)


async def _moderate(data: DataLayer, until: float, place: int, served: Counter[Server]) -> None:
    """Decide, read the list at once, then the blocks of the next item over the time until it is decided."""
    dice = random.Random(place)
    view = View("scenes.ideas", "oldest")
    while time.monotonic() < until:
        begun = time.monotonic()
        page = await data.reader.page(view, None, 50)
        served[page.served_by.server] += 1
        free = [item for item in page.items if item.holder is None]
        item, *rest = free[dice.randrange(len(free) - 20) :]

        async def facts(connection: AsyncConnection, subject: Subject = item.subject) -> Any:
            return await READS.block(connection, subject, "facts")

        for _ in range(READS_A_DECISION - 1):
            await asyncio.sleep(dice.random() * 2 * DECISION_SECONDS / READS_A_DECISION)
            _, answered = await data.servers.read(facts)
            served[answered.server] += 1
        await asyncio.sleep(max(0.0, begun + DECISION_SECONDS - time.monotonic()))
        decision = Decision(
            uuid4(), view.queue, "approve", None, None, (Target(item.subject, item.version, "Idea"),)
        )
        # What a list that is behind still shows may have been decided by somebody else.
        with suppress(Refused):
            await data.pipeline.submit(
                decision, [Candidate(each.subject, each.version) for each in rest[:20]]
            )


def failover() -> list[Measurement]:
    """The primary is killed and the standby promoted under four consoles; what they decide then waits."""
    # Consoles try again at growing intervals: the promotion comes after one pause or another.
    times = [_failover(run, 1 + run) for run in range(FAILOVERS)]
    return [
        Measurement(
            "from promotion to the first decision", "s", median(times), max(times), None, None,
            "under 5 s on loopback", max(times) < 5, f"{FAILOVERS} failovers, with the promotion itself",
        )
    ]  # fmt: skip


def _failover(seed: int, pause: float) -> float:
    answered: list[float] = []
    with stage(seed) as played:
        played.moderate()
        ideas = [played.add_idea() for _ in played.consoles]
        wait_for_replay(played.database.cluster)
        played.kill("primary")
        asked = [
            console.ask("decide", id=uuid4(), subject=idea.id, version=idea.version)
            for console, idea in zip(played.consoles, ideas, strict=True)
        ]
        for each in asked:
            each.add_done_callback(lambda _: answered.append(time.monotonic()))
        time.sleep(pause)
        begun = time.monotonic()
        played.promote()
        if any(each.result(PATIENCE_SECONDS).get("state") != "done" for each in asked):
            raise RuntimeError("a decision was not accepted")
        played.settle()
    return min(answered) - begun
