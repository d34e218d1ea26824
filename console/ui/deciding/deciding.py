"""Decisions on their way: sent behind the person's back, taken back by undo, returned when refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, Signal

from console.domain.changes import Changes
from console.domain.decisions import Candidate, Decision, Target, Undo
from console.domain.errors import GreenroomError, Taken
from console.domain.queues import Item, Verb
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal
from console.ui.theme.words import count_of, shortened


@dataclass(frozen=True, slots=True)
class Sent:
    """A decision that can be taken back: its items and the rows where they stood in `queue`."""

    id: UUID
    queue: str | None
    rows: tuple[tuple[int, Item], ...]
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person decided.

    `flags` are those that were shown or counted for them, which are all that the decision settles; `draft` is
    the key under which the journal keeps their note meanwhile; `covered_by` is whose lease covers the items,
    where they are not held themselves.
    """

    scope: str
    verb: Verb
    policy: str | None
    note: str | None
    items: tuple[Item, ...]
    flags: Mapping[Subject, tuple[UUID, ...]]
    draft: str
    covered_by: Subject | None = None


class Deciding(QObject):
    """Sends decisions and undos, for every screen: Ctrl+Z takes back the newest, wherever it was made.

    `shown` tells the subject that the person looks at; `forget` is told of what is known and old.

    Signals: `returned(Sent, bool)` when items are to stand in their queue again (true: open the first, since
    the person asked for them); `stale(Item)` when what is known of an item is old; `taken(Subject, Holder)`
    when somebody else was first; `open_wanted(Item)`; `answered()` after every answer.
    """

    returned = Signal(object, bool)
    stale = Signal(object)
    taken = Signal(object, object)
    open_wanted = Signal(object)
    answered = Signal()

    def __init__(
        self,
        pipeline: DecisionPipeline,
        claims: ClaimBook,
        journal: Journal,
        forget: Callable[[Subject], None],
        tasks: Tasks,
        notices: Notices,
        bus: ChangeBus,
        shown: Callable[[], Subject | None],
    ) -> None:
        super().__init__()
        self._pipeline = pipeline
        self._claims = claims
        self._journal = journal
        self._forget = forget
        self._tasks = tasks
        self._notices = notices
        self._bus = bus
        self._shown = shown
        self._done: list[Sent] = []
        # Refused decisions, by what they were about: decided after all, it need not be kept any more.
        self._refusals: dict[Subject, UUID] = {}
        self.sending: set[Subject] = set()
        """Decided and not answered yet: their claims belong to the decision."""
        self.own: set[UUID] = set()
        """Ids of the decisions and undos of this console: what is heard of them is its own echo."""

    def send(
        self,
        choice: Choice,
        queue: str | None,
        rows: tuple[tuple[int, Item], ...],
        offered: Sequence[Candidate],
    ) -> None:
        """Send a decision; `offered` are the items that the database may claim next, in order."""
        items = choice.items
        sent = Sent(uuid4(), queue, rows, f"{choice.verb.past} {_named(items)}")
        self._done.append(sent)
        self.own.add(sent.id)
        self.sending.update(item.subject for item in items)
        self._spawn(self._send(sent, choice, offered), "decide")

    def undo(self) -> None:
        """Take back the newest decision of this console that still stands."""
        if not self._done:
            self._notices.done("Nothing to undo here. “My decisions” lists older ones.")
            return
        self._spawn(self._undo(self._done.pop()), "undo")

    def undo_decision(self, id: UUID, words: str) -> None:
        """Take back any decision by its id."""
        known = next((sent for sent in self._done if sent.id == id), None)
        if known is not None:
            self._done.remove(known)
        self._spawn(self._undo(known or Sent(id, None, (), words)), "undo")

    async def _send(self, sent: Sent, choice: Choice, offered: Sequence[Candidate]) -> None:
        decision = Decision(
            sent.id,
            choice.scope,
            choice.verb.key,
            choice.policy,
            choice.note,
            tuple(
                Target(
                    item.subject,
                    item.version,
                    item.title,
                    choice.flags.get(item.subject, ()),
                    choice.covered_by,
                )
                for item in choice.items
            ),
        )
        try:
            outcome = await self._pipeline.submit(decision, offered)
        except GreenroomError as error:
            # Refused, or not even sent, since the journal could not take it.
            self._refused(sent, choice, error)
            return
        self.sending.difference_update(item.subject for item in choice.items)
        for item in choice.items:
            self._forget(item.subject)
        undo = Action("Undo", lambda: self.undo_decision(sent.id, sent.words))
        self._notices.done(sent.words, undo, about=sent.id)
        self._publish(decision.id, choice.items)
        following = outcome.next
        if (
            following is not None
            and following.subject not in self.sending
            and self._shown() != following.subject
        ):
            # The person is elsewhere by now: what nobody looks at is free for others.
            await self._claims.give_up([following.subject])
        await self._journal.save_draft(choice.draft, None)
        overtaken = self._refusals.keys() & {item.subject for item in choice.items}
        for subject in overtaken:
            await self._journal.dismiss(self._refusals.pop(subject))
        if overtaken:
            self.answered.emit()

    def _refused(self, sent: Sent, choice: Choice, error: GreenroomError) -> None:
        """The items come back to the list, read anew; what is being looked at stays."""
        self.sending.difference_update(item.subject for item in choice.items)
        if sent in self._done:
            self._done.remove(sent)
        self._refusals.update((item.subject, sent.id) for item in choice.items)
        self.returned.emit(sent, False)
        if isinstance(error, Taken) and error.lease is not None:
            self.taken.emit(error.subject, error.lease)
        for item in choice.items:
            self.stale.emit(item)
        first = choice.items[0]
        self._notices.failed(
            "decide",
            error,
            Action("Open", lambda: self.open_wanted.emit(first)),
            what=f"{choice.verb.title} {_named(choice.items)}",
            kept=f"Your note is kept: {choice.note}" if choice.note else "",
        )

    async def _undo(self, sent: Sent) -> None:
        undo = Undo(uuid4(), sent.id, sent.words)
        self.own.add(undo.id)
        try:
            await self._pipeline.submit(undo)
        except GreenroomError as error:
            self._notices.failed("undo", error, what=f"Undo of: {sent.words}")
            return
        for _, item in sent.rows:
            self._forget(item.subject)
        self.returned.emit(sent, True)
        self._notices.done(f"Undone: {sent.words}", about=sent.id)
        self._publish(sent.id, [item for _, item in sent.rows])

    def _publish(self, id: UUID, items: Sequence[Item]) -> None:
        self._bus.publish(Changes(tuple(item.subject for item in items), id, "desk"))
        self.answered.emit()

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)


def _named(items: Sequence[Item]) -> str:
    return f"“{shortened(items[0].title)}”" if len(items) == 1 else count_of(len(items), "item")
