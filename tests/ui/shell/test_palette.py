"""The palette runs any command; the overview tells every key, also those that are no command's."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from console.domain.queues import Verb
from console.domain.staff import Role
from console.ui.shell.commands import Commands
from console.ui.shell.overlay import Overlay
from console.ui.shell.palette import KeyOverview, Palette
from console.ui.theme.theme import Choice, Theme

APPROVE = Verb("approve", "Approve", "Approved", "A", "approve", Role.MODERATOR, ())


class Window:
    """A window with two commands, one of them with keys, and both overlays."""

    def __init__(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme = Theme(application, Choice.LIGHT)
        self.widget, host = QMainWindow(), QWidget()
        self.widget.setCentralWidget(host)
        self.done: list[str] = []
        self.verbs: tuple[Verb, ...] = ()
        commands = Commands(self.widget)
        commands.add("Next item", "Item", ("J", "S"), lambda: self.done.append("next"))
        commands.add("Theme: dark", "View", (), lambda: self.done.append("dark"))
        self.palette = Palette(theme, host, commands)
        self.overview = KeyOverview(theme, host, commands, lambda: self.verbs)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = Window()
    qtbot.addWidget(made.widget)
    made.widget.show()
    return made


def rows(overlay: Overlay) -> list[str]:
    return [overlay.list.item(place).text() for place in range(overlay.list.count())]


def test_the_palette_finds_a_command_by_words_in_any_order_and_runs_it(window: Window) -> None:
    window.palette.open()
    assert rows(window.palette) == ["Next item", "Theme: dark"]
    window.palette.field.setText("DARK them")
    assert rows(window.palette) == ["Theme: dark"]
    window.palette.field.returnPressed.emit()
    assert window.done == ["dark"]
    assert not window.palette.isVisible()


def test_the_overview_has_the_verbs_of_now_and_what_it_was_told(window: Window) -> None:
    reason = "Decide with a reason where none is needed"
    window.overview.open()
    assert rows(window.overview) == ["Decide", reason, "Item", "Next item"]
    window.verbs = (APPROVE,)
    window.overview.tell("Video", [("Play or pause", ("Space",))])
    window.overview.open()
    assert rows(window.overview) == [
        "Decide",
        "Approve",
        reason,
        "Item",
        "Next item",
        "Video",
        "Play or pause",
    ]
    window.overview.field.setText("pause")
    assert rows(window.overview) == ["Video", "Play or pause"]
