"""What a benchmark reports: samples of ours and of a floor measured in the same run."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table: `value` and `p95` in `unit`; `floor` is the peer's value, `ratio` ours to it.

    `goal` words the promise that the row stands for.
    """

    name: str
    unit: str
    value: float
    p95: float | None
    floor: float | None
    ratio: float | None
    goal: str
    met: bool
    detail: str = ""


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of them do not exceed (nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(0, min(len(ordered) - 1, round(share * len(ordered) + 0.5) - 1))]


def median(samples: Sequence[float]) -> float:
    """The middle sample."""
    return statistics.median(samples)


def table(rows: Sequence[Measurement]) -> str:
    """The measurements as a text table, one line each."""
    lines = [f"{'what':44} {'median':>10} {'p95':>10} {'floor':>10} {'ratio':>7}  goal"]
    lines.extend(
        f"{row.name:44} {_number(row.value)} {_number(row.p95)} {_number(row.floor)} "
        f"{'' if row.ratio is None else format(row.ratio, '.2f'):>7}  "
        f"{'met' if row.met else 'MISSED'}: {row.goal} [{row.unit}] {row.detail}"
        for row in rows
    )
    return "\n".join(lines)


def write(rows: Sequence[Measurement], folder: Path) -> Path:
    """Write the run as JSON into `folder` and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    target = folder / f"bench-{now:%Y%m%dT%H%M%SZ}.json"
    run = {
        "at": now.isoformat(),
        "machine": {"system": platform.platform(), "python": platform.python_version()},
        "rows": [asdict(row) for row in rows],
    }
    target.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    return target


def _number(value: float | None) -> str:
    return f"{'' if value is None else format(value, '.3f'):>10}"
