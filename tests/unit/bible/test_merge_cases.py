"""Every merge of the table, both ways round."""

from __future__ import annotations

from copy import deepcopy

import pytest

from console.bible.merge import merge
from console.bible.values import resolve, same
from tests.unit.bible.annotated import SCHEMA
from tests.unit.bible.merge_cases import CASES, Case


def test_the_table_is_as_long_as_promised() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_merge_gives_what_the_table_says(case: Case) -> None:
    inputs = deepcopy((case.base, case.mine, case.theirs))

    result = merge(*inputs, SCHEMA)

    assert [(conflict.path, conflict.kind) for conflict in result.conflicts] == case.conflicts, case.reason
    assert same(result.merged, case.merged), f"{case.reason}: {result.merged}"
    told = list(dict.fromkeys((finding.kind, finding.path) for finding in result.warnings))
    assert told == case.warnings
    assert inputs == (case.base, case.mine, case.theirs), "an input was changed"


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_mine_and_theirs_are_only_labels(case: Case) -> None:
    one = merge(case.base, case.mine, case.theirs, SCHEMA)
    other = merge(case.base, case.theirs, case.mine, SCHEMA, prefer="theirs")

    assert same(_unordered_sets(one.merged), _unordered_sets(other.merged))
    assert [(c.path, c.kind, c.mine, c.theirs) for c in one.conflicts] == [
        (c.path, c.kind, c.theirs, c.mine) for c in other.conflicts
    ]


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=name) for name, case in CASES.items() if case.conflicts]
)
def test_a_conflict_points_at_its_values(case: Case) -> None:
    for conflict in merge(case.base, case.mine, case.theirs, SCHEMA).conflicts:
        told = conflict.as_json()
        for name, document in (("base", case.base), ("mine", case.mine), ("theirs", case.theirs)):
            pointer = told[f"{name}_pointer"]
            assert (pointer is None) == (name not in told)
            if pointer is not None:
                tokens = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
                assert same(resolve(document, tokens), told[name])


def _unordered_sets(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: sorted(part) if name in ("tags", "friends") else _unordered_sets(part)
            for name, part in value.items()
        }
    return [_unordered_sets(part) for part in value] if isinstance(value, list) else value
