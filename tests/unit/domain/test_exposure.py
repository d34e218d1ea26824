"""Exposure is counted by day and severity; a break is suggested when it was hard for long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.exposure import KEPT_DAYS, Exposure, read_exposure

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def looked(exposure: Exposure, minutes: int, severity: int, at: datetime = START) -> list[int]:
    """After which minutes a break was due."""
    moments = (at + timedelta(minutes=minute) for minute in range(1, minutes + 1))
    return [minute for minute, moment in enumerate(moments, 1) if exposure.add(severity, 60, moment)]


def test_a_break_is_due_after_twenty_minutes_and_every_ten_after() -> None:
    exposure = Exposure()
    assert looked(exposure, 45, 5) == [20, 30, 40]
    assert exposure.severe_since_break == 45 * 60


def test_what_is_not_severe_is_counted_and_tires_nobody() -> None:
    exposure = Exposure()
    assert looked(exposure, 60, 3) == []
    assert exposure.seconds(START.date(), START.date()) == {3: 3_600}


def test_a_break_begins_the_count_anew() -> None:
    exposure = Exposure()
    assert looked(exposure, 19, 4) == []
    later = START + timedelta(minutes=19 + 5)
    assert looked(exposure, 20, 4, later) == [20]


def test_old_days_are_forgotten_and_periods_are_whole_days() -> None:
    exposure = Exposure()
    for day in range(KEPT_DAYS + 5):
        exposure.add(2, 10, START + timedelta(days=day))
    assert len(exposure.days) == KEPT_DAYS
    last = max(exposure.days)
    assert exposure.seconds(last - timedelta(days=6), last) == {2: 70}


@given(
    st.dictionaries(
        st.dates(), st.dictionaries(st.integers(0, 5), st.floats(0, 1e6), min_size=1), max_size=KEPT_DAYS
    )
)
def test_what_was_written_is_read_again(days: dict[date, dict[int, float]]) -> None:
    exposure = Exposure(days)
    assert read_exposure(exposure.written()) == exposure


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"monday": {}}', '{"2026-03-01": 3}', '{"2026-03-01": {"x": 1}}']
)
def test_what_is_broken_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_exposure(text)
