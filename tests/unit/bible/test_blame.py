"""Blame per field over a history."""

from __future__ import annotations

from typing import Any

import pytest

from console.bible.blame import blame
from tests.unit.bible.annotated import SCHEMA

LONG = "She grew up by the sea and never learned to swim."


def _people(*people: dict[str, Any]) -> dict[str, Any]:
    return {"people": list(people)}


def test_each_field_has_the_author_of_its_last_change() -> None:
    found = blame(
        [
            ("ada", _people({"id": "a", "age": 1, "tags": ["x"]})),
            ("job 7", _people({"id": "b", "age": 5}, {"id": "a", "age": 2, "tags": ["x"]})),
            ("max", _people({"id": "a", "age": 2, "tags": ["y", "x"]}, {"id": "b", "age": 5})),
            ("mia", _people({"id": "a", "age": 2, "tags": ["x", "y"]}, {"id": "b", "age": 6})),
        ],
        SCHEMA,
    )

    assert found.author("/people/id=a") == "ada"
    assert found.author("/people/id=a/age") == "job 7"
    assert found.author("/people/id=a/tags") == "max"
    assert found.author("/people/id=b") == "job 7"
    assert found.author("/people/id=b/age") == "mia"
    assert found.parts("/people/id=b") == {"/people/id=b/age": "mia"}


def test_what_was_removed_and_came_again_is_its_last_authors() -> None:
    versions = [{"o": {"a": 1}}, {"o": {"a": 2}}, {}, {"o": {"a": 1}}]

    assert blame(enumerate(versions), SCHEMA).author("/o/a") == 3


def test_a_renamed_element_keeps_its_authors() -> None:
    found = blame(
        enumerate(
            [
                _people({"id": "a", "about": LONG, "age": 1}),
                _people({"id": "a", "about": LONG, "age": 2}),
                _people({"id": "z", "about": LONG, "age": 2}),
            ]
        ),
        SCHEMA,
    )

    assert found.author("/people/id=z/about") == 0
    assert found.author("/people/id=z/age") == 1
    assert found.author("/people/id=z/id") == 2


def test_a_list_without_keys_is_one_field() -> None:
    found = blame(enumerate([{"l": [1, 2], "k": 1}, {"l": [0, 1, 2], "k": 1}]), SCHEMA)

    assert found.author("/l") == 1
    assert found.author("/k") == 0


def test_a_history_without_versions_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        blame([], SCHEMA)
