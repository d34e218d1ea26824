"""Find, replace and go to a pointer, by keys alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.bible.schema import bible_schema
from console.runtime.tasks import Tasks
from console.ui.bible.searching import Wanted, find, replaced
from console.ui.bible.text_pane import TextPane
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice, Theme
from tests.support.waiting import until
from tests.ui.bible.test_text import CONTROL, SHIFT, fail

TEXT = '{\n  "a": "😀 one",\n  "b": "One two",\n  "c": "one"\n}'


@asynccontextmanager
async def pane() -> AsyncIterator[TextPane]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    tasks, theme = Tasks(fail), Theme(application, Choice.LIGHT)
    widget = TextPane(theme, tasks, bible_schema())
    widget.resize(700, 500)
    widget.show()
    widget.activateWindow()
    widget.text.set_text(TEXT)
    widget.text.setFocus()
    await until(lambda: not widget.text.isReadOnly() and QApplication.focusWidget() is widget.text)
    try:
        yield widget
    finally:
        await tasks.close()
        widget.close()
        widget.deleteLater()
        theme.deleteLater()


async def test_find_counts_goes_on_and_back_and_escape_returns() -> None:
    async with pane() as widget:
        bar, text = widget.find_bar, widget.text
        await press(Qt.Key.Key_F, CONTROL)
        await type_text("one")
        await until(lambda: bar.result.text() == "1 of 3")
        for key, modifier, told in (
            (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier, "1 of 3"),
            (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier, "2 of 3"),
            (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "3 of 3"),
            (Qt.Key.Key_F3, SHIFT, "2 of 3"),
        ):
            await press(key, modifier)
            await until(partial(lambda words: bar.result.text() == words, told))
            await asyncio.sleep(0.05)
        assert text.textCursor().selectedText() == "One"
        await press(Qt.Key.Key_Escape)
        assert not bar.isVisible()
        assert QApplication.focusWidget() is text


async def test_replace_all_is_one_step_back() -> None:
    async with pane() as widget:
        await press(Qt.Key.Key_H, CONTROL)
        await type_text("(o)ne")
        widget.find_bar.pattern.setChecked(True)
        await press(Qt.Key.Key_Tab)
        widget.find_bar.replacement.setFocus()
        await type_text(r"\1ff")
        widget.find_bar._all.setFocus()
        await press(Qt.Key.Key_Space)
        await until(lambda: widget.find_bar.result.text() == "3 replaced")
        assert widget.text.text() == TEXT.replace("one", "off").replace("One", "Off")
        widget.text.undo()
        assert widget.text.text() == TEXT


async def test_a_wrong_expression_is_told_in_words() -> None:
    async with pane() as widget:
        await press(Qt.Key.Key_F, CONTROL)
        widget.find_bar.pattern.setChecked(True)
        await type_text("a(")
        await until(lambda: widget.find_bar.result.text().startswith("Not a regular expression: missing )"))


async def test_control_g_goes_to_a_pointer_or_says_why_not() -> None:
    async with pane() as widget:
        await press(Qt.Key.Key_G, CONTROL)
        await type_text("/x")
        await press(Qt.Key.Key_Return)
        await until(lambda: "there is no x" in widget.pointer_line.problem.text())
        widget.pointer_line.pointer.clear()
        await type_text("/c")
        await press(Qt.Key.Key_Return)
        await until(widget.text.hasFocus)
        assert widget.text.textCursor().blockNumber() == 3


def test_signs_mean_themselves_unless_a_pattern_is_wanted() -> None:
    assert find("a.b axb", Wanted("a.b")) == [(0, 3)]
    assert find("a.b axb", Wanted("a.b", pattern=True)) == [(0, 3), (4, 7)]
    assert find("A a", Wanted("a", match_case=True)) == [(2, 3)]
    assert find("abc", Wanted("x*", pattern=True)) == []
    assert replaced("a.b", [(0, 1)], Wanted("a"), r"\1") == r"\1"
    with pytest.raises(ValueError, match="cannot be used"):
        replaced("a", [(0, 1)], Wanted("a", pattern=True), r"\1")
