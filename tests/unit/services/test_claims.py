"""A claim that several wait for is asked once, and survives whoever asked first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest

from console.domain.errors import Unavailable
from console.domain.subjects import Claim, Subject
from console.services.claims import ClaimBook
from console.services.ports import Writer


class FakeWriter:
    """Answers each claim when `open` is set; `error` is raised instead when there is one."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.calls = 0
        self.error: Exception | None = None

    async def claim(self, subject: Subject) -> Claim:
        self.calls += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return Claim(subject, uuid4(), "v1", datetime(2026, 1, 1, tzinfo=UTC))


async def test_the_first_asker_may_go_away() -> None:
    writer, subject = FakeWriter(), Subject("idea", uuid4())
    claims = ClaimBook(cast("Writer", cast("Any", writer)))
    first = asyncio.ensure_future(claims.hold(subject))
    second = asyncio.ensure_future(claims.hold(subject))
    await asyncio.sleep(0)
    first.cancel()
    writer.open.set()
    claim = await second
    assert claims.held(subject) == claim
    assert writer.calls == 1


async def test_a_failed_claim_can_be_asked_again() -> None:
    writer, subject = FakeWriter(), Subject("idea", uuid4())
    claims = ClaimBook(cast("Writer", cast("Any", writer)))
    writer.error = Unavailable("down")
    writer.open.set()
    with pytest.raises(Unavailable):
        await claims.hold(subject)
    writer.error = None
    assert (await claims.hold(subject)).subject == subject
