"""The agreed numbers are a pure function of plan and day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from db.platforms.scenes.demo.plan import Size
from db.platforms.scenes.demo.world import Table, at, build, clip_of, key

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_one_day_has_one_world() -> None:
    plan = Size.SMALL.plan
    assert build(plan, NOON) == build(plan, NOON + timedelta(hours=11))
    assert build(plan, NOON) == build(plan, NOON.astimezone(timezone(timedelta(hours=-9))))
    assert build(plan, NOON).today + 86_400 == build(plan, NOON + timedelta(days=1)).today


def test_every_segment_belongs_to_its_scene() -> None:
    world = build(Size.SMALL.plan, NOON)
    for scene in range(world.plan.scenes):
        span = range(world.first_segment[scene], world.first_segment[scene + 1])
        assert all(world.segment_scene[n] == scene for n in span)
        times = [world.segment_created[n] for n in span]
        assert times == sorted(set(times))
    assert world.first_segment[-1] == world.plan.segments


def test_neighbours_show_different_clips() -> None:
    assert all(clip_of(n) != clip_of(n + 1) for n in range(5_000))


@given(st.sampled_from(Table), st.sampled_from(Table), st.integers(0, 2**40), st.integers(0, 2**40))
def test_ids_are_different_and_look_like_any_uuid(one: Table, other: Table, first: int, second: int) -> None:
    made = UUID(key(one, first))
    assert made.version == 4
    assert (key(one, first) == key(other, second)) == ((one, first) == (other, second))


def test_moments_are_utc() -> None:
    assert at(0) == datetime(1970, 1, 1, tzinfo=UTC)
