"""The JSON text: keys go in at once, findings follow, colours reach only what is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.bible.schema import bible_schema
from console.bible.values import ABSENT
from console.runtime.tasks import Tasks
from console.ui.bible import text as module
from console.ui.bible.checking import Analysis, Mark, analyse, place
from console.ui.bible.text import JsonText
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice, Theme

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - widgets have no events to wait for
            await asyncio.sleep(0.01)


@asynccontextmanager
async def editor(text: str) -> AsyncIterator[JsonText]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    tasks = Tasks(fail)
    theme = Theme(application, Choice.LIGHT)
    widget = JsonText(theme, tasks, bible_schema())
    checks: list[tuple[Mark, ...]] = []
    widget.findings_changed.connect(checks.append)
    widget.resize(600, 400)
    widget.show()
    widget.activateWindow()
    widget.setFocus()
    widget.set_text(text)
    await until(lambda: bool(checks) and not widget.isReadOnly() and QApplication.focusWidget() is widget)
    try:
        yield widget
    finally:
        await tasks.close()
        widget.close()
        widget.deleteLater()
        theme.deleteLater()


async def test_what_breaks_json_is_found_while_typing_and_goes_when_mended() -> None:
    async with editor('{\n  "a": [1, 2]\n}') as widget:
        before = widget.findings
        await press(Qt.Key.Key_Delete)
        await until(lambda: widget.findings != before)
        assert widget.extraSelections()
        await type_text("{")
        await until(lambda: widget.findings == before)
        assert widget.text() == '{\n  "a": [1, 2]\n}'


async def test_f8_goes_through_the_findings_and_round() -> None:
    async with editor('{\n  "a": tru,\n  "b": nul\n}') as widget:
        lines = []
        for modifier in (Qt.KeyboardModifier.NoModifier,) * 3 + (SHIFT,):
            await press(Qt.Key.Key_F8, modifier)
            lines.append(widget.textCursor().blockNumber() + 1)
        assert lines == [2, 3, 2, 3]


async def test_a_late_result_never_stands_over_a_newer_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with editor("[]") as widget:
        results: list[tuple[Mark, ...]] = []
        widget.findings_changed.connect(results.append)
        known = {mark.message for mark in widget.findings}
        begun = asyncio.Event()
        released = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(text: str, *_: object) -> Analysis:
            if text == "x[]":
                loop.call_soon_threadsafe(begun.set)
                asyncio.run_coroutine_threadsafe(released.wait(), loop).result(10)
            return Analysis(text, ABSENT, (Mark("error", text, 1, 1),))

        monkeypatch.setattr(module, "analyse", slow)
        await type_text("x")
        async with asyncio.timeout(60):
            await begun.wait()
        await type_text("y")
        await until(lambda: bool(results))
        released.set()
        await asyncio.sleep(0.1)
        assert [mark.message for result in results for mark in result] == ["xy[]"]
        assert known != {"xy[]"}


async def test_only_what_is_on_the_screen_is_coloured() -> None:
    lines = ",\n".join(f'"line {number}"' for number in range(5_000))
    async with editor(f"[{lines}]") as widget:
        widget.viewport().repaint()
        first, last = widget.document().firstBlock(), widget.document().lastBlock()
        assert first.layout().formats()
        assert not last.layout().formats()
        await press(Qt.Key.Key_End, CONTROL)
        widget.viewport().repaint()
        assert widget.document().lastBlock().layout().formats()


async def test_colours_follow_the_text_and_the_theme() -> None:
    async with editor('{"a": 1}') as widget:
        widget.viewport().repaint()
        layout = widget.document().firstBlock().layout()
        light = [part.format.foreground().color().name() for part in layout.formats()]
        await type_text(" ")
        widget.viewport().repaint()
        assert [part.start for part in layout.formats()] == [2, 7]
        widget._theme.choose(Choice.DARK)
        widget.viewport().repaint()
        dark = [part.format.foreground().color().name() for part in layout.formats()]
        assert len(light) == len(dark) == 2
        assert not set(light) & set(dark)


async def test_a_bracket_and_its_partner_are_shown() -> None:
    async with editor('{"😀]": [1, "]"]}') as widget:
        for _ in range(2):
            await press(Qt.Key.Key_End)
        await press(Qt.Key.Key_Left)
        places = sorted(
            part.cursor.selectionStart()
            for part in widget.extraSelections()
            if part.format.fontWeight() == 700
        )
        assert places == [8, 15]


async def test_characters_that_qt_would_change_stay() -> None:
    text = '{\n  "a": "one\u00a0two\u2028three"\n}'
    async with editor(text) as widget:
        assert widget.text() == text.replace("\u2028", "\\u2028")


async def test_a_text_in_many_pieces_arrives_whole_and_only_keys_are_edits() -> None:
    text = "[\n" + ",\n".join(str(number) for number in range(60_000)) + "\n]"
    async with editor(text) as widget:
        edits: list[bool] = []
        widget.edited.connect(lambda: edits.append(True))
        assert widget.text() == text
        assert not edits
        await type_text(" ")
        assert edits
        widget.undo()
        assert widget.text() == text


async def test_a_pointer_leads_to_its_place() -> None:
    text = (
        '{\n  "characters": [\n    {"entityId": "a"},\n    {"entityId": "char_mira",\n     "age": 3}\n  ]\n}'
    )
    async with editor(text) as widget:
        await widget.go_to("/characters/entityId=char_mira/age")
        cursor = widget.textCursor()
        assert (cursor.blockNumber() + 1, cursor.positionInBlock() + 1) == (5, 13)
        with pytest.raises(LookupError, match="nobody"):
            await widget.go_to("/characters/entityId=nobody")
        with pytest.raises(ValueError, match="begins with"):
            await widget.go_to("characters")


def test_places_by_index_and_by_key_agree() -> None:
    schema = bible_schema()
    text = '{"characters": [{"entityId": "a/b"}, {"entityId": "c"}]}'
    assert place(text, "/characters/0", schema) == place(text, "/characters/entityId=a~1b", schema) == (1, 17)
    assert place(text, "/characters/1", None) == (1, 38)


def test_findings_stand_in_the_order_of_the_text() -> None:
    found = analyse('{\n"zzz": 1,\n"characters": 5}', bible_schema(), None).marks
    assert {"error", "warning"} == {mark.severity for mark in found}
    assert [mark.line for mark in found] == sorted(mark.line for mark in found)
