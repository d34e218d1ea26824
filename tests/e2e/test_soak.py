"""A short soak: what `./dev soak` does for ten minutes."""

from __future__ import annotations

from tests.e2e.soak import soak

SECONDS = 10


def test_faults_at_random_break_no_promise() -> None:
    summary = soak(SECONDS, seed=1)
    assert summary.broken == [], str(summary)
    assert summary.shown["decide, done"] > 10
    assert summary.shown["undo, done"] > 0
    assert summary.faults.total() > 1  # the promotion comes last
