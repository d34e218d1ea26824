"""A merge is carried on through busy servers until it is at rest, and so is what others left."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from console.domain.errors import Busy
from console.domain.merging import Carried, MergeState
from console.services import carrying

MERGE = uuid4()


def carried(state: MergeState, touched: int) -> Carried:
    return Carried(MERGE, state, touched, touched, 0)


class Script:
    """Answers in turn, and keeps what it was asked for."""

    def __init__(self, *answers: Carried | Exception | None) -> None:
        self.answers, self.asked = list(answers), list[UUID | None]()

    async def carry_merge(self, merge: UUID | None) -> Carried | None:
        self.asked.append(merge)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(carrying, "REST_SECONDS", 0.0)


async def test_a_busy_server_is_asked_again_until_the_merge_rests() -> None:
    script = Script(Busy("busy"), None, carried(MergeState.MOVING, 2000), carried(MergeState.MERGED, 5))
    told: list[Carried] = []
    await carrying.carry_out(script, MERGE, told.append)
    assert script.asked == [MERGE] * 4
    assert [each.state for each in told] == [MergeState.MOVING, MergeState.MERGED]


async def test_a_stopped_merge_is_let_be() -> None:
    script = Script(carried(MergeState.STOPPED, 0))
    await carrying.carry_out(script, MERGE, lambda _: None)
    assert not script.answers


async def test_a_sweep_takes_up_what_was_left_until_nothing_is() -> None:
    script = Script(carried(MergeState.MOVING, 9), carried(MergeState.MERGED, 1), None)
    await carrying.sweep(script)
    assert script.asked == [None, MERGE, None]
