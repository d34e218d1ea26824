"""What strangers wrote is shown, hovered and read aloud as they typed it."""

from __future__ import annotations

from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from console.ui.widgets.labels import ElidedLabel


def test_a_screen_reader_says_the_text_and_no_markup(qtbot: QtBot) -> None:
    shown = ElidedLabel("<b>bold</b> & co")
    qtbot.addWidget(shown)
    read = QAccessible.queryAccessibleInterface(shown)
    assert read is not None
    assert read.text(QAccessible.Text.Name) == "<b>bold</b> & co"
    assert read.text(QAccessible.Text.Description) == "<b>bold</b> & co"
    assert shown.toolTip() == "<qt>&lt;b&gt;bold&lt;/b&gt; &amp; co</qt>"
