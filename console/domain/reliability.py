"""How far a reporter can be relied on: a range, since one report of one says nothing yet."""

from __future__ import annotations

from math import sqrt

_Z = 1.645
"""Of the normal distribution: nine times in ten the true share lies within the range."""


def reliability(upheld: int, decided: int) -> tuple[float, float]:
    """The range, 0 to 1, in which the share of a person's right reports lies nine times in ten.

    Wilson's score interval (1927), which is sound for few reports and for shares near 0 and 1. Of nobody's
    reports it is 0 to 1.
    """
    if decided == 0:
        return 0.0, 1.0
    share, square = upheld / decided, _Z * _Z
    middle = share + square / (2 * decided)
    spread = _Z * sqrt(share * (1 - share) / decided + square / (4 * decided * decided))
    whole = 1 + square / decided
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def reliability_words(upheld: int, decided: int) -> str:
    """The range in whole per cent: "reliability 27–91 %"."""
    low, high = reliability(upheld, decided)
    return f"reliability {low * 100:.0f}–{high * 100:.0f} %"
