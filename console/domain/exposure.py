"""How long a person has looked at what: minutes by severity, for themselves, and when a break is due."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from console.domain.media import CAREFUL

KEPT_DAYS = 31
DUE_SECONDS = 20 * 60
"""Of severe content without a break, after which one is suggested; our own measure, on the careful side."""
AGAIN_SECONDS = 10 * 60
"""Of more of it, after which it is suggested again."""
BREAK = timedelta(minutes=5)
"""So long without any content is a break."""


@dataclass(slots=True)
class Exposure:
    """Seconds by day (the person's own) and severity: 0 for what nobody reported, 1 to 5 as policies say."""

    days: dict[date, dict[int, float]] = field(default_factory=dict)
    _severe: float = 0.0
    _suggested_at: float = 0.0
    _last: datetime | None = None

    def add(self, severity: int, seconds: float, at: datetime) -> bool:
        """Something of this severity was looked at, up to `at` (aware); whether a break is due now."""
        if self._last is not None and at - self._last >= BREAK:
            self._severe, self._suggested_at = 0.0, 0.0
        self._last = at
        day = self.days.setdefault(at.date(), {})
        day[severity] = day.get(severity, 0.0) + seconds
        for old in [each for each in self.days if (at.date() - each).days >= KEPT_DAYS]:
            del self.days[old]
        if severity < CAREFUL:
            return False
        self._severe += seconds
        if self._severe < (self._suggested_at + AGAIN_SECONDS if self._suggested_at else DUE_SECONDS):
            return False
        self._suggested_at = self._severe
        return True

    @property
    def severe_since_break(self) -> float:
        """Seconds with severe content since the last break."""
        return self._severe

    def seconds(self, first: date, last: date) -> dict[int, float]:
        """By severity, over these days, both included."""
        found: dict[int, float] = defaultdict(float)
        for day, by_severity in self.days.items():
            if first <= day <= last:
                for severity, seconds in by_severity.items():
                    found[severity] += seconds
        return dict(found)

    def written(self) -> str:
        """As text, for `read_exposure`."""
        return json.dumps({day.isoformat(): by_severity for day, by_severity in self.days.items()})


def read_exposure(text: str) -> Exposure:
    """What was written. ValueError for anything else."""
    try:
        kept = json.loads(text)
        return Exposure(
            {
                date.fromisoformat(day): {int(severity): float(many) for severity, many in found.items()}
                for day, found in kept.items()
            }
        )
    except (AttributeError, TypeError) as error:
        raise ValueError(str(error)) from error
