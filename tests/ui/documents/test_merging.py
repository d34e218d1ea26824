"""The merge view by the keyboard: what is asked, and what each answer makes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.bible.conflicts import Decision
from console.runtime.tasks import Tasks
from console.ui.documents.merging import MergeView
from console.ui.documents.questions import spoken
from console.ui.documents.three_way import MergeInput
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice, Theme
from tests.support.waiting import until
from tests.ui.bible.test_text import fail
from tests.unit.bible.annotated import SCHEMA

CONTROL = Qt.KeyboardModifier.ControlModifier


def people(*found: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"version": 1, "people": list(found), **parts}


@asynccontextmanager
async def merging(base: Any, mine: Any, theirs: Any, *answers: Decision) -> AsyncIterator[MergeView]:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    tasks, theme = Tasks(fail), Theme(application, Choice.LIGHT)
    view = MergeView(theme, tasks)
    view.resize(1100, 700)
    view.show()
    view.activateWindow()
    view.begin(MergeInput(base, mine, theirs, SCHEMA, "max"), answers)
    await until(lambda: view.reconciliation is not None)
    await until(lambda: view.isActiveWindow() and QApplication.focusWidget() is not None)
    try:
        yield view
    finally:
        await tasks.close()
        view.close()
        view.deleteLater()
        theme.deleteLater()


async def merged(view: MergeView) -> Any:
    """What is handed over when everything is decided and Ctrl+Return is pressed."""
    found: list[Any] = []
    view.accepted.connect(found.append)
    await until(view.accept.isEnabled)
    await press(Qt.Key.Key_Return, CONTROL)
    await until(lambda: bool(found))
    return found[0]


BASE = people({"id": "a", "age": 1, "motto": "Go."}, {"id": "b", "age": 1})
MINE = people({"id": "a", "age": 2, "motto": "Stay."}, {"id": "b", "age": 1, "code": "m"})
THEIRS = people({"id": "a", "age": 3, "motto": "Run."}, {"id": "b", "age": 4})


async def test_one_key_for_each_answer_and_the_rest_is_merged_and_listed() -> None:
    async with merging(BASE, MINE, THEIRS) as view:
        assert view.progress.text() == "0 of 2 decided"
        assert [view.list.item(row).text() for row in range(2)] == [
            "○ people › a › age",
            "○ people › a › motto",
        ]
        assert view._heading.text() == "Merged without asking: 2 changes"
        assert [(row.sentence, row.author) for row in view._merged.rows] == [
            ("b: age changed from 1 to 4", "max"),
            ('b: code added: "m"', "you"),
        ]
        await press(Qt.Key.Key_Return, CONTROL)
        await press(Qt.Key.Key_2)
        await until(lambda: view.progress.text() == "1 of 2 decided")
        assert view.current is not None
        assert view.current.title == "people › a › motto"
        await press(Qt.Key.Key_3)
        await until(lambda: view.progress.text() == "2 of 2 decided")
        # An answer may be changed: back up, and the other side.
        await press(Qt.Key.Key_Up)
        view.list.setCurrentRow(1)
        await press(Qt.Key.Key_1)
        await until(lambda: view.list.item(1).text() == "✓ yours · people › a › motto")
        assert await merged(view) == people(
            {"id": "a", "age": 3, "motto": "Stay."}, {"id": "b", "age": 4, "code": "m"}
        )


async def test_an_own_answer_is_typed() -> None:
    async with merging(BASE, MINE, THEIRS) as view:
        await press(Qt.Key.Key_E)
        assert view.page.own.field.toPlainText() == "2"
        await press(Qt.Key.Key_A, CONTROL)
        await type_text("[1,")
        await press(Qt.Key.Key_Return, CONTROL)
        assert view.page.own.problem.text().startswith("line 1 column ")
        await press(Qt.Key.Key_A, CONTROL)
        await type_text("50")
        await press(Qt.Key.Key_Return, CONTROL)
        await until(lambda: view.progress.text() == "1 of 2 decided")
        # A text is typed as it is, without quotes.
        await press(Qt.Key.Key_E)
        assert view.page.own.field.toPlainText() == "Stay."
        await press(Qt.Key.Key_Escape)
        assert view.page.own.isHidden()
        await press(Qt.Key.Key_E)
        await type_text(" And go.")
        await press(Qt.Key.Key_Return, CONTROL)
        await until(lambda: view.progress.text() == "2 of 2 decided")
        assert (await merged(view))["people"][0] == {"id": "a", "age": 50, "motto": "Stay. And go."}


async def test_both_are_kept_under_a_new_id() -> None:
    mine, theirs = people({"id": "n", "age": 1}), people({"id": "n", "age": 2})
    async with merging(people(), mine, theirs) as view:
        assert view.current is not None
        assert view.current.ask == "You and max both added this, differently."
        assert view.page.cards["base"].isHidden()
        # There is no base to go back to.
        await press(Qt.Key.Key_3)
        assert view.progress.text() == "0 of 1 decided"
        await press(Qt.Key.Key_4)
        field = view.page.own.key_fields["id"]
        assert field.text() == "n2"
        await type_text("n")
        await press(Qt.Key.Key_Return)
        assert view.page.own.problem.text() == "Theirs needs another key than yours"
        await type_text("ew")
        await press(Qt.Key.Key_Return)
        assert await merged(view) == people({"id": "n", "age": 1}, {"id": "new", "age": 2})


async def test_one_removed_what_the_other_changed() -> None:
    async with merging(BASE, people(BASE["people"][0]), THEIRS) as view:
        titles = [view.list.item(row).text() for row in range(view.list.count())]
        assert titles == ["○ people › b"]
        assert view.current is not None
        assert view.current.ask == "You removed this; max changed it."
        assert view.page.cards["mine"].text.isHidden()
        await press(Qt.Key.Key_1)
        assert [each["id"] for each in (await merged(view))["people"]] == ["a"]


async def test_an_order_is_asked_and_may_be_typed() -> None:
    names = "abcd"
    base, mine, theirs = (people(*({"id": each} for each in row)) for row in (names, "bacd", "acbd"))
    async with merging(base, mine, theirs) as view:
        if view.current is None:
            pytest.fail("these orders exclude each other")
        assert view.current.ask.startswith("You and max put these in orders that exclude each other.")
        await press(Qt.Key.Key_E)
        assert view.page.own.field.toPlainText() == "b\na\nc\nd"
        await press(Qt.Key.Key_A, CONTROL)
        await type_text("d")
        await press(Qt.Key.Key_Return, CONTROL)
        assert view.page.own.problem.text() == "Each of the 4 lines has to stand there once"
        view.page.own.field.setPlainText("d\nc\nb\na")
        await press(Qt.Key.Key_Return, CONTROL)
        assert [each["id"] for each in (await merged(view))["people"]] == ["d", "c", "b", "a"]


async def test_answers_given_before_count_and_all_are_handed_over() -> None:
    given: list[tuple[Decision, ...]] = []
    async with merging(BASE, MINE, THEIRS) as view:
        view.decided.connect(given.append)
        await press(Qt.Key.Key_2)
        await until(lambda: view.progress.text() == "1 of 2 decided")
        left: list[int] = []
        view.left.connect(lambda: left.append(1))
        await press(Qt.Key.Key_Escape)
        assert left == [1]
    async with merging(BASE, MINE, THEIRS, *given[-1]) as view:
        assert view.progress.text() == "1 of 2 decided"
        # They saved again: the question that stayed the same keeps its answer, the other is asked again.
        later = people({"id": "a", "age": 3, "motto": "Fly."}, {"id": "b", "age": 9})
        view.rebase(later, "rey")
        await until(lambda: view.reconciliation is not None)
        assert view.progress.text() == "1 of 2 decided"
        assert view.current is not None
        assert view.current.ask == "You and rey both changed this."
        await press(Qt.Key.Key_2)
        assert await merged(view) == people(
            {"id": "a", "age": 3, "motto": "Fly."}, {"id": "b", "age": 9, "code": "m"}
        )


async def test_an_error_that_the_merge_brings_stands_in_the_way() -> None:
    base = people({"id": "a", "age": 1})
    async with merging(base, people({"id": "a", "age": 2}), people({"id": "a", "age": 3})) as view:
        await press(Qt.Key.Key_E)
        await press(Qt.Key.Key_A, CONTROL)
        await type_text('"old"')
        await press(Qt.Key.Key_Return, CONTROL)
        await until(view.to_editor.isEnabled)
        assert not view.accept.isEnabled()
        wanted: list[Any] = []
        view.edit_wanted.connect(wanted.append)
        view.to_editor.click()
        assert wanted == [people({"id": "a", "age": "old"})]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "the document"),
        ("/people/id=a/age", "people › a › age"),
        ("/ties/to=x,kind=sister/since", "ties › x, sister › since"),
        ("/a~1b/~0c/2", "a/b › ~c › 2"),
        ("/people/id=\u202eevil", "people › ⟨U+202E⟩evil"),
    ],
)
def test_a_pointer_is_spoken(path: str, words: str) -> None:
    assert spoken(path) == words
