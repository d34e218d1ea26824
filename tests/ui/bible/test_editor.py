"""Form and text are two views of one document with one way back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from console.bible.schema import bible_schema
from console.bible.values import Tokens
from console.bible.writing import write
from console.runtime.tasks import Tasks
from console.ui.bible.checking import Mark
from console.ui.bible.editor import BibleEditor, Shown
from console.ui.bible.fields import NumberField, View
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice, Theme
from tests.ui.bible.test_text import CONTROL, SHIFT, fail, until

ALT = Qt.KeyboardModifier.AltModifier
NAME: Tokens = ("characters", 0, "canonicalName")


def document() -> dict[str, Any]:
    return {
        "version": 1.0,
        "characters": [
            {
                "entityId": "char_a",
                "canonicalName": "Ann",
                "aliases": ["x", "y", "z"],
                "description": "One. Two.",
                "relationships": [{"targetEntityId": "char_b", "relationshipType": "aunt"}],
                "isActive": True,
                "odd": None,
            },
            {"entityId": "char_b", "canonicalName": "Ben"},
        ],
        "setting": {"primaryLocation": "Mill"},
        "timeline": {},
        "plotThreads": [{"id": "t", "status": "active"}],
    }


@asynccontextmanager
async def editing(text: str | None = None, **around: int) -> AsyncIterator[BibleEditor]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    tasks, theme = Tasks(fail), Theme(application, Choice.LIGHT)
    widget = BibleEditor(theme, tasks)
    checks: list[tuple[Mark, ...]] = []
    widget.findings_changed.connect(checks.append)
    widget.resize(1000, 700)
    widget.show()
    widget.activateWindow()
    widget.load(
        write(document(), bible_schema()) if text is None else text,
        version=around.get("version"),
        segments=around.get("segments"),
    )
    await until(lambda: bool(checks) and not widget.pane.text.isReadOnly() and widget.isActiveWindow())
    try:
        yield widget
    finally:
        await tasks.close()
        widget.close()
        widget.deleteLater()
        theme.deleteLater()


def view(widget: BibleEditor, tokens: Tokens) -> View:
    """The field of a place, with the keyboard in it."""
    widget.form.go_to(tokens)
    slot = widget.form.slot_at(tokens)
    assert slot is not None
    assert slot.tokens == tokens
    assert slot.view is not None
    return slot.view


def kept(widget: BibleEditor) -> Any:
    return json.loads(widget.text())


async def test_a_field_changes_its_place_in_the_text_and_nothing_else() -> None:
    async with editing() as widget:
        before = widget.text()
        view(widget, NAME)
        await press(Qt.Key.Key_End)
        await type_text("a B")
        await until(lambda: widget.pane.text.text() != before)
        assert widget.text() == before.replace('"Ann"', '"Anna B"')
        assert widget.modified
        await until(lambda: widget._form_revision == widget.pane.text.revision)
        await type_text("c")
        await press(Qt.Key.Key_Return)
        assert '"Anna Bc"' in widget.text()
        assert QApplication.focusWidget() is not None
        await press(Qt.Key.Key_Z, CONTROL)
        assert widget.text() == before
        assert not widget.pane.text.document().isModified()
        line = view(widget, NAME).findChild(QLineEdit)
        assert line is not None
        await until(lambda: line.text() == "Ann")
        await press(Qt.Key.Key_Z, CONTROL | SHIFT)
        assert '"Anna Bc"' in widget.text()


async def test_a_change_of_the_text_reaches_the_field_and_leaves_the_keyboard() -> None:
    async with editing() as widget:
        widget.show_views(Shown.BOTH)
        line = view(widget, NAME).findChild(QLineEdit)
        assert line is not None
        widget.pane.text.setFocus()
        bar = widget.form.scroll_bar
        await widget.pane.text.go_to_place(NAME)
        await press(Qt.Key.Key_Right)
        at = bar.value()
        await type_text("X")
        await until(lambda: line.text() == "XAnn")
        assert widget.pane.text.hasFocus()
        assert bar.value() == at
        assert view(widget, NAME).findChild(QLineEdit) is line


async def test_a_broken_text_greys_the_form_and_says_why() -> None:
    async with editing() as widget:
        widget.show_views(Shown.BOTH)
        view(widget, NAME)
        widget.pane.text.setFocus()
        await press(Qt.Key.Key_End, CONTROL)
        await type_text("x")
        await until(widget.form.banner.isVisible)
        assert widget.form.banner.text().startswith("Line 38, column 1: text after the end of the document")
        assert not widget.form.outline.isEnabled()
        await press(Qt.Key.Key_Backspace)
        await until(lambda: not widget.form.banner.isVisible())
        assert widget.form.outline.isEnabled()
        assert widget.form.page == ("characters", 0)


async def test_elements_are_moved_added_and_removed_by_keys() -> None:
    async with editing() as widget:
        aliases = ("characters", 0, "aliases")
        view(widget, (*aliases, 1))
        await press(Qt.Key.Key_Up, ALT)
        await press(Qt.Key.Key_Down, ALT)
        await press(Qt.Key.Key_Down, ALT)
        await until(lambda: kept(widget)["characters"][0]["aliases"] == ["x", "z", "y"])
        await until(lambda: widget.form.focused == (*aliases, 2))
        await press(Qt.Key.Key_Return, CONTROL)
        await until(lambda: widget.form.focused == (*aliases, 3))
        await type_text("new")
        await until(lambda: kept(widget)["characters"][0]["aliases"] == ["x", "z", "y", "new"])
        await press(Qt.Key.Key_Delete, CONTROL | SHIFT)
        await until(lambda: widget.form.focused == (*aliases, 2))
        assert kept(widget)["characters"][0]["aliases"] == ["x", "z", "y"]
        for _ in range(6):
            widget.undo()
        assert kept(widget) == document()


async def test_the_outline_moves_whole_elements() -> None:
    async with editing() as widget:
        widget.form.go_to(("characters", 0))
        widget.form.outline.setFocus()
        await press(Qt.Key.Key_Down, ALT)
        await until(lambda: [each["entityId"] for each in kept(widget)["characters"]] == ["char_b", "char_a"])
        await until(lambda: widget.form.page == ("characters", 1))
        assert widget.form.outline.hasFocus()


@pytest.mark.qt_log_ignore("does not support", extend=True)
async def test_a_reference_is_picked_by_name() -> None:
    async with editing() as widget:
        view(widget, ("characters", 0, "relationships", 0, "targetEntityId"))
        await press(Qt.Key.Key_A, CONTROL)
        await type_text("ann")
        await press(Qt.Key.Key_Return)
        await until(lambda: kept(widget)["characters"][0]["relationships"][0]["targetEntityId"] == "char_a")


async def test_numbers_are_kept_as_they_are_typed() -> None:
    async with editing() as widget:
        line = view(widget, ("version",)).findChild(QLineEdit)
        assert line is not None
        assert line.text() == "1.0"
        await press(Qt.Key.Key_A, CONTROL)
        await type_text("12345678901234567890123.50")
        await until(lambda: '"version": 12345678901234567890123.50,' in widget.text())
        await type_text("x")
        await press(Qt.Key.Key_Return)
        assert '"version": 12345678901234567890123.50,' in widget.text()
        field = view(widget, ("version",))
        assert isinstance(field, NumberField)
        assert "no number" in field.problem.text()


async def test_null_absent_and_unknown_are_told_apart() -> None:
    async with editing() as widget:
        null = view(widget, ("characters", 0, "odd"))
        assert null.kind == "null"
        chips = {
            button.text(): button
            for button in widget.form.findChildren(QPushButton)
            if button.property("part") == "chip"
        }
        assert "+ Odd" not in chips
        add = chips["+ Traits"]
        await until(add.isVisible)
        add.setFocus()
        await press(Qt.Key.Key_Space)
        await until(lambda: list(kept(widget)["characters"][0])[4] == "traits")
        await until(lambda: widget.form.focused == ("characters", 0, "traits"))


async def test_choices_and_yes_or_no() -> None:
    async with editing() as widget:
        view(widget, ("plotThreads", 0, "status"))
        await press(Qt.Key.Key_Down)
        await until(lambda: kept(widget)["plotThreads"][0]["status"] == "resolved")
        view(widget, ("characters", 0, "isActive"))
        await press(Qt.Key.Key_Space)
        await until(lambda: kept(widget)["characters"][0]["isActive"] is False)


async def test_findings_are_told_at_the_field_in_the_outline_and_in_the_list() -> None:
    async with editing(version=2, segments=3) as widget:
        found = widget.findings.findings.marks
        assert [(mark.kind, mark.path) for mark in found] == [
            ("version", "/version"),
            ("unknown-field", "/characters/entityId=char_a"),
        ]
        assert widget.summary.text() == "2 warnings"
        widget.summary.setChecked(True)
        await press(Qt.Key.Key_F8)
        await press(Qt.Key.Key_F8)
        assert widget.form.focused == ("characters", 0, "odd")
        widget.findings.setFocus()
        await press(Qt.Key.Key_Home)
        await press(Qt.Key.Key_Return)
        await until(lambda: widget.form.focused == ("version",))


async def test_ctrl_e_goes_to_the_same_place_in_the_other_view() -> None:
    async with editing() as widget:
        view(widget, ("characters", 1, "canonicalName"))
        await press(Qt.Key.Key_E, CONTROL)
        await until(
            lambda: widget.shown is Shown.TEXT and "Ben" in widget.pane.text.textCursor().block().text()
        )
        await press(Qt.Key.Key_E, CONTROL)
        await until(lambda: widget.form.focused == ("characters", 1, "canonicalName"))


async def test_read_only_says_why_and_changes_nothing() -> None:
    async with editing() as widget:
        before = widget.text()
        widget.set_read_only(True, "Locked by ada")
        view(widget, NAME)
        await type_text("x")
        await press(Qt.Key.Key_Delete, CONTROL | SHIFT)
        await press(Qt.Key.Key_Return)
        await asyncio.sleep(0.05)
        assert widget.text() == before
        widget.set_read_only(False, "")
        view(widget, NAME)
        await type_text("x")
        assert widget.text() != before


async def test_a_field_with_what_no_field_keeps_is_left_to_the_text() -> None:
    async with editing(
        '{"version": 1, "characters": [], "setting": {"timePeriod": "a\\u2028b\\rc"}}'
    ) as widget:
        assert view(widget, ("setting", "timePeriod")).kind == "fixed"


async def test_a_page_of_thousands_builds_a_few() -> None:
    many = document() | {
        "characters": [
            {"entityId": f"char_{at}", "canonicalName": f"N {at}", "traits": []} for at in range(3_000)
        ]
    }
    async with editing(write(many, bible_schema())) as widget:
        widget.form.go_to(("characters",))
        print([type(v).__name__ + str(v.tokens) for v in widget.form.findChildren(View)])
        assert len(widget.form.findChildren(View)) < 40
        view(widget, ("characters", 2_999, "canonicalName"))
        await type_text("x")
        await until(lambda: kept(widget)["characters"][2_999]["canonicalName"].startswith("x"))
