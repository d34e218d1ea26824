"""What is greyed out is still what it was, only paler."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.ui.theme.theme import Choice, Theme
from console.ui.theme.tokens import FADED
from console.ui.widgets.labels import label
from console.ui.widgets.veil import Veil


def paler(colour: QColor, surface: QColor) -> tuple[int, int, int]:
    return (
        round(colour.red() * FADED + surface.red() * (1 - FADED)),
        round(colour.green() * FADED + surface.green() * (1 - FADED)),
        round(colour.blue() * FADED + surface.blue() * (1 - FADED)),
    )


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
def test_every_pixel_is_the_same_and_paler(qtbot: QtBot, choice: Choice) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme = Theme(application, choice)
    window, page = QWidget(), QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(page)
    for number in range(40):
        column.addWidget(label(f"Line {number} of a long page"))
    column.addWidget(QPlainTextEdit("A text that scrolls by itself"))
    scroll = QScrollArea()
    scroll.setWidget(page)
    QVBoxLayout(window).addWidget(scroll)
    veil = Veil(theme, scroll)
    window.resize(300, 240)
    window.show()
    scroll.verticalScrollBar().setValue(120)

    def seen() -> QImage:
        return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)

    plain = seen()
    veil.set_drawn(drawn=True)
    veiled = seen()
    surface = QColor(theme.tokens.surface)
    inside = scroll.geometry()
    for y in range(0, window.height(), 3):
        for x in range(0, window.width(), 3):
            before, now = plain.pixelColor(x, y), veiled.pixelColor(x, y)
            if inside.contains(QPoint(x, y)):
                found = (now.red(), now.green(), now.blue())
                wanted = paler(before, surface)
                assert max(abs(a - b) for a, b in zip(wanted, found, strict=True)) <= 2, (x, y)
            else:
                assert before == now, (x, y)

    window.resize(420, 320)
    assert veil.geometry() == scroll.geometry()
    assert window.childAt(veil.geometry().center()) is not veil
    veil.set_drawn(drawn=False)
    assert not veil.isVisible()
    assert veil.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
