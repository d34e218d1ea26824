"""The tour: the real window, real keys, a real database, and a check that it holds what was done.

It signs in, decides in each queue, meets a second moderator, takes a decision back, and leaves a picture of
each step. It fails when the database does not hold exactly what was shown: these decisions and no others in
the record, these states and no others in the platform's rows.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from console.bootstrap import (
    Application,
    Session,
    application,
    sign_in,
)
from console.config import Directories
from console.demonstration import demo_profile, prepare_demo
from console.domain.errors import GreenroomError
from console.domain.subjects import Subject
from console.runtime.heartbeat import Heartbeat
from console.runtime.loop import run
from console.ui.desk.list_pane import ListPane
from console.ui.keyboard import click, press, type_text
from console.ui.signin.window import SignInWindow
from console.ui.theme.theme import Choice
from db.demonstration import Demo
from db.greenroom.ledger import Entry, decisions
from db.platforms.scenes.demo.states import States, states
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter

PATIENCE_SECONDS = 20.0
NOTE = "seen on the tour"
_CONTROL = Qt.KeyboardModifier.ControlModifier
_MOVES: dict[tuple[str, str], dict[tuple[str, str], tuple[str, str] | None]] = {
    ("scenes.flags", "dismiss"): {("flags", "pending"): ("flags", "dismissed")},
    ("scenes.flags", "escalate"): {("flags", "pending"): ("flags", "reviewing")},
    ("scenes.ideas", "approve"): {("ideas", "active pending"): ("ideas", "active approved")},
    ("scenes.user_topics", "approve"): {("user_topics", "pending"): ("user_topics", "approved")},
    ("scenes.segments", "pass"): {("reviews", "due"): None},
}
"""What each decision of the tour makes of the states of its subject; all else stays as it is."""


class TourFailed(GreenroomError):
    """A step did not show, or the database does not hold, what it should."""


class _Guide:
    """Types, waits and takes pictures."""

    def __init__(self, out: Path, theme: str) -> None:
        self._out, self._theme = out, theme
        self._step = 0
        self.heartbeat = Heartbeat()

    def picture(self, window: QWidget, name: str) -> None:
        """Save what the window shows."""
        self._step += 1
        target = self._out / f"{self._step:02}-{name}-{self._theme}.png"
        if not window.grab().save(str(target)):
            raise TourFailed(f"The picture {target} could not be written", "Choose another --out.")
        self.heartbeat.disregard()

    @staticmethod
    async def until(what: str, holds: Callable[[], bool]) -> None:
        """Wait until `holds`; TourFailed names what did not come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise TourFailed(f"The tour waited in vain: {what}")
            await asyncio.sleep(0.01)


def run_tour(out: Path, *, size: str, data: Path | None, theme: str) -> int:
    """Run the tour; returns 0 only when the database holds exactly what was done."""
    out.mkdir(parents=True, exist_ok=True)
    if sys.platform.startswith("linux") and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    failures: list[tuple[str, BaseException]] = []
    with tempfile.TemporaryDirectory(prefix="greenroom-tour-") as fresh:
        app = application(Directories.of_user(data or Path(fresh)), Choice(theme))

        async def walk() -> int:
            return await _walk(app, _Guide(out, theme), size, keep=data is not None)

        code = run(app.qt, walk, lambda name, error: failures.append((name, error)))
    for name, error in failures:
        raise TourFailed(f"A task failed on the way: {name}") from error
    return code


async def _walk(app: Application, guide: _Guide, size: str, *, keep: bool) -> int:
    demo = await prepare_demo(app, size)
    if demo is None:
        return 1
    try:
        before, began = await asyncio.to_thread(_held, demo)
        session = await _sign_in_by_hand(app, guide, demo)
        heartbeat = guide.heartbeat
        heartbeat.start()
        try:
            done = _Walk(session, guide, demo)
            await done.all()
        finally:
            heartbeat.stop()
            await session.close()
        record, ended = await asyncio.to_thread(_held, demo)
        held = record[len(before) :]
    finally:
        await asyncio.to_thread(demo.close)
        if not keep:
            await asyncio.to_thread(demo.cluster.destroy)
    if held != done.entries:
        raise TourFailed(f"The database holds {held}, the tour did {done.entries}")
    expected = Counter(began)
    expected.subtract(done.left)
    expected.update(done.reached)
    if +expected != ended:
        raise TourFailed(f"The platform's rows are {ended}, the tour should have made them {+expected}")
    stalls = sorted(heartbeat.stalls)
    print(
        f"tour: {len(held)} decisions, as shown; longest stall {stalls[-1] * 1000:.1f} ms,"
        f" p99 {stalls[int(len(stalls) * 0.99)] * 1000:.1f} ms"
    )
    return 0


async def _sign_in_by_hand(app: Application, guide: _Guide, demo: Demo) -> Session:
    profile = replace(demo_profile(demo), login="moderator")
    window = SignInWindow(app.theme, [profile])
    signing = asyncio.ensure_future(sign_in(app, window))
    window.show()
    window.activateWindow()
    await guide.until("the sign-in window", window.isActiveWindow)
    window.password.setFocus()
    await type_text("not the password")
    await press(Qt.Key.Key_Return)
    await guide.until("a refusal of the wrong password", lambda: bool(window.problem))
    guide.picture(window, "sign-in-refused")
    window.password.setFocus()
    window.password.selectAll()
    await type_text(demo.passwords["moderator"])
    await click(_button(window, "Sign in"))
    session = await signing
    if session is None:
        raise TourFailed("The sign-in window closed")
    session.window.resize(1440, 900)
    session.window.show()
    session.window.activateWindow()
    await guide.until("the main window", session.window.isActiveWindow)
    return session


