"""The item in the inspector: its blocks, its claim while it is looked at, the next one laid out ahead."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.blocks import Block
from console.domain.queues import Item, Queue, Verb
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.services.ports import Reader
from console.ui.deciding.asking import Asking
from console.ui.deciding.holding import Holding
from console.ui.desk.following import Following
from console.ui.desk.loading import QueueLoading
from console.ui.desk.reading import BlockReading
from console.ui.desk.trail import Trail
from console.ui.desk.views import DeskViews

IDLE_MILLISECONDS = 60
"""The next item is laid out when the person is reading this one."""
AHEAD = 3
"""Items whose blocks are read before they are reached."""


class Showing(QObject):
    """Shows a row of the queue, or a subject that was opened from elsewhere.

    Attributes: `scope` is the queue, or the kind's scope, in which the item is shown; `trail` are the items
    that were looked at. Signals: `verbs_changed()` when other verbs are offered.
    """

    verbs_changed = Signal()

    def __init__(
        self,
        person: Person,
        reader: Reader,
        reading: BlockReading,
        loading: QueueLoading,
        holding: Holding,
        following: Following,
        asking: Asking,
        views: DeskViews,
    ) -> None:
        super().__init__()
        self._person, self._reader = person, reader
        self._reading, self._loading = reading, loading
        self._holding, self._following, self._asking = holding, following, asking
        self._list, self._inspector, self._bar = views.list, views.inspector, views.bar
        self.scope = ""
        self.trail = Trail()
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(IDLE_MILLISECONDS)
        self._ahead.timeout.connect(self._prepare_next)
        views.list.current_changed.connect(self.show_row)
        reading.arrived.connect(self._arrived)
        loading.changed.connect(self.show_anew)
        following.freed.connect(self._freed)
        following.changed.connect(self._changed_elsewhere)
        holding.refused.connect(self.tell_of)

    def close(self) -> None:
        """Lay out nothing ahead any more."""
        self._ahead.stop()

    @property
    def item(self) -> Item | None:
        """The item shown."""
        return self._inspector.item

    @property
    def subject(self) -> Subject | None:
        """What the item shown is about."""
        return None if self.item is None else self.item.subject

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be decided about the item shown, by this person."""
        if self.item is None:
            return ()
        return self._reader.platform.verbs_for(self.scope, self.item.subject.kind, self._person.role)

    def await_queue(self, queue: Queue) -> None:
        """Leave the item: the first one of a queue is on its way."""
        self.leave()
        self.scope = queue.key
        self._inspector.clear("Loading", "")

    def show_row(self, item: Item | None) -> None:
        """Show the current row of the list, and read those after it; with None only leave the item."""
        self.leave()
        if item is None:
            return
        if self._loading.queue is not None:
            self.scope = self._loading.queue.key
        self._look_at(item)
        self._ahead.start()
        row = self._list.row()
        for ahead in self._list.model.items[row + 1 : row + 1 + AHEAD]:
            self._reading.begin(self.scope, ahead)

    async def open_subject(self, subject: Subject) -> None:
        """Read a subject and show it with the verbs of its kind."""
        item = await self._reader.item(subject)
        self.leave()
        self.scope = self._reader.platform.kind(subject.kind).scope
        self._look_at(item)

    def show_nothing(self, why: str) -> None:
        """No item, and nothing to decide."""
        self._inspector.clear(why, "")
        self._bar.offer((), self._person.role)

    def show_anew(self, item: Item) -> None:
        """What is known of it is old: it is read again, at once if it is shown."""
        self._reading.forget(item.subject)
        if self._shows(item):
            self._present(item)

    async def reopen(self, item: Item) -> None:
        """Read the item itself again, for its row and the inspector. Raises NotFound when it is gone."""
        fresh = await self._reader.item(item.subject)
        row = self._list.model.row_of(item.subject)
        now = Item(item.subject, fresh.version, fresh.title, item.cells, item.cursor, item.holder)
        self._reading.forget(item.subject)
        if row is not None:
            self._list.model.put(row, now)
        if self._shows(item):
            self._present(now)

    def hold_again(self) -> None:
        """Claim the item shown, as if it were looked at now, unless this console holds it."""
        if (item := self.item) is not None and not self._holding.holds(item.subject):
            self._inspector.tell("")
            self._look_at(item)

    def leave(self) -> None:
        """The item shown is left undecided: others may have it."""
        self._holding.leave()
        self._asking.cancel()

    def tell_of(self, item: Item, sentence: str) -> None:
        """Say something of an item, if it is still the one shown."""
        if self._shows(item):
            self._inspector.tell(sentence)

    def _look_at(self, item: Item) -> None:
        self._present(item)
        self._holding.look(item)

    def _present(self, item: Item) -> None:
        platform = self._reader.platform
        kind = platform.kind(item.subject.kind)
        blocks = self._reading.declared(self.scope, item.subject)
        self._inspector.show_item(item, kind.title, blocks, self._reading.of(item.subject))
        self._inspector.tell_served(self._reading.served(item.subject))
        self.trail.visit(item.subject)
        self._following.present(item)
        queue_verbs = next(
            (q.verbs for q in platform.queues if q.key == self.scope),
            kind.verbs,
        )
        offered = [v for v in queue_verbs if v.kinds is None or item.subject.kind in v.kinds]
        self._bar.offer(offered, self._person.role)
        self.verbs_changed.emit()
        self._reading.begin(self.scope, item)

    def _arrived(self, subject: Subject, key: str, block: Block | Exception) -> None:
        self._inspector.add_block(subject, key, block)
        if subject == self.subject:
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

    def _freed(self, subject: Subject) -> None:
        """Nobody else holds what is shown: it is claimed when it is looked at on."""
        if self.item is not None and self.item.subject == subject:
            self._holding.look(self.item)

    def _changed_elsewhere(self, subject: Subject) -> None:
        """What was read ahead is old. What is being read stays: a decision settles what was shown."""
        if subject != self.subject:
            self._reading.forget(subject)

    def _shows(self, item: Item) -> bool:
        return self.subject == item.subject
