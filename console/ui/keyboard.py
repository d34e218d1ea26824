"""Key and mouse events as a person's hands make them, for the tour and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_PLAIN = Qt.KeyboardModifier.NoModifier


async def press(key: Qt.Key, modifier: Qt.KeyboardModifier = _PLAIN) -> None:
    """Press a key where the keyboard is. RuntimeError when no window has it."""
    await _outside(lambda: QTest.keyClick(_focused(), key, modifier))


async def type_text(text: str) -> None:
    """Type where the keyboard is."""
    await _outside(lambda: QTest.keyClicks(_focused(), text))


async def click(target: QWidget, place: QPoint | None = None) -> None:
    """Click with the left button at a place of the target, or at its middle."""
    middle = place or target.rect().center()
    button, modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    await _outside(lambda: QTest.mouseClick(target, button, modifier, middle))


def _focused() -> QWidget:
    target = QApplication.focusWidget() or QApplication.activeWindow()
    if target is None:
        raise RuntimeError("no window has the keyboard")
    return target


async def _outside(act: Callable[[], None]) -> None:
    """Act from Qt's own loop: events that are processed inside a task would enter other tasks from it."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def now() -> None:
        try:
            act()
        except RuntimeError as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    QTimer.singleShot(0, now)
    await done
