"""The desk: a queue's list, the item shown of it and what is decided, brought together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, Signal

from console.domain.blocks import HistoryBlock
from console.domain.errors import NotFound
from console.domain.queues import BlockKind, Item, Queue, Verb
from console.domain.saved_filters import FilterSave
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Reader, Writer
from console.ui.deciding.asking import Asking
from console.ui.deciding.deciding import Deciding
from console.ui.deciding.holding import Holding
from console.ui.deciding.remarks import Remarks
from console.ui.desk.choosing import Choosing
from console.ui.desk.following import Following
from console.ui.desk.loading import QueueLoading
from console.ui.desk.model import Settled
from console.ui.desk.reading import BlockReading
from console.ui.desk.showing import Showing
from console.ui.desk.views import DeskViews
from console.ui.theme.words import count_of

OLDER = 100
"""Older items brought in at once: what one person reviews in an hour or two."""


@dataclass(frozen=True, slots=True)
class DeskServices:
    """What a desk reads from, and the ways on which it writes."""

    reader: Reader
    writer: Writer
    pipeline: DecisionPipeline
    claims: ClaimBook
    journal: Journal


class Desk(QObject):
    """Signals: `decided()` after every answer, `verbs_changed()` when other verbs are offered."""

    decided = Signal()
    verbs_changed = Signal()

    def __init__(
        self,
        person: Person,
        services: DeskServices,
        tasks: Tasks,
        notices: Notices,
        bus: ChangeBus,
        views: DeskViews,
    ) -> None:
        super().__init__()
        reader, claims, journal = services.reader, services.claims, services.journal
        self._reader, self._pipeline = reader, services.pipeline
        self._writer, self._notices = services.writer, notices
        self._tasks = tasks
        self._list, self._inspector = views.list, views.inspector
        self._bar = views.bar
        self._reading = BlockReading(reader, tasks)
        self._asking = Asking(views.reasons, views.bar, journal, self._reading, tasks, reader.consequence)
        self._remarks = Remarks(services.pipeline, journal, self._asking, tasks, notices)
        self._deciding = Deciding(
            services.pipeline,
            claims,
            journal,
            self._reading.forget,
            tasks,
            notices,
            bus,
            lambda: self._showing.subject,
        )
        self._loading = QueueLoading(reader, tasks, self._list, lambda: self._deciding.sending)
        self._holding = Holding(claims, tasks)
        self._following = Following(
            person.login, self._list, self._inspector, self._loading, self._deciding.own
        )
        self._showing = Showing(
            person,
            reader,
            self._reading,
            self._loading,
            self._holding,
            self._following,
            self._asking,
            views,
        )
        self._choosing = Choosing(
            self._showing,
            self._reading,
            self._loading,
            self._holding,
            self._asking,
            self._deciding,
            views,
            tasks,
        )
        self._bus = bus
        self._connect()

    def _connect(self) -> None:
        self._list.rows.selectionModel().selectionChanged.connect(
            lambda *_: self._bar.count(len(self._list.chosen()))
        )
        self._list.rows.activated.connect(lambda _: self._inspector.focus_content())
        self._inspector.left.connect(self._list.rows.setFocus)
        self._bar.chosen.connect(self._choosing.choose)
        self._bar.abandoned.connect(self._list.rows.setFocus)
        self._asking.closed.connect(self._list.rows.setFocus)
        self._showing.verbs_changed.connect(self.verbs_changed)
        self._loading.emptied.connect(self._emptied)
        self._loading.failed.connect(lambda: self._showing.show_nothing("Nothing to show"))
        self._loading.waiting_again.connect(self._fill)
        self._loading.older_wanted.connect(self.bring_older)
        self._loading.gone.connect(self._gone)
        self._deciding.stale.connect(lambda item: self._spawn(self._read_again(item), "read the item again"))
        self._deciding.taken.connect(self._following.hold)
        self._holding.taken.connect(self._following.hold)
        self._bus.heard.connect(self._following.hear)
        self._following.unsure.connect(lambda: self._spawn(self.poll(), "compare the list"))
        self._holding.moved_on.connect(
            lambda item: self._spawn(self._show_changed(item), "read the changed item")
        )
        self._deciding.open_wanted.connect(self._open_again)
        self._deciding.answered.connect(self._answered)
        self._remarks.written.connect(self._showing.show_anew)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be decided about the item shown, by this person."""
        return self._showing.verbs

    @property
    def deciding(self) -> Deciding:
        """What sends the decisions, and takes them back: other screens decide through the same."""
        return self._deciding

    @property
    def severities(self) -> dict[str, int]:
        """Severity of each policy, by key."""
        return {policy.key: policy.severity for policy in self._asking.policies}

    @property
    def looked_at(self) -> tuple[Subject, tuple[str, ...]] | None:
        """The item in front of the person, and what it was reported for; None behind a screen."""
        item = self._inspector.item
        if item is None or not self._inspector.isVisible():
            return None
        return item.subject, tuple(key for cell in item.cells if isinstance(cell, tuple) for key in cell)

    @property
    def item(self) -> Item | None:
        """The item shown."""
        return self._inspector.item

    @property
    def scope(self) -> str:
        """The queue, or the kind's scope, in which the item is shown."""
        return self._showing.scope

    @property
    def ready(self) -> bool:
        """Whether an item is shown with every block that was declared."""
        item = self._inspector.item
        if item is None:
            return False
        return self._reading.complete(self._showing.scope, item.subject)

    @property
    def claimed(self) -> bool:
        """Whether this console holds the item shown."""
        item = self._inspector.item
        return item is not None and self._holding.holds(item.subject)

    @property
    def asking(self) -> bool:
        """Whether the reason panel is open."""
        return self._asking.open

    @property
    def banner(self) -> str:
        """The sentence under the title."""
        return self._inspector.banner

    @property
    def upcoming(self) -> Item:
        """The item after the one shown; IndexError at the end of what is loaded."""
        return self._list.model.items[self._list.row() + 1]

    async def prepare(self) -> None:
        """Read what every queue needs."""
        self._asking.policies = await self._reader.policies()

    def close(self) -> None:
        """Take no more: nothing is begun after this."""
        self._bus.heard.disconnect(self._following.hear)
        self._following.close()
        self._holding.close()
        self._showing.close()
        self._reading.blockSignals(True)
        self._loading.blockSignals(True)
        self._list.blockSignals(True)
        self._list.model.blockSignals(True)
        self._list.rows.selectionModel().blockSignals(True)
        self._bar.blockSignals(True)
        self._asking.blockSignals(True)

    def open_queue(self, queue: Queue) -> None:
        """Show a queue from its beginning."""
        self._showing.await_queue(queue)
        self._loading.open(queue)
        self._spawn(self._read_filters(queue), "read the filters that are kept")

    def refresh(self) -> None:
        """Bring in what came since the list was read, and take out what went."""
        self._loading.refresh()

    def bring_older(self, queue: Queue) -> None:
        """Let the next older items of a queue wait for a decision too, and show them."""
        self._spawn(self._bring_older(queue), "bring in older items")

    def hold_again(self) -> None:
        """The primary can be reached again: the item shown is claimed, as if it were looked at now."""
        self._showing.hold_again()

    def open_subject(self, subject: Subject) -> None:
        """Show something that was found or linked, with the verbs of its kind."""
        self._spawn(self._open_subject(subject), f"open {subject.kind}")

    def move(self, step: int) -> None:
        """Go down (or up) the list."""
        self._list.go_to(self._list.row() + step)

    def look_back(self, step: int) -> None:
        """Go back (-1) or forward (1) among the items that were looked at."""
        subject = self._showing.trail.step(step)
        if subject is not None:
            row = self._list.model.row_of(subject)
            if row is None:
                self.open_subject(subject)
            else:
                self._list.go_to(row)

    def choose(self, verb: Verb, *, with_reason: bool = False) -> None:
        """A verb's key or button: decide at once, or ask for the reason first."""
        self._choosing.choose(verb, with_reason=with_reason)

    def filter(self) -> None:
        """Give the keyboard to the line that narrows the list."""
        self._list.filter.begin()

    def save_filter(self, shared: bool | None) -> None:
        """Keep the filter that holds, for oneself or shared; with None forget it."""
        queue, line = self._loading.queue, self._list.filter.line.strip()
        if queue is None or not line:
            self._notices.done("There is no filter: / begins one")
            return
        save = FilterSave(uuid4(), queue.key, line, shared)
        self._spawn(self._save_filter(queue, save), "keep the filter")

    def select_all(self) -> None:
        """Select all rows that are loaded; what is not loaded is never meant."""
        self._list.rows.selectAll()

    def invert_selection(self) -> None:
        """Select the rows that are not selected, and only those."""
        self._list.invert_selection()

    def flag(self) -> None:
        """Flag the item shown, in the person's own name."""
        if (item := self._inspector.item) is not None:
            self._remarks.flag(item)

    def note(self) -> None:
        """Write a note on the item shown."""
        if (item := self._inspector.item) is not None:
            self._remarks.note(item)

    def undo(self) -> None:
        """Take back the newest decision of this console that still stands."""
        self._deciding.undo()

    def undo_decision(self, id: UUID, words: str) -> None:
        """Take back any decision by its id."""
        self._deciding.undo_decision(id, words)

    async def poll(self) -> None:
        """Keep the list in step: counts, what is new, what is settled, who holds what."""
        await self._loading.poll()

    async def _save_filter(self, queue: Queue, save: FilterSave) -> None:
        await self._pipeline.submit(save)
        told = {None: "Filter forgotten", False: "Filter kept for you", True: "Filter shared with the team"}
        self._notices.done(told[save.shared])
        await self._read_filters(queue)

    async def _read_filters(self, queue: Queue) -> None:
        saved = await self._reader.saved_filters(queue.key)
        if queue is self._loading.queue:
            self._list.filter.tell_saved(saved)

    async def _open_subject(self, subject: Subject) -> None:
        # A queue whose first page comes later would show its first row instead.
        await self._loading.settled()
        await self._showing.open_subject(subject)

    async def _bring_older(self, queue: Queue) -> None:
        brought = await self._writer.bring_older(queue.key, OLDER)
        # A page may hold nothing that waits: what was taken down, or decided already.
        while not brought.count and brought.more:
            brought = await self._writer.bring_older(queue.key, OLDER)
        if not brought.count:
            self._notices.done("There is nothing older")
            return
        self._notices.done(f"{count_of(brought.count, 'item')} more, back to {brought.back_to:%d %b %Y}")
        if self._loading.queue is queue:
            self._loading.extend()
        self.decided.emit()

    def _emptied(self, queue: Queue) -> None:
        self._showing.leave()
        self._showing.show_nothing(queue.waiting)

    def _fill(self, waiting: int) -> None:
        """Items came into an empty list: they are shown, unless the person looks at something else."""
        if self._inspector.item is None:
            self._loading.fill()
        else:
            self._list.tell_news(waiting)

    def _gone(self, subject: Subject) -> None:
        """Somebody else has decided it: what is typed stays, and the person is told."""
        settled = self._list.model.settled(subject)
        if subject == self._showing.subject and (settled is None or settled.at is None):
            self._spawn(self._tell_who(subject), "read who decided")

    async def _tell_who(self, subject: Subject) -> None:
        declared = self._reading.declared(self._showing.scope, subject)
        key = next((block.key for block in declared if block.kind is BlockKind.HISTORY), None)
        block = await self._reader.block(subject, key) if key is not None else None
        last = block.events[0] if isinstance(block, HistoryBlock) and block.events else None
        item = self._inspector.item
        if last is not None:
            self._list.model.settle(subject, Settled(f"{last.what} by {last.who}", last.at))
        if item is None or item.subject != subject:
            return
        if last is None:
            self._inspector.tell("This does not wait here any more", faded=True)
        else:
            self._following.present(item)

    async def _show_changed(self, item: Item) -> None:
        await self._showing.reopen(item)
        self._showing.tell_of(item, "The content changed since this list was read; it is shown as it is now")

    async def _read_again(self, item: Item) -> None:
        try:
            await self._showing.reopen(item)
        except NotFound:
            self._list.model.take(item.subject)

    def _open_again(self, item: Item) -> None:
        row = self._list.model.row_of(item.subject)
        if row is None:
            self.open_subject(item.subject)
        else:
            self._list.show_rows()
            self._list.go_to(row)

    def _answered(self) -> None:
        self._spawn(self.poll(), "read counts")
        self.decided.emit()

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)
