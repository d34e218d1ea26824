"""What a promoted standby lacks is sent again, in its order, before anything new."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from console.domain.decisions import Undo
from console.domain.documents import DocumentSave
from console.domain.errors import (
    Taken,
)
from console.domain.remarks import NoteAdd
from console.domain.subjects import Subject
from console.domain.work import Work
from console.services.decisions import Resent
from tests.unit.services.pipeline import FakeJournal, FakePrimary, a_decision, running, settle


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
