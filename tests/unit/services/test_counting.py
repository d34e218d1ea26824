"""The numbers are counted until there is no more, and a primary that is away is asked again later."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from console.domain.errors import Unavailable
from console.services import counting
from console.services.counting import count, keep_counting
from console.services.ports import Writer


class _Database:
    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)

    async def count_numbers(self) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_it_goes_on_while_there_is_more() -> None:
    database = _Database(True, True, False, True)
    await count(cast("Writer", database))
    assert database.answers == [True]


async def test_an_outage_is_lived_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNT_SECONDS", 0.001)
    database = _Database(Unavailable("away"), False, True, False, Unavailable("away"), *[False] * 10_000)
    counted = asyncio.create_task(keep_counting(cast("Writer", database)))
    while len(database.answers) > 9_990:
        await asyncio.sleep(0.001)
    assert not counted.done()
    counted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counted
