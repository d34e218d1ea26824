"""What holds for every merge: its laws, and that nothing is lost or invented."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.bible.conflicts import decide
from console.bible.matching import key_of, step_of
from console.bible.merge import merge
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import canonical, escape, same
from tests.unit.bible.annotated import SCHEMA
from tests.unit.bible.triples import disjoint, overlapping

_SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([1.0, 0.5, "", "a", "One. Two.", "é"])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abid"), inner, max_size=3),
    max_leaves=8,
)
_ELEMENTS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("abcd")}, optional={"age": _SCALARS, "tags": st.lists(_SCALARS, max_size=3)}
    ),
    max_size=5,
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "people": _ELEMENTS,
        "events": st.lists(
            st.fixed_dictionaries({"at": st.integers(0, 2)}, optional={"e": _SCALARS}), max_size=4
        ),
        "steps": st.lists(
            st.fixed_dictionaries({}, optional={"n": st.integers(0, 3), "e": _SCALARS}), max_size=4
        ),
        "version": st.integers(0, 5),
        "free": _VALUES,
    },
)
PLAIN = AnnotatedSchema({})


@pytest.mark.parametrize("schema", [SCHEMA, PLAIN], ids=["annotated", "plain"])
@settings(max_examples=200, deadline=None)
@given(base=DOCUMENTS, side=DOCUMENTS)
def test_one_side_alone_is_the_result(schema: AnnotatedSchema, base: Any, side: Any) -> None:
    for mine, theirs in ((side, side), (side, base), (base, side)):
        result = merge(base, mine, theirs, schema)
        assert result.clean
        assert same(result.merged, side)


@pytest.mark.parametrize("schema", [SCHEMA, PLAIN], ids=["annotated", "plain"])
@settings(max_examples=300, deadline=None)
@given(base=DOCUMENTS, mine=DOCUMENTS, theirs=DOCUMENTS)
def test_a_merge_is_a_function_and_symmetric_but_for_the_labels(
    schema: AnnotatedSchema, base: Any, mine: Any, theirs: Any
) -> None:
    one = merge(base, mine, theirs, schema)
    again = merge(base, mine, theirs, schema)
    swapped = merge(base, theirs, mine, schema, prefer="theirs")

    assert repr(one) == repr(again)
    assert same(one.merged, swapped.merged)
    assert [(c.path, c.kind) for c in one.conflicts] == [(c.path, c.kind) for c in swapped.conflicts]


@settings(max_examples=200, deadline=None)
@given(base=DOCUMENTS, mine=DOCUMENTS, theirs=DOCUMENTS)
def test_answers_settle_all_and_are_kept_when_others_save_again(base: Any, mine: Any, theirs: Any) -> None:
    asked = merge(base, mine, theirs, SCHEMA)
    answers = [decide(conflict, "theirs") for conflict in asked.conflicts]

    settled = merge(base, mine, theirs, SCHEMA, decisions=answers)
    later = merge(base, mine, {**theirs, "later": 1}, SCHEMA, decisions=answers)

    assert settled.clean
    assert len(settled.answered) == len(asked.conflicts)
    assert same(settled.merged, merge(base, mine, theirs, SCHEMA, prefer="theirs").merged)
    assert later.clean
    assert same(later.merged, {**settled.merged, "later": 1})


def test_1000_disjoint_triples_merge_right_and_none_is_asked() -> None:
    for seed in range(1000):
        base, mine, theirs, truth = disjoint(Random(seed))

        result = merge(base, mine, theirs, SCHEMA)

        assert result.clean, (seed, [conflict.as_json() for conflict in result.conflicts])
        assert same(_settled(result.merged), _settled(truth)), seed


def _settled(version: Any) -> Any:
    """The document with its sets in one order."""
    for person in version["people"]:
        if "tags" in person:
            person["tags"].sort()
    return version


def test_1000_overlapping_triples_lose_and_invent_nothing() -> None:
    asked = 0
    for seed in range(1000):
        base, mine, theirs = overlapping(Random(seed))
        result = merge(base, mine, theirs, SCHEMA)
        asked += not result.clean
        before, ours, others, merged = (_leaves(version) for version in (base, mine, theirs, result.merged))
        questions = tuple(conflict.path for conflict in result.conflicts if conflict.kind != "order")
        for path in before.keys() | ours.keys() | others.keys() | merged.keys():
            values = [leaves.get(path) for leaves in (before, ours, others, merged)]
            if any(path == question or path.startswith(f"{question}/") for question in questions):
                assert values[3] in values[:3], (seed, path)
            elif path == "/version":
                assert values[3] is not None, seed
            elif values[0] == values[1]:
                assert values[3] == values[2], (seed, path)
            else:
                assert values[0] == values[2] or values[1] == values[2], (seed, path)
                assert values[3] == values[1], (seed, path)
    assert 200 < asked < 1000


def _leaves(version: Any) -> dict[str, Any]:
    return dict(_walk(version, SCHEMA.root, ""))


def _walk(value: Any, rule: Rule, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield path, "an object"
        for name, part in value.items():
            yield from _walk(part, rule.member(name), f"{path}/{escape(name)}")
    elif isinstance(value, list) and (rule.keys or rule.merge == "set"):
        yield path, "an array"
        for at, part in enumerate(value):
            step = step_of(part, rule, at) if rule.keys else repr(key_of(part, rule))
            yield from _walk(part, rule.element(at), f"{path}/{step}")
    else:
        yield path, ("value", canonical(value))
