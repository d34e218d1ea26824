"""Typing in a bible's text of 1 MB, and no long wait with 10 MB."""

from __future__ import annotations

import asyncio
import time
from random import Random

import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.bible.schema import bible_schema
from console.bible.writing import write
from console.runtime.tasks import Tasks
from console.ui.bible.text import JsonText
from console.ui.theme.theme import Choice, Theme
from tests.bench.bible import _document
from tests.bench.measure import Measurement, median, percentile

_FRAME = 16.0
_BLOCK = 100.0


def editor() -> list[Measurement]:
    """First paint, keys and findings in 1 MB; the longest block of the GUI thread with 10 MB."""
    known = QApplication.instance()
    application = known if isinstance(known, QApplication) else QApplication([])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        rows: list[Measurement] = loop.run_until_complete(_measured(application))
    return rows


def _text(megabytes: int) -> str:
    return write(_document(Random(1), 2_000 * megabytes, 1_000 * megabytes), bible_schema())


def _failed(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


async def _measured(application: QApplication) -> list[Measurement]:
    tasks, theme = Tasks(_failed), Theme(application, Choice.LIGHT)
    one, ten = _text(1), _text(10)
    widget = JsonText(theme, tasks, bible_schema())
    widget.resize(900, 700)
    widget.show()
    found, loaded = asyncio.Event(), asyncio.Event()
    widget.findings_changed.connect(lambda _: found.set())
    widget.loaded.connect(loaded.set)

    begun = time.perf_counter()
    widget.set_text(one)
    widget.viewport().repaint()
    first = (time.perf_counter() - begun) * 1000
    await loaded.wait()
    await found.wait()
    keys, waits = [], []
    for number in range(60):
        found.clear()
        begun = time.perf_counter()
        QTest.keyClick(widget, Qt.Key.Key_Space)
        widget.viewport().repaint()
        keys.append((time.perf_counter() - begun) * 1000)
        if number % 6 == 0:
            begun = time.perf_counter()
            await found.wait()
            waits.append((time.perf_counter() - begun) * 1000)
    rows = [
        _row("text 1 MB: first paint", [first], 300.0, "300 ms"),
        _row("text 1 MB: key to repaint", keys, _FRAME, "p95 under 16 ms"),
        _row("text 1 MB: findings after the last key", waits, 150.0, "150 ms"),
    ]
    found.clear()
    loaded.clear()
    gaps = asyncio.create_task(_gaps(loaded, found))
    widget.set_text(ten)
    await loaded.wait()
    await found.wait()
    rows.append(_row("text 10 MB: longest block", [await gaps], _BLOCK, "under 100 ms"))
    await tasks.close()
    widget.close()
    widget.deleteLater()
    return rows


async def _gaps(loaded: asyncio.Event, found: asyncio.Event) -> float:
    """The longest time in milliseconds that the loop did not come round until all was checked."""
    longest, last = 0.0, time.perf_counter()
    while not (loaded.is_set() and found.is_set()):
        await asyncio.sleep(0.002)
        now = time.perf_counter()
        longest, last = max(longest, (now - last) * 1000), now
    return longest


def _row(name: str, samples: list[float], limit: float, goal: str) -> Measurement:
    worst = percentile(samples, 0.95)
    return Measurement(name, "ms", median(samples), worst, None, None, goal, worst <= limit)
