"""The presenter of the desk: looks, claims, decides, goes on, takes back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.blocks import Block, ReportsBlock
from console.domain.changes import Changes
from console.domain.decisions import Candidate, Decision, Target, Undo
from console.domain.errors import GreenroomError, NotFound, Refused, Taken, Unavailable
from console.domain.policies import Policy
from console.domain.queues import BlockKind, Item, Page, Queue, Reason, Relation, Verb
from console.domain.staff import Person
from console.domain.subjects import Holder, Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Reader
from console.ui.desk.bar import DecisionBar
from console.ui.desk.cache import BlockCache
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.desk.reasons import ReasonPanel
from console.ui.theme.words import count, number, shortened

PAGE = 100
CLAIM_MILLISECONDS = 400
"""Looking at an item this long claims it (design, invariant 4)."""
IDLE_MILLISECONDS = 60
"""The next item is laid out when the person is reading this one."""
AHEAD = 3
"""Items whose blocks are read before they are reached."""
CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class _Sent:
    """A decision that can be taken back: its items and where they stood."""

    id: UUID
    queue: str | None
    rows: tuple[tuple[int, Item], ...]
    words: str


class Desk(QObject):
    """Signals: `decided()` after every answer, `verbs_changed()` when other verbs are offered."""

    decided = Signal()
    verbs_changed = Signal()

    def __init__(
        self,
        person: Person,
        reader: Reader,
        pipeline: DecisionPipeline,
        claims: ClaimBook,
        journal: Journal,
        tasks: Tasks,
        notices: Notices,
        bus: ChangeBus,
        views: DeskViews,
    ) -> None:
        super().__init__()
        self._person = person
        self._reader = reader
        self._pipeline = pipeline
        self._claims = claims
        self._journal = journal
        self._tasks = tasks
        self._notices = notices
        self._bus = bus
        self._list, self._inspector = views.list, views.inspector
        self._bar, self._reasons = views.bar, views.reasons
        self._cache = BlockCache()
        self._policies: Sequence[Policy] = ()
        self._queue: Queue | None = None
        self._scope = ""
        self._done: list[_Sent] = []
        # Decided and not answered yet: their claims belong to the decision.
        self._sending: set[Subject] = set()
        self._reading: set[tuple[Subject, str]] = set()
        self._armed: Verb | None = None
        self._loading: asyncio.Task[Any] | None = None
        self._claiming = QTimer(self)
        self._claiming.setSingleShot(True)
        self._claiming.setInterval(CLAIM_MILLISECONDS)
        self._claiming.timeout.connect(self._claim_current)
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(IDLE_MILLISECONDS)
        self._ahead.timeout.connect(self._prepare_next)
        self._list.current_changed.connect(self._show)
        self._list.view_changed.connect(lambda _: self.refresh())
        self._list.model.more_wanted.connect(self._load_more)
        self._list.rows.selectionModel().selectionChanged.connect(
            lambda *_: self._bar.count(len(self._list.chosen()))
        )
        self._bar.chosen.connect(self.choose)
        self._reasons.confirmed.connect(self._confirm)
        self._reasons.cancelled.connect(self._cancel)
        self._reasons.note_changed.connect(self._keep_note)
        self._reasons.hide()

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be decided about the item shown, by this person."""
        item = self._inspector.item
        if item is None:
            return ()
        return self._reader.platform.verbs_for(self._scope, item.subject.kind, self._person.role)

    @property
    def severities(self) -> dict[str, int]:
        """Severity of each policy, by key."""
        return {policy.key: policy.severity for policy in self._policies}

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
        wanted = self._reader.platform.blocks_for(self._scope, item.subject.kind)
        return len(self._cache.of(item.subject)) == len(wanted)

    @property
    def claimed(self) -> bool:
        """Whether this console holds the item shown."""
        item = self._inspector.item
        return item is not None and self._claims.held(item.subject) is not None

    @property
    def asking(self) -> bool:
        """Whether the reason panel is open."""
        return self._reasons.isVisible()

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
        self._policies = await self._reader.policies()

    def close(self) -> None:
        """Take no more: nothing is begun after this."""
        self._claiming.stop()
        self._ahead.stop()
        self._list.blockSignals(True)
        self._list.model.blockSignals(True)
        self._list.rows.selectionModel().blockSignals(True)
        self._bar.blockSignals(True)
        self._reasons.blockSignals(True)

    def open_queue(self, queue: Queue) -> None:
        """Show a queue from its beginning."""
        self._leave()
        self._queue = queue
        self._scope = queue.key
        self._list.open(queue)
        self._inspector.clear("Loading", "")
        self.refresh()

    def refresh(self) -> None:
        """Read the view anew from its beginning."""
        if self._queue is not None:
            self._list.model.begin(self._queue.columns)
            self._load(None)

    def open_subject(self, subject: Subject) -> None:
        """Show something that was found or linked, with the verbs of its kind."""
        self._spawn(self._open_subject(subject), f"open {subject.kind}")

    def move(self, step: int) -> None:
        """Go down (or up) the list."""
        self._list.go_to(self._list.row() + step)

    def choose(self, verb: Verb, *, with_reason: bool = False) -> None:
        """A verb's key or button: decide at once, or ask for the reason first."""
        if self._inspector.item is None or verb not in self.verbs:
            return
        if verb.reason is Reason.REQUIRED or (with_reason and verb.reason is Reason.OPTIONAL):
            self._armed = verb
            self._bar.arm(verb)
            self._claim_current()
            self._ask(verb)
        else:
            self._decide(verb, None, None)

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
        self._spawn(self._undo(known or _Sent(id, None, (), words)), "undo")

    async def poll(self) -> None:
        """Read who holds what in the list, and how many wait."""
        queue = self._queue
        if queue is not None:
            waiting = await self._reader.count(queue.key)
            if queue is self._queue:
                self._list.tell_count(f"{count(waiting)} open", None)
        subjects = [item.subject for item in self._list.model.items[:300]]
        if subjects:
            self._list.model.mark_held(await self._reader.holders(subjects))

    # Looking

    def _show(self, item: Item | None) -> None:
        self._leave()
        if item is None:
            return
        if self._queue is not None:
            self._scope = self._queue.key
        self._present(item)
        self._claiming.start()
        self._ahead.start()
        row = self._list.row()
        for ahead in self._list.model.items[row + 1 : row + 1 + AHEAD]:
            self._read_blocks(ahead)

    def _present(self, item: Item) -> None:
        platform = self._reader.platform
        kind = platform.kind(item.subject.kind)
        blocks = platform.blocks_for(self._scope, item.subject.kind)
        self._inspector.show_item(item, kind.title, blocks, self._cache.of(item.subject))
        held = item.holder
        if held is not None:
            self._inspector.tell(f"{held.login} is deciding this")
        queue_verbs = next(
            (q.verbs for q in platform.queues if q.key == self._scope),
            kind.verbs,
        )
        offered = [v for v in queue_verbs if v.kinds is None or item.subject.kind in v.kinds]
        self._bar.offer(offered, self._person.role)
        self.verbs_changed.emit()
        self._read_blocks(item)

    def _read_blocks(self, item: Item) -> None:
        known = self._cache.of(item.subject)
        for block in self._reader.platform.blocks_for(self._scope, item.subject.kind):
            if block.key not in known and (item.subject, block.key) not in self._reading:
                self._spawn(self._read_block(item.subject, block.key), f"read {block.key}")

    async def _read_block(self, subject: Subject, key: str) -> Block | None:
        self._reading.add((subject, key))
        try:
            block = await self._reader.block(subject, key)
        except GreenroomError as error:
            self._inspector.add_block(subject, key, error)
            return None
        finally:
            self._reading.discard((subject, key))
        self._cache.put(subject, key, block)
        self._inspector.add_block(subject, key, block)
        self._ahead.start()
        return block

    def _prepare_next(self) -> None:
        """Lay out the item after the one shown, once all of it has been read."""
        row = self._list.row()
        if self._queue is None or not 0 <= row < self._list.model.rowCount() - 1:
            return
        following = self._list.model.items[row + 1]
        blocks = self._reader.platform.blocks_for(self._queue.key, following.subject.kind)
        known = self._cache.of(following.subject)
        if len(known) == len(blocks):
            self._inspector.prepare(following, blocks, known)

    def _leave(self) -> None:
        """The item shown is left undecided: others may have it."""
        self._claiming.stop()
        self._cancel()
        left = self._inspector.item
        if left is not None and self._claims.held(left.subject) is not None:
            self._spawn(self._claims.release(left.subject), "release")

    def _claim_current(self) -> None:
        item = self._inspector.item
        if item is not None:
            self._spawn(self._claim(item), "claim")

    async def _claim(self, item: Item) -> None:
        try:
            claim = await self._claims.hold(item.subject)
        except Taken as taken:
            if self._shows(item):
                self._inspector.tell(f"{taken.holder} is deciding this; what you see may change")
            if taken.since is not None:
                holder = Holder(taken.holder, taken.since, taken.since)
                self._list.model.hold(item.subject, holder)
            return
        except Refused as refused:
            if self._shows(item):
                self._inspector.tell(str(refused))
            return
        if item.subject in self._sending:
            return
        if not self._shows(item):
            await self._claims.release(item.subject)
        elif claim.version != item.version:
            await self._reopen(item)
            if self._shows(item):
                self._inspector.tell("The content changed since this list was read; it is shown as it is now")

    def _shows(self, item: Item) -> bool:
        shown = self._inspector.item
        return shown is not None and shown.subject == item.subject

    async def _reopen(self, item: Item) -> None:
        fresh = await self._reader.item(item.subject)
        row = self._list.model.row_of(item.subject)
        now = Item(item.subject, fresh.version, fresh.title, item.cells, item.cursor, item.holder)
        self._cache.forget(item.subject)
        if row is not None:
            self._list.model.put(row, now)
        if self._shows(item):
            self._present(now)

    async def _open_subject(self, subject: Subject) -> None:
        item = await self._reader.item(subject)
        self._leave()
        self._scope = self._reader.platform.kind(subject.kind).scope
        self._present(item)

    # Loading

    def _load_more(self) -> None:
        items = self._list.model.items
        if items:
            self._load(items[-1])

    def _load(self, after: Item | None) -> None:
        if self._loading is not None and after is None:
            self._loading.cancel()
        self._loading = self._spawn(self._load_page(after), "read the queue")

    async def _load_page(self, after: Item | None) -> None:
        view, queue = self._list.view(), self._queue
        try:
            page = await self._reader.page(view, after.cursor if after else None, PAGE)
        except GreenroomError as error:
            if after is None:
                self._list.state.tell("warning", str(error), error.remedy, action=("Try again", self.refresh))
                self._list.show_state()
                self._inspector.clear("Nothing to show")
                return
            self._list.model.page_failed()
            raise
        if queue is self._queue and view == self._list.view():
            await self._add(page, first=after is None)

    async def _add(self, page: Page, *, first: bool) -> None:
        self._list.model.add(page)
        if first and page.items:
            self._list.show_rows()
            self._list.go_to(0)
            self._list.rows.setFocus()
            queue = self._queue
            if queue is not None:
                waiting = await self._reader.count(queue.key)
                self._list.tell_count(f"{count(waiting)} open", page.served_by)
        elif first:
            await self._tell_empty()

    async def _tell_empty(self) -> None:
        queue = self._queue
        if queue is None:
            return
        self._leave()
        self._inspector.clear(queue.waiting, "")
        self._list.tell_count("0 open", None)
        today = await self._reader.decided_today()
        self._list.state.tell(
            "approve",
            queue.waiting,
            f"{number(today)} decided today.",
            action=("Look again", self.refresh),
        )
        self._list.show_state()

    # Deciding

    def _ask(self, verb: Verb) -> None:
        # Open at once: letters typed after the verb's key must find the panel, not the verbs' keys.
        # Silent, since emptying the field is nothing that the person typed.
        self._reasons.blockSignals(True)
        self._reasons.begin(verb.title, self._policies, required=verb.reason is Reason.REQUIRED)
        self._reasons.blockSignals(False)
        self._spawn(self._restore_note(verb, self._draft_key()), "restore the note")

    async def _restore_note(self, verb: Verb, key: str) -> None:
        note = await self._journal.draft(key)
        if note and self._armed is verb and key == self._draft_key() and not self._reasons.note.text():
            self._reasons.note.setText(note)

    def _draft_key(self) -> str:
        item = self._inspector.item
        return f"note:{item.subject}" if item is not None else "note"

    def _keep_note(self, text: str) -> None:
        if self._armed is not None:
            self._spawn(self._journal.save_draft(self._draft_key(), text or None), "keep the note")

    def _confirm(self, policy: str | None, note: str) -> None:
        verb = self._armed
        self._cancel()
        if verb is not None:
            self._decide(verb, policy, note or None)

    def _cancel(self) -> None:
        if self._armed is not None:
            self._armed = None
            self._bar.arm(None)
            self._reasons.hide()
            self._list.rows.setFocus()

    def _decide(self, verb: Verb, policy: str | None, note: str | None) -> None:
        shown = self._inspector.item
        if shown is None:
            return
        scope = self._scope
        in_list = self._list.model.row_of(shown.subject) is not None and self._queue is not None
        items = self._list.chosen() if in_list and scope == self._list.view().queue else [shown]
        reports = self._reports_key(scope, verb, shown)
        if len(items) == 1 and reports is not None and reports not in self._cache.of(shown.subject):
            self._inspector.tell("The reports are not here yet: a decision settles only what was shown")
            self._read_blocks(shown)
            return
        key = self._draft_key()
        self._claiming.stop()
        blocks = {
            item.subject: self._cache.of(item.subject).get(self._reports_key(scope, verb, item) or "")
            for item in items
        }
        self._sending.update(item.subject for item in items)
        row = self._list.row()
        taken = [
            (place, item) for item in items if (place := self._list.model.row_of(item.subject)) is not None
        ]
        # The item shown is spoken for by the decision: leaving it must not release its claim.
        self._inspector.let_go()
        for item in items:
            self._list.model.take(item.subject)
        first = min((place for place, _ in taken), default=row)
        if self._list.model.rowCount():
            self._list.go_to(first)
            if self._inspector.item is None and (current := self._list.current()) is not None:
                self._show(current)
        else:
            self._inspector.clear("Sent", "")
            self._spawn(self._after_last(), "read the queue")
        candidates = [
            Candidate(item.subject, item.version)
            for item in self._list.model.items[first : first + CANDIDATES]
        ]
        words = (
            f"{verb.past} “{shortened(items[0].title)}”"
            if len(items) == 1
            else f"{verb.past} {len(items)} items"
        )
        sent = _Sent(uuid4(), self._queue.key if self._queue else None, tuple(taken), words)
        self._done.append(sent)
        self._spawn(self._send(sent, verb, scope, policy, note, items, blocks, candidates, key), "decide")

    async def _send(
        self,
        sent: _Sent,
        verb: Verb,
        scope: str,
        policy: str | None,
        note: str | None,
        items: Sequence[Item],
        blocks: dict[Subject, Block | None],
        candidates: Sequence[Candidate],
        draft: str,
    ) -> None:
        targets = []
        for item in items:
            block, reports = blocks[item.subject], self._reports_key(scope, verb, item)
            if reports is not None and block is None:
                block = await self._read_block(item.subject, reports)
                if block is None:
                    self._refused(
                        sent, items, Unavailable("The reports could not be read, so none was settled")
                    )
                    return
            flags = tuple(r.flag_id for r in block.reports) if isinstance(block, ReportsBlock) else ()
            targets.append(Target(item.subject, item.version, item.title, flags))
        decision = Decision(sent.id, scope, verb.key, policy, note, tuple(targets))
        try:
            outcome = await self._pipeline.submit(decision, candidates)
        except Refused as refused:
            typed = f" Your note is kept: {note}" if note else ""
            if not isinstance(refused, Taken):
                remedy = (refused.remedy + typed).strip()
                error = type(refused)(f"{sent.words}: refused. {refused}.", remedy, subject=refused.subject)
            else:
                error = refused
            self._refused(sent, items, error)
            return
        self._sending.difference_update(item.subject for item in items)
        following = outcome.next
        if (
            following is not None
            and following.subject not in self._sending
            and (self._inspector.item is None or self._inspector.item.subject != following.subject)
        ):
            # The person is elsewhere by now: what nobody looks at is free for others.
            await self._claims.release(following.subject)
        await self._journal.save_draft(draft, None)
        for item in items:
            self._cache.forget(item.subject)
        self._notices.done(sent.words, Action("Undo", lambda: self.undo_decision(sent.id, sent.words)))
        self._publish(decision.id, items)

    def _refused(self, sent: _Sent, items: Sequence[Item], error: GreenroomError) -> None:
        """The items come back to the list, read anew; what is being looked at stays."""
        self._sending.difference_update(item.subject for item in items)
        if sent in self._done:
            self._done.remove(sent)
        self._give_back(sent, go=False)
        if isinstance(error, Taken) and error.subject is not None and error.since is not None:
            self._list.model.hold(error.subject, Holder(error.holder, error.since, error.since))
        for item in items:
            self._spawn(self._read_again(item), "read the item again")
        self._notices.failed("decide", error, Action("Open", lambda: self._open_again(items[0])))

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

    def _reports_key(self, scope: str, verb: Verb, item: Item) -> str | None:
        """The block whose flags the verb settles; None for a verb that settles none."""
        if not any(change.relation is Relation.FLAGS for change in verb.changes):
            return None
        declared = self._reader.platform.blocks_for(scope, item.subject.kind)
        return next((block.key for block in declared if block.kind is BlockKind.REPORTS), None)

    async def _undo(self, sent: _Sent) -> None:
        try:
            await self._pipeline.submit(Undo(uuid4(), sent.id))
        except Refused as refused:
            self._notices.failed("undo", refused)
            return
        for _, item in sent.rows:
            self._cache.forget(item.subject)
        self._give_back(sent)
        self._notices.done(f"Undone: {sent.words}")
        self._publish(sent.id, [item for _, item in sent.rows])

    def _give_back(self, sent: _Sent, *, go: bool = True) -> None:
        """Put the items where they stood; `go` (or an empty inspector) opens the first."""
        if self._queue is None or sent.queue != self._queue.key or not sent.rows:
            return
        self._list.show_rows()
        for row, item in sorted(sent.rows, key=lambda pair: pair[0]):
            self._list.model.put(row, item)
        where = self._list.model.row_of(sent.rows[0][1].subject)
        if where is not None and (go or self._inspector.item is None):
            self._list.go_to(where)

    async def _after_last(self) -> None:
        """The list has run out: there may be more than was loaded."""
        await self._load_page(None)

    def _publish(self, id: UUID, items: Sequence[Item]) -> None:
        self._bus.publish(Changes(tuple(item.subject for item in items), id, "desk"))
        self._spawn(self.poll(), "read counts")
        self.decided.emit()

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)


@dataclass(frozen=True, slots=True)
class DeskViews:
    """The widgets a desk drives."""

    list: ListPane
    inspector: Inspector
    bar: DecisionBar
    reasons: ReasonPanel
