"""The numbers of a year of a large team, read as the screen reads them, beside one bare sum over them."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from db.greenroom.numbers import NumbersReader
from db.routing import Servers, SignIn
from tests.bench.measure import Measurement, median, percentile
from tests.support.databases import Database

RUNS = 15
_POLICIES, _BUCKETS = 20, 8
_FILL = (
    "INSERT INTO greenroom.daily_decisions (day, scope, policy_key, decided)"
    " SELECT current_date - day, q.scope, 'policy_' || policy, 30"
    " FROM generate_series(0, 364) AS day, (SELECT DISTINCT scope FROM greenroom.verbs WHERE in_queue) AS q,"
    f" generate_series(1, {_POLICIES}) AS policy ON CONFLICT DO NOTHING",
    "INSERT INTO greenroom.daily_waits (day, scope, policy_key, measure, bucket, items)"
    " SELECT d.day, d.scope, d.policy_key, measure, bucket, 3 FROM greenroom.daily_decisions AS d,"
    f" unnest(ARRAY['look', 'decision']) AS measure, generate_series(4, {_BUCKETS + 3}) AS bucket"
    " ON CONFLICT DO NOTHING",
    "ANALYZE greenroom.daily_decisions, greenroom.daily_waits",
)


def numbers(database: Database) -> list[Measurement]:
    """A month and a year; more than a million decisions are behind the year."""
    with database.connect() as owner:
        for statement in _FILL:
            owner.execute(statement)
        floor = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            owner.execute("SELECT sum(items) FROM greenroom.daily_waits").fetchall()
            floor.append((time.perf_counter() - begun) * 1000)
    return [_row(days, asyncio.run(_read(database, days)), floor) for days in (30, 365)]


async def _read(database: Database, days: int) -> list[float]:
    servers = Servers(database.primary, (), SignIn("mia", database.passwords["mia"]))
    today = datetime.now(UTC).date()
    samples = []
    try:
        reader = NumbersReader(servers)
        for _ in range(RUNS):
            begun = time.perf_counter()
            await reader.numbers(today - timedelta(days=days - 1), today, None)
            samples.append((time.perf_counter() - begun) * 1000)
    finally:
        await servers.close()
    return samples


def _row(days: int, samples: list[float], floor: list[float]) -> Measurement:
    value, bare = median(samples), median(floor)
    return Measurement(
        f"numbers of {days} days", "ms", value, percentile(samples, 0.95), bare, value / bare,
        "within 200 ms; floor: one sum over a year", value <= 200,
    )  # fmt: skip
