"""A pipeline before a primary and a journal in memory, whose line, disk and login can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from console.domain.decisions import Candidate, Decision, Outcome, Target, Undo
from console.domain.documents import DocumentSave, Saved
from console.domain.errors import (
    Busy,
    ClaimLost,
    ConfigurationError,
    NotFound,
    SignInFailed,
    Taken,
    Unavailable,
)
from console.domain.servers import Position
from console.domain.subjects import Claim, Subject
from console.domain.work import Work
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
