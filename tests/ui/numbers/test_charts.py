"""The axes of the charts: few marks, all of them easy to read, none outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.ui.numbers.charts import count_ticks, day_ticks, wait_ticks

DAY = 86_400


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (2, ["1 Mar", "2 Mar", "3 Mar"]),
        (29, ["1 Mar", "8 Mar", "15 Mar", "22 Mar", "29 Mar"]),
    ],
)
def test_days_are_marked_at_noon(days: int, words: list[str]) -> None:
    first = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
    ticks = day_ticks(first, first + days * DAY)
    assert [word for _, word in ticks] == words
    assert ticks[0][0] == first


@given(st.floats(1, 1e9))
def test_counts_have_one_to_five_whole_marks_in_order(highest: float) -> None:
    ticks = count_ticks(highest)
    assert 2 <= len(ticks) <= 5
    assert ticks[0] == (0.0, "0")
    assert all(value == int(value) and value <= highest for value, _ in ticks)


def test_waits_are_marked_by_times_that_people_know() -> None:
    assert [word for _, word in wait_ticks(4_000)] == ["1 s", "10 s", "1 min", "10 min", "1 h"]
    assert wait_ticks(60)[-1][0] == pytest.approx(1.778, abs=0.001)
