"""A claim that several wait for is asked once, and survives whoever asked first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from console.domain.errors import Stale, TooManyClaims, Unavailable
from console.domain.subjects import Claim, Subject
from console.services import claims as claims_module
from console.services.claims import ClaimBook
from console.services.ports import Writer
from tests.support.waiting import until


class FakeWriter:
    """Answers each claim when `open` is set; `error` is raised instead when there is one."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.calls = 0
        self.error: Exception | None = None
        self.cap = 99
        self.live: dict[Subject, UUID] = {}
        self.version = "v1"

    async def claim(self, subject: Subject) -> Claim:
        self.calls += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        if subject not in self.live and len(self.live) >= self.cap:
            raise TooManyClaims("No more")
        token = self.live.setdefault(subject, uuid4())
        return Claim(subject, token, self.version, datetime(2026, 1, 1, tzinfo=UTC))

    async def release(self, tokens: Sequence[UUID]) -> None:
        self.live = {subject: token for subject, token in self.live.items() if token not in tokens}

    async def renew(self, tokens: Sequence[UUID]) -> frozenset[UUID]:
        return frozenset(tokens) & frozenset(self.live.values())


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


def a_book(writer: FakeWriter) -> ClaimBook:
    writer.open.set()
    return ClaimBook(cast("Writer", cast("Any", writer)))


async def test_at_the_cap_what_was_merely_looked_at_gives_way_and_what_a_decision_needs_stays() -> None:
    writer = FakeWriter()
    writer.cap = 2
    claims = a_book(writer)
    needed, looked_at, wanted, another = (Subject("idea", uuid4()) for _ in range(4))
    await claims.hold(needed)
    claims.pin([needed])
    await claims.hold(looked_at)
    await claims.hold(wanted)
    assert set(writer.live) == {needed, wanted}
    await claims.release(needed)
    claims.pin([wanted])
    with pytest.raises(TooManyClaims):
        await claims.hold(another)
    assert set(writer.live) == {needed, wanted}
    claims.unpin([needed])
    await claims.hold(another)
    assert set(writer.live) == {wanted, another}


async def test_claims_whose_answers_were_lost_do_not_use_up_what_a_person_may_hold() -> None:
    writer = FakeWriter()
    writer.cap = 2
    claims = a_book(writer)
    ghosts, wanted = [Subject("idea", uuid4()) for _ in range(2)], Subject("idea", uuid4())
    for ghost in ghosts:
        writer.live[ghost] = uuid4()
        writer.error = Unavailable("the answer was lost")
        with pytest.raises(Unavailable):
            await claims.hold(ghost)
    writer.error = None
    assert (await claims.hold(wanted)).subject == wanted
    assert len(writer.live) == 2
    assert wanted in writer.live


async def test_what_the_database_holds_unbeknown_is_given_back_once_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claims_module, "RESOLVE_SECONDS", 0)
    writer = FakeWriter()
    claims = a_book(writer)
    lost, needed, kept = (Subject("idea", uuid4()) for _ in range(3))
    await claims.hold(kept)
    claims.pin([needed])
    writer.error = Unavailable("the answer was lost")
    for each in (lost, needed):
        writer.live[each] = uuid4()
        with pytest.raises(Unavailable):
            await claims.hold(each)
    resolving = asyncio.ensure_future(claims.keep_resolving())
    try:
        calls = writer.calls
        await until(lambda: writer.calls > calls + 1)
        assert set(writer.live) == {lost, needed, kept}
        writer.error = None
        await until(lambda: set(writer.live) == {needed, kept})
        claims.unpin([needed])
        await until(lambda: set(writer.live) == {kept})
        assert claims.held(kept) is not None
    finally:
        resolving.cancel()
        await asyncio.wait([resolving])


async def test_a_subject_pinned_twice_stays_until_both_have_their_answer() -> None:
    writer, subject = FakeWriter(), Subject("idea", uuid4())
    claims = a_book(writer)
    await claims.hold(subject)
    claims.pin([subject])
    claims.pin([subject])
    claims.unpin([subject])
    await claims.release(subject)
    assert claims.held(subject) is not None
    claims.unpin([subject])
    await claims.release(subject)
    assert claims.held(subject) is None


async def test_a_claim_older_than_what_is_shown_is_asked_again_and_changed_content_refused() -> None:
    writer, subject = FakeWriter(), Subject("idea", uuid4())
    claims = a_book(writer)
    held = await claims.hold(subject)
    writer.version = "v2"
    assert await claims.token(subject, "v2") == held.token
    with pytest.raises(Stale):
        await claims.token(subject, "v1")


async def test_a_lease_the_database_forgot_is_forgotten() -> None:
    writer, kept, lost = FakeWriter(), Subject("idea", uuid4()), Subject("idea", uuid4())
    claims = a_book(writer)
    await claims.hold(kept)
    await claims.hold(lost)
    del writer.live[lost]
    await claims.renew()
    assert claims.held(kept) is not None
    assert claims.held(lost) is None


async def test_signing_out_gives_back_what_was_being_asked_for() -> None:
    writer, subject = FakeWriter(), Subject("idea", uuid4())
    claims = ClaimBook(cast("Any", writer))
    asking = asyncio.ensure_future(claims.hold(subject))
    await asyncio.sleep(0)
    leaving = asyncio.ensure_future(claims.release_all())
    await asyncio.sleep(0)
    writer.open.set()
    await asyncio.gather(asking, leaving)
    assert writer.live == {}


async def test_nothing_is_asked_for_after_closing() -> None:
    writer, subject = FakeWriter(), Subject("idea", uuid4())
    claims = ClaimBook(cast("Any", writer))
    asking = asyncio.ensure_future(claims.hold(subject))
    await asyncio.sleep(0)
    asking.cancel()
    await claims.close()
    writer.open.set()
    await asyncio.sleep(0)
    assert writer.live == {}
