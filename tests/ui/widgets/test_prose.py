"""Prose is as high as its lines at any width, and no line of it is cut in two."""

from __future__ import annotations

import math

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.ui.widgets.prose import EDGES, MOST_LINES, Prose

SHORT = "INT. BUS DEPOT\n\n" + "A sky the colour of slate, and nobody who would say so. " * 5
LONG = "\n".join(f"Line {number}, which is " + "rather long " * 9 for number in range(60))
UNBROKEN = "abcdefghij" * 80


def shown(qtbot: QtBot, text: str, width: int) -> tuple[QWidget, Prose]:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    prose = Prose(text)
    prose.setStyleSheet("border: 1px solid transparent; padding: 0;")
    column.addWidget(prose)
    column.addStretch()
    window.resize(width, 900)
    window.show()
    qtbot.waitExposed(window)
    return window, prose


@pytest.mark.parametrize("width", [240, 413, 800])
@pytest.mark.parametrize("text", ["One line\nand two", SHORT, UNBROKEN[:300], "\n\n\n", "שלום " * 40])
def test_a_short_text_is_shown_whole_without_room_to_spare(qtbot: QtBot, text: str, width: int) -> None:
    _window, prose = shown(qtbot, text, width)
    bar = prose.verticalScrollBar()
    assert bar.maximum() == 0
    prose.setFixedHeight(prose.height() - prose.fontMetrics().lineSpacing())
    qtbot.waitUntil(lambda: bar.maximum() == 1)


@pytest.mark.parametrize("text", [LONG, UNBROKEN * 5])
def test_a_long_text_shows_whole_lines_and_scrolls(qtbot: QtBot, text: str) -> None:
    _window, prose = shown(qtbot, text, 413)
    line = math.ceil(QFontMetricsF(prose.font()).height())
    assert prose.height() == MOST_LINES * line + EDGES
    assert prose.verticalScrollBar().maximum() > 0


def test_a_narrower_window_makes_it_higher(qtbot: QtBot) -> None:
    window, prose = shown(qtbot, SHORT, 800)
    before = prose.height()
    window.resize(300, 900)
    qtbot.waitUntil(lambda: prose.height() > before)
