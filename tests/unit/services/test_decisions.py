"""A decision is on disk before it waits for its turn, is sent in order, and ends exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from console.domain.decisions import Candidate, Decision, Outcome, Target, Undo
from console.domain.documents import DocumentSave, Saved
from console.domain.errors import (
    Busy,
    ClaimLost,
    ConfigurationError,
    NotFound,
    SignInFailed,
    Stale,
    Taken,
    Unavailable,
)
from console.domain.remarks import NoteAdd
from console.domain.servers import Position
from console.domain.subjects import Claim, Subject
from console.domain.work import Work
from console.services import decisions
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline, Resent
from console.services.ports import Journal, JournalEntry, Writer

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FakePrimary:
    """Applies each work once; `down` and `lose_answer` break the line before or after the commit.

    `fail_over` puts a standby in its place that lacks the last ones; `falls` does so once it was asked where
    it is.
    """

    def __init__(self) -> None:
        self.applied_ids: list[UUID] = []
        self.tokens: dict[Subject, UUID] = {}
        self.taken: set[Subject] = set()
        self.decided: set[Subject] = set()
        self.refuse: Exception | None = None
        self.down = False
        self.lose_answer = False
        self.locked_out = False
        self.timeline = 1
        self.falls = 0
        self.unchanged = False
        self.locked: set[Subject] = set()

    def fail_over(self, lost: int) -> None:
        self.timeline += 1
        del self.applied_ids[len(self.applied_ids) - lost :]
        self.decided.clear()
        self.tokens.clear()

    async def primary(self) -> Position:
        self._reach()
        there = self.written
        if self.falls:
            self.fail_over(self.falls)
            self.falls = 0
        return there

    @property
    def written(self) -> Position:
        return Position("7", self.timeline, len(self.applied_ids))

    async def claim(self, subject: Subject) -> Claim:
        self._reach()
        if subject in self.taken:
            raise Taken("Held by somebody else", subject=subject, holder="mo", since=NOW)
        token = self.tokens.setdefault(subject, uuid4())
        return Claim(subject, token, "v2" if subject in self.decided else "v1", NOW)

    async def applied(self, ids: Sequence[UUID]) -> frozenset[UUID]:
        self._reach()
        return frozenset(ids) & frozenset(self.applied_ids)

    async def decide(
        self, decision: Decision, tokens: Sequence[UUID], candidates: Sequence[Candidate]
    ) -> Outcome:
        self._reach()
        if decision.id in self.applied_ids:
            return Outcome(decision.id, NOW, True, None)
        self._wait_for(decision)
        if self.refuse is not None:
            raise self.refuse
        for target, token in zip(decision.targets, tokens, strict=True):
            if self.tokens.get(target.subject) != token:
                raise ClaimLost("The claim ran out", subject=target.subject)
            del self.tokens[target.subject]
            self.decided.add(target.subject)
        self.applied_ids.append(decision.id)
        following = await self.claim(candidates[0].subject) if candidates else None
        if self.lose_answer:
            self.lose_answer = False
            raise Unavailable("cut")
        return Outcome(decision.id, NOW, False, following)

    async def send(self, work: Work[Any]) -> Any:
        self._reach()
        if work.id in self.applied_ids:
            return Outcome(work.id, NOW, True, None)
        self._wait_for(work)
        if isinstance(work, Undo) and work.decision_id not in self.applied_ids:
            raise NotFound("There is no such decision")
        if isinstance(work, DocumentSave) and self.refuse is not None:
            raise self.refuse
        if self.unchanged:
            return Saved(3, NOW, repeated=False, unchanged=True)
        self.applied_ids.append(work.id)
        if self.lose_answer:
            self.lose_answer = False
            raise Unavailable("cut")
        return Outcome(work.id, NOW, False, None)

    async def release(self, tokens: Sequence[UUID]) -> None:
        self._reach()
        self.tokens = {subject: token for subject, token in self.tokens.items() if token not in tokens}

    def _wait_for(self, work: Work[Any]) -> None:
        if self.locked & set(work.subjects):
            raise Busy("The server was too busy to answer in time")

    def _reach(self) -> None:
        if self.locked_out:
            raise SignInFailed("The password was changed")
        if self.down:
            raise Unavailable("down")


class FakeJournal:
    """Entries in memory, in the order in which they were appended."""

    def __init__(self) -> None:
        self.entries: dict[UUID, JournalEntry] = {}
        self.at: dict[UUID, Position | None] = {}
        self.full = False
        self.unreadable = False
        self.not_noted: set[UUID] = set()

    async def append(self, work: Work[Any]) -> None:
        self._write()
        self.entries.setdefault(work.id, JournalEntry(work.id, NOW, work, "waiting", None))

    async def done(self, id: UUID, at: Position | None) -> None:
        self._set(id, "done", None)
        self.at[id] = at

    async def answered_elsewhere(self, now: Position) -> Sequence[JournalEntry]:
        if self.unreadable:
            raise ConfigurationError("The disk is full")
        return [
            entry
            for entry in self.entries.values()
            if entry.state == "done" and (at := self.at[entry.id]) is not None and at.history != now.history
        ]

    async def found(self, ids: Sequence[UUID], at: Position) -> None:
        self._write()
        self.at.update(dict.fromkeys(ids, at))

    async def reopen(self, ids: Sequence[UUID]) -> None:
        for id in ids:
            self._set(id, "waiting", None)

    async def refused(self, id: UUID, message: str) -> None:
        if self.full:
            self.not_noted.add(id)
        self._set(id, "refused", message)

    async def unsettled(self) -> Sequence[JournalEntry]:
        return [entry for entry in self.entries.values() if entry.state != "done"]

    def states(self) -> list[str]:
        return [entry.state for entry in self.entries.values()]

    def _write(self) -> None:
        if self.full:
            raise ConfigurationError("The disk is full")

    def _set(self, id: UUID, state: str, message: str | None) -> None:
        self._write()
        old = self.entries[id]
        self.entries[id] = JournalEntry(id, old.at, old.work, state, message)


def a_decision() -> Decision:
    target = Target(Subject("idea", uuid4()), "v1", "An idea")
    return Decision(uuid4(), "scenes.ideas", "approve", None, None, (target,))


@asynccontextmanager
async def running(
    primary: FakePrimary,
    journal: FakeJournal,
    notices: list[Exception] | None = None,
    resent: Callable[[Resent], None] = lambda _: None,
) -> AsyncIterator[DecisionPipeline]:
    writer = cast("Writer", cast("Any", primary))
    told = [] if notices is None else notices
    pipeline = DecisionPipeline(
        writer, cast("Journal", cast("Any", journal)), ClaimBook(writer), notice=told.append, resent=resent
    )
    sender = asyncio.create_task(pipeline.run())
    try:
        yield pipeline
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    if notices is None:
        assert told == []


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "FIRST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(decisions, "LONGEST_RETRY_SECONDS", 0.001)


async def test_decisions_behind_a_waiting_one_are_on_disk_and_follow_in_order() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.down = True
    works = [a_decision() for _ in range(4)]
    async with running(primary, journal) as pipeline:
        asked = [asyncio.ensure_future(pipeline.submit(work)) for work in works]
        await settle()
        assert list(journal.entries) == [work.id for work in works]
        assert pipeline.tally.waiting == 4
        primary.down = False
        await asyncio.gather(*asked)
        assert primary.applied_ids == [work.id for work in works]
        assert journal.states() == ["done"] * 4
        assert pipeline.tally.waiting == 0


async def test_a_caller_that_goes_away_takes_nothing_with_it() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    work = a_decision()
    async with running(primary, journal) as pipeline:
        asked = asyncio.ensure_future(pipeline.submit(work))
        await asyncio.sleep(0)
        asked.cancel()
        await settle()
        assert primary.applied_ids == [work.id]
        assert journal.states() == ["done"]


async def test_a_lost_answer_counts_once() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.lose_answer = True
    work = a_decision()
    async with running(primary, journal) as pipeline:
        outcome = await pipeline.submit(work)
    assert outcome.repeated
    assert primary.applied_ids == [work.id]


async def test_the_next_claim_serves_the_decision_after() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    first, second = a_decision(), a_decision()
    async with running(primary, journal) as pipeline:
        outcome = await pipeline.submit(first, [Candidate(second.targets[0].subject, "v1")])
        assert outcome.next is not None
        primary.taken.add(second.targets[0].subject)  # a claim of its own would be refused now
        await pipeline.submit(second)
    assert primary.applied_ids == [first.id, second.id]


async def test_a_refusal_is_kept_and_the_one_behind_it_goes_on() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    refused, good = a_decision(), a_decision()
    primary.refuse = Stale("It changed")
    async with running(primary, journal) as pipeline:
        with pytest.raises(Stale):
            await pipeline.submit(refused)
        primary.refuse = None
        await pipeline.submit(good)
    assert journal.states() == ["refused", "done"]


async def test_every_kind_of_work_goes_one_way_and_a_refused_save_holds_up_nothing() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    scene = Subject("scene", uuid4())
    save = DocumentSave(uuid4(), scene, "Harbour", 3, "{}", None)
    note, decision = NoteAdd(uuid4(), scene, "Harbour", "Look here"), a_decision()
    async with running(primary, journal) as pipeline:
        primary.down = True
        asked = [asyncio.ensure_future(pipeline.submit(save)), asyncio.ensure_future(pipeline.submit(note))]
        await settle()
        assert list(journal.entries) == [save.id, note.id]
        primary.refuse, primary.down = Stale("max saved version 4 meanwhile"), False
        with pytest.raises(Stale):
            await asked[0]
        primary.refuse = None
        await asked[1]
        await pipeline.submit(decision)
    assert primary.applied_ids == [note.id, decision.id]
    assert journal.states() == ["refused", "done", "done"]


async def test_what_waits_for_a_lock_lets_pass_what_is_about_something_else() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    scene = Subject("scene", uuid4())
    save = DocumentSave(uuid4(), scene, "Harbour", 3, "{}", None)
    behind = [a_decision(), a_decision()]
    note, undo, last = NoteAdd(uuid4(), scene, "Harbour", "x"), Undo(uuid4(), behind[0].id), a_decision()
    async with running(primary, journal) as pipeline:
        primary.locked.add(scene)
        works: list[Work[Any]] = [save, *behind, note, undo, last]
        asked = [asyncio.ensure_future(pipeline.submit(work)) for work in works]
        await asyncio.gather(*asked[1:3])
        await settle()
        # The note is about the same scene, and an undo may be about anything: they and what follows wait.
        assert primary.applied_ids == [work.id for work in behind]
        primary.locked.clear()
        await asyncio.gather(*asked)
    assert primary.applied_ids == [*(work.id for work in behind), save.id, note.id, undo.id, last.id]
    assert journal.states() == ["done"] * 6


async def test_a_note_whose_answer_is_lost_is_written_once() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.lose_answer = True
    note = NoteAdd(uuid4(), Subject("scene", uuid4()), "Harbour", "Look here")
    async with running(primary, journal) as pipeline:
        await pipeline.submit(note)
    assert primary.applied_ids == [note.id]


async def test_a_lease_that_ran_out_is_taken_anew_unless_somebody_else_has_it() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    writer = cast("Writer", cast("Any", primary))
    claims = ClaimBook(writer)
    pipeline = DecisionPipeline(writer, cast("Journal", cast("Any", journal)), claims)
    sender = asyncio.create_task(pipeline.run())
    free, taken = a_decision(), a_decision()
    for work in (free, taken):
        await claims.hold(work.targets[0].subject)
    primary.tokens.clear()
    primary.taken.add(taken.targets[0].subject)
    await pipeline.submit(free)
    with pytest.raises(Taken):
        await pipeline.submit(taken)
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    assert primary.applied_ids == [free.id]


async def test_what_a_crash_left_is_sent_once_on_the_next_start() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    applied, missing = a_decision(), a_decision()
    primary.applied_ids.append(applied.id)
    for work in (applied, missing):
        await journal.append(work)
    async with running(primary, journal) as pipeline:
        assert await pipeline.recover() == []
    assert primary.applied_ids == [applied.id, missing.id]
    assert journal.states() == ["done", "done"]


async def test_closing_lets_every_caller_go_and_leaves_the_rest_in_the_journal() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.down = True
    async with running(primary, journal) as pipeline:
        asked = [asyncio.ensure_future(pipeline.submit(a_decision())) for _ in range(3)]
        await settle()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in results] == [asyncio.CancelledError] * 3
    assert journal.states() == ["waiting"] * 3


async def test_what_an_earlier_run_left_goes_before_new_decisions_however_long_the_line_is_down() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.down = True
    old = [a_decision() for _ in range(3)]
    for work in old:
        await journal.append(work)
    async with running(primary, journal) as pipeline:
        recovering = asyncio.ensure_future(pipeline.recover())
        await settle()
        fresh = a_decision()
        asked = asyncio.ensure_future(pipeline.submit(fresh))
        await settle()
        assert pipeline.tally.waiting == 4
        primary.down = False
        await asked
        assert await recovering == []
    assert primary.applied_ids == [work.id for work in (*old, fresh)]


async def test_a_decision_made_while_the_journal_is_read_is_sent_once() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    async with running(primary, journal) as pipeline:
        work = a_decision()
        asked = asyncio.ensure_future(pipeline.submit(work))
        recovering = asyncio.ensure_future(pipeline.recover())
        outcome = await asked
        assert await recovering == []
    assert not outcome.repeated
    assert primary.applied_ids == [work.id]
    assert pipeline.tally.sent == 1


async def test_a_refusal_of_an_earlier_run_is_told_and_hides_nothing_behind_it() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.refuse = Stale("It changed")
    work = a_decision()
    await journal.append(work)
    async with running(primary, journal) as pipeline:
        assert await pipeline.recover() == [(work, "It changed")]
        assert await pipeline.recover() == [(work, "It changed")]
    assert journal.states() == ["refused"]


async def test_a_full_disk_after_the_answer_changes_no_answer() -> None:
    primary, journal, notices = FakePrimary(), FakeJournal(), list[Exception]()
    good, bad = a_decision(), a_decision()
    async with running(primary, journal, notices) as pipeline:
        primary.down = True
        asked = asyncio.ensure_future(pipeline.submit(good))
        await settle()
        journal.full, primary.down = True, False
        assert (await asked).id == good.id
        with pytest.raises(ConfigurationError):
            await pipeline.submit(bad)
        assert [str(each) for each in notices] == ["The disk is full"]
        journal.full = False
    assert primary.applied_ids == [good.id]
    async with running(primary, journal) as pipeline:
        assert await pipeline.recover() == []
    assert primary.applied_ids == [good.id]
    assert journal.states() == ["done"]


async def test_a_login_that_is_refused_keeps_the_decision_and_is_told_once() -> None:
    primary, journal, notices = FakePrimary(), FakeJournal(), list[Exception]()
    primary.locked_out = True
    work = a_decision()
    async with running(primary, journal, notices) as pipeline:
        asked = asyncio.ensure_future(pipeline.submit(work))
        await asyncio.sleep(0.02)
        assert [type(each) for each in notices] == [SignInFailed]
        assert journal.states() == ["waiting"]
        primary.locked_out = False
        await asked
    assert primary.applied_ids == [work.id]


async def test_a_refused_decision_gives_its_claims_back() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    primary.refuse = Stale("It changed")
    async with running(primary, journal) as pipeline:
        with pytest.raises(Stale):
            await pipeline.submit(a_decision())
        await settle()
    assert primary.tokens == {}


async def test_what_a_failover_lost_is_sent_again_in_its_order_before_anything_new() -> None:
    primary, journal, resent = FakePrimary(), FakeJournal(), list[Resent]()
    works: list[Work[Any]] = [a_decision() for _ in range(4)]
    works.insert(3, NoteAdd(uuid4(), Subject("scene", uuid4()), "Harbour", "Look here"))
    async with running(primary, journal, resent=resent.append) as pipeline:
        for work in works:
            await pipeline.submit(work)
        primary.down = True
        undo = Undo(uuid4(), works[-1].id)
        asked = asyncio.ensure_future(pipeline.submit(undo))
        await settle()
        primary.fail_over(lost=3)
        primary.down = False
        await asked
        assert primary.applied_ids == [work.id for work in (*works, undo)]
        assert [told.works for told in resent] == [tuple((work, None) for work in works[2:])]
        assert journal.states() == ["done"] * 6
        await pipeline.submit(a_decision())
        assert len(resent) == 1


async def test_a_refusal_by_a_primary_that_took_over_meanwhile_is_none() -> None:
    primary, journal = FakePrimary(), FakeJournal()
    undone = a_decision()
    undo = Undo(uuid4(), undone.id)
    async with running(primary, journal) as pipeline:
        await pipeline.submit(undone)
        primary.falls = 1
        await pipeline.submit(undo)
    assert primary.applied_ids == [undone.id, undo.id]
    assert journal.states() == ["done", "done"]


async def test_a_console_that_has_nothing_to_send_looks_for_what_was_lost_too() -> None:
    primary, journal, resent = FakePrimary(), FakeJournal(), list[Resent]()
    work = a_decision()
    async with running(primary, journal, resent=resent.append) as pipeline:
        await pipeline.submit(work)
        primary.fail_over(lost=1)
        pipeline.primary_moved()
        await settle()
        assert primary.applied_ids == [work.id]
        assert [told.works for told in resent] == [((work, None),)]


async def test_a_failover_while_no_console_ran_is_noticed_at_the_next_start() -> None:
    primary, journal, resent = FakePrimary(), FakeJournal(), list[Resent]()
    kept, lost, waiting = a_decision(), a_decision(), a_decision()
    async with running(primary, journal) as pipeline:
        await pipeline.submit(kept)
        await pipeline.submit(lost)
    await journal.append(waiting)
    primary.fail_over(lost=1)
    async with running(primary, journal, resent=resent.append) as pipeline:
        assert await pipeline.recover() == []
        assert primary.applied_ids == [kept.id, lost.id, waiting.id]
    assert [told.works for told in resent] == [((lost, None),)]


async def test_what_was_lost_and_is_somebody_elses_by_now_is_told_as_refused() -> None:
    primary, journal, resent = FakePrimary(), FakeJournal(), list[Resent]()
    taken, free = a_decision(), a_decision()
    async with running(primary, journal, resent=resent.append) as pipeline:
        await pipeline.submit(taken)
        await pipeline.submit(free)
        primary.fail_over(lost=2)
        primary.taken.add(taken.targets[0].subject)
        pipeline.primary_moved()
        await settle()
        assert primary.applied_ids == [free.id]
        assert journal.states() == ["refused", "done"]
        (told,) = resent
        assert [(work.id, type(error)) for work, error in told.works] == [
            (taken.id, Taken),
            (free.id, type(None)),
        ]


async def test_a_journal_that_cannot_be_read_after_a_failover_holds_nothing_up() -> None:
    primary, journal, notices = FakePrimary(), FakeJournal(), list[Exception]()
    lost, new = a_decision(), a_decision()
    async with running(primary, journal, notices) as pipeline:
        await pipeline.submit(lost)
        primary.down = True
        asked = asyncio.ensure_future(pipeline.submit(new))
        await settle()
        primary.fail_over(lost=1)
        journal.unreadable, primary.down = True, False
        await asked
        assert {str(each) for each in notices} == {"The disk is full"}
        journal.unreadable = False
    async with running(primary, journal) as pipeline:
        await pipeline.recover()
        await settle()
    assert sorted(map(str, primary.applied_ids)) == sorted(map(str, (lost.id, new.id)))


async def test_a_save_that_changed_nothing_is_not_looked_for() -> None:
    primary, journal = FakePrimary(), FakeJournal()

    primary.unchanged = True
    async with running(primary, journal) as pipeline:
        save = DocumentSave(uuid4(), Subject("scene", uuid4()), "Harbour", 3, "{}", None)
        await pipeline.submit(save)
    assert journal.at == {save.id: None}
