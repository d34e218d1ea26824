"""Back and forward among what was looked at."""

from __future__ import annotations

from uuid import UUID

from console.domain.subjects import Subject
from console.ui.desk.trail import KEPT, Trail


def subject(number: int) -> Subject:
    return Subject("idea", UUID(int=number))


def test_back_and_forward_end_where_the_trail_ends() -> None:
    trail = Trail()
    assert trail.step(-1) is None
    for number in (1, 2, 3):
        trail.visit(subject(number))
    assert [trail.step(-1), trail.step(-1), trail.step(-1)] == [subject(2), subject(1), None]
    assert [trail.step(1), trail.step(1), trail.step(1)] == [subject(2), subject(3), None]


def test_visiting_where_one_stands_adds_no_step() -> None:
    trail = Trail()
    trail.visit(subject(1))
    trail.visit(subject(2))
    assert trail.step(-1) == subject(1)
    trail.visit(subject(1))
    assert trail.step(1) == subject(2)


def test_going_on_from_the_middle_forgets_what_lay_ahead() -> None:
    trail = Trail()
    for number in (1, 2):
        trail.visit(subject(number))
    trail.step(-1)
    trail.visit(subject(3))
    assert trail.step(1) is None
    assert trail.step(-1) == subject(1)


def test_the_oldest_steps_go() -> None:
    trail = Trail()
    for number in range(KEPT + 5):
        trail.visit(subject(number))
    steps = 0
    while trail.step(-1) is not None:
        steps += 1
    assert steps == KEPT - 1
