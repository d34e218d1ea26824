"""The leases this console holds: taken when an item is looked at, renewed while it is open."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from console.domain.errors import GreenroomError, Refused, Stale, TooManyClaims, Unavailable
from console.domain.subjects import Claim, Subject
from console.services.ports import Writer

RENEW_SECONDS = 40
"""A third of the database's lease of two minutes: two renewals may fail before one is lost."""
RESOLVE_SECONDS = 2
"""How soon, and how often, the database is asked about leases whose answers were lost."""

_log = logging.getLogger(__name__)


class ClaimBook:
    """Live claims by subject. Concurrent asks for one subject share one call.

    Attributes: `closed`, once set, refuses every new one: this console only reads.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._held: dict[Subject, Claim] = {}
        self._asking: dict[Subject, asyncio.Task[Claim]] = {}
        self._pins: Counter[Subject] = Counter()
        # Asked for or given back without an answer: the database may hold them for this person.
        self._unsure: set[Subject] = set()
        self._lost = asyncio.Event()
        self.closed: Refused | None = None

    def held(self, subject: Subject) -> Claim | None:
        """The live claim on `subject`, if this console holds one."""
        return self._held.get(subject)

    def adopt(self, claim: Claim) -> None:
        """Take over a claim that came with a decision's answer."""
        self._held[claim.subject] = claim

    def pin(self, subjects: Iterable[Subject]) -> None:
        """A decision waits that needs the claims on these: they are not let go before `unpin`."""
        self._pins.update(subjects)

    def unpin(self, subjects: Iterable[Subject]) -> None:
        """The decision that pinned these has its answer."""
        self._pins.subtract(subjects)
        self._pins = +self._pins
        if self._unsure:
            self._lost.set()

    async def hold(self, subject: Subject) -> Claim:
        """The claim on `subject`, taken now if need be. Raises Taken, TooManyClaims, NotFound."""
        if self.closed is not None:
            raise self.closed
        held = self._held.get(subject)
        if held is not None:
            return held
        asking = self._asking.get(subject)
        if asking is None:
            # A task of its own: whoever asked first may go away while a decision waits for the answer.
            asking = asyncio.get_running_loop().create_task(self._claim(subject), name=f"claim {subject}")
            self._asking[subject] = asking
            asking.add_done_callback(lambda done: self._asked(subject, done))
        return await asyncio.shield(asking)

    def _asked(self, subject: Subject, done: asyncio.Task[Claim]) -> None:
        del self._asking[subject]
        if not done.cancelled():
            done.exception()  # nobody may be left to retrieve it

    async def _claim(self, subject: Subject) -> Claim:
        try:
            claim = await self._ask(subject)
        except TooManyClaims:
            await self._make_room(subject)
            claim = await self._ask(subject)
        self._held[subject] = claim
        self._unsure.discard(subject)
        return claim

    async def _ask(self, subject: Subject) -> Claim:
        try:
            return await self._writer.claim(subject)
        except Unavailable:
            self._doubt(subject)
            raise

    def _doubt(self, subject: Subject) -> None:
        self._unsure.add(subject)
        self._lost.set()

    async def _make_room(self, wanted: Subject) -> None:
        """Let go of what is merely looked at, the one held longest; else of one whose answer was lost."""
        free = (each for each in self._held if each != wanted and each not in self._pins)
        oldest = next(free, None)
        if oldest is not None:
            await self.release(oldest)
            return
        for lost in self._unsure - {wanted}:
            if await self._resolve(lost):
                return

    def spent(self, subject: Subject) -> None:
        """A decision consumed the claim, or the database says that it is gone."""
        self._held.pop(subject, None)

    async def release(self, subject: Subject) -> None:
        """Give one claim back; nothing happens when none is held or a waiting decision needs it."""
        if subject in self._pins:
            return
        claim = self._held.pop(subject, None)
        if claim is not None:
            await self._give_back(claim)

    async def _give_back(self, claim: Claim) -> None:
        try:
            await self._writer.release([claim.token])
        except Unavailable:
            self._doubt(claim.subject)
            raise

    async def give_up(self, subjects: Iterable[Subject]) -> None:
        """Let these go, without an error when nobody can be told: their leases end by themselves."""
        with suppress(GreenroomError):
            for subject in subjects:
                await self.release(subject)

    async def release_all(self) -> None:
        """Give everything back, on sign-out: also what is being asked for at this moment."""
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        tokens = [claim.token for claim in self._held.values()]
        self._held.clear()
        if tokens:
            await self._writer.release(tokens)

    async def close(self) -> None:
        """Ask for nothing any more: what is still asked for is cancelled, and its lease ends by itself."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def keep_renewing(self) -> None:
        """Extend what is held until cancelled; leases that the database no longer knows are forgotten."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except GreenroomError as error:
                _log.warning("claims were not renewed: %s", error)

    async def keep_resolving(self) -> None:
        """Settle what the line left open, as soon as the primary answers again, until cancelled."""
        while True:
            await self._lost.wait()
            await asyncio.sleep(RESOLVE_SECONDS)
            try:
                await self.resolve()
            except GreenroomError as error:
                _log.info("leases whose answers were lost are asked about again: %s", error)

    async def resolve(self) -> None:
        """Give back whatever the database holds for this person without this console knowing it.

        Nobody was shown these as held. Raises Unavailable while nobody can be asked.
        """
        self._lost.clear()
        try:
            for subject in tuple(self._unsure):
                await self._resolve(subject)
        finally:
            if self._unsure - self._pins.keys():
                self._lost.set()

    async def _resolve(self, subject: Subject) -> bool:
        """Whether a lease was given back. What is held, asked for or waited with by now settles itself."""
        if self._known(subject):
            return False
        try:
            # Asked for once more it tells its token, if it is held at all.
            claim = await self._writer.claim(subject)
            if not self._known(subject):
                await self._writer.release([claim.token])
        except Refused:
            self._unsure.discard(subject)
            return False
        if self._known(subject):
            return False
        self._unsure.discard(subject)
        return True

    def _known(self, subject: Subject) -> bool:
        if subject in self._held:
            self._unsure.discard(subject)
        return subject in self._held or subject in self._asking or subject in self._pins

    async def renew(self) -> None:
        """Extend every held lease once."""
        asked: dict[UUID, Subject] = {claim.token: subject for subject, claim in self._held.items()}
        if not asked:
            return
        live = await self._writer.renew(list(asked))
        for token, subject in asked.items():
            held = self._held.get(subject)
            if token not in live and held is not None and held.token == token:
                del self._held[subject]

    async def token(self, subject: Subject, version: str) -> UUID:
        """The token for a decision on `subject` as shown in `version`.

        A lease that ran out is taken anew when nobody else claimed. Raises Stale when the content is
        not what was shown, and whatever `hold` raises.
        """
        claim = await self.hold(subject)
        if claim.version != version:
            # The claim may be older than what was shown: asked again, it tells the version of now.
            self.spent(subject)
            claim = await self.hold(subject)
        if claim.version != version:
            raise Stale(
                "The content changed after it was shown to you",
                "Look at it again and decide.",
                subject=subject,
            )
        return claim.token
