"""Where pictures stand, by counting."""

from __future__ import annotations

import pytest

from console.ui.player.clock import PictureClock


def test_pictures_are_counted_from_where_it_began() -> None:
    clock = PictureClock()
    clock.frame_seconds = 0.04
    clock.begin(2.0)
    assert [clock.shown() for _ in range(3)] == [2.0, 2.04, 2.08]
    clock.missed(2)
    assert clock.shown() == pytest.approx(2.2)
    clock.begin(0.0)
    assert clock.shown() == 0.0


def test_a_rate_that_is_known_late_counts_for_what_was_shown() -> None:
    clock = PictureClock()
    clock.shown()
    clock.shown()
    clock.frame_seconds = 0.5
    assert clock.position == 1.0
