"""Taking one change back."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import pytest

from console.bible.diff import diff
from console.bible.restore import restore
from tests.unit.bible.annotated import SCHEMA
from tests.unit.bible.triples import document, overlapping

LONG = "She grew up by the sea and never learned to swim."


def _people(*people: dict[str, Any]) -> dict[str, Any]:
    return {"people": list(people)}


@pytest.mark.parametrize(
    ("before", "after", "at", "expected"),
    [
        # A field that changed, while another stays as it is now.
        (
            _people({"id": "a", "age": 1, "about": "Old."}),
            _people({"id": "a", "age": 2, "about": "New."}),
            "/people/id=a/age",
            _people({"id": "a", "age": 1, "about": "New."}),
        ),
        # An element that went comes back behind the neighbour that it had, wherever that stands now.
        (
            _people({"id": "a"}, {"id": "b"}, {"id": "c"}),
            _people({"id": "c"}, {"id": "a"}),
            "/people/id=b",
            _people({"id": "c"}, {"id": "a"}, {"id": "b"}),
        ),
        # One that came goes.
        (_people({"id": "a"}), _people({"id": "n"}, {"id": "a"}), "/people/id=n", _people({"id": "a"})),
        # A field inside an element that got another key.
        (
            _people({"id": "a", "about": LONG, "age": 1}),
            _people({"id": "z", "about": LONG}),
            "/people/id=a/age",
            _people({"id": "z", "about": LONG, "age": 1}),
        ),
        # The key itself.
        (
            _people({"id": "a", "about": LONG}),
            _people({"id": "z", "about": LONG, "age": 3}),
            "/people/id=a",
            _people({"id": "a", "about": LONG, "age": 3}),
        ),
        # A renamed key of an object keeps its place, and what was removed below it comes back there.
        ({"free": {"old": [LONG], "x": 1}}, {"free": {"new": [LONG], "x": 2}}, "/free/old", None),
        ({"free": {"x": {"y": 0, "z": 1}}}, {"free": {"x": {"z": 1}}}, "/free/x/y", None),
        # A set's element.
        (
            _people({"id": "a", "tags": ["x", "y"]}),
            _people({"id": "a", "tags": ["y", "z"]}),
            "/people/id=a/tags/0",
            _people({"id": "a", "tags": ["x", "y", "z"]}),
        ),
        # The whole document.
        ([1], {"a": 1}, "", [1]),
    ],
)
def test_one_change_is_taken_back(before: Any, after: Any, at: str, expected: Any) -> None:
    untouched = deepcopy(after)
    changes = [change for change in diff(before, after, SCHEMA) if change.path == at]
    restored = restore(after, before, changes[0], SCHEMA)
    if expected is not None:
        assert restored == expected
    assert at not in [change.path for change in diff(before, restored, SCHEMA)]
    assert after == untouched


def test_an_element_that_moved_goes_back_to_its_neighbour() -> None:
    before = _people({"id": "a"}, {"id": "b"}, {"id": "c", "age": 1}, {"id": "d"})
    after = _people({"id": "c", "age": 2}, {"id": "a"}, {"id": "b"}, {"id": "d"})
    moved = next(change for change in diff(before, after, SCHEMA) if change.kind == "moved")
    assert restore(after, before, moved, SCHEMA) == _people(
        {"id": "a"}, {"id": "b"}, {"id": "c", "age": 2}, {"id": "d"}
    )


def test_taken_back_one_by_one_nothing_is_left() -> None:
    for seed in range(200):
        before, after, _ = overlapping(Random(seed))
        changes = diff(before, after, SCHEMA)
        now: Any = after
        for _ in range(len(changes) + 3):
            left = diff(before, now, SCHEMA)
            if not left:
                break
            now = restore(now, before, left[0], SCHEMA)
        assert diff(before, now, SCHEMA) == []


def test_taking_one_change_back_leaves_every_other() -> None:
    for seed in range(100):
        before = document(Random(seed), 6)
        _, after, _ = overlapping(Random(seed))
        after = {**before, "people": before["people"][1:], "free": after["free"], "version": 9}
        changes = diff(before, after, SCHEMA)
        for taken in changes:
            left = diff(before, restore(after, before, taken, SCHEMA), SCHEMA)
            assert [change.path for change in left] == [c.path for c in changes if c is not taken]
