"""The window under measure: key press to painted, stalls, start, memory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.bootstrap import application, open_session
from console.config import Directories, Profile
from console.runtime.heartbeat import Heartbeat
from console.runtime.loop import run
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.keyboard import press
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.bench.measure import Measurement, median, percentile

PRESSES = 60
FRAME_SECONDS = 0.0167

_EMPTY_WINDOW = """
import time; begun = time.perf_counter()
import PySide6.QtSvg, qasync, sqlalchemy.ext.asyncio, sqlalchemy.dialects.postgresql, psycopg, keyring
import httpx, jsonschema_rs, platformdirs, rapidfuzz.fuzz, rapidfuzz.distance, sqlite3
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([]); window = QMainWindow(); window.show(); app.processEvents()
print(time.perf_counter() - begun)
"""
FAR_PAGES = 20
_MEMORY = """
import sys
from tests.bench.desk import megabytes_at_work
print(megabytes_at_work(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]))
"""
_CONSOLE = """
import time; begun = time.perf_counter()
import sys
from tests.bench.desk import first_queue
print(first_queue(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], begun))
"""


class _Painted(QObject):
    """Notes when the title was painted last."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.at = time.perf_counter()
        return super().eventFilter(watched, event)


def desk(primary: str, replica: str, sign_in: SignIn, folder: Path) -> list[Measurement]:
    """Press keys in the flag queue of a large demo and watch the painting, the stalls and the memory."""
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("bench", "Bench", "scenes", primary, (replica,))
    samples: list[float] = []
    heartbeat = Heartbeat()

    async def walk() -> int:
        session = await open_session(app, profile, sign_in)
        session.window.resize(1440, 900)
        session.window.show()
        session.window.activateWindow()
        painted = _Painted()
        await _until(lambda: session.desk.ready)
        inspector = session.window.findChild(Inspector)
        if inspector is None:
            raise RuntimeError("the window has no inspector")
        inspector.watch_title(painted)
        heartbeat.start()
        for _ in range(PRESSES):
            # As quick as a person at speed: the next one is pressed when the item has been read.
            await asyncio.sleep(0.35)
            samples.append(await _press(painted))
        heartbeat.stop()
        await session.close()
        return 0

    run(app.qt, walk, print)
    stalls = heartbeat.stalls
    p95 = percentile(samples, 0.95)
    worst, p99 = max(stalls), percentile(stalls, 0.99)
    return [
        Measurement(
            "key press to next item painted", "ms", median(samples) * 1000, p95 * 1000, None, None,
            "p95 under 16.7 ms", p95 < FRAME_SECONDS,
        ),
        Measurement(
            "stall of the GUI thread", "ms", p99 * 1000, worst * 1000, None, None,
            "p99 under 16 ms, worst (in p95's column) under 50 ms", p99 < 0.016 and worst < 0.05,
        ),
    ]  # fmt: skip


async def _press(painted: _Painted) -> float:
    done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def press() -> None:
        target = QApplication.focusWidget()
        if target is None:
            done.set_exception(RuntimeError("nothing has the keyboard"))
            return
        begun = time.perf_counter()
        QTest.keyClick(target, Qt.Key.Key_D)
        QApplication.processEvents()
        done.set_result(painted.at - begun if painted.at > begun else time.perf_counter() - begun)

    QTimer.singleShot(0, press)
    return await done


def start(primary: str, replica: str, sign_in: SignIn, runs: int = 5) -> Measurement:
    """Start to first usable queue, against a bare process that imports the same and shows a window."""
    bare, ours = [], []
    for _ in range(runs):
        bare.append(_printed(_EMPTY_WINDOW))
        ours.append(_printed(_CONSOLE, primary, replica, sign_in.login, sign_in.password))
    ratio = median(ours) / median(bare)
    return Measurement(
        "start to first usable queue", "s", median(ours), percentile(ours, 0.95), median(bare), ratio,
        "within 2x of the bare window", ratio <= 2,
    )  # fmt: skip


def memory(primary: str, replica: str, sign_in: SignIn) -> Measurement:
    """What a console holds that has been far down in every queue, measured in a process of its own."""
    resident = _printed(_MEMORY, primary, replica, sign_in.login, sign_in.password)
    return Measurement(
        "resident memory of a console at work", "MB", resident, None, None, None,
        "under 300 MB", resident < 300,
    )  # fmt: skip


def megabytes_at_work(primary: str, replica: str, login: str, password: str) -> float:
    """Work in every queue; runs in a process of its own."""
    app = application(Directories.of_user(Path(os.environ["GREENROOM_BENCH_FOLDER"])), Choice.LIGHT)
    profile = Profile("bench", "Bench", "scenes", primary, (replica,))
    held: list[float] = []

    async def walk() -> int:
        session = await open_session(app, profile, SignIn(login, password))
        session.window.resize(1440, 900)
        session.window.show()
        session.window.activateWindow()
        pane = session.window.findChild(ListPane)
        if pane is None:
            raise RuntimeError("the window has no list")
        await _until(lambda: session.window.isActiveWindow() and session.desk.ready)
        for number in range(4):
            await press(Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
            await _until(lambda: session.desk.ready)
            for _ in range(40):
                await press(Qt.Key.Key_J)
            for _ in range(FAR_PAGES):
                pane.rows.scrollToBottom()
                await asyncio.sleep(0.1)
        held.append(_resident_megabytes())
        await session.close()
        return 0

    run(app.qt, walk, lambda name, error: print(name, error, file=sys.stderr))
    return held[0]


def first_queue(primary: str, replica: str, login: str, password: str, begun: float) -> float:
    """Seconds from `begun` until the first queue can be worked; runs in a process of its own."""
    folder = Path(os.environ["GREENROOM_BENCH_FOLDER"])
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("bench", "Bench", "scenes", primary, (replica,))
    taken: list[float] = []

    async def walk() -> int:
        session = await open_session(app, profile, SignIn(login, password))
        session.window.show()
        await _until(lambda: session.desk.item is not None)
        taken.append(time.perf_counter() - begun)
        await session.close()
        return 0

    run(app.qt, walk, lambda name, error: print(name, error, file=sys.stderr))
    return taken[0]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.002)


def _printed(script: str, *arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    return float(done.stdout.split()[-1])


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
