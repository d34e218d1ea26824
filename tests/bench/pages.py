"""A page of a queue: from the request to rows in the Qt model, against the same SQL on a bare connection."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine

from console.bootstrap import application
from console.config import Directories
from console.domain.queues import Cursor, View
from console.runtime.loop import run
from console.ui.desk.model import QueueModel
from console.ui.theme.theme import Choice
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.reads import READS
from db.reader import PlatformReader
from db.routing import Servers, SignIn
from tests.bench.measure import Measurement, median, percentile

ROWS = 100
DEEP = 4_000
"""The page, counted from 1, that is to cost what the first one costs."""
RUNS = 60
QUEUE = "scenes.flags"


def pages(primary: str, replica: str, sign_in: SignIn, folder: Path) -> list[Measurement]:
    """Read the first page and a deep one of the flag queue, through the console and bare, turn by turn."""
    app = application(Directories.of_user(folder), Choice.LIGHT)
    ours: dict[int, list[float]] = {1: [], DEEP: []}
    bare: dict[int, list[float]] = {1: [], DEEP: []}
    source, order = READS.sources[QUEUE], SCENES.queue(QUEUE).orders[0].key
    view = View(QUEUE, order)
    compiled = create_engine("postgresql+psycopg://").dialect
    connection = psycopg.connect(replica, user=sign_in.login, password=sign_in.password, autocommit=True)
    cursors: dict[int, Cursor | None] = {1: None}

    def statement(after: Cursor | None, limit: int, offset: int = 0) -> tuple[str, dict[str, Any]]:
        page = source.page(View(QUEUE, order), after, limit)
        made = (page.offset(offset) if offset else page).compile(
            dialect=compiled, compile_kwargs={"render_postcompile": True}
        )
        return str(made), dict(made.params)

    def read_bare(after: Cursor | None, limit: int, offset: int = 0) -> list[tuple[Any, ...]]:
        text, values = statement(after, limit, offset)
        return connection.execute(text.encode(), values).fetchall()

    # The demo may have fewer entries than 400,000: then the last full page is as deep as it goes, and
    # where there is no second page the pages are smaller.
    entries = connection.execute(
        "SELECT count(*) FROM greenroom.subjects WHERE open_flags > 0 AND escalated_at IS NULL"
    ).fetchone()
    waiting = int(entries[0]) if entries else 0
    rows = min(ROWS, waiting // 2)
    reached = min(DEEP, waiting // rows)
    before = read_bare(None, 1, (reached - 1) * rows - 1)[0]
    cursors[DEEP] = Cursor(tuple(before[8 + len(source.cells) :]))

    async def walk() -> int:
        servers = Servers(primary, (replica,), sign_in)
        reader = PlatformReader(servers, READS)
        for turn in range(RUNS + 10):
            for page, cursor in cursors.items():
                model = QueueModel()
                model.begin(SCENES.queue(QUEUE).columns)
                begun = time.perf_counter()
                model.add(await reader.page(view, cursor, rows))
                took = time.perf_counter() - begun
                if len(model.items) != rows:
                    raise RuntimeError(f"page {page} has {len(model.items)} rows")
                text, values = statement(cursor, rows + 1)
                begun = time.perf_counter()
                connection.execute(text.encode(), values).fetchall()
                if turn >= 10:
                    ours[page].append(took)
                    bare[page].append(time.perf_counter() - begun)
        await servers.close()
        return 0

    run(app.qt, walk, print)
    connection.close()
    first, floor, deep = median(ours[1]), median(bare[1]), median(ours[DEEP])
    return [
        Measurement(
            f"page of {rows} rows into the model", "ms", first * 1000, percentile(ours[1], 0.95) * 1000,
            floor * 1000, first / floor, "within 3 ms + 2x of the same SQL bare", first <= 0.003 + 2 * floor,
        ),
        Measurement(
            f"page {reached:,} against page 1", "ms", deep * 1000, percentile(ours[DEEP], 0.95) * 1000,
            first * 1000, deep / first, "within 1.3x", deep / first <= 1.3,
        ),
    ]  # fmt: skip
