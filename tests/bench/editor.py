"""Typing in a bible's text of 1 MB, and no long wait with 10 MB."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from random import Random

import qasync
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from console.bible.schema import bible_schema
from console.bible.writing import write
from console.runtime.loop import SWITCH_SECONDS
from console.runtime.tasks import Tasks
from console.ui.bible.editor import BibleEditor
from console.ui.bible.editor_bar import Shown
from console.ui.theme.theme import Choice, Theme
from tests.bench.bible import _document
from tests.bench.measure import Measurement, median, percentile

_FRAME = 16.0
_BLOCK = 100.0


def editor() -> list[Measurement]:
    """First paint, keys, findings and pages in 1 MB; the longest block of the GUI thread with 10 MB."""
    known = QApplication.instance()
    application = known if isinstance(known, QApplication) else QApplication([])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    # As in the console, which looks for cycles only when it is idle.
    gc.collect()
    gc.disable()
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with loop:
            rows: list[Measurement] = loop.run_until_complete(_measured(application))
    finally:
        gc.enable()
        sys.setswitchinterval(usual)
    return rows


def _text(megabytes: int) -> str:
    return write(_document(Random(1), 2_000 * megabytes, 1_000 * megabytes), bible_schema())


def _failed(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


async def _measured(application: QApplication) -> list[Measurement]:
    tasks, theme = Tasks(_failed), Theme(application, Choice.LIGHT)
    one = _text(1)
    floor = await _bare(theme, one)
    widget = BibleEditor(theme, tasks, bible_schema())
    text = widget.pane.text
    widget.show_views(Shown.TEXT)
    widget.resize(900, 700)
    widget.show()
    found, loaded = asyncio.Event(), asyncio.Event()
    widget.findings_changed.connect(lambda _: found.set())
    text.loaded.connect(loaded.set)

    begun = time.perf_counter()
    widget.load(one, version=1, segments=2_000)
    text.viewport().repaint()
    first = (time.perf_counter() - begun) * 1000
    await loaded.wait()
    await found.wait()
    keys, waits = [], []
    for number in range(60):
        found.clear()
        keys.append(_key(text))
        if number % 6 == 0:
            begun = time.perf_counter()
            await found.wait()
            waits.append((time.perf_counter() - begun) * 1000)
    rows = [
        _row("text 1 MB: first paint", [first], 300.0, "300 ms"),
        _row("text 1 MB: key to repaint", keys, _FRAME, "p95 under 16 ms", floor),
        _row("text 1 MB: findings after the last key", waits, 150.0, "150 ms"),
    ]
    widget.show_views(Shown.FORM)
    pages = []
    for number in range(0, 2_000, 100):
        begun = time.perf_counter()
        widget.form.go_to(("characters", number, "canonicalName"))
        widget.form.repaint()
        pages.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0)
    rows.append(_row("form 1 MB: page of a character", pages, _BLOCK, "under 100 ms"))
    widget.show_views(Shown.BOTH)
    rows.append(await _large(application, widget))
    await tasks.close()
    widget.close()
    widget.deleteLater()
    return rows


def _key(text: QPlainTextEdit) -> float:
    """Milliseconds from a key to its picture."""
    begun = time.perf_counter()
    QTest.keyClick(text, Qt.Key.Key_Space)
    text.viewport().repaint()
    return (time.perf_counter() - begun) * 1000


async def _bare(theme: Theme, text: str) -> list[float]:
    """The same keys in Qt's own widget with the same text, and nothing else."""
    bare = QPlainTextEdit()
    bare.setFont(theme.fixed_font)
    bare.resize(900, 700)
    bare.show()
    bare.setPlainText(text)
    await asyncio.sleep(0.2)
    samples = [_key(bare) for _ in range(60)]
    bare.close()
    bare.deleteLater()
    return samples


async def _large(application: QApplication, widget: BibleEditor) -> Measurement:
    """The longest block while 10 MB are loaded, checked, shown as a form, gone through and changed."""
    found, loaded = asyncio.Event(), asyncio.Event()
    widget.findings_changed.connect(lambda _: found.set())
    widget.pane.text.loaded.connect(loaded.set)
    ten, done = _text(10), asyncio.Event()
    gaps = asyncio.create_task(_gaps(done))
    widget.load(ten, version=1, segments=2_000)
    await loaded.wait()
    await found.wait()
    widget.form.go_to(("characters",))
    await asyncio.sleep(0.1)
    widget.form.go_to(("characters", 15_000, "canonicalName"))
    await asyncio.sleep(0.1)
    found.clear()
    field = application.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "a")
    await found.wait()
    found.clear()
    QTest.keyClick(widget.pane.text, Qt.Key.Key_Space)
    await found.wait()
    done.set()
    return _row("editor 10 MB: longest block", [await gaps], _BLOCK, "under 100 ms")


async def _gaps(done: asyncio.Event) -> float:
    """The longest time in milliseconds that the loop did not come round until all was done."""
    longest, last = 0.0, time.perf_counter()
    while not done.is_set():
        await asyncio.sleep(0.002)
        now = time.perf_counter()
        longest, last = max(longest, (now - last) * 1000), now
    return longest


def _row(
    name: str, samples: list[float], limit: float, goal: str, floor: list[float] | None = None
) -> Measurement:
    worst, value = percentile(samples, 0.95), median(samples)
    least = median(floor) if floor else None
    return Measurement(
        name, "ms", value, worst, least, value / least if least else None, goal, worst <= limit
    )