def _button(window: QWidget, name: str) -> QPushButton:
    for button in window.findChildren(QPushButton):
        if button.isVisible() and (button.accessibleName() or button.text()).startswith(name):
            return button
    raise TourFailed(f"There is no button {name}")


class _Walk:
    """The main job, queue by queue. Afterwards the record must hold `entries`; the subjects decided have gone
    from the states in `left` to those in `reached`.
    """

    def __init__(self, session: Session, guide: _Guide, demo: Demo) -> None:
        self._desk, self._window = session.desk, session.window
        self._guide, self._demo = guide, demo
        self.entries: list[Entry] = []
        self.left: States = Counter()
        self.reached: States = Counter()
        self._found: States = Counter()

    async def all(self) -> None:
        """Every stop of the tour."""
        for stop in (self._flags, self._ideas, self._topics, self._segments, self._overlays):
            await stop()

    async def _flags(self) -> None:
        title = await self._ready("scenes.flags")
        await asyncio.sleep(0.6)
        self._guide.picture(self._window, "flags")
        await press(Qt.Key.Key_D)
        self._did("scenes.flags", "dismiss", title)
        title = await self._ready("scenes.flags")
        await click(_button(self._window, "Escalate"))
        self._did("scenes.flags", "escalate", title)
        await self._answered()
        self._guide.picture(self._window, "flags-decided")

    async def _ideas(self) -> None:
        """Reject with a reason and a note, take it back, approve instead."""
        await press(Qt.Key.Key_2, _CONTROL)
        title = await self._ready("scenes.ideas")
        await press(Qt.Key.Key_R)
        await self._guide.until("the reason panel", lambda: self._desk.asking)
        await type_text("spam")
        self._guide.picture(self._window, "ideas-reason")
        await press(Qt.Key.Key_Tab)
        await press(Qt.Key.Key_Tab)
        await type_text(NOTE)
        await press(Qt.Key.Key_Return)
        self._did("scenes.ideas", "reject", title, policy="spam", note=NOTE, undone=True)
        await self._answered()
        await press(Qt.Key.Key_Z, _CONTROL)
        self._did("scenes.ideas", "undo", title)
        await self._answered()
        title = await self._ready("scenes.ideas")
        self._guide.picture(self._window, "ideas-undone")
        await press(Qt.Key.Key_A)
        self._did("scenes.ideas", "approve", title)
        await self._answered()

    async def _topics(self) -> None:
        """Somebody else is quicker on the second item."""
        await press(Qt.Key.Key_3, _CONTROL)
        await self._ready("scenes.user_topics")
        rival = Servers(self._demo.primary, (), SignIn("moderator2", self._demo.passwords["moderator2"]))
        try:
            writer = GreenroomWriter(rival)
            claim = await writer.claim(self._desk.upcoming.subject)
            await press(Qt.Key.Key_J)
            await self._guide.until("the other's name", lambda: "moderator2" in self._desk.banner)
            self._guide.picture(self._window, "topics-conflict")
            await writer.release([claim.token])
        finally:
            await rival.close()
        rows = next(each.rows for each in self._window.findChildren(ListPane) if each.isVisible())
        await click(rows.viewport(), rows.visualRect(rows.model().index(0, 0)).center())
        title = await self._ready("scenes.user_topics")
        await press(Qt.Key.Key_A)
        self._did("scenes.user_topics", "approve", title)
        await self._answered()

    async def _segments(self) -> None:
        """The queue that only declares itself."""
        await press(Qt.Key.Key_4, _CONTROL)
        title = await self._ready("scenes.segments")
        await asyncio.sleep(0.3)
        self._guide.picture(self._window, "segments")
        await press(Qt.Key.Key_P)
        self._did("scenes.segments", "pass", title)
        await self._answered()

    async def _overlays(self) -> None:
        for key, modifier, typed, name in (
            (Qt.Key.Key_F, _CONTROL, "staff", "find"),
            (Qt.Key.Key_D, _CONTROL, "", "my-decisions"),
            (Qt.Key.Key_K, _CONTROL, "theme", "commands"),
            (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, "", "keys"),
        ):
            await press(key, modifier)
            await type_text(typed)
            await asyncio.sleep(0.6)
            self._guide.picture(self._window, name)
            await press(Qt.Key.Key_Escape)
        self._window.resize(1100, 700)
        await asyncio.sleep(0.2)
        self._guide.picture(self._window, "small")

    async def _ready(self, queue: str) -> str:
        desk = self._desk
        await self._guide.until(f"an item of {queue}", lambda: desk.ready and desk.scope == queue)
        await self._guide.until(f"the claim in {queue}", lambda: desk.claimed)
        if desk.item is None:
            raise TourFailed(f"{queue} is empty")
        self._found = await asyncio.to_thread(_states, self._demo, desk.item.subject)
        return desk.item.title

    async def _answered(self) -> None:
        count = len(self.entries)
        await self._guide.until(f"{count} answers", lambda: self._window.status.tally.sent >= count)

    def _did(
        self,
        scope: str,
        verb: str,
        title: str,
        *,
        policy: str | None = None,
        note: str | None = None,
        undone: bool = False,
    ) -> None:
        self.entries.append(Entry("moderator", scope, verb, policy, note, title[:200], undone, 1, 1))
        if not undone and verb != "undo":
            moves = _MOVES[scope, verb]
            for state, rows in self._found.items():
                if state in moves:
                    self.left[state] += rows
                    reached = moves[state]
                    if reached is not None:
                        self.reached[reached] += rows


def _held(demo: Demo) -> tuple[list[Entry], States]:
    with demo.cluster.superuser("scenes") as connection:
        return decisions(connection), states(connection)


def _states(demo: Demo, subject: Subject) -> States:
    with demo.cluster.superuser("scenes") as connection:
        return states(connection, subject)
