"""The JSON text: keys go in at once, findings follow, colours reach only what is on the screen."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication

from console.bible.editing import Edit
from console.bible.schema import bible_schema
from console.bible.values import ABSENT
from console.runtime.tasks import Tasks
from console.ui.bible import text as module
from console.ui.bible.checking import Analysis, Mark, analyse, place
from console.ui.bible.text import JsonText
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice, Theme
from tests.support.waiting import until

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


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

        def places() -> list[int]:
            return sorted(
                part.cursor.selectionStart()
                for part in widget.extraSelections()
                if part.format.fontWeight() == 700
            )

        await until(lambda: places() == [8, 15])


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


async def paste(widget: JsonText, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    widget.insertFromMimeData(data)
    await until(lambda: not widget.isReadOnly())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 10_000, "more than 200 levels"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ("[1e400]", "beyond what a number can be"),
        ('["\x00"]', "U+0000"),
        (r'["\ud800"]', "half of a surrogate pair"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ("[1] x", "text after the end"),
        ("\x00" * 200_000, ""),
    ],
)
async def test_bad_text_that_is_pasted_is_told_with_its_place(text: str, told: str) -> None:
    async with editor("") as widget:
        before = widget.revision
        await paste(widget, text)
        await until(lambda: widget.revision != before and told in str(widget.findings))
        assert all(mark.line >= 1 and mark.column >= 1 for mark in widget.findings)
        widget.undo()
        assert widget.text() == ""


async def test_a_hundred_megabytes_are_refused_and_the_text_stays() -> None:
    async with editor("[1]") as widget:
        refused: list[str] = []
        widget.refused.connect(refused.append)
        await paste(widget, " " * (100 << 20))
        assert refused == ["The text is 100 MiB long; at most 64 MiB can be kept."]
        assert widget.text() == "[1]"
        assert not widget.isReadOnly()


async def test_a_minified_text_is_pasted_on_lines_as_one_step_back() -> None:
    async with editor("") as widget:
        await paste(widget, "[" + ",".join(f'{{"a":{number}.0}}' for number in range(9_000)) + "]")
        assert widget.blockCount() > 9_000
        assert '"a": 8999.0' in widget.text()
        widget.undo()
        assert widget.text() == ""


async def test_a_document_that_cannot_be_shown_is_kept_and_cannot_be_edited() -> None:
    text = '{"a": "' + "x" * 1_100_000 + '"}'
    async with editor("[]") as widget:
        refused: list[str] = []
        widget.refused.connect(refused.append)
        widget.set_text(text)
        assert "1,100,009 characters" in refused[0]
        assert widget.text() == text
        assert widget.isReadOnly()


async def test_five_hundred_steps_back_take_little_room() -> None:
    text = "[\n" + ",\n".join(f'  "line {number} of the text"' for number in range(40_000)) + "\n]"
    async with editor(text) as widget:
        assert len(text) > 1_000_000
        before = resident()
        for number in range(500):
            widget.replace([Edit(10 + 20 * number, 10 + 20 * number, "x")])
        assert resident() - before < 20 << 20
        for _ in range(500):
            widget.undo()
        assert widget.text() == text


def resident() -> int:
    """Bytes of memory that the process has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


async def test_the_text_that_is_kept_is_the_documents_after_any_change() -> None:
    chance, followed = Random(11), 0
    async with editor("[\n  1,\n  2\n]") as widget:
        for _ in range(300):
            cursor, last = widget.textCursor(), widget.document().characterCount() - 1
            act = chance.randrange(6)
            if act == 0:
                widget.undo()
            elif act == 1:
                widget.redo()
            else:
                cursor.setPosition(chance.randint(0, last))
                cursor.setPosition(
                    min(last, cursor.position() + chance.randrange(9)), cursor.MoveMode.KeepAnchor
                )
                cursor.beginEditBlock()
                cursor.insertText(chance.choice(["", "a\nb", "x" * 9, "\n\n", "é" if act == 5 else ""]))
                cursor.movePosition(cursor.MoveOperation.Start)
                cursor.insertText("y" if act == 4 else "")
                cursor.endEditBlock()
            followed += widget._kept is not None
            assert widget.text() == widget.document().toRawText().replace("\u2029", "\n")
        assert followed > 100
