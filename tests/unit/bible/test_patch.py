"""RFC 6902 applied: a table of own cases, since no package here carries the JSON Patch test cases."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from console.bible.patch import PatchError, apply

APPLIED: list[tuple[str, Any, list[dict[str, Any]], Any]] = [
    ("nothing to do", {"a": 1}, [], {"a": 1}),
    ("a member", {"a": 1}, [{"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
    ("a member that is there", {"a": 1}, [{"op": "add", "path": "/a", "value": None}], {"a": None}),
    ("the empty key", {}, [{"op": "add", "path": "/", "value": 1}], {"": 1}),
    ("the whole document", {"a": 1}, [{"op": "add", "path": "", "value": [1]}], [1]),
    ("before an element", [1, 3], [{"op": "add", "path": "/1", "value": 2}], [1, 2, 3]),
    ("behind the last", [1], [{"op": "add", "path": "/1", "value": 2}], [1, 2]),
    ("behind the last by dash", [1], [{"op": "add", "path": "/-", "value": [2]}], [1, [2]]),
    ("a digit as a key", {"a": {}}, [{"op": "add", "path": "/a/01", "value": 1}], {"a": {"01": 1}}),
    ("a dash as a key", {}, [{"op": "add", "path": "/-", "value": 1}], {"-": 1}),
    ("slash and tilde", {"a/b": {"~": 1}}, [{"op": "remove", "path": "/a~1b/~0"}], {"a/b": {}}),
    ("an escaped escape", {"~1": 1, "/": 2}, [{"op": "remove", "path": "/~01"}], {"/": 2}),
    ("remove an element", [1, 2, 3], [{"op": "remove", "path": "/1"}], [1, 3]),
    ("remove null", {"a": None}, [{"op": "remove", "path": "/a"}], {}),
    ("replace a member", {"a": [1]}, [{"op": "replace", "path": "/a", "value": {}}], {"a": {}}),
    ("replace an element", [1, 2], [{"op": "replace", "path": "/0", "value": 9}], [9, 2]),
    ("replace the document", {"a": 1}, [{"op": "replace", "path": "", "value": False}], False),
    ("move a member", {"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
    ("move to its place", {"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    ("move an element on", [1, 2, 3], [{"op": "move", "from": "/0", "path": "/2"}], [2, 3, 1]),
    ("move an element back", [1, 2, 3], [{"op": "move", "from": "/2", "path": "/0"}], [3, 1, 2]),
    (
        "move to a like-named key",
        {"a": 1, "ab": {}},
        [{"op": "move", "from": "/a", "path": "/ab/a"}],
        {"ab": {"a": 1}},
    ),
    ("copy into itself", {"a": {}}, [{"op": "copy", "from": "/a", "path": "/a/b"}], {"a": {"b": {}}}),
    ("test 1 against 1.0", {"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}], {"a": 1}),
    (
        "test whatever the order",
        {"a": 1, "b": 2},
        [{"op": "test", "path": "", "value": {"b": 2, "a": 1}}],
        {"a": 1, "b": 2},
    ),
    ("members unknown to the RFC", [], [{"op": "add", "path": "/0", "value": 1, "note": "x"}], [1]),
    (
        "a copy is a value of its own",
        {"a": [1]},
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/b/-", "value": 2}],
        {"a": [1], "b": [1, 2]},
    ),
]
REFUSED: list[tuple[str, Any, Any]] = [
    ("no such member", {}, {"op": "remove", "path": "/a"}),
    ("replace what is not there", {}, {"op": "replace", "path": "/a", "value": 1}),
    ("no parent", {}, {"op": "add", "path": "/a/b", "value": 1}),
    ("a text holds nothing", {"a": "x"}, {"op": "add", "path": "/a/0", "value": 1}),
    ("past the end", [1], {"op": "add", "path": "/2", "value": 1}),
    ("remove past the end", [1], {"op": "remove", "path": "/1"}),
    ("remove at the dash", [1], {"op": "remove", "path": "/-"}),
    ("leading zero", [1, 2], {"op": "remove", "path": "/01"}),
    ("a negative index", [1], {"op": "remove", "path": "/-1"}),
    ("a word as index", [1], {"op": "add", "path": "/one", "value": 1}),
    ("digits of another script", [1, 2], {"op": "remove", "path": "/\u0661"}),
    ("no leading slash", {"a": 1}, {"op": "remove", "path": "a"}),
    ("a half escape", {"a~": 1}, {"op": "remove", "path": "/a~"}),
    ("move into itself", {"a": {"b": 1}}, {"op": "move", "from": "/a", "path": "/a/b"}),
    ("move an element into itself", [[1], [2]], {"op": "move", "from": "/0", "path": "/0/0"}),
    ("move from nowhere", {}, {"op": "move", "from": "/a", "path": "/b"}),
    ("copy from nowhere", {}, {"op": "copy", "from": "/a", "path": "/b"}),
    ("true is not 1", {"a": 1}, {"op": "test", "path": "/a", "value": True}),
    ("null is not absent", {}, {"op": "test", "path": "/a", "value": None}),
    ("null is not 0", {"a": 0}, {"op": "test", "path": "/a", "value": None}),
    ("a digit is not its number", ["1"], {"op": "test", "path": "/0", "value": 1}),
    ("no op", {}, {"path": "/a", "value": 1}),
    ("an unknown op", {}, {"op": "spam", "path": "/a", "value": 1}),
    ("no path", {}, {"op": "add", "value": 1}),
    ("no value", {}, {"op": "add", "path": "/a"}),
    ("no from", {}, {"op": "copy", "path": "/a"}),
    ("path is a number", {}, {"op": "add", "path": 5, "value": 1}),
    ("path is null", {}, {"op": "add", "path": None, "value": 1}),
    ("not an operation", {}, "add"),
]


@pytest.mark.parametrize(("why", "before", "operations", "after"), APPLIED, ids=[c[0] for c in APPLIED])
def test_a_patch_is_applied(why: str, before: Any, operations: list[dict[str, Any]], after: Any) -> None:
    kept = deepcopy(before)
    result = apply(before, operations)
    assert (result, type(result)) == (after, type(after)), why
    assert before == kept, "the document given stays as it was"


@pytest.mark.parametrize(("why", "before", "operation"), REFUSED, ids=[c[0] for c in REFUSED])
def test_a_patch_that_does_not_fit_is_refused(why: str, before: Any, operation: Any) -> None:
    kept = deepcopy(before)
    first = {"op": "test", "path": "", "value": before}
    with pytest.raises(PatchError, match=r"^operation 2: "):
        apply(before, [first, operation])
    assert before == kept, why
