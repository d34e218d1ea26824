"""What changed, by identity, as data, sentences, pages and patches."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from console.bible import rendering
from console.bible.diff import content, diff
from console.bible.patch import PatchError, apply, patch
from console.bible.values import same
from tests.unit.bible.annotated import SCHEMA
from tests.unit.bible.test_merge_laws import DOCUMENTS
from tests.unit.bible.triples import overlapping

LONG = "She grew up by the sea. She never learned to swim."


def _kinds(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(change.kind, change.path) for change in diff(before, after, SCHEMA)]


def _people(*people: dict[str, Any]) -> dict[str, Any]:
    return {"people": list(people)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"x": 1}, {"x": 1.0}),
        ({"x": 1, "y": 2}, {"y": 2, "x": 1}),
        (_people({"id": "a", "tags": ["x", "y"]}), _people({"id": "a", "tags": ["y", "x"]})),
    ],
    ids=["number", "order of keys", "order of a set"],
)
def test_what_means_the_same_is_no_change(before: Any, after: Any) -> None:
    assert _kinds(before, after) == []
    assert patch(before, after, SCHEMA) == []


def test_one_and_true_differ() -> None:
    assert _kinds({"x": [1]}, {"x": [True]}) == [("changed", "/x/0")]


def test_a_move_is_one_move() -> None:
    order = [{"id": name} for name in "abcde"]
    changes = diff(_people(*order), _people(*order[1:], order[0]), SCHEMA)

    assert [(c.kind, c.path, c.before, c.after) for c in changes] == [("moved", "/people/id=a", 0, 4)]
    assert rendering.sentences(changes) == ["a: moved from place 1 to 5"]


def test_a_renamed_element_is_seen_as_such() -> None:
    before, after = _people({"id": "a", "about": LONG}), _people({"id": "z", "about": LONG, "age": 3})

    assert rendering.sentences(diff(before, after, SCHEMA)) == ["a: renamed from a to z", "a: age added: 3"]


def test_a_renamed_key_is_seen_as_such() -> None:
    assert _kinds({"old": {"deep": 1}}, {"new": {"deep": 1}}) == [("renamed", "/old")]


def test_sentences_say_what_changed() -> None:
    before = _people(
        {"id": "a", "about": "One. Two. Three. Four.", "age": 1, "tags": ["x"], "code": "k"}, {"id": "b"}
    )
    after = _people({"id": "a", "about": "One. Zwei. Three. Four.", "age": 2, "tags": ["y"]}, {"id": "c\x1b"})

    assert rendering.sentences(diff(before, after, SCHEMA)) == [
        "a: about changed, 1 of 4 sentences",
        "a: age changed from 1 to 2",
        'a: tags: removed "x"',
        'a: tags: added "y"',
        'a: code removed: "k"',
        "b: removed",
        "c\\u001b: added",
    ]


def test_html_marks_words_and_escapes_all() -> None:
    page = rendering.html(diff({"<k>": "one <b> two"}, {"<k>": "one <i> two"}, SCHEMA), "<title>")

    assert "one &lt;<del>b</del>&gt; two" in page
    assert "one &lt;<ins>i</ins>&gt; two" in page
    assert "<k>" not in page
    assert "<title>&lt;title&gt;</title>" in page


@settings(max_examples=300, deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_patch_leads_to_the_other_document(before: Any, after: Any) -> None:
    patched = apply(before, patch(before, after, SCHEMA))

    assert diff(patched, after, SCHEMA) == []
    assert (diff(before, after, SCHEMA) == []) == (patch(before, after, SCHEMA) == [])


def test_patches_of_shuffled_and_edited_lists() -> None:
    for seed in range(300):
        before, after, _ = overlapping(Random(seed))
        patched = apply(before, patch(before, after, SCHEMA))
        assert diff(patched, after, SCHEMA) == [], seed


def test_moving_one_of_many_takes_one_operation() -> None:
    order = [{"id": f"p{number}"} for number in range(50)]

    assert patch(_people(*order), _people(order[-1], *order[:-1]), SCHEMA) == [
        {"op": "move", "from": "/people/49", "path": "/people/0"}
    ]


# RFC 6902, appendix A, and the errors of its section 4.
RFC: dict[str, tuple[Any, list[dict[str, Any]], Any]] = {
    "A.1": ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    "A.2": (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    "A.3": ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    "A.4": ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    "A.5": ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    "A.6": (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    "A.7": (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    "A.8": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    "A.9": ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], None),
    "A.10": (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"g": {}}}],
        {"foo": "bar", "child": {"g": {}}},
    ),
    "A.11": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
        {"foo": "bar", "baz": "qux"},
    ),
    "A.12": ({"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], None),
    "A.14": ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    "A.15": ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}], None),
    "A.16": (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc"]}],
        {"foo": ["bar", ["abc"]]},
    ),
    "copy": ({"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}], {"a": {"b": 1}, "c": {"b": 1}}),
    "root": ({"a": 1}, [{"op": "replace", "path": "", "value": [1]}], [1]),
    "index too high": ([1], [{"op": "add", "path": "/2", "value": 1}], None),
    "index with a zero": ([1, 2], [{"op": "remove", "path": "/01"}], None),
    "nothing to remove": ({}, [{"op": "remove", "path": "/a"}], None),
    "into itself": ({"a": {}}, [{"op": "move", "from": "/a", "path": "/a/b"}], None),
    "unknown operation": ({}, [{"op": "spam", "path": ""}], None),
    "no value": ({}, [{"op": "add", "path": "/a"}], None),
    "no pointer": ({}, [{"op": "add", "path": "a", "value": 1}], None),
    "true is not 1": ({"a": 1}, [{"op": "test", "path": "/a", "value": True}], None),
}


@pytest.mark.parametrize(("document", "operations", "expected"), RFC.values(), ids=list(RFC))
def test_patches_apply_as_the_rfc_says(
    document: Any, operations: list[dict[str, Any]], expected: Any
) -> None:
    if expected is None:
        with pytest.raises(PatchError):
            apply(document, operations)
    else:
        assert same(apply(document, operations), expected)


def test_what_every_save_moves_is_nobodys_change() -> None:
    before, after = {"version": 1, "free": {"a": 1}}, {"version": 2, "free": {"a": 2}}

    assert [change.path for change in content(diff(before, after, SCHEMA), SCHEMA)] == ["/free/a"]
