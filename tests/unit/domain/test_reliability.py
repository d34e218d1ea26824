"""A reporter's reliability is a range that narrows with what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.reliability import reliability, reliability_words


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_range_holds_the_share_and_narrows_with_more_reports(upheld: int, dismissed: int) -> None:
    decided = upheld + dismissed
    low, high = reliability(upheld, decided)
    assert 0 <= low <= high <= 1
    if decided:
        assert low - 1e-12 <= upheld / decided <= high + 1e-12
        more_low, more_high = reliability(upheld * 2, decided * 2)
        assert more_high - more_low < high - low


@pytest.mark.parametrize(
    ("upheld", "decided", "words"),
    [
        (0, 0, "reliability 0–100 %"),
        (1, 1, "reliability 27–100 %"),
        (2, 3, "reliability 25–92 %"),
        (60, 100, "reliability 52–68 %"),
    ],
)
def test_one_of_one_is_not_a_hundred_per_cent(upheld: int, decided: int, words: str) -> None:
    assert reliability_words(upheld, decided) == words
