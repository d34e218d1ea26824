"""The way of a decision: into the journal, then to the primary, in order, until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from console.domain.decisions import Candidate, Decision, Outcome, Undo
from console.domain.errors import ClaimLost, Refused, Unavailable
from console.services.claims import ClaimBook
from console.services.ports import Journal, Writer

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What this console has sent since it was opened, and what still waits for its answer."""

    sent: int
    waiting: int


@dataclass(slots=True)
class _Entry:
    work: Decision | Undo
    candidates: Sequence[Candidate]
    answer: asyncio.Future[Outcome]
    recorded: asyncio.Task[None]


class DecisionPipeline:
    """Sends one at a time, oldest first. Every entry ends once: done, refused, or waiting in the journal.

    `changed` is called with the new Tally whenever it changes.
    """

    def __init__(
        self,
        writer: Writer,
        journal: Journal,
        claims: ClaimBook,
        changed: Callable[[Tally], None] = lambda _: None,
    ) -> None:
        self._writer = writer
        self._journal = journal
        self._claims = claims
        self._changed = changed
        self._queue: asyncio.Queue[_Entry] = asyncio.Queue()
        self._sent = 0
        self._waiting = 0
        # Sent without an answer: they may have been applied.
        self._uncertain: set[UUID] = set()

    @property
    def tally(self) -> Tally:
        """How many were sent and how many wait."""
        return Tally(self._sent, self._waiting)

    async def submit(self, work: Decision | Undo, candidates: Sequence[Candidate] = ()) -> Outcome:
        """Journal, send, and return the answer; `candidates` are what may be claimed next, in order.

        Raises the `Refused` error of the database. While no server can be reached it waits.
        """
        loop = asyncio.get_running_loop()
        # On disk at once, not when its turn comes: those before it may wait for hours. The sender awaits
        # it, so a caller that goes away takes nothing with it.
        recorded = loop.create_task(self._journal.append(work), name=f"journal {work.id}")
        entry = _Entry(work, candidates, loop.create_future(), recorded)
        self._waiting += 1
        self._changed(self.tally)
        # Entries are queued before the journal answers, so that their order is that of the keys pressed.
        self._queue.put_nowait(entry)
        return await entry.answer

    async def recover(self) -> list[tuple[Decision | Undo, str]]:
        """Take up what an earlier run left: look it up, send what is missing again.

        Returns what was refused, then or now, each with the reason, so that it can be shown.
        """
        entries = await self._journal.unsettled()
        refused = [(e.work, e.message or "") for e in entries if e.state == "refused"]
        waiting = [entry for entry in entries if entry.state == "waiting"]
        applied = await self._writer.applied([entry.id for entry in waiting]) if waiting else frozenset()
        for entry in waiting:
            if entry.id in applied:
                await self._journal.done(entry.id)
                continue
            try:
                await self.submit(entry.work)
            except Refused as error:
                refused.append((entry.work, str(error)))
        return refused

    async def run(self) -> None:
        """Send until cancelled. The owner spawns this once."""
        while True:
            entry = await self._queue.get()
            try:
                outcome = await self._settle(entry)
            except Refused as error:
                self._finish(entry, error)
            except asyncio.CancelledError:
                entry.answer.cancel()
                while not self._queue.empty():
                    self._queue.get_nowait().answer.cancel()
                raise
            except Exception as error:  # noqa: BLE001 - our bug belongs to the caller, not to the sender
                self._finish(entry, error)
            else:
                self._sent += 1
                self._finish(entry, outcome)

    def _finish(self, entry: _Entry, result: Outcome | Exception) -> None:
        self._waiting -= 1
        self._changed(self.tally)
        if entry.answer.cancelled():
            return
        if isinstance(result, Exception):
            entry.answer.set_exception(result)
        else:
            entry.answer.set_result(result)

    async def _settle(self, entry: _Entry) -> Outcome:
        await asyncio.shield(entry.recorded)
        try:
            outcome = await self._send_until_answered(entry)
        except Refused as error:
            await self._journal.refused(entry.work.id, str(error))
            raise
        await self._journal.done(entry.work.id)
        return outcome

    async def _send_until_answered(self, entry: _Entry) -> Outcome:
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                return await self._send(entry)
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_RETRY_SECONDS)

    async def _send(self, entry: _Entry) -> Outcome:
        work = entry.work
        if isinstance(work, Undo):
            return await self._writer.undo(work)
        # Sent before, its answer lost: then its claims are spent, and asking for new ones would refuse it.
        if work.id in self._uncertain and await self._writer.applied([work.id]):
            return await self._writer.decide(work, [work.id] * len(work.targets), ())
        try:
            return await self._decide(work, entry.candidates)
        except ClaimLost:
            for target in work.targets:
                self._claims.spent(target.subject)
            return await self._decide(work, entry.candidates)

    async def _decide(self, work: Decision, candidates: Sequence[Candidate]) -> Outcome:
        tokens = [await self._claims.token(each.subject, each.version) for each in work.targets]
        try:
            outcome = await self._writer.decide(work, tokens, candidates)
        except Unavailable:
            self._uncertain.add(work.id)
            raise
        for target in work.targets:
            self._claims.spent(target.subject)
        if outcome.next is not None:
            self._claims.adopt(outcome.next)
        return outcome
