"""The real window's frame: nothing that lies over the desk decides, or hides what decides."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from console.domain.staff import Role
from console.runtime.notices import Level, Notice
from console.ui.deciding.bar import DecisionBar
from console.ui.keyboard import press
from console.ui.shell.screens import Deed, Opening, Screen
from console.ui.shell.toasts import Toasts
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import decided, moderator, of_desk

CONTROL = Qt.KeyboardModifier.ControlModifier


def place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


async def test_toasts_leave_the_bar_free_whatever_is_hidden(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        session.notices.post(Notice(Level.PROBLEM, "The replica is out of reach"))
        toasts, bar = session.window.findChild(Toasts), of_desk(session, DecisionBar)
        assert toasts is not None
        assert bar is not None
        for key in (Qt.Key.Key_F7, Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F6):
            await press(key)
            await asyncio.sleep(0.05)
            assert bar.isVisible()
            assert not place(toasts).intersects(place(bar))


async def test_letters_in_an_overlay_never_decide(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        for opening in (Qt.Key.Key_D, Qt.Key.Key_F, Qt.Key.Key_K):
            await press(opening, CONTROL)
            await press(Qt.Key.Key_Tab)
            for verb in session.desk.verbs:
                await press(Qt.Key[f"Key_{verb.shortcut}"])
            await press(Qt.Key.Key_Escape)
        assert session.desk.verbs
        assert session.window.status.tally.sent == 0
        assert session.window.status.tally.waiting == 0


async def test_a_screen_in_front_takes_the_keys_of_the_item_and_a_queue_gives_them_back(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        opened: list[str] = []
        screen = QLabel("Topics and categories")
        for role, key in ((Role.MODERATOR, "topics"), (Role.ADMIN, "secrets")):
            session.window.add_screen(
                Screen(
                    key,
                    key.title(),
                    "Curation",
                    "topic",
                    screen,
                    role,
                    partial(opened.append, key),
                    deeds=(Deed("Read anew", ("F5",), partial(opened.append, "anew")),),
                )
            )
        bar = session.window.menuBar()

        def menus() -> list[str]:
            return [action.text() for action in bar.actions() if action.isVisible()]

        assert menus() == ["Go", "Item", "View", "Session", "Help"]
        session.window.show_screen("secrets")
        assert not screen.isVisible()
        session.window.show_screen("topics")
        assert screen.isVisible()
        assert menus() == ["Go", "View", "Topics", "Session", "Help"]
        titles = [command.title for command in session.window.commands.offered]
        assert "Read anew" in titles
        assert "Undo last decision" not in titles
        await press(Qt.Key.Key_F5)
        assert opened == ["topics", "anew"]
        for verb in session.desk.verbs:
            await press(Qt.Key[f"Key_{verb.shortcut}"])
        assert session.window.status.tally.sent + session.window.status.tally.waiting == 0
        await press(Qt.Key.Key_1, CONTROL)
        assert not screen.isVisible()
        assert menus() == ["Go", "Item", "View", "Session", "Help"]
        await until(lambda: session.desk.ready)
        await press(Qt.Key.Key_D)
        await decided(session, 1)


async def test_a_screens_own_keys_work_while_it_is_in_front_and_the_desk_comes_back_as_it_was(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        done: list[object] = []
        screen = Screen(
            "canvas",
            "Canvas",
            "Media",
            "scene",
            QLabel("A canvas"),
            deeds=(Deed("Paint", ("D",), lambda: done.append("painted")),),
            opening=Opening("Open the canvas", "Y", frozenset({"idea"}), done.append),
        )
        session.window.add_screen(screen)
        await press(Qt.Key.Key_J)
        await until(lambda: session.desk.ready)
        shown = session.desk.item
        assert shown is not None
        await press(Qt.Key.Key_Y)
        assert screen.widget.isVisible()
        await press(Qt.Key.Key_D)
        assert done == [shown.subject, "painted"]
        session.window.show_desk()
        assert session.desk.item is shown
        await press(Qt.Key.Key_D)
        await decided(session, 1)
        assert done == [shown.subject, "painted"]
