"""Moments that reports name in their own words."""

from __future__ import annotations

import pytest

from console.domain.scenes import times_named


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("At 0:12.400–0:15.000: blood", (12_400, 15_000)),
        ("look at 1:02, and again at 1:02", (62_000,)),
        ("00:00:07.5 (the sign)", (7_500,)),
        ("at 0:01.2: the knife", (1_200,)),
        ("Posted 12:30:45 by 1:2:3:4", ()),
        ("ratio 16:9, verse 3:160", ()),
        ("99:10 is beyond the end", ()),
        ("at ١:٢٣", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_times_named(text: str | None, times: tuple[int, ...]) -> None:
    assert times_named(text, 90_000) == times


def test_the_hour_counts() -> None:
    assert times_named("1:02:03.050", 4_000_000) == (3_723_050,)
