"""Everything that can be worked has a name for a screen reader, and Tab reaches it as one reads."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from console.ui.desk.list_pane import ListPane
from console.ui.keyboard import press
from console.ui.shell.navigation import Navigation
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import moderator

CONTROL = Qt.KeyboardModifier.ControlModifier


def unnamed(window: QWidget) -> list[str]:
    """Visible widgets that take the keyboard and that a screen reader would read as nothing."""
    found = []
    for widget in window.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible():
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface.text(QAccessible.Text.Name).strip():
            found.append(
                f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parent()).__name__}"
            )
    return found


async def test_whatever_takes_the_keyboard_has_a_name(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        assert unnamed(session.window) == []
        await press(Qt.Key.Key_X)
        await until(lambda: session.desk.asking)
        assert unnamed(session.window) == []
        await press(Qt.Key.Key_Escape)
        for opening in (Qt.Key.Key_K, Qt.Key.Key_F, Qt.Key.Key_D):
            await press(opening, CONTROL)
            assert unnamed(session.window) == []
            await press(Qt.Key.Key_Escape)


async def round_by(key: Qt.Key) -> list[QWidget]:
    """What the key reaches, from what has the keyboard now until it is there again."""
    reached: list[QWidget] = []
    for _ in range(60):
        await press(key)
        widget = QApplication.focusWidget()
        assert widget is not None
        reached.append(widget)
        if len(reached) > 1 and widget is reached[0]:
            return reached[:-1]
    raise AssertionError(f"no way back in {reached}")


async def test_tab_goes_as_one_reads_and_shift_tab_back(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await until(lambda: QApplication.focusWidget() is not None)
        forward = await round_by(Qt.Key.Key_Tab)
        places = [each.mapTo(session.window, QPoint(0, 0)) for each in forward]
        columns = [
            next(n for n, pane in enumerate((Navigation, ListPane, QWidget)) if within(each, pane))
            for each in forward
        ]
        # Once round the window: every pane is gone through in one go, from its top to its bottom.
        assert [pane for pane, _ in groupby(columns)] in ([2, 0, 1], [2, 0, 1, 2])
        for pane in range(3):
            tops = [place.y() for place, column in zip(places, columns, strict=True) if column == pane]
            assert tops == sorted(tops)
        assert len(set(forward)) == len(forward) > 8
        backward = await round_by(Qt.Key.Key_Backtab)
        turn = backward.index(forward[0])
        assert backward[turn:] + backward[:turn] == [forward[0], *reversed(forward[1:])]


def within(widget: QWidget, kind: type[QWidget]) -> bool:
    """Whether the widget, or one around it, is of this kind."""
    around: QWidget | None = widget
    while around is not None and not isinstance(around, kind):
        around = around.parentWidget()
    return around is not None
