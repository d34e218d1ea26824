"""Form and text are two views of one document with one way back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QInputDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollBar,
    QSplitterHandle,
    QToolTip,
    QWidget,
)

from console.bible.schema import bible_schema
from console.bible.values import Tokens
from console.bible.writing import write
from console.runtime.tasks import Tasks
from console.ui.bible import changing as module
from console.ui.bible.checking import Mark
from console.ui.bible.editor import BibleEditor
from console.ui.bible.editor_bar import Shown
from console.ui.bible.typed_fields import NumberField
from console.ui.bible.view import View
from console.ui.keyboard import press, type_text
from console.ui.shell.tab_order import reading_order
from console.ui.theme.theme import Choice, Theme
from tests.support.waiting import until
from tests.ui.bible.test_text import CONTROL, SHIFT, fail

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
async def editing(
    text: str | None = None, settings: QSettings | None = None, **around: int
) -> AsyncIterator[BibleEditor]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    tasks, theme = Tasks(fail), Theme(application, Choice.LIGHT)
    widget = BibleEditor(theme, tasks, settings=settings)
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
        assert widget.bar.summary.text() == "2 warnings"
        widget.bar.summary.setChecked(True)
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


async def test_everything_that_takes_the_keyboard_has_a_name() -> None:
    async with editing(version=2) as widget:
        widget.show_views(Shown.BOTH)
        widget.bar.summary.setChecked(True)
        widget.pane.find_bar.open(replacing=True)
        widget.pane.pointer_line.open()
        for tokens in ((), ("characters", 0), ("setting",), ("plotThreads",)):
            widget.form.go_to(tokens)
            nameless = [
                each
                for each in widget.findChildren(QWidget)
                if each.focusPolicy() & Qt.FocusPolicy.TabFocus
                and each.isVisibleTo(widget)
                and not isinstance(each, QScrollBar | QSplitterHandle | QHeaderView)
                and each.focusProxy() is None
                and each.objectName() not in {"qt_scrollarea_viewport"}
                and not (each.accessibleName() or getattr(each, "text", str)())
            ]
            assert nameless == []


async def test_the_fields_are_laid_out_in_the_order_they_are_read() -> None:
    async with editing() as widget:
        view(widget, ("characters", 0, "entityId"))
        slot = widget.form.slot_at(("characters", 0, "odd"))
        assert slot is not None
        await until(lambda: slot.y() > 0)
        order = [each.accessibleName() for each in reading_order(widget.form)]
        first = order.index("Entity id")
        assert order[first : first + 6] == [
            "Entity id",
            "Canonical name",
            "Element 1",
            "Element 2",
            "Element 3",
            "Add to Aliases",
        ]


@pytest.mark.qt_log_ignore("does not support", extend=True)
async def test_the_menu_sets_null_and_renames_what_the_schema_does_not_know() -> None:
    async with editing() as widget:

        async def choose(tokens: Tokens, words: str) -> None:
            widget.activateWindow()
            view(widget, tokens)
            await until(lambda: QApplication.focusWidget() is not None)
            await press(Qt.Key.Key_Return, ALT)
            menus = [menu for menu in widget.findChildren(QMenu) if menu.isVisible()]
            action = next(each for each in menus[0].actions() if each.text().startswith(words))
            action.trigger()
            menus[0].close()

        await choose(("characters", 0, "description"), "Set to null")
        await until(lambda: kept(widget)["characters"][0]["description"] is None)
        await until(lambda: view(widget, ("characters", 0, "description")).kind == "null")
        await choose(("characters", 0, "odd"), "Rename")
        await until(lambda: bool(widget.findChildren(QInputDialog)))
        dialog = widget.findChildren(QInputDialog)[0]
        dialog.setTextValue("even")
        dialog.accept()
        await until(lambda: "even" in kept(widget)["characters"][0])
        assert list(kept(widget)["characters"][0])[-1] == "even"
        await choose(("characters", 0, "canonicalName"), "Remove")
        await until(lambda: "canonicalName" not in kept(widget)["characters"][0])
        await until(lambda: any("canonicalName" in mark.message for mark in widget.findings.findings.marks))


async def test_a_documents_order_digits_and_layout_survive_the_form() -> None:
    text = (
        '{"timeline": {}, "version":   1.00,\n "characters": [], '
        '"x": 123456789012345678901234567890,\n"setting": {}}'
    )
    async with editing(text) as widget:
        view(widget, ("version",))
        await press(Qt.Key.Key_End)
        await type_text("1")
        await press(Qt.Key.Key_Return)
        assert widget.text() == text.replace("1.00", "1.001")


@pytest.mark.qt_log_ignore("does not support", extend=True)
async def test_ctrl_i_tells_what_the_schema_says() -> None:
    async with editing() as widget:
        widget.show_views(Shown.TEXT)
        widget.pane.text.setFocus()
        await widget.pane.text.go_to_place(("characters", 0, "entityId"))
        await press(Qt.Key.Key_I, CONTROL)
        await until(lambda: "Stable entity ID" in QToolTip.text())
        QToolTip.hideText()


async def test_a_large_text_is_changed_aside_and_given_with_all_that_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 100)
    async with editing() as widget:
        view(widget, NAME)
        await press(Qt.Key.Key_End)
        await type_text("a")
        view(widget, ("characters", 0, "description"))
        await press(Qt.Key.Key_End)
        await type_text("b")
        text = widget.text()
        assert '"Anna"' in text
        assert '"One. Two.b"' in text
        await asyncio.sleep(0.1)
        assert widget.text() == text
        await type_text("c")
        await until(lambda: '"One. Two.bc"' in widget.pane.text.text())


async def test_the_keyboard_goes_to_the_view_that_is_shown() -> None:
    async with editing() as widget:
        widget.setFocus()
        assert widget.form.outline.hasFocus()
        widget.show_views(Shown.TEXT)
        widget.setFocus()
        assert widget.pane.text.hasFocus()


async def test_the_views_and_their_sizes_are_remembered(tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    async with editing(settings=settings) as widget:
        assert widget.form.isVisible()
        assert not widget.pane.isVisible()
        await press(Qt.Key.Key_E, CONTROL | SHIFT)
        await until(widget.pane.isVisible)
        handle = widget.views.handle(1)
        QTest.mousePress(handle, Qt.MouseButton.LeftButton)
        QTest.mouseMove(handle, QPoint(-120, 5))
        QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(-120, 5))
        await until(lambda: settings.contains("bible views/columns"))
        sizes = widget.views.sizes()
    async with editing(settings=settings) as again:
        assert again.form.isVisible()
        assert again.pane.isVisible()
        await until(lambda: again.views.sizes() == sizes)
