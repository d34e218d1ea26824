"""The desk: what happens between looking at an item and deciding it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.blocks import Block, HistoryBlock
from console.domain.decisions import Candidate
from console.domain.errors import NotFound
from console.domain.queues import BlockKind, Item, Queue, Reason, Verb
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Reader, Writer
from console.ui.deciding.asking import Asking, Flags, Question, draft_key
from console.ui.deciding.bar import DecisionBar
from console.ui.deciding.deciding import Choice, Deciding, Sent
from console.ui.deciding.holding import Holding
from console.ui.deciding.reasons import ReasonPanel
from console.ui.deciding.remarks import Remarks
from console.ui.desk.following import Following
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.desk.loading import QueueLoading
from console.ui.desk.model import Settled
from console.ui.desk.reading import BlockReading
from console.ui.desk.trail import Trail
from console.ui.theme.words import count_of

IDLE_MILLISECONDS = 60
"""The next item is laid out when the person is reading this one."""
OLDER = 100
"""Older items brought in at once: what one person reviews in an hour or two."""
AHEAD = 3
"""Items whose blocks are read before they are reached."""
CANDIDATES = 20
"""Items offered with a decision, of which the database takes the first that is free: a few for each
colleague at the same queue. Every one costs the decision some microseconds."""


@dataclass(frozen=True, slots=True)
class DeskViews:
    """The widgets a desk drives."""

    list: ListPane
    inspector: Inspector
    bar: DecisionBar
    reasons: ReasonPanel


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
        self._person = person
        reader, claims, journal = services.reader, services.claims, services.journal
        self._reader = reader
        self._writer, self._notices = services.writer, notices
        self._tasks = tasks
        self._list, self._inspector = views.list, views.inspector
        self._bar = views.bar
        self._scope = ""
        self._trail = Trail()
        self._reading = BlockReading(reader, tasks)
        self._asking = Asking(views.reasons, views.bar, journal, self._reading, tasks)
        self._remarks = Remarks(services.pipeline, journal, self._asking, tasks, notices)
        self._deciding = Deciding(
            services.pipeline, claims, journal, self._reading.forget, tasks, notices, bus, self._shown_subject
        )
        self._loading = QueueLoading(reader, tasks, self._list, lambda: self._deciding.sending)
        self._holding = Holding(claims, tasks)
        self._following = Following(
            person.login, self._list, self._inspector, self._loading, self._deciding.own
        )
        self._bus = bus
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(IDLE_MILLISECONDS)
        self._ahead.timeout.connect(self._prepare_next)
        self._connect()

    def _connect(self) -> None:
        self._list.current_changed.connect(self._show)
        self._list.rows.selectionModel().selectionChanged.connect(
            lambda *_: self._bar.count(len(self._list.chosen()))
        )
        self._list.rows.activated.connect(lambda _: self._inspector.focus_content())
        self._inspector.left.connect(self._list.rows.setFocus)
        self._bar.chosen.connect(self.choose)
        self._bar.abandoned.connect(self._list.rows.setFocus)
        self._asking.closed.connect(self._list.rows.setFocus)
        self._reading.arrived.connect(self._arrived)
        self._loading.emptied.connect(self._emptied)
        self._loading.failed.connect(lambda: self._show_nothing("Nothing to show"))
        self._loading.waiting_again.connect(self._fill)
        self._loading.older_wanted.connect(self.bring_older)
        self._loading.gone.connect(self._gone)
        self._loading.changed.connect(self._changed)
        self._deciding.returned.connect(self._give_back)
        self._deciding.stale.connect(lambda item: self._spawn(self._read_again(item), "read the item again"))
        self._deciding.taken.connect(self._following.hold)
        self._holding.taken.connect(self._following.hold)
        self._bus.heard.connect(self._following.hear)
        self._following.freed.connect(self._freed)
        self._following.changed.connect(self._changed_elsewhere)
        self._following.unsure.connect(lambda: self._spawn(self.poll(), "compare the list"))
        self._holding.refused.connect(self._tell_of)
        self._holding.moved_on.connect(
            lambda item: self._spawn(self._show_changed(item), "read the changed item")
        )
        self._deciding.open_wanted.connect(self._open_again)
        self._deciding.answered.connect(self._answered)
        self._remarks.written.connect(self._changed)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be decided about the item shown, by this person."""
        item = self._inspector.item
        if item is None:
            return ()
        return self._reader.platform.verbs_for(self._scope, item.subject.kind, self._person.role)

    @property
    def deciding(self) -> Deciding:
        """What sends the decisions, and takes them back: other screens decide through the same."""
        return self._deciding

    @property
    def severities(self) -> dict[str, int]:
        """Severity of each policy, by key."""
        return {policy.key: policy.severity for policy in self._asking.policies}

    @property
    def item(self) -> Item | None:
        """The item shown."""
        return self._inspector.item

    @property
    def scope(self) -> str:
        """The queue, or the kind's scope, in which the item is shown."""
        return self._scope

    @property
    def ready(self) -> bool:
        """Whether an item is shown with every block that was declared."""
        item = self._inspector.item
        if item is None:
            return False
        return self._reading.complete(self._scope, item.subject)

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
        self._ahead.stop()
        self._reading.blockSignals(True)
        self._loading.blockSignals(True)
        self._list.blockSignals(True)
        self._list.model.blockSignals(True)
        self._list.rows.selectionModel().blockSignals(True)
        self._bar.blockSignals(True)
        self._asking.blockSignals(True)

    def open_queue(self, queue: Queue) -> None:
        """Show a queue from its beginning."""
        self._leave()
        self._scope = queue.key
        self._inspector.clear("Loading", "")
        self._loading.open(queue)

    def refresh(self) -> None:
        """Bring in what came since the list was read, and take out what went."""
        self._loading.refresh()

    def bring_older(self, queue: Queue) -> None:
        """Let the next older items of a queue wait for a decision too, and show them."""
        self._spawn(self._bring_older(queue), "bring in older items")

    def hold_again(self) -> None:
        """The primary can be reached again: the item shown is claimed, as if it were looked at now."""
        if (item := self._inspector.item) is not None and not self.claimed:
            self._inspector.tell("")
            self._present(item)
            self._holding.look(item)

    def open_subject(self, subject: Subject) -> None:
        """Show something that was found or linked, with the verbs of its kind."""
        self._spawn(self._open_subject(subject), f"open {subject.kind}")

    def move(self, step: int) -> None:
        """Go down (or up) the list."""
        self._list.go_to(self._list.row() + step)

    def look_back(self, step: int) -> None:
        """Go back (-1) or forward (1) among the items that were looked at."""
        subject = self._trail.step(step)
        if subject is not None:
            row = self._list.model.row_of(subject)
            if row is None:
                self.open_subject(subject)
            else:
                self._list.go_to(row)

    def choose(self, verb: Verb, *, with_reason: bool = False) -> None:
        """A verb's key or button: decide at once, or ask for the reason first."""
        if self._inspector.item is None or verb not in self.verbs:
            return
        items = self._targets()
        # Of many, most were never opened: what a decision on them settles is counted before it is confirmed.
        many = len(items) > 1 and any(self._reading.reports_key(self._scope, verb, each) for each in items)
        if many or verb.reason is Reason.REQUIRED or (with_reason and verb.reason is Reason.OPTIONAL):
            self._holding.now()
            self._asking.begin(
                Question(
                    verb.title,
                    tuple(items),
                    lambda policy, note, flags: self._decide(verb, policy, note, flags),
                    verb,
                    required=verb.reason is Reason.REQUIRED,
                    scope=self._scope if many else None,
                )
            )
        else:
            self._decide(verb, None, None, {})

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

    # Looking

    def _show(self, item: Item | None) -> None:
        self._leave()
        if item is None:
            return
        if self._loading.queue is not None:
            self._scope = self._loading.queue.key
        self._present(item)
        self._holding.look(item)
        self._ahead.start()
        row = self._list.row()
        for ahead in self._list.model.items[row + 1 : row + 1 + AHEAD]:
            self._reading.begin(self._scope, ahead)

    def _present(self, item: Item) -> None:
        platform = self._reader.platform
        kind = platform.kind(item.subject.kind)
        blocks = self._reading.declared(self._scope, item.subject)
        self._inspector.show_item(item, kind.title, blocks, self._reading.of(item.subject))
        self._inspector.tell_served(self._reading.served(item.subject))
        self._trail.visit(item.subject)
        self._following.present(item)
        queue_verbs = next(
            (q.verbs for q in platform.queues if q.key == self._scope),
            kind.verbs,
        )
        offered = [v for v in queue_verbs if v.kinds is None or item.subject.kind in v.kinds]
        self._bar.offer(offered, self._person.role)
        self.verbs_changed.emit()
        self._reading.begin(self._scope, item)

    def _arrived(self, subject: Subject, key: str, block: Block | Exception) -> None:
        self._inspector.add_block(subject, key, block)
        if subject == self._shown_subject():
            self._inspector.tell_served(self._reading.served(subject))
        self._ahead.start()

    def _prepare_next(self) -> None:
        """Lay out the item after the one shown, once all of it has been read."""
        row, queue = self._list.row(), self._loading.queue
        if queue is None or not 0 <= row < self._list.model.rowCount() - 1:
            return
        following = self._list.model.items[row + 1]
        if self._reading.complete(queue.key, following.subject):
            blocks = self._reading.declared(queue.key, following.subject)
            self._inspector.prepare(following, blocks, self._reading.of(following.subject))

    def _emptied(self, queue: Queue) -> None:
        self._leave()
        self._show_nothing(queue.waiting)

    def _fill(self, waiting: int) -> None:
        """Items came into an empty list: they are shown, unless the person looks at something else."""
        if self._inspector.item is None:
            self._loading.fill()
        else:
            self._list.tell_news(waiting)

    def _show_nothing(self, why: str) -> None:
        """No item, and nothing to decide."""
        self._inspector.clear(why, "")
        self._bar.offer((), self._person.role)

    def _changed(self, item: Item) -> None:
        self._reading.forget(item.subject)
        if self._shows(item):
            self._present(item)

    def _gone(self, subject: Subject) -> None:
        """Somebody else has decided it: what is typed stays, and the person is told."""
        settled = self._list.model.settled(subject)
        if subject == self._shown_subject() and (settled is None or settled.at is None):
            self._spawn(self._tell_who(subject), "read who decided")

    async def _tell_who(self, subject: Subject) -> None:
        declared = self._reading.declared(self._scope, subject)
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

    def _freed(self, subject: Subject) -> None:
        """Nobody else holds what is shown: it is claimed when it is looked at on."""
        item = self._inspector.item
        if item is not None and item.subject == subject:
            self._holding.look(item)

    def _changed_elsewhere(self, subject: Subject) -> None:
        """What was read ahead is old. What is being read stays: a decision settles what was shown."""
        if subject != self._shown_subject():
            self._reading.forget(subject)

    def _shown_subject(self) -> Subject | None:
        item = self._inspector.item
        return None if item is None else item.subject

    def _leave(self) -> None:
        """The item shown is left undecided: others may have it."""
        self._holding.leave()
        self._asking.cancel()

    def _tell_of(self, item: Item, sentence: str) -> None:
        if self._shows(item):
            self._inspector.tell(sentence)

    async def _show_changed(self, item: Item) -> None:
        await self._reopen(item)
        self._tell_of(item, "The content changed since this list was read; it is shown as it is now")

    def _shows(self, item: Item) -> bool:
        shown = self._inspector.item
        return shown is not None and shown.subject == item.subject

    async def _reopen(self, item: Item) -> None:
        fresh = await self._reader.item(item.subject)
        row = self._list.model.row_of(item.subject)
        now = Item(item.subject, fresh.version, fresh.title, item.cells, item.cursor, item.holder)
        self._reading.forget(item.subject)
        if row is not None:
            self._list.model.put(row, now)
        if self._shows(item):
            self._present(now)

    async def _open_subject(self, subject: Subject) -> None:
        item = await self._reader.item(subject)
        self._leave()
        self._scope = self._reader.platform.kind(subject.kind).scope
        self._present(item)
        self._holding.look(item)

    # Deciding

    def _targets(self) -> list[Item]:
        """What a verb is about now: the selected rows, or what is shown from outside the list."""
        shown = self._inspector.item
        if shown is None:
            return []
        in_list = self._loading.queue is not None and self._list.model.row_of(shown.subject) is not None
        return self._list.chosen() if in_list and self._scope == self._list.view().queue else [shown]

    def _decide(self, verb: Verb, policy: str | None, note: str | None, counted: Flags) -> None:
        shown = self._inspector.item
        if shown is None:
            return
        queue, model, items = self._loading.queue, self._list.model, self._targets()
        if len(items) == 1:
            flags = self._reading.flags(self._scope, verb, shown)
            if flags is None:
                self._inspector.tell("The reports are not here yet: a decision settles only what was shown")
                self._reading.begin(self._scope, shown)
                return
            counted = {shown.subject: flags}
        choice = Choice(self._scope, verb, policy, note, tuple(items), counted, draft_key(items))
        row = self._list.row()
        taken = [(place, item) for item in items if (place := model.row_of(item.subject)) is not None]
        first = min((place for place, _ in taken), default=row)
        after = model.items[first : first + CANDIDATES + len(items)]
        offered = [Candidate(each.subject, each.version) for each in after if each not in items][:CANDIDATES]
        # Spoken for before anything else is shown: leaving it must not release its claim.
        self._deciding.send(choice, queue.key if queue else None, tuple(taken), offered)
        self._holding.send()
        self._inspector.let_go()
        going = {item.subject for item in items}
        places = chain(range(first, model.rowCount()), range(first - 1, -1, -1))
        following = next((place for place in places if model.items[place].subject not in going), None)
        if following is None:
            self._inspector.clear("Sent", "")
        else:
            # Before the rows go: the view would move its cursor to the row above, and that would be shown.
            self._list.go_to(following)
            current = self._list.current()
            if current is not None and self._inspector.item is None:
                # It was the current row before: what had been opened stood outside the list.
                self._show(current)
        for item in items:
            model.take(item.subject)
        if following is None:
            self._spawn(self._loading.after_last(), "read the queue")

    async def _read_again(self, item: Item) -> None:
        try:
            await self._reopen(item)
        except NotFound:
            self._list.model.take(item.subject)

    def _open_again(self, item: Item) -> None:
        row = self._list.model.row_of(item.subject)
        if row is None:
            self.open_subject(item.subject)
        else:
            self._list.show_rows()
            self._list.go_to(row)

    def _give_back(self, sent: Sent, go: bool) -> None:
        """Put the items where they stood; `go` (or an empty inspector) opens the first."""
        queue = self._loading.queue
        if queue is None or sent.queue != queue.key or not sent.rows:
            return
        self._list.show_rows()
        for row, item in sorted(sent.rows, key=lambda pair: pair[0]):
            self._list.model.put(row, item)
        where = self._list.model.row_of(sent.rows[0][1].subject)
        if where is not None and (go or self._inspector.item is None):
            self._list.go_to(where)

    def _answered(self) -> None:
        self._spawn(self.poll(), "read counts")
        self.decided.emit()

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)
