"""Quantiles of waits that are kept as a histogram, rates, and sums."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from math import floor, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.numbers import Line, Numbers, Tally, Waits, edge, total


def histogram(seconds: list[float]) -> Waits:
    """As the database counts: `greenroom.wait_bucket`."""
    return Waits(Counter(floor(2 * log2(1 + each)) for each in seconds))


@given(st.lists(st.floats(0, 3e8), min_size=1, max_size=200), st.floats(0, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], share: float) -> None:
    true = sorted(seconds)[min(len(seconds) - 1, max(0, -int(-share * len(seconds) // 1) - 1))]
    found = histogram(seconds).quantile(share)
    bucket = floor(2 * log2(1 + true))
    assert found is not None
    assert edge(bucket) * 0.999 <= found <= edge(bucket + 1) * 1.001


def test_nothing_waited() -> None:
    assert Waits().quantile(0.5) is None
    assert Waits({4: 0}).items == 0


@given(st.lists(st.floats(0, 1e6)), st.lists(st.floats(0, 1e6)))
def test_waits_add_up(some: list[float], more: list[float]) -> None:
    added = histogram(some) + histogram(more)
    assert added.items == len(some) + len(more)
    assert added == histogram([*some, *more])


@pytest.mark.parametrize(
    ("tally", "rate"),
    [
        (Tally(), None),
        (Tally(4, 4), None),
        (Tally(10, 2, 2), 0.25),
        (Tally(10), 0.0),
    ],
)
def test_the_rate_is_of_what_was_not_taken_back(tally: Tally, rate: float | None) -> None:
    assert tally.overturn_rate == rate


def test_a_period_is_the_sum_of_its_days() -> None:
    days = {
        date(2026, 3, 1): Line(Tally(3, 1), Waits({2: 3}), Waits({8: 3})),
        date(2026, 3, 2): Line(Tally(2, 0, 1), Waits({2: 1, 3: 1}), Waits({9: 2})),
    }
    numbers = Numbers(date(2026, 3, 1), date(2026, 3, 2), days, {}, (), datetime(2026, 3, 2, tzinfo=UTC))
    assert numbers.whole == Line(Tally(5, 1, 1), Waits({2: 4, 3: 1}), Waits({8: 3, 9: 2}))
    assert total([]) == Line()
