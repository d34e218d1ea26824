"""The tour on the bench's demo, in a process of its own: how long the window's thread was away."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import Measurement

_SAID = re.compile(r"longest stall ([0-9.]+) ms, p99 ([0-9.]+) ms")


def tour(data: Path, size: str) -> Measurement:
    """Run `greenroom tour` on the demo under `data`, which is running; RuntimeError when it fails."""
    with tempfile.TemporaryDirectory() as pictures:
        done = subprocess.run(
            [sys.executable, "-m", "console", "tour", "--size", size, "--data", str(data), "--out", pictures],
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
    found = _SAID.search(done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"the tour failed: {done.stderr}")
    worst, p99 = (float(each) for each in found.groups())
    return Measurement(
        "stall of the GUI thread on the tour", "ms", p99, worst, None, None,
        "p99 under 16 ms, worst (in p95's column) under 50 ms", p99 < 16 and worst < 50,
    )  # fmt: skip
