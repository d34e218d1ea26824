"""Whatever happens to leases, a decision is accepted or told who holds its subject; what it needs stays."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from console.domain.errors import ClaimLost, Taken, TooManyClaims, Unavailable
from console.domain.subjects import Claim, Subject
from console.services.claims import ClaimBook
from console.services.ports import Writer

T = TypeVar("T")

CAP = 2
SUBJECTS = tuple(Subject("idea", uuid4()) for _ in range(3))
AT = datetime(2026, 1, 1, tzinfo=UTC)
subjects = st.sampled_from(SUBJECTS)
people = st.sampled_from(("mia", "max"))


class Leases:
    """The database's side: one live lease a subject, so many a person. A line of each person may fail."""

    def __init__(self) -> None:
        self.live: dict[Subject, tuple[str, UUID]] = {}
        self.down = False
        self.lose_answer = False

    def writer(self, login: str) -> Writer:
        return cast("Writer", cast("Any", _Line(self, login)))


class _Line:
    def __init__(self, leases: Leases, login: str) -> None:
        self._leases, self._login = leases, login

    def _answer(self, answer: T) -> T:
        if self._leases.lose_answer:
            self._leases.lose_answer = False
            raise Unavailable("The line broke")
        return answer

    def _reach(self) -> Leases:
        if self._leases.down:
            raise Unavailable("Nobody is there")
        return self._leases

    async def claim(self, subject: Subject) -> Claim:
        leases = self._reach()
        holder, token = leases.live.get(subject, (self._login, uuid4()))
        if holder != self._login:
            raise Taken("Somebody decides this", subject=subject, holder=holder, since=AT)
        mine = [each for each, (login, _) in leases.live.items() if login == self._login and each != subject]
        if len(mine) >= CAP:
            raise TooManyClaims("No more")
        leases.live[subject] = self._login, token
        return self._answer(Claim(subject, token, "v1", AT))

    async def release(self, tokens: Sequence[UUID]) -> None:
        leases = self._reach()
        leases.live = {each: held for each, held in leases.live.items() if held[1] not in tokens}
        self._answer(None)

    async def renew(self, tokens: Sequence[UUID]) -> frozenset[UUID]:
        return self._answer(frozenset(tokens) & {token for _, token in self._reach().live.values()})

    async def decide(self, subject: Subject, token: UUID) -> None:
        """As the function of the database does: the lease must be this person's and this token's."""
        leases = self._reach()
        held = leases.live.get(subject)
        if held is not None and held[0] != self._login:
            raise Taken("Somebody decides this", subject=subject, holder=held[0], since=AT)
        if held != (self._login, token):
            raise ClaimLost("Your hold has ended")
        del leases.live[subject]


class ClaimsMachine(RuleBasedStateMachine):
    """Two people's consoles and the leases they compete for."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.leases = Leases()
        self.books = {login: ClaimBook(self.leases.writer(login)) for login in ("mia", "max")}
        self.pinned: set[tuple[str, Subject]] = set()
        # Held by consoles that ended without being able to say so.
        self.left: set[tuple[str, Subject]] = set()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def tried(self, work: Coroutine[Any, Any, Any]) -> Exception | None:
        try:
            self.do(work)
        except (Unavailable, Taken, TooManyClaims) as error:
            return error
        return None

    @rule(login=people, subject=subjects)
    def look_at(self, login: str, subject: Subject) -> None:
        error = self.tried(self.books[login].hold(subject))
        if isinstance(error, Taken):
            assert self.leases.live[subject][0] == error.holder != login

    @rule(login=people, subject=subjects)
    def go_on(self, login: str, subject: Subject) -> None:
        before = self.leases.live.get(subject)
        self.tried(self.books[login].release(subject))
        if (login, subject) in self.pinned:
            assert self.leases.live.get(subject) == before

    @rule(login=people, subject=subjects)
    def press_a_key(self, login: str, subject: Subject) -> None:
        """A decision is made, on what is held if it can be, and waits."""
        self.look_at(login, subject)
        if (login, subject) not in self.pinned:
            self.books[login].pin([subject])
            self.pinned.add((login, subject))

    @rule(login=people, subject=subjects)
    def send(self, login: str, subject: Subject) -> None:
        """The decision goes out as the pipeline sends it: once more when the lease had ended."""
        if (login, subject) not in self.pinned:
            return
        book, line = self.books[login], cast("Any", self.leases.writer(login))

        async def decide() -> None:
            try:
                await line.decide(subject, await book.token(subject, "v1"))
            except ClaimLost:
                book.spent(subject)
                await line.decide(subject, await book.token(subject, "v1"))
            book.spent(subject)

        other = self.leases.live.get(subject, (login,))[0] != login
        error = self.tried(decide())
        if isinstance(error, Unavailable):
            return  # It waits on.
        assert isinstance(error, Taken) == other
        if isinstance(error, TooManyClaims):
            # What gives way is what is merely looked at; a claim whose answer was lost is not known here.
            assert sum(1 for who, _ in self.leases.live.values() if who == login) >= CAP
            return
        book.unpin([subject])
        self.pinned.discard((login, subject))
        if error is not None:
            self.do(book.give_up([subject]))

    @rule(login=people)
    def renew(self, login: str) -> None:
        book = self.books[login]
        if self.tried(book.renew()) is None:
            for subject in SUBJECTS:
                held = book.held(subject)
                assert held is None or self.leases.live.get(subject) == (login, held.token)

    @rule(login=people)
    def resolve(self, login: str) -> None:
        if self.tried(self.books[login].resolve()) is None:
            self.nothing_is_held_unbeknown(login)

    def nothing_is_held_unbeknown(self, login: str) -> None:
        for subject, (who, token) in self.leases.live.items():
            if who == login and (who, subject) not in self.pinned | self.left:
                held = self.books[login].held(subject)
                assert held is not None
                assert held.token == token

    @rule(subject=subjects)
    def a_lease_runs_out(self, subject: Subject) -> None:
        self.leases.live.pop(subject, None)

    @rule(down=st.booleans(), lose_answer=st.booleans())
    def weather(self, down: bool, lose_answer: bool) -> None:
        self.leases.down, self.leases.lose_answer = down, lose_answer

    @rule(login=people)
    def sign_out_and_in(self, login: str) -> None:
        self.tried(self.books[login].release_all())
        self.do(self.books[login].close())
        self.left |= {(who, subject) for subject, (who, _) in self.leases.live.items() if who == login}
        self.books[login] = ClaimBook(self.leases.writer(login))
        self.pinned = {(who, subject) for who, subject in self.pinned if who != login}

    @invariant()
    def nobody_has_more_than_the_cap(self) -> None:
        for login in self.books:
            assert sum(1 for who, _ in self.leases.live.values() if who == login) <= CAP

    def teardown(self) -> None:
        """With the line whole, nothing is held unbeknown, and what is given back is free for everybody."""
        self.leases.down = self.leases.lose_answer = False
        for login, book in self.books.items():
            self.do(book.resolve())
            self.nothing_is_held_unbeknown(login)
            known = {subject for subject in SUBJECTS if book.held(subject) is not None}
            self.do(book.release_all())
            for subject in known:
                assert self.leases.live.get(subject, ("",))[0] != login
        self.loop.close()


ClaimsMachine.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestClaims = ClaimsMachine.TestCase
