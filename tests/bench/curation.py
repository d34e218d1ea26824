"""Curation: the tree of 5,000 topics and 50,000 categories, near-duplicates, and an import."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import qasync
from PySide6.QtWidgets import QApplication, QStyledItemDelegate
from rapidfuzz import fuzz

from console.bootstrap import application, open_session
from console.config import Directories, Profile
from console.domain.curation import TOPIC, Columns, Curate, Topic, created
from console.services.likeness import TopicIndex
from console.ui.curation.topics import TopicsScreen
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.bench.measure import Measurement, median, percentile
from tests.support.databases import Database, wait_for_replay

_TOPICS, _BELOW, _OPENED = 5_000, 10, 400
_FRAME = 16.7


def curation(database: Database, folder: Path) -> list[Measurement]:
    """Opening, scrolling, near-duplicates and an import on a platform of its own; `ada` is its admin."""
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO topics (name, slug, description, display_order)"
            " SELECT 'Topic ' || g, 'topic-' || g, 'What topic ' || g || ' is about, in some words', g"
            " FROM generate_series(1, %s) AS g",
            [_TOPICS],
        )
        connection.execute(
            "INSERT INTO categories (topic_id, name, slug, display_order)"
            " SELECT t.id, 'Part ' || g, 'part-' || g, g FROM topics AS t, generate_series(1, %s) AS g",
            [_BELOW],
        )
        connection.execute("ANALYZE topics, categories")
    wait_for_replay(database.cluster)
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication([])
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        rows: list[Measurement] = loop.run_until_complete(_tree(database, folder))
    return [*_likeness(), *rows]


async def _tree(database: Database, folder: Path) -> list[Measurement]:
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("bench", "Bench", "scenes", database.primary, (database.replica,))
    session = await open_session(app, profile, SignIn("ada", database.passwords["ada"]))
    screen = session.window.findChild(TopicsScreen)
    if screen is None:
        raise AssertionError("an admin has no tree of topics")
    loaded = asyncio.Event()
    screen.loaded.connect(loaded.set)
    session.window.resize(1500, 950)
    session.window.show()
    opened, bare = [], []
    for attempt in range(5):
        loaded.clear()
        begun = time.perf_counter()
        if attempt:
            screen.opened()
        else:
            session.window.show_screen("topics")
        await asyncio.wait_for(loaded.wait(), 60)
        screen.view.viewport().repaint()
        opened.append((time.perf_counter() - begun) * 1000)
        bare.append(await _bare(session.data.servers))
    for row in range(_OPENED):
        screen.view.expand(screen.tree.index(row, 0))
    async with asyncio.timeout(60):
        while len(screen.tree.outline.read()) < _OPENED:
            await asyncio.sleep(0.02)
    frames = await _scrolled(screen)
    ours, plain = screen.view.itemDelegate(), QStyledItemDelegate()
    screen.view.setItemDelegate(plain)
    bare_frames = await _scrolled(screen)
    screen.view.setItemDelegate(ours)
    changes = tuple(
        created(TOPIC, uuid4(), Columns(f"New {each}", f"new-{each}", "", active=True))
        for each in range(1_000)
    )
    begun = time.perf_counter()
    await asyncio.wait_for(session.data.pipeline.submit(Curate(uuid4(), changes)), 60)
    imported = (time.perf_counter() - begun) * 1000
    with database.connect() as connection:
        begun = time.perf_counter()
        with connection.cursor() as cursor, connection.transaction():
            cursor.executemany(
                "INSERT INTO topics (name, slug, display_order) VALUES (%s, %s, 0)",
                [(f"Bare {each}", f"bare-{each}") for each in range(1_000)],
            )
        floor = (time.perf_counter() - begun) * 1000
    await session.close()
    return [
        _row(
            "topics: 5,000 with 50,000 opened", opened, median(bare), 300.0, "300 ms; floor: the bare SELECT"
        ),
        _row(
            "topics: a scrolled frame",
            frames,
            median(bare_frames),
            _FRAME,
            "p95 within a frame of 60 a second; floor: Qt's own delegate",
        ),
        _row("topics: 1,000 imported in one go", [imported], floor, 5_000.0, "5 s; floor: bare INSERTs"),
    ]


async def _scrolled(screen: TopicsScreen) -> list[float]:
    """Milliseconds that each of 240 steps of a scroll bar takes until it is painted."""
    frames, bar = [], screen.view.verticalScrollBar()
    for step in range(240):
        begun = time.perf_counter()
        bar.setValue(step * 45)
        screen.view.viewport().repaint()
        frames.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0)
    return frames


async def _bare(servers: Any) -> float:
    from sqlalchemy import text  # noqa: PLC0415 - the floor alone speaks SQL

    async def read(connection: Any) -> Any:
        return (await connection.execute(text("SELECT * FROM topics ORDER BY display_order"))).all()

    begun = time.perf_counter()
    await servers.read(read)
    return (time.perf_counter() - begun) * 1000


def _likeness() -> list[Measurement]:
    random = Random(1)
    words = ["".join(random.choices("abcdefghijklmnoprstu", k=random.randint(3, 9))) for _ in range(1_500)]

    def phrase(longest: int) -> str:
        return " ".join(random.choices(words, k=random.randint(1, longest)))

    topics = [Topic(uuid4(), phrase(4), f"slug-{each}", phrase(25), True, 0, 0) for each in range(_TOPICS)]
    index = TopicIndex(topics)
    taken, plain = [], []
    for topic in random.sample(topics, 60):
        begun = time.perf_counter()
        index.like(f"{topic.name}s", topic.description)
        taken.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        max(topics, key=lambda each: fuzz.ratio(each.name, topic.name))
        plain.append((time.perf_counter() - begun) * 1000)
    floor = median(plain)
    return [
        _row(
            "near-duplicates among 5,000 topics",
            taken,
            floor,
            50.0,
            "50 ms; floor: names compared one by one",
        )
    ]


def _row(name: str, samples: list[float], floor: float | None, limit: float, goal: str) -> Measurement:
    value, worst = median(samples), percentile(samples, 0.95)
    ratio = None if floor is None else value / floor
    return Measurement(name, "ms", value, worst, floor, ratio, goal, worst <= limit)
