"""The demo's window: closing it stops the making, and nothing half-made is left."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel

from console.bootstrap import application
from console.config import Directories
from console.demonstration import prepare_demo
from console.ui.signin.window import ProgressWindow
from console.ui.theme.theme import Choice
from db.embedded import EmbeddedCluster
from tests.support.waiting import until


async def test_closing_the_window_stops_the_making(tmp_path: Path) -> None:
    app = application(Directories.of_user(tmp_path), Choice.LIGHT)
    making = asyncio.get_running_loop().create_task(prepare_demo(app, "large"), name="making")

    def windows() -> list[ProgressWindow]:
        return [each for each in QApplication.topLevelWidgets() if isinstance(each, ProgressWindow)]

    await until(lambda: any("videos" in label.text() for w in windows() for label in w.findChildren(QLabel)))
    (window,) = windows()
    begun = time.monotonic()
    window.close()
    assert await making is None
    assert time.monotonic() - begun < 30
    cluster = EmbeddedCluster(tmp_path / "demo")
    try:
        assert not (tmp_path / "demo" / "demo.json").exists()
        assert not cluster.running()
    finally:
        cluster.destroy()
