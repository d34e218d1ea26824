"""Key events as a person's hands make them, for the tour and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_PLAIN = Qt.KeyboardModifier.NoModifier


async def press(key: Qt.Key, modifier: Qt.KeyboardModifier = _PLAIN) -> None:
    """Press a key where the keyboard is. RuntimeError when no window has it."""
    await _outside(lambda target: QTest.keyClick(target, key, modifier))


async def type_text(text: str) -> None:
    """Type where the keyboard is."""
    await _outside(lambda target: QTest.keyClicks(target, text))


async def _outside(act: Callable[[QWidget], None]) -> None:
    """Act from Qt's own loop: events that are processed inside a task would enter other tasks from it."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def now() -> None:
        target = QApplication.focusWidget() or QApplication.activeWindow()
        if target is None:
            done.set_exception(RuntimeError("no window has the keyboard"))
            return
        act(target)
        done.set_result(None)

    QTimer.singleShot(0, now)
    await done
