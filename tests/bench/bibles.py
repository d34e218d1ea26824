"""Saves that race from eight processes, a history of fifty versions, and 10 MB in the views."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Coroutine
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import qasync
from PySide6.QtWidgets import QApplication

from console.bible.diff import content, diff
from console.bible.schema import bible_schema
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.ui.documents.comparison import Comparison
from console.ui.documents.merging import MergeView
from console.ui.documents.three_way import MergeInput
from console.ui.theme.theme import Choice, Theme
from db.platforms.scenes.bibles import SceneBibles
from db.routing import Servers, SignIn
from tests.bench.bible import Triple
from tests.bench.measure import Measurement, median, percentile
from tests.support.content import add_content, one
from tests.support.databases import Database, wait_for_replay

PROCESSES, SAVES, VERSIONS = 8, 20, 50
_BLOCK = 100.0
_SAVE = "SELECT (greenroom.save_bible(%s, %s, %s, %s, NULL, 'bench') ->> 'version')::int"


def bibles(database: Database) -> list[Measurement]:
    """The database's side: the race, and the list of versions."""
    content_of_race, content_of_history = add_content(database), add_content(database)
    return [_race(database, content_of_race.scene), *_history(database, content_of_history.scene)]


def views() -> list[Measurement]:
    """The longest block of the GUI thread while 10 MB are compared, and merged."""
    known = QApplication.instance()
    application = known if isinstance(known, QApplication) else QApplication([])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        rows: list[Measurement] = loop.run_until_complete(_views(application))
    return rows


def _race(database: Database, scene: UUID) -> Measurement:
    context = multiprocessing.get_context("spawn")
    begun = time.perf_counter()
    with context.Manager() as manager:
        ready = manager.Barrier(PROCESSES)
        with context.Pool(PROCESSES) as pool:
            arguments = (database.primary, "mia", database.passwords["mia"], scene, ready)
            results = pool.starmap(_save, [(*arguments, number) for number in range(PROCESSES)])
    seconds = time.perf_counter() - begun
    tried = [attempt for attempts in results for attempt in attempts]
    won = sorted(version for version in tried if version is not None)
    with database.connect() as c:
        stored = [
            row[0]
            for row in c.execute(
                "SELECT version FROM scene_bibles WHERE scene_id = %s ORDER BY version", [scene]
            )
        ]
        points = one(c, "SELECT bible_version FROM scenes WHERE id = %s", scene)
    sound = won == stored == list(range(1, len(won) + 1)) and points == len(won) and len(tried) == 160
    return Measurement(
        "bible: 160 saves racing from 8 processes",
        "versions",
        len(won),
        None,
        None,
        None,
        "one winner for each base version, no gap",
        sound,
        f"{len(tried) - len(won)} refused, {seconds:.1f} s with the start of the processes",
    )


def _save(
    conninfo: str, login: str, password: str, scene: UUID, ready: Barrier, number: int
) -> list[int | None]:
    """Try to save so many times on the newest version; what was won, None where another was first."""
    made: list[int | None] = []
    with psycopg.connect(conninfo, user=login, password=password, autocommit=True) as c:
        ready.wait()
        for attempt in range(SAVES):
            base = one(c, "SELECT coalesce(max(version), 0) FROM scene_bibles WHERE scene_id = %s", scene)
            document = {"characters": [], "setting": {}, "timeline": {}, "by": [number, attempt]}
            try:
                made.append(one(c, _SAVE, uuid4(), scene, base, json.dumps(document)))
            except psycopg.Error as error:
                if error.sqlstate != "GR003":
                    raise
                made.append(None)
    return made


def _history(database: Database, scene: UUID) -> list[Measurement]:
    text = Triple(1).texts[0].decode()
    with database.connect() as c:
        for version in range(1, VERSIONS + 1):
            c.execute(
                "INSERT INTO scene_bibles (scene_id, version, data) VALUES (%s, %s, %s)",
                [scene, version, text],
            )
        c.execute("UPDATE scenes SET bible_version = %s WHERE id = %s", [VERSIONS, scene])
    wait_for_replay(database.cluster)
    listed, floor, whole = asyncio.run(_list(database, Subject("scene", scene)))
    value, bare = median(listed), median(floor)
    return [
        Measurement(
            "bible: history of 50 versions of 1 MB",
            "ms",
            value,
            percentile(listed, 0.95),
            bare,
            value / bare,
            "within 10 ms, without the documents",
            value <= 10,
            f"floor: SELECT 1 on the same way; one document takes {whole:.0f} ms",
        )
    ]


async def _list(database: Database, subject: Subject) -> tuple[list[float], list[float], float]:
    servers = Servers(database.primary, (database.replica,), SignIn("mia", database.passwords["mia"]))
    documents = SceneBibles(servers)

    async def nothing() -> None:
        async def read(connection: Any) -> None:
            await connection.exec_driver_sql("SELECT 1")

        await servers.read(read)

    try:
        await documents.history(subject)
        begun = time.perf_counter()
        await documents.document(subject, VERSIONS)
        whole = (time.perf_counter() - begun) * 1000
        listed = [await _timed(documents.history(subject)) for _ in range(30)]
        floor = [await _timed(nothing()) for _ in range(30)]
    finally:
        await servers.close()
    return listed, floor, whole


async def _timed(work: Coroutine[Any, Any, object]) -> float:
    begun = time.perf_counter()
    await work
    return (time.perf_counter() - begun) * 1000


async def _views(application: QApplication) -> list[Measurement]:
    def failed(name: str, error: BaseException) -> None:
        raise AssertionError(name) from error

    tasks, theme, schema = Tasks(failed), Theme(application, Choice.LIGHT), bible_schema()
    base, mine, theirs = Triple(10).documents
    comparison, merge = Comparison(theme, tasks, schema), MergeView(theme, tasks)
    for view in (comparison, merge):
        view.resize(900, 700)
        view.show()
    await asyncio.sleep(0.2)

    async def compared() -> None:
        changes = await asyncio.to_thread(lambda: content(diff(base, mine, schema), schema))
        await comparison.compare("10 MB", (base, mine), changes)

    async def merged() -> None:
        merge.begin(MergeInput(base, mine, theirs, schema, "somebody"))
        while merge.reconciliation is None:
            await asyncio.sleep(0.002)

    rows = []
    for name, work in (("compare", compared), ("merge", merged)):
        begun = time.perf_counter()
        block = await _longest_block(work())
        took = (time.perf_counter() - begun) * 1000
        rows.append(
            Measurement(
                f"bible 10 MB: longest block, {name}", "ms", block, None, None, None, "under 100 ms",
                block <= _BLOCK, f"{took:.0f} ms until it is shown",
            )
        )  # fmt: skip
    await tasks.close()
    for view in (comparison, merge):
        view.close()
        view.deleteLater()
    return rows


async def _longest_block(work: Coroutine[Any, Any, None]) -> float:
    """The longest time in milliseconds that the loop did not come round while the work went on."""
    task = asyncio.ensure_future(work)
    longest, last = 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, (now - last) * 1000), now
    await asyncio.sleep(0.05)
    longest = max(longest, (time.perf_counter() - last) * 1000 - 50)
    await task
    return longest
