"""Comparing two documents with the keyboard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.bible.diff import content, diff
from console.bible.patch import apply
from console.runtime.tasks import Tasks
from console.ui.documents.change_list import Mode
from console.ui.documents.comparison import Comparison
from console.ui.documents.rows import LONGEST, MOST_LINES, MOST_ROWS, compared, compared_words
from console.ui.keyboard import press
from console.ui.theme.theme import Choice, Theme
from tests.support.waiting import until
from tests.ui.bible.test_text import fail
from tests.unit.bible.annotated import SCHEMA

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
BEFORE: dict[str, Any] = {
    "version": 1,
    "people": [
        {"id": "a", "about": "She waits. She never sails. She sings.", "tags": ["calm"]},
        {"id": "b", "age": 1},
        {"id": "c", "age": 1},
    ],
}
AFTER: dict[str, Any] = {
    "version": 2,
    "people": [
        {"id": "c", "age": 1},
        {"id": "a", "about": "She waits. She once sailed. She sings.", "tags": ["calm", "<b>\u202eodd</b>"]},
        {"id": "b", "age": True},
    ],
}


@asynccontextmanager
async def comparison(before: Any = BEFORE, after: Any = AFTER) -> AsyncIterator[Comparison]:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    tasks, theme = Tasks(fail), Theme(application, Choice.LIGHT)
    widget = Comparison(theme, tasks, SCHEMA)
    widget.resize(800, 500)
    widget.show()
    widget.activateWindow()
    await widget.compare("One → two", (before, after), content(diff(before, after, SCHEMA), SCHEMA))
    await until(lambda: QApplication.focusWidget() is widget.changes or not widget.model.rows)
    try:
        yield widget
    finally:
        await tasks.close()
        widget.close()
        widget.deleteLater()
        theme.deleteLater()


def test_rows_tell_moves_as_moves_and_mark_words() -> None:
    found = compared(BEFORE, AFTER, SCHEMA)
    assert [row.sentence for row in found.rows] == [
        "a: about changed, 1 of 3 sentences",
        'a: tags: added "<b>\\u202eodd</b>"',
        "b: age changed from 1 to true",
        "c: moved from place 3 to 1",
    ]
    about = found.rows[0]
    assert [piece for piece in about.before if piece[0] == "removed"] == [
        ("removed", "never"),
        ("removed", "sails"),
    ]
    # What went is read before what came, and nothing hides: the direction sign is spelled out.
    assert [mark for mark, _ in about.inline if mark != "same"] == ["removed", "added"] * 2
    assert "".join(text for _, text in found.rows[1].after) == '"<b>⟨U+202E⟩odd</b>"'
    assert found.rows[3].inline == ()


def test_what_is_long_is_cut_and_says_so() -> None:
    many = {"free": {f"k{number}": 1 for number in range(MOST_ROWS + 5)}}
    found = compared({"free": {}}, many, SCHEMA)
    assert (len(found.rows), found.count) == (MOST_ROWS, MOST_ROWS + 5)
    deep = compared({}, {"free": {"list": list(range(200))}}, SCHEMA).rows[0].after[0][1]
    assert deep.split("\n")[-1].startswith("… ")
    assert deep.count("\n") == MOST_LINES
    long = "word " * LONGEST
    before, after, inline = compared_words(f"{long}old {long}", f"{long}new {long}")
    assert len("".join(text for _, text in inline)) < 2_000
    assert [piece for piece in before if piece[0] == "removed"] == [("removed", "old")]
    assert [piece for piece in after if piece[0] == "added"] == [("added", "new")]


async def test_keys_go_from_change_to_change_and_choose_the_way_of_showing() -> None:
    async with comparison() as widget:
        tester = QAbstractItemModelTester(
            widget.model, QAbstractItemModelTester.FailureReportingMode.Warning, widget
        )
        assert tester.model() is widget.model
        assert widget.count.text() == "1 of 4 changes"
        for key, told in ((Qt.Key.Key_N, "2"), (Qt.Key.Key_Down, "3"), (Qt.Key.Key_P, "2")):
            await press(key)
            assert widget.count.text() == f"{told} of 4 changes"
        heights = []
        for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
            await press(key)
            await asyncio.sleep(0.05)
            heights.append(widget.changes.visualRect(widget.model.index(0)).height())
        assert heights[2] < heights[0]
        assert heights[2] < heights[1]
        assert widget.mode is Mode.SENTENCES
        left: list[int] = []
        widget.left.connect(lambda: left.append(1))
        await press(Qt.Key.Key_Escape)
        assert left == [1]


async def test_the_patch_and_a_change_are_copied_and_saved(tmp_path: Path) -> None:
    async with comparison() as widget:
        clipboard = QGuiApplication.clipboard()
        await press(Qt.Key.Key_C, CONTROL)
        assert clipboard.text().startswith("a: about changed, 1 of 3 sentences\n- She waits.")
        await press(Qt.Key.Key_C, CONTROL | SHIFT)
        await until(lambda: clipboard.text().startswith("["))
        patched = apply(BEFORE, json.loads(clipboard.text()))
        assert diff(patched, AFTER, SCHEMA) == []
        widget.write_patch(str(tmp_path / "out.json"))
        await until((tmp_path / "out.json").exists)
        await until(lambda: (tmp_path / "out.json").read_text() == clipboard.text())


async def test_a_change_is_restored_only_where_that_is_offered() -> None:
    async with comparison() as widget:
        wanted: list[str] = []
        widget.restore_wanted.connect(lambda change: wanted.append(change.path))
        await press(Qt.Key.Key_R)
        widget.offer_restore("As in version 1, in a new version")
        await press(Qt.Key.Key_N)
        await press(Qt.Key.Key_R)
        assert wanted == ["/people/id=a/tags/1"]


@pytest.mark.parametrize("after", [BEFORE, {**BEFORE, "version": 7}])
async def test_what_means_the_same_is_no_change(after: Any) -> None:
    async with comparison(BEFORE, after) as widget:
        assert widget.count.text() == "No changes"
        assert not widget.restore.isEnabled()
        assert widget.copy_button.isEnabled()
