"""The demo in a window or as servers alone: kept apart, so that a console at work loads none of it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from console.bootstrap import Application, application, open_session, until_closed
from console.config import Directories, Profile, journal_folder
from console.domain.errors import GreenroomError
from console.domain.media import MediaRules
from console.runtime.loop import run
from console.runtime.notices import Level, Notice, Notices
from console.ui.signin.window import ProgressWindow
from db.demonstration import LOGINS, Demo, start_demo
from db.routing import SignIn


class _Progress(QObject):
    """Carries progress from the thread that makes the demo to the window."""

    told = Signal(str, int, int)


def open_demo(data: Path | None, *, size: str, reset: bool, login: str) -> int:
    """Start the demo and sign in as `login` until the window is closed; returns the exit code."""
    app = application(Directories.of_user(data))
    return run(app.qt, lambda: _run_demo(app, size, login, reset=reset), Notices().failed)


async def _run_demo(app: Application, size: str, login: str, *, reset: bool) -> int:
    prepared = await prepare_demo(app, size, reset=reset)
    if prepared is None:
        return 1
    try:
        session = await open_session(app, demo_profile(prepared), SignIn(login, prepared.passwords[login]))
        if prepared.media.hint is not None:
            session.notices.post(Notice(Level.INFO, prepared.media.hint))
        await until_closed(session)
    finally:
        await asyncio.to_thread(prepared.close)
    return 0


def demo_profile(demo: Demo) -> Profile:
    """The profile of a running demo."""
    media = MediaRules((demo.media.base.removeprefix("http://"),))
    name = demo.cluster.data.name
    title = f"Scenes ({name.replace('-', ', ')})"
    return Profile(name, title, "scenes", demo.primary, (demo.replica,), media=media)


def demo_folder(directories: Directories, size: str) -> Path:
    """Where the demo of a size lies: each has its own, or the other one would be shown."""
    return directories.data / ("demo" if size == "small" else f"demo-{size}")


def _local_records(directories: Directories, size: str) -> tuple[Path, ...]:
    """Journals, and the seals that consoles saw: they mean nothing to a demo that is made anew."""
    name = demo_folder(directories, size).name
    return tuple(
        path
        for login in LOGINS
        for path in directories.data.glob(f"journals/{journal_folder(directories.data, name, login).name}*")
    )


async def prepare_demo(app: Application, size: str, *, reset: bool = False) -> Demo | None:
    """Start the demo behind a window that shows how far it is; None when it was cancelled."""
    stop = threading.Event()
    window = ProgressWindow(app.theme)
    progress = _Progress()
    progress.told.connect(window.tell, Qt.ConnectionType.QueuedConnection)
    window.show()
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    window.closed.connect(lambda: None if closed.done() else closed.set_result(None))
    making = asyncio.ensure_future(
        asyncio.to_thread(
            start_demo,
            demo_folder(app.directories, size),
            size,
            progress.told.emit,
            reset=reset,
            forget=_local_records(app.directories, size),
            cancelled=stop.is_set,
        )
    )
    try:
        either: list[asyncio.Future[Any]] = [making, closed]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not making.done():
            window.hide()
            stop.set()
            await asyncio.wait([making])
            if making.exception() is None:
                await asyncio.to_thread(making.result().close)
            return None
        return making.result()
    except GreenroomError as error:
        window.failed(str(error), error.remedy)
        await closed
        return None
    finally:
        window.hide()
        window.deleteLater()


def serve_demo(data: Path | None, *, size: str, reset: bool) -> int:
    """`greenroom demo --no-window`: one JSON line of URLs, then serve until SIGINT or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    directories = Directories.of_user(data)
    forget = _local_records(directories, size)
    demo = start_demo(demo_folder(directories, size), size, _tell, reset=reset, forget=forget)
    try:
        print(json.dumps(demo.urls()), flush=True)
        ended.wait()
    finally:
        demo.close()
    return 0


def _tell(what: str, done: int, whole: int) -> None:
    share = f" {done:,} of {whole:,}" if whole else ""
    print(f"{what}{share}", file=sys.stderr)
