"""A decision is on disk before it waits for its turn, is sent in order, and ends exactly once."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from console.domain.decisions import Candidate, Undo
from console.domain.documents import DocumentSave
from console.domain.errors import (
    ConfigurationError,
    SignInFailed,
    Stale,
    Taken,
)
from console.domain.remarks import NoteAdd
from console.domain.subjects import Subject
from console.domain.work import Work
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Writer
from tests.unit.services.pipeline import FakeJournal, FakePrimary, a_decision, running, settle


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
