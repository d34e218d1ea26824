"""A topic with 100,000 ideas merged into another while others write, beside the bare UPDATE."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event
from uuid import UUID, uuid4

import psycopg

from console.services.carrying import REST_SECONDS
from tests.bench.measure import Measurement, percentile
from tests.support.content import Connection, add_content, add_idea, claim, decide, item, one
from tests.support.databases import Database

_IDEAS = 100_000
_WAIT = 250.0
_FOLD = 3.0


def merging(database: Database, ideas: int = _IDEAS) -> list[Measurement]:
    """How long a merge takes against one UPDATE of as many rows, and how long its three writers wait."""
    with database.connect() as c:
        content = add_content(database)
        bare, other, survivor = (_topic(c) for _ in range(3))
        for topic in (bare, content.topic):
            c.execute(
                "INSERT INTO ideas (user_id, topic_id, title, prompt, tags)"
                " SELECT %s, %s, 'Idea ' || g, 'The sea waits', ARRAY['sea']"
                " FROM generate_series(1, %s) AS g",
                [content.author, topic, ideas],
            )
        c.execute("VACUUM ANALYZE ideas")
        begun = time.perf_counter()
        c.execute("UPDATE ideas SET topic_id = %s WHERE topic_id = %s", [other, bare])
        floor = time.perf_counter() - begun
        c.execute("VACUUM ANALYZE ideas")
        known = [row[0] for row in c.execute("SELECT id FROM ideas WHERE topic_id = %s", [content.topic])]
    ended = Event()

    def idea(connection: Connection, _: Random) -> None:
        add_idea(connection, content.author, content.topic)

    def like(connection: Connection, random: Random) -> None:
        connection.execute(
            "UPDATE ideas SET like_count = like_count + 1 WHERE id = %s", [random.choice(known)]
        )

    def decision(connection: Connection, random: Random) -> None:
        chosen = random.choice(known)
        try:
            held = claim(connection, "idea", chosen)
            decide(connection, "scenes.idea", "hide", [item(held)], policy="spam")
        except psycopg.Error as error:
            # Moved or decided between the look and the decision: told at once, which is what is measured.
            if not (error.sqlstate or "").startswith("GR"):
                raise

    def flood(login: str | None, write: Callable[[Connection, Random], None]) -> list[float]:
        random, waited = Random(3), list[float]()
        with database.connect(login) if login else database.connect() as connection:
            while not ended.is_set():
                begun = time.perf_counter()
                write(connection, random)
                waited.append((time.perf_counter() - begun) * 1000)
                time.sleep(0.01)
        return waited

    with ThreadPoolExecutor(3) as pool, database.connect("ada") as ada:
        floods = {
            "a new idea": pool.submit(flood, None, idea),
            "a like": pool.submit(flood, None, like),
            "a decision": pool.submit(flood, "mia", decision),
        }
        try:
            taken, turns = _merge(ada, content.topic, survivor)
        finally:
            ended.set()
        waits = {name: each.result() for name, each in floods.items()}
    rows = [
        Measurement(
            f"merge of {ideas:,} ideas under writers",
            "s",
            taken,
            None,
            floor,
            taken / floor,
            "within 3x of the bare UPDATE",
            taken <= _FOLD * floor,
            f"{len(turns):,} transactions, longest {max(turns):.0f} ms",
        )
    ]
    rows += [
        Measurement(
            f"{name} during the merge",
            "ms",
            max(waited),
            percentile(waited, 0.95),
            None,
            None,
            "none waits over 250 ms (the longest of all)",
            max(waited) <= _WAIT,
            f"{len(waited):,} of them",
        )
        for name, waited in waits.items()
    ]
    return rows


def _merge(ada: Connection, topic: UUID, survivor: UUID) -> tuple[float, list[float]]:
    """Seconds that the merge takes, and milliseconds of each of its transactions."""
    merge, turns, begun = uuid4(), list[float](), time.perf_counter()
    one(ada, "SELECT greenroom.begin_merge(%s, %s, %s, 'bench')", merge, topic, survivor)
    while True:
        turn = time.perf_counter()
        try:
            done = one(ada, "SELECT greenroom.carry_merge(%s, 'bench')", merge)
        except psycopg.errors.LockNotAvailable:
            continue
        turns.append((time.perf_counter() - turn) * 1000)
        if done is not None and done["state"] == "merged":
            return time.perf_counter() - begun, turns
        time.sleep(REST_SECONDS)


def _topic(connection: Connection) -> UUID:
    name = uuid4().hex
    made: UUID = one(connection, "INSERT INTO topics (name, slug) VALUES (%s, %s) RETURNING id", name, name)
    return made
