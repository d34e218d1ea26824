"""What stands where content would is whole, at any width, and in the colours of the theme in force."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from console.ui.theme.theme import Choice, Theme
from console.ui.widgets.states import STATE_ICON_PIXELS, StatePanel

SENTENCE = "Reads go to the primary. What you decided is kept and will be sent when the server answers."


@pytest.fixture
def theme() -> Theme:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return Theme(application, Choice.LIGHT)


@pytest.mark.parametrize("width", [260, 420, 900])
def test_the_whole_sentence_is_seen(qtbot: QtBot, theme: Theme, width: int) -> None:
    panel = StatePanel(theme)
    qtbot.addWidget(panel)
    panel.tell("warning", "The replica is out of reach", SENTENCE)
    panel.resize(width, 400)
    panel.show()
    text = next(each for each in panel.findChildren(QLabel) if each.text() == SENTENCE)
    assert text.width() > width / 2
    assert text.height() >= text.heightForWidth(text.width())


def test_the_icon_is_drawn_at_its_size_and_anew_in_another_theme(qtbot: QtBot, theme: Theme) -> None:
    panel = StatePanel(theme)
    qtbot.addWidget(panel)
    panel.tell("warning", "Failed")
    icon = next(each for each in panel.findChildren(QLabel) if not each.pixmap().isNull())
    light = icon.pixmap()
    assert light.deviceIndependentSize().toSize().width() == STATE_ICON_PIXELS
    theme.choose(Choice.DARK)
    assert icon.pixmap().toImage() != light.toImage()


def test_its_action_runs_and_its_details_are_copied(qtbot: QtBot, theme: Theme) -> None:
    panel = StatePanel(theme)
    qtbot.addWidget(panel)
    tried: list[str] = []
    panel.tell("warning", "Failed", action=("Try again", lambda: tried.append("again")), details="trace")
    panel.show()
    for button in panel.findChildren(QPushButton):
        button.click()
    assert tried == ["again"]
    assert QApplication.clipboard().text() == "trace"
