"""Whatever breaks, fills up, fails over or dies, and in whatever order: nothing is lost or counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar, cast
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from console.domain.decisions import Decision, Outcome
from console.domain.errors import Stale
from console.services import decisions
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Writer
from tests.unit.services.pipeline import FakeJournal, FakePrimary, a_decision, settle

T = TypeVar("T")


class PipelineMachine(RuleBasedStateMachine):
    """One person's console over many runs, against one primary and one journal."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.pauses = (decisions.FIRST_RETRY_SECONDS, decisions.LONGEST_RETRY_SECONDS)
        decisions.FIRST_RETRY_SECONDS = decisions.LONGEST_RETRY_SECONDS = 0
        self.primary, self.journal = FakePrimary(), FakeJournal()
        self.made: list[Decision] = []
        self.lost: set[UUID] = set()
        self.asked: list[tuple[Decision, asyncio.Future[Outcome]]] = []
        self.do(self._open())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _open(self) -> None:
        writer = cast("Writer", cast("Any", self.primary))
        self.pipeline = DecisionPipeline(
            writer, cast("Journal", cast("Any", self.journal)), ClaimBook(writer), notice=lambda _: None
        )
        self.sender = asyncio.ensure_future(self.pipeline.run())
        self.recovering = asyncio.ensure_future(self.pipeline.recover())
        await settle()

    async def _die(self) -> None:
        self.sender.cancel()
        self.recovering.cancel()
        await asyncio.gather(self.sender, self.recovering, return_exceptions=True)
        await asyncio.gather(*(asked for _, asked in self.asked), return_exceptions=True)

    @rule(goes_away=st.booleans())
    def decide(self, goes_away: bool) -> None:
        async def submit() -> None:
            work = a_decision()
            asked = asyncio.ensure_future(self.pipeline.submit(work))
            await asyncio.sleep(0)
            if not self.journal.full:
                self.made.append(work)
            if goes_away:
                asked.cancel()
            self.asked.append((work, asked))
            await settle()

        self.do(submit())

    @rule(trouble=st.sampled_from(["", "line", "login", "disk", "line and disk"]))
    def weather(self, trouble: str) -> None:
        self.primary.down = "line" in trouble
        self.primary.locked_out = "login" in trouble
        self.journal.full = "disk" in trouble
        self.do(settle())

    @rule()
    def lose_the_next_answer(self) -> None:
        self.primary.lose_answer = True

    @rule(lost=st.integers(0, 3))
    def a_standby_is_promoted(self, lost: int) -> None:
        before = list(self.primary.applied_ids)
        self.primary.fail_over(min(lost, len(before)))
        self.lost.update(before[len(self.primary.applied_ids) :])
        self.pipeline.primary_moved()
        self.do(settle())

    @precondition(lambda self: self.made)
    @rule(locked=st.booleans())
    def somebody_locks_what_was_decided_last(self, locked: bool) -> None:
        subjects = set(self.made[-1].subjects)
        self.primary.locked = self.primary.locked | subjects if locked else set()
        self.do(settle())

    @rule(refuse=st.booleans())
    def content_changes(self, refuse: bool) -> None:
        self.primary.refuse = Stale("It changed") if refuse else None

    @rule()
    def every_lease_runs_out(self) -> None:
        self.primary.tokens.clear()

    @precondition(lambda self: self.made)
    @rule()
    def the_console_dies_and_is_opened_again(self) -> None:
        self.do(self._die())
        self.do(self._open())

    @invariant()
    def nothing_counts_twice(self) -> None:
        assert len(self.primary.applied_ids) == len(set(self.primary.applied_ids))

    @invariant()
    def everything_made_is_on_disk(self) -> None:
        assert {work.id for work in self.made} <= set(self.journal.entries)

    @invariant()
    def answers_are_true(self) -> None:
        for work, asked in self.asked:
            if asked.done() and not asked.cancelled() and asked.exception() is None:
                assert work.id in self.primary.applied_ids or work.id in self.lost
            if asked.done() and not asked.cancelled() and asked.exception() is not None:
                # A refusal that the journal could not note is one that the next run does not know of.
                assert work.id not in self.primary.applied_ids or work.id in self.journal.not_noted

    def teardown(self) -> None:
        """Everything works again, in a new run: each decision is applied or shown as refused."""

        async def end() -> None:
            await self._die()
            primary = self.primary
            primary.down = primary.locked_out = primary.lose_answer = self.journal.full = False
            primary.refuse = None
            primary.locked.clear()
            await self._open()
            await asyncio.wait_for(self.recovering, 5)
            for _ in range(20):
                await settle()
            await self._die()

        try:
            self.do(end())
            refused: set[UUID] = {
                entry.id for entry in self.journal.entries.values() if entry.state == "refused"
            }
            for work in self.made:
                assert (work.id in self.primary.applied_ids) != (work.id in refused)
            assert "waiting" not in self.journal.states()
            self.nothing_counts_twice()
        finally:
            decisions.FIRST_RETRY_SECONDS, decisions.LONGEST_RETRY_SECONDS = self.pauses
            self.loop.close()


PipelineMachine.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestPipeline = PipelineMachine.TestCase
