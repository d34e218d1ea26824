"""The first page of a filter (columns, ranges, negation, words), beside the page without a filter."""

from __future__ import annotations

import asyncio
import time

from console.domain.filtering import Fields, parse
from console.domain.queues import View
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.reads import READS
from db.reader import PlatformReader
from db.routing import Servers, SignIn
from tests.bench.measure import Measurement, median, percentile

ROWS = 100
RUNS = 25
LINES = (
    ("scenes.flags", "reason:violence"),
    ("scenes.flags", "-reason:spam flags:>1 older:2d"),
    ("scenes.flags", "reporter:nobody"),
    ("scenes.flags", "harbour"),
    ("scenes.flags", "zephyrless"),
    ("scenes.ideas", "harbour"),
    ("scenes.ideas", "zephyrless"),
)
"""Some fill a page at once, some find nothing and look at as much as a page may."""


def filters(primary: str, replica: str, sign_in: SignIn) -> list[Measurement]:
    """Read each page and the one without a filter, turn by turn."""
    return asyncio.run(_read(primary, replica, sign_in))


async def _read(primary: str, replica: str, sign_in: SignIn) -> list[Measurement]:
    servers = Servers(primary, (replica,), sign_in)
    reader, rows = PlatformReader(servers, READS), []
    try:
        for key, line in LINES:
            queue = SCENES.queue(key)
            terms = parse(line, Fields((*queue.columns, *queue.asked)))
            order = queue.orders[0].key
            ours: list[float] = []
            bare: list[float] = []
            pages = ((View(key, order, terms=terms), ours), (View(key, order), bare))
            for turn in range(RUNS + 3):
                for view, samples in pages:
                    begun = time.perf_counter()
                    await reader.page(view, None, ROWS)
                    if turn >= 3:
                        samples.append((time.perf_counter() - begun) * 1000)
            rows.append(_row(f"{queue.title}: {line}", ours, bare))
    finally:
        await servers.close()
    return rows


def _row(name: str, ours: list[float], bare: list[float]) -> Measurement:
    value, floor, worst = median(ours), median(bare), percentile(ours, 0.95)
    return Measurement(
        name, "ms", value, worst, floor, value / floor,
        "p95 within 100 ms; floor: the page without a filter", worst <= 100,
    )  # fmt: skip
