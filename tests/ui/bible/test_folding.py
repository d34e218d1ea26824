"""Folded lines are hidden, never lost, and never in the cursor's way."""

from __future__ import annotations

import json

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.ui.bible.text import JsonText
from console.ui.keyboard import press
from tests.support.waiting import until
from tests.ui.bible.test_text import CONTROL, SHIFT
from tests.ui.bible.test_text_pane import pane

KEYS = CONTROL | SHIFT
TEXT = json.dumps({"a": {"b": [1, 2, {"c": 3}], "d": "}"}, "e": 4}, indent=2)


def shown(text: JsonText) -> list[int]:
    block, lines = text.document().begin(), []
    while block.isValid():
        if block.isVisible():
            lines.append(block.blockNumber() + 1)
        block = block.next()
    return lines


async def test_keys_fold_and_unfold_what_the_cursor_is_in() -> None:
    async with pane() as widget:
        text = widget.text
        text.set_text(TEXT)
        await until(lambda: not text.isReadOnly())
        text.go_to_line(5, 7)
        await press(Qt.Key.Key_BracketLeft, KEYS)
        await until(lambda: shown(text) == [1, 2, 3, 9, 10, 11, 12, 13])
        assert text.textCursor().blockNumber() + 1 == 3
        await press(Qt.Key.Key_Up)
        await press(Qt.Key.Key_BracketLeft, KEYS)
        await until(lambda: shown(text) == [1, 2, 11, 12, 13])
        await press(Qt.Key.Key_BracketRight, KEYS)
        await until(lambda: shown(text) == [1, 2, 3, 9, 10, 11, 12, 13])
        assert text.text() == TEXT
        assert widget.folding.sign(3) == "▸"
        assert widget.folding.tail(text.document().findBlockByNumber(2)) == "⋯ 5 lines"
        assert widget.folding.sign(2) == "▾"
        assert widget.folding.sign(12) == ""


async def test_a_pressed_sign_folds_and_going_inside_unfolds() -> None:
    async with pane() as widget:
        text = widget.text
        text.set_text(TEXT)
        await until(lambda: not text.isReadOnly())
        _number, top, height = text._lines()[1]
        QTest.mouseClick(
            text.gutter,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(text.gutter.width() - 4, top + height // 2),
        )
        await until(lambda: shown(text) == [1, 2, 11, 12, 13])
        await text.go_to("/a/b/2/c")
        await until(lambda: len(shown(text)) == 13)
        assert text.textCursor().blockNumber() + 1 == 7


async def test_undo_in_folded_lines_shows_them() -> None:
    async with pane() as widget:
        text = widget.text
        text.set_text(TEXT)
        await until(lambda: not text.isReadOnly())
        text.go_to_line(5, 8)
        await press(Qt.Key.Key_Backspace)
        await press(Qt.Key.Key_BracketLeft, KEYS)
        await until(lambda: len(shown(text)) < 13)
        text.undo()
        await until(lambda: len(shown(text)) == 13)
        assert text.text() == TEXT
