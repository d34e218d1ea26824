"""How the work went: decisions a day, how long things waited, how much was overturned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

BUCKETS_AN_OCTAVE = 2
"""Of waits as `greenroom.daily_waits` counts them: a quantile is off by 41 % of itself at most."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits as a histogram: bucket → items; bucket b holds 2^(b/2) - 1 to 2^((b+1)/2) - 1 seconds."""

    buckets: Mapping[int, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """How many are counted."""
        return sum(self.buckets.values())

    def quantile(self, share: float) -> float | None:
        """The wait in seconds that `share` (0 to 1) of the items did not exceed; None where there are none.

        Within a bucket the items are taken to lie evenly.
        """
        wanted = share * self.items
        passed = 0
        for bucket in sorted(self.buckets):
            here = self.buckets[bucket]
            if here and passed + here >= wanted:
                low, high = edge(bucket), edge(bucket + 1)
                return low + (high - low) * (wanted - passed) / here
            passed += here
        return None

    def __add__(self, other: Waits) -> Waits:
        keys = self.buckets.keys() | other.buckets.keys()
        return Waits({key: self.buckets.get(key, 0) + other.buckets.get(key, 0) for key in keys})


def edge(bucket: int) -> float:
    """Where a bucket begins, in seconds."""
    return float(2 ** (bucket / BUCKETS_AN_OCTAVE) - 1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was decided, and of that: taken back by who decided, overturned by somebody else."""

    decided: int = 0
    taken_back: int = 0
    overturned: int = 0

    @property
    def overturn_rate(self) -> float | None:
        """Overturned of what was decided and not taken back, 0 to 1; None where nothing is left."""
        left = self.decided - self.taken_back
        return self.overturned / left if left > 0 else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.decided + other.decided,
            self.taken_back + other.taken_back,
            self.overturned + other.overturned,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of one day, one policy or one queue. `look`: until opened; `wait`: until decided."""

    tally: Tally = Tally()
    look: Waits = Waits()
    wait: Waits = Waits()

    def __add__(self, other: Line) -> Line:
        return Line(self.tally + other.tally, self.look + other.look, self.wait + other.wait)


@dataclass(frozen=True, slots=True)
class QueueLength:
    """How much waited in a queue at an hour, and since when the oldest did."""

    hour: datetime
    scope: str
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a period, whole days in UTC, `first` and `last` included.

    `days` has every day of the period, `policies` by key (empty: decided without one), `lengths` by the
    hour, oldest first. Counted as of `at`; None where nothing was ever counted.
    """

    first: date
    last: date
    days: Mapping[date, Line]
    policies: Mapping[str, Line]
    lengths: tuple[QueueLength, ...]
    at: datetime | None

    @property
    def whole(self) -> Line:
        """All of the period."""
        return total(self.days.values())


def total(lines: Iterable[Line]) -> Line:
    """Their sum."""
    sum_ = Line()
    for line in lines:
        sum_ += line
    return sum_
