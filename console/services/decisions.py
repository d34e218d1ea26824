"""The way of every write of a person: journalled, then sent to the primary, in order, until answered."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from console.domain.decisions import Candidate, Decision, Outcome, Target
from console.domain.documents import Saved
from console.domain.errors import Busy, ClaimLost, GreenroomError, Refused, SignInFailed, Unavailable
from console.domain.servers import Position
from console.domain.subjects import Subject
from console.domain.work import Work
from console.services.claims import ClaimBook
from console.services.ports import Journal, JournalEntry, Writer

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 2.0
"""A primary that was promoted is found within seconds."""
MOST_STUCK = 3
"""Where so many wait for locks it is not their subjects that are locked."""

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Tally:
    """What this console has sent since it was opened, what still waits for its answer, what was refused."""

    sent: int
    waiting: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Resent:
    """What a failover had lost and was sent again: each with why it was refused, None where it was not."""

    works: tuple[tuple[Work[Any], Refused | None], ...]


@dataclass(slots=True, eq=False)
class _Entry:
    work: Work[Any]
    candidates: Sequence[Candidate]
    answer: asyncio.Future[Any]
    # None for what an earlier run has written.
    recorded: asyncio.Task[None] | None = None

    @property
    def subjects(self) -> list[Subject]:
        """What is held for it, each once."""
        targets = self.work.targets if isinstance(self.work, Decision) else ()
        return list(dict.fromkeys(each.leased for each in targets))


def _logged(error: Exception) -> None:
    _log.error("decisions: %s", error, exc_info=error)


class DecisionPipeline:
    """Sends one at a time, oldest first. Every entry ends once: done, refused, or waiting in the journal.

    `changed` is called with the new Tally whenever it changes. `notice` is called with what went wrong
    and is nobody's answer: the journal failed after the primary had answered, or the server does not
    accept the login any more (the entries wait until it does). `resent` is called after a failover that had
    lost answered works, once each is applied again or refused.

    Attributes: `closed`, once set, refuses everything and leaves the journal alone: this console only reads.
    """

    def __init__(
        self,
        writer: Writer,
        journal: Journal,
        claims: ClaimBook,
        changed: Callable[[Tally], None] = lambda _: None,
        notice: Callable[[Exception], None] = _logged,
        resent: Callable[[Resent], None] = lambda _: None,
    ) -> None:
        self._writer = writer
        self._journal = journal
        self._claims = claims
        self._changed = changed
        self._notice = notice
        self._resent = resent
        self._queue: deque[_Entry] = deque()
        self._filled = asyncio.Event()
        self._sent = 0
        self._refused = 0
        # Every entry without an answer, by its id.
        self._waiting: dict[UUID, _Entry] = {}
        # Sent without an answer, by this run or an earlier one: they may have been applied.
        self._uncertain: set[UUID] = set()
        # The history in which everything that was answered is known to be.
        self._history: tuple[str, int] | None = None
        # Kept from the server by a lock, while others go before them.
        self._stuck: list[_Entry] = []
        self.closed: Refused | None = None

    @property
    def tally(self) -> Tally:
        """How many were sent, wait, and were refused."""
        return Tally(self._sent, len(self._waiting), self._refused)

    async def submit(self, work: Work[Answer], candidates: Sequence[Candidate] = ()) -> Answer:
        """Journal, send, and return the answer; `candidates` are what a decision may claim next, in order.

        Raises the `Refused` error of the database, or the journal's error when it could not be recorded:
        then it was not sent. While no server can be reached it waits.
        """
        self._be_open()
        loop = asyncio.get_running_loop()
        # On disk at once, not when its turn comes: those before it may wait for hours. The sender awaits
        # it, so a caller that goes away takes nothing with it.
        recorded = loop.create_task(self._journal.append(work), name=f"journal {work.id}")
        entry = _Entry(work, candidates, loop.create_future(), recorded)
        # Entries are queued before the journal answers, so that their order is that of the keys pressed.
        self._queue.append(entry)
        self._enter([entry])
        answer: Answer = await entry.answer
        return answer

    async def retry(self, work: Work[Answer]) -> Answer:
        """Send again what was refused, as it was. Raises what `submit` raises."""
        self._be_open()
        await self._journal.reopen([work.id])
        entry = _Entry(work, (), asyncio.get_running_loop().create_future())
        self._queue.append(entry)
        self._enter([entry])
        answer: Answer = await entry.answer
        return answer

    async def recover(self) -> list[tuple[Work[Any], str]]:
        """Take up what an earlier run left: it goes before what is decided now, each looked up, then sent.

        Returns, once all is answered, what was refused, then or now, with the reason, so that it can be
        shown. What the journal cannot tell goes to `notice`.
        """
        if self.closed is not None:
            return []
        try:
            left = await self._journal.unsettled()
        except GreenroomError as error:
            self._notice(error)
            return []
        loop = asyncio.get_running_loop()
        refused = [(each.work, each.message or "") for each in left if each.state == "refused"]
        # What was submitted while the journal was read is in it too.
        waiting = [
            _Entry(each.work, (), loop.create_future())
            for each in left
            if each.state == "waiting" and each.id not in self._waiting
        ]
        self._uncertain.update(entry.work.id for entry in waiting)
        self._queue.extendleft(reversed(waiting))
        self._enter(waiting)
        answers = await asyncio.gather(*(entry.answer for entry in waiting), return_exceptions=True)
        for entry, answer in zip(waiting, answers, strict=True):
            if isinstance(answer, Refused):
                refused.append((entry.work, str(answer)))
            elif isinstance(answer, Exception):
                self._notice(answer)
        return refused

    def primary_moved(self) -> None:
        """Another server may be the primary now: what it lacks is looked for, even when nothing waits."""
        self._filled.set()

    async def run(self) -> None:
        """Send until cancelled. The owner spawns this once."""
        self._filled.set()
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                if not self._queue and self.closed is None:
                    await self._look_when_idle()
                while self._queue:
                    await self._answer(self._queue.popleft())
        finally:
            for left in self._waiting.values():
                left.answer.cancel()
            self._queue.clear()

    def _be_open(self) -> None:
        if self.closed is not None:
            raise self.closed

    def _enter(self, entries: Sequence[_Entry]) -> None:
        for entry in entries:
            self._waiting[entry.work.id] = entry
            self._claims.pin(entry.subjects)
        if entries:
            self._filled.set()
            self._changed(self.tally)

    async def _answer(self, entry: _Entry) -> None:
        """Settle the entry and let its caller know."""
        result: Any
        try:
            result = await self._settle(entry)
            self._sent += 1
        except Exception as error:  # noqa: BLE001 - our bug belongs to the caller, not to the sender
            result = error
            self._refused += isinstance(error, Refused)
        self._waiting.pop(entry.work.id, None)
        self._uncertain.discard(entry.work.id)
        self._claims.unpin(entry.subjects)
        self._changed(self.tally)
        if entry.answer.cancelled():
            pass
        elif isinstance(result, Exception):
            entry.answer.set_exception(result)
        else:
            entry.answer.set_result(result)
        if isinstance(result, Refused):
            await self._aside(self._claims.give_up(entry.subjects))

    async def _settle(self, entry: _Entry) -> Any:
        if entry.recorded is not None:
            await asyncio.shield(entry.recorded)
        try:
            answer, at = await self._send_until_answered(entry)
        except Refused as error:
            await self._aside(self._journal.refused(entry.work.id, str(error)))
            raise
        await self._aside(self._journal.done(entry.work.id, at))
        return answer

    async def _aside(self, work: Awaitable[None]) -> None:
        """Await what follows an answer. Its failure changes none: the next start looks the entry up again."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - whatever it is, the primary has answered
            self._notice(error)

    async def _send_until_answered(self, entry: _Entry) -> tuple[Any, Position | None]:
        pause = FIRST_RETRY_SECONDS
        told = False
        while True:
            try:
                # Before anything new: an undo may be about a decision that a failover has lost.
                await self._send_lost_again(await self._writer.primary())
                answer = await self._send(entry)
            except Busy:
                told = False
                await self._let_pass(entry)
            except Unavailable:
                told = False
            except SignInFailed as error:
                if not told:
                    self._notice(error)
                told = True
            except Refused:
                if not await self._overtaken():
                    raise
            else:
                unchanged = isinstance(answer, Saved) and answer.unchanged
                return answer, None if unchanged else self._writer.written
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY_SECONDS)

    async def _overtaken(self) -> bool:
        """Whether another primary may have answered than the one that was asked where it is.

        One that was promoted in between may lack what the work is about: that is sent before it.
        """
        try:
            return (await self._writer.primary()).history != self._history
        except (Unavailable, SignInFailed):
            return True

    async def _let_pass(self, entry: _Entry) -> None:
        """What stands behind an entry and is about something else need not wait for a lock on this."""
        if len(self._stuck) >= MOST_STUCK:
            return
        self._stuck.append(entry)
        try:
            while self._queue and self._apart(self._queue[0].work):
                await self._answer(self._queue.popleft())
        finally:
            self._stuck.remove(entry)

    def _apart(self, work: Work[Any]) -> bool:
        """Whether a work has nothing to do with what is stuck. One that names nothing may have (an undo)."""
        return bool(work.subjects) and all(
            each.work.subjects and set(each.work.subjects).isdisjoint(work.subjects) for each in self._stuck
        )

    async def _look_when_idle(self) -> None:
        try:
            await self._send_lost_again(await self._writer.primary())
        except (Unavailable, SignInFailed) as error:
            # Looked for again when the primary is reached, or before the next work is sent.
            _log.info("what a failover may have lost was not looked for: %s", error)

    async def _send_lost_again(self, now: Position) -> None:
        """Replication lags: a promoted standby may lack what was answered. It is sent again, in its order."""
        if now.history == self._history:
            return
        lost: list[JournalEntry] = []
        try:
            if answered := await self._journal.answered_elsewhere(now):
                there = await self._writer.applied([each.id for each in answered])
                await self._journal.found(list(there), now)
                lost = [each for each in answered if each.id not in there]
                await self._journal.reopen([each.id for each in lost])
        except (Unavailable, SignInFailed):
            raise
        except GreenroomError as error:
            # The journal cannot tell now. What it holds is looked up at the next start, if not before.
            self._notice(error)
        self._history = now.history
        if not lost:
            return
        loop = asyncio.get_running_loop()
        entries = [_Entry(each.work, (), loop.create_future()) for each in lost]
        self._enter(entries)
        for entry in entries:
            await self._answer(entry)
        ended = await asyncio.gather(*(entry.answer for entry in entries), return_exceptions=True)
        for answer in ended:
            if isinstance(answer, Exception) and not isinstance(answer, Refused):
                self._notice(answer)
        refusals = [answer if isinstance(answer, Refused) else None for answer in ended]
        self._resent(Resent(tuple(zip([entry.work for entry in entries], refusals, strict=True))))

    async def _send(self, entry: _Entry) -> Any:
        work = entry.work
        if not isinstance(work, Decision):
            return await self._writer.send(work)
        # Sent before, its answer lost: then its claims are spent, and asking for new ones would refuse it.
        if work.id in self._uncertain and await self._writer.applied([work.id]):
            outcome = await self._writer.decide(work, [work.id] * len(work.targets), ())
            self._spend(entry)
            return outcome
        try:
            return await self._decide(entry, work)
        except ClaimLost:
            self._spend(entry)
            return await self._decide(entry, work)

    async def _decide(self, entry: _Entry, work: Decision) -> Outcome:
        tokens = [await self._token(each) for each in work.targets]
        try:
            outcome = await self._writer.decide(work, tokens, entry.candidates)
        except Unavailable:
            self._uncertain.add(work.id)
            raise
        self._spend(entry)
        if outcome.next is not None:
            self._claims.adopt(outcome.next)
        return outcome

    async def _token(self, target: Target) -> UUID:
        if target.covered_by is not None:
            # Its version is for the database to compare: the lease tells that of the one which covers it.
            return (await self._claims.hold(target.covered_by)).token
        return await self._claims.token(target.subject, target.version)

    def _spend(self, entry: _Entry) -> None:
        for subject in entry.subjects:
            self._claims.spent(subject)
