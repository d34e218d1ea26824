"""How much of what a demo holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of a size. `open_subjects` are what the pending half of the flags is spread over, and
    `open_shares` how much of that are ideas, segments, scenes and users.

    `segments_per_bible` is how many segments pass until a scene's canon has a new version; one row in
    `hostile_every` carries a hostile string.
    """

    users: int
    user_topics: int
    pending_user_topics: int
    ideas: int
    pending_ideas: int
    scenes: int
    segments: int
    extra_jobs: int
    flags: int
    open_subjects: int
    open_shares: tuple[float, float, float, float]
    likes: int
    views: int
    segments_per_bible: int
    review_due: int
    hostile_every: int


class Size(StrEnum):
    """`small` is made in seconds; `large` in a couple of minutes, for measuring."""

    SMALL = "small"
    LARGE = "large"

    @property
    def plan(self) -> Plan:
        """The rows of this size."""
        return _PLANS[self]


_PLANS = {
    Size.SMALL: Plan(
        users=320,
        user_topics=96,
        pending_user_topics=40,
        ideas=900,
        pending_ideas=300,
        scenes=130,
        segments=1_100,
        extra_jobs=140,
        flags=700,
        open_subjects=150,
        open_shares=(0.4, 0.27, 0.15, 0.18),
        likes=1_500,
        views=1_500,
        segments_per_bible=2,
        review_due=90,
        hostile_every=29,
    ),
    # Flags lie on so many subjects that the four-thousandth page of a hundred exists.
    Size.LARGE: Plan(
        users=50_000,
        user_topics=4_000,
        pending_user_topics=1_200,
        ideas=200_000,
        pending_ideas=60_000,
        scenes=20_000,
        segments=300_000,
        extra_jobs=24_000,
        flags=1_000_000,
        open_subjects=410_000,
        open_shares=(0.33, 0.55, 0.03, 0.09),
        likes=200_000,
        views=200_000,
        segments_per_bible=8,
        review_due=3_000,
        hostile_every=499,
    ),
}
