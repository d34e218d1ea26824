"""Somebody saved first: what a person is told, and what they are asked."""

from __future__ import annotations

from typing import Any

from console.bible.conflicts import decide
from console.bible.reconciling import new_errors, reconcile
from tests.unit.bible.annotated import SCHEMA


def _people(*people: dict[str, Any], version: int = 1) -> dict[str, Any]:
    return {"version": version, "people": list(people)}


BASE = _people({"id": "a", "age": 1}, {"id": "b", "age": 1})


def test_what_does_not_touch_is_merged_and_each_sides_changes_are_told() -> None:
    mine = _people({"id": "a", "age": 2}, {"id": "b", "age": 1})
    theirs = _people({"id": "a", "age": 1}, {"id": "b", "age": 3}, version=2)

    found = reconcile(BASE, mine, theirs, SCHEMA)

    assert not found.asks
    assert found.merge.merged == _people({"id": "a", "age": 2}, {"id": "b", "age": 3}, version=2)
    assert [change.path for change in found.mine] == ["/people/id=a/age"]
    assert [change.path for change in found.theirs] == ["/people/id=b/age"]


def test_a_flaw_that_neither_side_has_is_asked_and_one_that_was_there_is_not() -> None:
    base = _people({"id": "a", "boss": "nobody"}, {"id": "b"})
    mine = _people({"id": "a", "boss": "nobody"}, {"id": "b"}, {"id": "c", "boss": "b"})
    theirs = _people({"id": "a", "boss": "nobody"})

    found = reconcile(base, mine, theirs, SCHEMA)

    assert found.merge.clean
    assert [(flaw.kind, flaw.path) for flaw in found.flaws] == [("dangling-ref", "/people/id=c")]
    assert found.asks


def test_answers_count_again_while_their_question_is_the_same() -> None:
    mine = _people({"id": "a", "age": 2}, {"id": "b", "age": 2})
    theirs = _people({"id": "a", "age": 3}, {"id": "b", "age": 3}, version=2)
    asked = reconcile(BASE, mine, theirs, SCHEMA).merge.conflicts
    answers = [decide(conflict, "theirs") for conflict in asked]
    later = _people({"id": "a", "age": 4}, {"id": "b", "age": 3}, version=3)

    again = reconcile(BASE, mine, later, SCHEMA, decisions=answers)

    assert [conflict.path for conflict in again.merge.conflicts] == ["/people/id=a/age"]
    assert [conflict.path for conflict in again.merge.answered] == ["/people/id=b/age"]
    assert again.merge.merged["people"][1]["age"] == 3


def test_only_an_error_that_was_not_there_before_is_new() -> None:
    before = _people({"id": "a", "age": "old"})
    after = _people({"id": "a", "age": "old"}, {"id": "b", "age": "young"})

    assert [error.path for error in new_errors(before, after, SCHEMA)] == ["/people/id=b"]
