"""Blame per field over a history."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from console.bible.blame import Attribution, blame
from console.bible.diff import diff
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


def _attributed(versions: list[dict[str, Any]]) -> dict[tuple[str, str], int | None]:
    """Kind and path of each change from the first to the last version, and which version made it."""
    changes = diff(versions[0], versions[-1], SCHEMA)
    found: Attribution[int] = Attribution(changes)
    for number, (old, new) in enumerate(pairwise(versions), start=2):
        found.take(diff(old, new, SCHEMA), number)
    return {(change.kind, change.path): author for change, author in zip(changes, found.authors, strict=True)}


def test_each_change_between_two_versions_has_the_version_that_made_it() -> None:
    versions = [
        _people({"id": "a", "age": 1, "about": LONG}, {"id": "b", "age": 1}, {"id": "c", "tags": ["x"]}),
        _people({"id": "a", "age": 2, "about": LONG}, {"id": "b", "age": 1}, {"id": "c", "tags": ["x"]}),
        _people({"id": "a", "age": 2, "about": LONG}, {"id": "c", "tags": ["x", "y"]}),
        _people({"id": "c", "tags": ["x", "y"]}, {"id": "z", "age": 3, "about": LONG}),
        _people({"id": "c", "tags": ["x", "y"]}, {"id": "z", "age": 3, "about": LONG, "code": "k"}),
    ]

    assert _attributed(versions) == {
        ("moved", "/people/id=c"): 4,
        ("renamed", "/people/id=a"): 4,
        ("changed", "/people/id=a/age"): 4,
        ("added", "/people/id=a/code"): 5,
        ("removed", "/people/id=b"): 3,
        ("added", "/people/id=c/tags/1"): 3,
    }


def test_a_change_that_was_made_and_taken_back_belongs_to_nobody() -> None:
    assert _attributed([{"o": 1, "p": 1}, {"o": 2, "p": 1}, {"o": 1, "p": 2}]) == {("changed", "/p"): 3}
