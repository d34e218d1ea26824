"""The outline as a model: whatever changes, its rows are those of the document."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.bible.schema import bible_schema
from console.bible.writing import write
from console.ui.bible.checking import analyse
from console.ui.bible.context import Context, Editing
from console.ui.bible.outline import Outline
from console.ui.theme.theme import Choice, Theme
from tests.ui.bible.test_editor import document


def shown(outline: Outline, index: QModelIndex | None = None) -> list[Any]:
    here = index or QModelIndex()
    rows = []
    for row in range(outline.rowCount(here)):
        inner = outline.index(row, 0, here)
        rows.append((outline.node(inner).tokens, inner.data(), shown(outline, inner)))
    return rows


def take(context: Context, outline: Outline, value: Any) -> None:
    context.show(analyse(write(value, bible_schema()), bible_schema(), None))
    outline.show()


def made() -> tuple[Context, Outline]:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    editing: Any = Editing
    context = Context(Theme(application, Choice.LIGHT), bible_schema(), editing)
    return context, Outline(context)


def test_rows_follow_any_change_as_a_fresh_outline_has_them(qapp: QApplication) -> None:
    context, outline = made()
    tester = QAbstractItemModelTester(outline, QAbstractItemModelTester.FailureReportingMode.Fatal)
    chance, value = Random(5), document()
    for number in range(60):
        value = deepcopy(value)
        people = value["characters"]
        act = chance.randrange(4)
        if act == 0 or not people:
            people.insert(
                chance.randint(0, len(people)), {"entityId": f"char_{number}", "canonicalName": str(number)}
            )
        elif act == 1:
            people.pop(chance.randrange(len(people)))
        elif act == 2:
            people.insert(chance.randrange(len(people)), people.pop())
        elif "styleGuide" in value:
            del value["styleGuide"]
        else:
            value["styleGuide"] = {"tone": "x"}
            value["setting"]["locations"] = [{"name": str(number)}]
        take(context, outline, value)
        fresh = Outline(context)
        fresh.show()
        assert shown(outline) == shown(fresh)
    del tester


def test_rows_are_named_by_what_the_schema_says(qapp: QApplication) -> None:
    context, outline = made()
    take(context, outline, document())
    assert [row[1] for row in shown(outline)] == [
        "Overview",
        "Characters",
        "Setting",
        "Timeline",
        "Plot threads",
    ]
    characters = shown(outline)[1][2]
    assert [row[1] for row in characters] == ["Ann", "Ben"]
    assert outline.node(outline.index_of(("characters", 1, "aliases", 0))).tokens == ("characters", 1)
    assert outline.node(outline.index_of(())).tokens == ()


def test_an_array_of_thousands_comes_in_pieces(qapp: QApplication) -> None:
    context, outline = made()
    value = document()
    value["characters"] = [{"entityId": f"char_{at}", "canonicalName": str(at)} for at in range(1_000)]
    take(context, outline, value)
    characters = outline.index(1, 0)
    assert outline.rowCount(characters) == 400
    assert outline.index_of(("characters", 900)) == characters
    assert outline.canFetchMore(characters)
    outline.fetchMore(characters)
    assert outline.rowCount(characters) == 800
    value = deepcopy(value)
    del value["characters"][300:]
    take(context, outline, value)
    assert outline.rowCount(characters) == 300
    assert outline.index(299, 0, characters).data() == "299"
