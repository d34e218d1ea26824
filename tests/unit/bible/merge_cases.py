"""The table of merges: what must come of each, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One merge; `reason` is the rule behind the expected result."""

    reason: str
    base: Any
    mine: Any
    theirs: Any
    merged: Any
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def _people(*people: dict[str, Any]) -> dict[str, Any]:
    return {"people": list(people)}


def _steps(*numbers: int) -> dict[str, Any]:
    return {"steps": [{"n": number} for number in numbers]}


def _order(letters: str) -> dict[str, Any]:
    return {"people": [{"id": letter} for letter in letters]}


def _text(about: str) -> dict[str, Any]:
    return {"about": about}


def _person(**fields: Any) -> dict[str, Any]:
    return _people({"id": "a", **fields})


A, B, C = {"id": "a", "age": 1}, {"id": "b", "age": 2}, {"id": "c", "age": 3}
LONG = "She grew up by the sea and never learned to swim."

CASES: dict[str, Case] = {
    # (1) what differs
    "null to absent": Case("null and absent are two things", {"x": None}, {}, {"x": None}, {}),
    "null to false": Case(
        "null and false are two things", {"x": None}, {"x": False}, {"x": None}, {"x": False}
    ),
    "false to zero": Case("false and 0 are two things", {"x": False}, {"x": 0}, {"x": False}, {"x": 0}),
    "one to true": Case("1 and true differ", {"x": 1}, {"x": True}, {"x": 1}, {"x": True}),
    "one to true deep": Case(
        "1 and true differ at any depth",
        {"x": [{"y": 1}]},
        {"x": [{"y": True}]},
        {"x": [{"y": 1}]},
        {"x": [{"y": True}]},
    ),
    "one to 1.0": Case(
        "1 and 1.0 mean the same, so their edit wins", {"x": 1}, {"x": 1.0}, {"x": 2}, {"x": 2}
    ),
    "one against true": Case(
        "1 and true are two edits", {"x": 0}, {"x": 1}, {"x": True}, {"x": 1}, [("/x", "edit-edit")]
    ),
    "null against absent": Case(
        "a deletion is not an edit to null", {"x": 1}, {"x": None}, {}, {"x": None}, [("/x", "delete-edit")]
    ),
    "empty string to null": Case(
        "an empty string is a string", {"x": ""}, {"x": None}, {"x": ""}, {"x": None}
    ),
    "big numbers": Case(
        "every digit counts", {"x": 10**30}, {"x": 10**30 + 1}, {"x": 10**30}, {"x": 10**30 + 1}
    ),
    # (2) agreement
    "equal edits": Case("equal edits agree", {"x": 1}, {"x": 2}, {"x": 2}, {"x": 2}),
    "equal deletions": Case("equal edits agree", {"x": 1, "y": 1}, {"y": 1}, {"y": 1}, {"y": 1}),
    "equal additions": Case("equal edits agree", _people(A), _people(A, B), _people(A, B), _people(A, B)),
    "two fields": Case(
        "different fields do not touch",
        {"x": 1, "y": 1},
        {"x": 2, "y": 1},
        {"x": 1, "y": 2},
        {"x": 2, "y": 2},
    ),
    "one field": Case(
        "two edits of one value", {"x": 1}, {"x": 2}, {"x": 3}, {"x": 2}, [("/x", "edit-edit")]
    ),
    "type change": Case(
        "two kinds of one value", {"x": 1}, {"x": [1]}, {"x": {"a": 1}}, {"x": [1]}, [("/x", "edit-edit")]
    ),
    "type change against edit inside": Case(
        "an object that became a string was edited as a whole",
        {"x": {"a": 1}},
        {"x": "one"},
        {"x": {"a": 2}},
        {"x": "one"},
        [("/x", "edit-edit")],
    ),
    "one-sided type change": Case(
        "one side's edit wins", {"x": {"a": 1}}, {"x": 5}, {"x": {"a": 1}}, {"x": 5}
    ),
    "root change": Case(
        "the root is a value as any other", {"x": 1}, [1], {"x": 2}, [1], [("", "edit-edit")]
    ),
    # (3) deletion
    "delete element": Case("one side's deletion wins", _people(A, B), _people(B), _people(A, B), _people(B)),
    "delete against edit": Case(
        "delete against edit asks",
        _people(A, B),
        _people(B),
        _people({"id": "a", "age": 9}, B),
        _people(B),
        [("/people/id=a", "delete-edit")],
    ),
    "edit against delete": Case(
        "and keeps the edited one where it was while nobody has answered",
        _people(A, B),
        _people({"id": "a", "age": 9}, B),
        _people(B),
        _people({"id": "a", "age": 9}, B),
        [("/people/id=a", "delete-edit")],
    ),
    "delete against move": Case(
        "a move is no edit", _people(A, B, C), _people(B, C), _people(B, C, A), _people(B, C)
    ),
    "delete against moved and edited": Case(
        "an edit is one wherever it stands",
        _people(A, B, C),
        _people(B, C),
        _people(B, C, {"id": "a", "age": 9}),
        _people(B, C),
        [("/people/id=a", "delete-edit")],
    ),
    "delete against set noise": Case(
        "the order of a set is no edit",
        _people({"id": "a", "tags": ["x", "y"]}, B),
        _people(B),
        _people({"id": "a", "tags": ["y", "x"]}, B),
        _people(B),
    ),
    "delete object against edit inside": Case(
        "the whole object is asked",
        {"o": {"a": 1, "b": 1}},
        {},
        {"o": {"a": 2, "b": 1}},
        {},
        [("/o", "delete-edit")],
    ),
    "delete field against edit": Case(
        "delete against edit asks",
        _person(age=1),
        _person(),
        _person(age=2),
        _person(),
        [("/people/id=a/age", "delete-edit")],
    ),
    # (4) additions
    "add different elements": Case("both stay", _people(A), _people(A, B), _people(A, C), _people(A, B, C)),
    "add same key": Case(
        "one question for the element",
        _people(A),
        _people(A, {"id": "n", "age": 1, "about": "x"}),
        _people(A, {"id": "n", "age": 2, "about": "y"}),
        _people(A, {"id": "n", "age": 1, "about": "x"}),
        [("/people/id=n", "add-add")],
    ),
    "add same key, one says more": Case(
        "two things under one name are asked even where no field clashes",
        _people(A),
        _people(A, {"id": "n", "age": 1}),
        _people(A, {"id": "n", "about": "y"}),
        _people(A, {"id": "n", "age": 1}),
        [("/people/id=n", "add-add")],
    ),
    "add same field": Case("the same new key", {}, {"x": 1}, {"x": 2}, {"x": 1}, [("/x", "add-add")]),
    "add same object": Case(
        "asked once for all of it",
        {},
        {"o": {"a": 1, "b": 1}},
        {"o": {"a": 2, "b": 2}},
        {"o": {"a": 1, "b": 1}},
        [("/o", "add-add")],
    ),
    "add one object in parts": Case(
        "nothing says no to anything", {}, {"o": {"a": 1}}, {"o": {"b": 2}}, {"o": {"a": 1, "b": 2}}
    ),
    "add same set": Case(
        "sets merge by element",
        _person(),
        _person(tags=["x"]),
        _person(tags=["y", "x"]),
        _person(tags=["y", "x"]),
    ),
    "add same list": Case(
        "a list without keys is one value when new",
        {},
        {"l": [1]},
        {"l": [2]},
        {"l": [1]},
        [("/l", "add-add")],
    ),
    # (5) sets
    "set additions": Case(
        "by element",
        _person(tags=["x"]),
        _person(tags=["x", "y"]),
        _person(tags=["x", "z"]),
        _person(tags=["x", "y", "z"]),
    ),
    "set removal and addition": Case(
        "by element",
        _person(tags=["x", "y"]),
        _person(tags=["y"]),
        _person(tags=["x", "y", "z"]),
        _person(tags=["y", "z"]),
    ),
    "set reordered against addition": Case(
        "order is noise",
        _person(tags=["x", "y"]),
        _person(tags=["y", "x"]),
        _person(tags=["x", "y", "z"]),
        _person(tags=["y", "x", "z"]),
    ),
    "set reordered by both": Case(
        "order is noise and never asked",
        _person(tags=["x", "y", "z"]),
        _person(tags=["z", "x", "y"]),
        _person(tags=["y", "z", "x"]),
        _person(tags=["z", "y", "x"]),
    ),
    "set element removed by both": Case(
        "equal edits agree",
        _person(tags=["x", "y"]),
        _person(tags=["y"]),
        _person(tags=["y"]),
        _person(tags=["y"]),
    ),
    "set with a repeated element": Case(
        "nothing that was there is dropped",
        _person(tags=["x", "x"], age=1),
        _person(tags=["x", "x", "y"], age=1),
        _person(tags=["x", "x", "z"], age=1),
        _person(tags=["x", "x", "y", "z"], age=1),
    ),
    # (6) order
    "one-sided move": Case(
        "a one-sided order wins",
        _order("abc"),
        _order("cab"),
        _people({"id": "a", "age": 5}, {"id": "b"}, {"id": "c"}),
        _people({"id": "c"}, {"id": "a", "age": 5}, {"id": "b"}),
    ),
    "disjoint moves": Case(
        "disjoint moves combine", _order("dabcefg"), _order("abcdefg"), _order("dabcgef"), _order("abcdgef")
    ),
    "equal moves": Case("equal edits agree", _order("dcab"), _order("cabd"), _order("cabd"), _order("cabd")),
    "two places": Case(
        "one element moved to two places is one question",
        _order("dcbae"),
        _order("cdbae"),
        _order("cbaed"),
        _order("cdbae"),
        [("/people", "order")],
    ),
    "cycle": Case(
        "moves that exclude each other are one question",
        _order("cba"),
        _order("bca"),
        _order("cab"),
        _order("bca"),
        [("/people", "order")],
    ),
    "order question beside data": Case(
        "an order question never blocks data",
        _people(C, B, A),
        _people(B, {"id": "c", "age": 7}, A),
        _people(B, A, C),
        _people(B, {"id": "c", "age": 7}, A),
        [("/people", "order")],
    ),
    "move against edit": Case(
        "they do not touch",
        _people(B, A),
        _people(A, B),
        _people(B, {"id": "a", "age": 9}),
        _people({"id": "a", "age": 9}, B),
    ),
    "additions at one place": Case(
        "both stay, in the order of their keys", _order("zb"), _order("znb"), _order("zmb"), _order("zmnb")
    ),
    "addition beside a deletion": Case(
        "it stays behind what is left", _order("cba"), _order("cbxa"), _order("ca"), _order("cxa")
    ),
    # (7) sorted lists
    "sorted stays sorted": Case(
        "a list sorted in all three stays so",
        _steps(1, 5, 9),
        _steps(1, 5, 7, 9),
        _steps(1, 5, 6, 9),
        _steps(1, 5, 6, 7, 9),
    ),
    "sorted at the ends": Case(
        "a list sorted in all three stays so", _steps(5), _steps(5, 9), _steps(5, 7), _steps(5, 7, 9)
    ),
    "sorted by number": Case("10 comes after 9", _steps(8), _steps(8, 10), _steps(8, 9), _steps(8, 9, 10)),
    "unsorted stays as it is": Case(
        "nobody sorted it", _steps(9, 1), _steps(9, 1, 4), _steps(9, 1), _steps(9, 1, 4)
    ),
    # (8) texts
    "different sentences": Case(
        "by sentence",
        _text("She is tall. She sings."),
        _text("She is short. She sings."),
        _text("She is tall. She dances."),
        _text("She is short. She dances."),
    ),
    "same sentence": Case(
        "never inside one",
        _text("She is tall. She sings."),
        _text("She is very tall. She sings."),
        _text("She is tall now. She sings."),
        _text("She is very tall. She sings."),
        [("/about", "text")],
    ),
    "one sentence": Case(
        "never inside one",
        _text("Red car"),
        _text("Blue car"),
        _text("Red bus"),
        _text("Blue car"),
        [("/about", "edit-edit")],
    ),
    "abbreviation": Case(
        "“Dr.” ends no sentence",
        _text("Dr. Ash sings."),
        _text("Mr. Ash sings."),
        _text("Dr. Ash dances."),
        _text("Mr. Ash sings."),
        [("/about", "edit-edit")],
    ),
    "sentence appended": Case(
        "an addition behind an edited sentence",
        _text("One. Two."),
        _text("One. Two. Three."),
        _text("One. Deux."),
        _text("One. Deux. Three."),
    ),
    "two sentences appended": Case(
        "nobody knows which comes first",
        _text("One. Two."),
        _text("One. Two. Mine."),
        _text("One. Two. Theirs."),
        _text("One. Two. Mine."),
        [("/about", "text")],
    ),
    "sentence removed": Case(
        "by sentence",
        _text("One. Two. Three."),
        _text("One. Three."),
        _text("One. Two. Drei."),
        _text("One. Drei."),
    ),
    "lines": Case(
        "a line ends a sentence",
        _text("one\ntwo\nthree\n"),
        _text("1\ntwo\nthree\n"),
        _text("one\ntwo\n3\n"),
        _text("1\ntwo\n3\n"),
    ),
    "enum": Case(
        "an enum is whole",
        _person(rank="low. Very low."),
        _person(rank="high. Very low."),
        _person(rank="low. Very high."),
        _person(rank="high. Very low."),
        [("/people/id=a/rank", "edit-edit")],
        [("schema", "/people/id=a")],
    ),
    "pattern": Case(
        "a patterned string is whole",
        _person(code="A b. C d."),
        _person(code="X b. C d."),
        _person(code="A b. X d."),
        _person(code="X b. C d."),
        [("/people/id=a/code", "edit-edit")],
    ),
    "format": Case(
        "a formatted string is whole",
        _person(day="A b. C d."),
        _person(day="X b. C d."),
        _person(day="A b. X d."),
        _person(day="X b. C d."),
        [("/people/id=a/day", "edit-edit")],
        [("schema", "/people/id=a")],
    ),
    "atomic string": Case(
        "the schema says so",
        _person(motto="A b. C d."),
        _person(motto="X b. C d."),
        _person(motto="A b. X d."),
        _person(motto="X b. C d."),
        [("/people/id=a/motto", "edit-edit")],
    ),
    # (9) checks of the result
    "reference to a deleted element": Case(
        "nothing clashes, but the result dangles",
        _people(A, B),
        _people(B),
        _people(A, {"id": "b", "age": 2, "boss": "a"}),
        _people({"id": "b", "age": 2, "boss": "a"}),
        [],
        [("dangling-ref", "/people/id=b")],
    ),
    "reference in a set": Case(
        "told at the set",
        _people(A, B),
        _people(B),
        _people(A, {"id": "b", "age": 2, "friends": ["a"]}),
        _people({"id": "b", "age": 2, "friends": ["a"]}),
        [],
        [("dangling-ref", "/people/id=b/friends")],
    ),
    "reference in a nested element": Case(
        "told at the element that holds it",
        _people(A, B),
        _people(B),
        _people(A, {"id": "b", "ties": [{"to": "a", "kind": "foe"}]}),
        _people(
            {
                "id": "b",
                "ties": [{"to": "a", "kind": "foe"}],
            }
        ),
        [],
        [("dangling-ref", "/people/id=b/ties/to=a,kind=foe")],
    ),
    "schema broken by a side": Case(
        "the result is checked",
        _person(age=1),
        _person(age="old"),
        _person(age=1, about="x"),
        _person(age="old", about="x"),
        [],
        [("schema", "/people/id=a")],
    ),
    # (10) counters
    "counter": Case("the larger wins", {"version": 3}, {"version": 4}, {"version": 5}, {"version": 5}),
    "counter against deletion": Case(
        "a counter never conflicts", {"version": 3}, {}, {"version": 5}, {"version": 5}
    ),
    "counter added": Case("a counter never conflicts", {}, {"version": 4}, {"version": 2}, {"version": 4}),
    "counter lowered by one": Case(
        "one side's edit wins", {"version": 3}, {"version": 1}, {"version": 3}, {"version": 1}
    ),
    # (11) duplicate keys
    "duplicates kept": Case(
        "matched by content",
        _people({"id": "a", "age": 1}, {"id": "a", "age": 2}),
        _people({"id": "a", "age": 1}, {"id": "a", "age": 2}, B),
        _people({"id": "a", "age": 1, "about": "first"}, {"id": "a", "age": 2}),
        _people({"id": "a", "age": 1, "about": "first"}, {"id": "a", "age": 2}, B),
        [],
        [("duplicate-id", "/people/id=a")],
    ),
    "one duplicate deleted": Case(
        "the right one goes",
        _people({"id": "a", "age": 1}, {"id": "a", "age": 2}),
        _people({"id": "a", "age": 2}),
        _people({"id": "a", "age": 1}, {"id": "a", "age": 2}, B),
        _people({"id": "a", "age": 2}, B),
    ),
    "both duplicates edited": Case(
        "each its own",
        _people({"id": "a", "about": LONG}, {"id": "a", "about": "Short."}),
        _people({"id": "a", "about": LONG, "age": 4}, {"id": "a", "about": "Short."}),
        _people({"id": "a", "about": LONG}, {"id": "a", "about": "Short.", "age": 5}),
        _people({"id": "a", "about": LONG, "age": 4}, {"id": "a", "about": "Short.", "age": 5}),
        [],
        [("duplicate-id", "/people/id=a")],
    ),
    "several may share a key": Case(
        "the schema says that they may",
        {"events": [{"at": 1, "e": "x"}]},
        {"events": [{"at": 1, "e": "x"}, {"at": 2, "e": "y"}]},
        {"events": [{"at": 1, "e": "x"}, {"at": 2, "e": "z"}]},
        {"events": [{"at": 1, "e": "x"}, {"at": 2, "e": "y"}, {"at": 2, "e": "z"}]},
    ),
    # keys of their own kinds, nested keys, renames
    "nested elements": Case(
        "relationships key on two properties",
        _person(ties=[{"to": "a", "kind": "x"}]),
        _person(ties=[{"to": "a", "kind": "x", "since": 1}]),
        _person(ties=[{"to": "a", "kind": "x"}, {"to": "a", "kind": "y"}]),
        _person(ties=[{"to": "a", "kind": "x", "since": 1}, {"to": "a", "kind": "y"}]),
    ),
    "rename against edit": Case(
        "a renamed element is the same one",
        _people({"id": "a", "about": LONG}, B),
        _people({"id": "z", "about": LONG}, B),
        _people({"id": "a", "about": LONG, "age": 3}, B),
        _people({"id": "z", "about": LONG, "age": 3}, B),
    ),
    "two renames": Case(
        "two names for one thing",
        _people({"id": "a", "about": LONG}),
        _people({"id": "y", "about": LONG}),
        _people({"id": "z", "about": LONG}),
        _people({"id": "y", "about": LONG}),
        [("/people/id=a/id", "edit-edit")],
    ),
    "rename against deletion": Case(
        "a rename is an edit",
        _people({"id": "a", "about": LONG}, B),
        _people({"id": "z", "about": LONG}, B),
        _people(B),
        _people({"id": "z", "about": LONG}, B),
        [("/people/id=a", "delete-edit")],
    ),
    "number keys": Case(
        "1 and 1.0 are one key",
        {"steps": [{"n": 1}]},
        {"steps": [{"n": 1.0, "x": 1}]},
        {"steps": [{"n": 1, "y": 1}]},
        {"steps": [{"n": 1, "x": 1, "y": 1}]},
    ),
    "number and string keys": Case(
        "1 and “1” are two keys",
        {"steps": []},
        {"steps": [{"n": 1}]},
        {"steps": [{"n": "1"}]},
        {"steps": [{"n": 1}, {"n": "1"}]},
    ),
    "element without its key": Case(
        "matched by content",
        {"steps": [{"x": 1}]},
        {"steps": [{"x": 1}, {"n": 4}]},
        {"steps": [{"x": 1, "y": 1}]},
        {"steps": [{"x": 1, "y": 1}, {"n": 4}]},
    ),
    # lists without keys, atomic values, odd names
    "list without keys": Case(
        "elements that do not touch", {"l": [1, 2, 3]}, {"l": [9, 2, 3]}, {"l": [1, 2, 8]}, {"l": [9, 2, 8]}
    ),
    "list without keys, one element": Case(
        "never two values of one",
        {"l": [1, 2, 3]},
        {"l": [1, 8, 3]},
        {"l": [1, 9, 3]},
        {"l": [1, 8, 3]},
        [("/l/1", "edit-edit")],
    ),
    "list without keys, insert and delete": Case(
        "elements that do not touch",
        {"l": ["a", "b", "c"]},
        {"l": ["n", "a", "b", "c"]},
        {"l": ["a", "b"]},
        {"l": ["n", "a", "b"]},
    ),
    "nested lists": Case(
        "the inner lists merge, too",
        {"l": [[1, 2], [3, 4]]},
        {"l": [[1, 9], [3, 4]]},
        {"l": [[1, 2], [3, 8]]},
        {"l": [[1, 9], [3, 8]]},
    ),
    "objects in a list without keys": Case(
        "likeness makes them one",
        {"l": [{"t": LONG, "n": 1}, {"t": "x"}]},
        {"l": [{"t": LONG, "n": 2}, {"t": "x"}]},
        {"l": [{"t": LONG, "n": 1, "m": 5}, {"t": "x"}]},
        {"l": [{"t": LONG, "n": 2, "m": 5}, {"t": "x"}]},
    ),
    "atomic list": Case(
        "the schema says so",
        {"colour": [1, 2, 3]},
        {"colour": [9, 2, 3]},
        {"colour": [1, 2, 8]},
        {"colour": [9, 2, 3]},
        [("/colour", "edit-edit")],
    ),
    "atomic object": Case(
        "the schema says so",
        {"point": {"x": 1, "y": 1}},
        {"point": {"x": 2, "y": 1}},
        {"point": {"x": 1, "y": 2}},
        {"point": {"x": 2, "y": 1}},
        [("/point", "edit-edit")],
    ),
    "odd names": Case(
        "“/” and “~” are escaped",
        {"a/b": {"c~d": 1}},
        {"a/b": {"c~d": 2}},
        {"a/b": {"c~d": 3}},
        {"a/b": {"c~d": 2}},
        [("/a~1b/c~0d", "edit-edit")],
    ),
    "odd keys": Case(
        "in keys, too",
        _people({"id": "a/b~c", "age": 1}),
        _people({"id": "a/b~c", "age": 2}),
        _people({"id": "a/b~c", "age": 3}),
        _people({"id": "a/b~c", "age": 2}),
        [("/people/id=a~1b~0c/age", "edit-edit")],
    ),
    "other scripts": Case(
        "letters are letters", {"ключ": "å"}, {"ключ": "ä"}, {"ключ": "å", "鍵": 1}, {"ключ": "ä", "鍵": 1}
    ),
    "composed letters": Case(
        "two spellings of é are two strings",
        {"x": "e"},
        {"x": "\u00e9"},
        {"x": "e\u0301"},
        {"x": "\u00e9"},
        [("/x", "edit-edit")],
    ),
}
