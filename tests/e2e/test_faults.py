"""Four consoles at work while something breaks: nothing is lost, nothing counts twice, no screen lies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.faults import FAULTS, PROMOTION, Fault
from tests.e2e.matrix import README, play, table, written
from tests.e2e.promises import broken
from tests.e2e.stage import Stage, stage
from tests.support.content import one

Rows = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def played() -> Iterator[Stage]:
    with stage() as opened:
        yield opened


@pytest.fixture(scope="module")
def rows() -> Rows:
    """What the run sees, by fault."""
    return {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_while_it_lasts_and_afterwards(fault: Fault, played: Stage, rows: Rows) -> None:
    rows[fault.name] = play(played, fault, table(README.read_text(encoding="utf-8")).get(fault.name, {}))
    assert broken(played) == []


def test_an_old_primary_that_comes_back_is_not_written_to(played: Stage, rows: Rows) -> None:
    if PROMOTION.name not in rows:
        rows[PROMOTION.name] = play(played, PROMOTION, {})
    played.start("primary")
    with played.superuser("primary") as c:
        before = (
            one(c, "SELECT count(*) FROM greenroom.audit"),
            one(c, "SELECT count(*) FROM greenroom.claims"),
        )
    for _ in range(2):
        played.moderate()
        for lines in played.lines:
            lines.primary.cut_once()
            lines.standby.cut_once()
    played.moderate()
    played.settle()
    with played.superuser("primary") as c:
        assert not one(c, "SELECT pg_is_in_recovery()")
        assert (
            one(c, "SELECT count(*) FROM greenroom.audit"),
            one(c, "SELECT count(*) FROM greenroom.claims"),
        ) == before
    assert broken(played) == []


@pytest.mark.flaky(reruns=0)  # It would find what it has just written.
def test_the_table_is_what_was_seen(rows: Rows) -> None:
    before = README.read_text(encoding="utf-8")
    known = table(before)
    seen = {fault.name: rows.get(fault.name) or known.get(fault.name) for fault in FAULTS}
    after = written(before, {name: cells for name, cells in seen.items() if cells})
    if after != before:
        README.write_text(after, encoding="utf-8")
    assert after == before, "tests/e2e/README.md told another story; it tells this run's now"
