"""What others do, shown where it matters: on the rows of the list and on the card that is open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.changes import Change, ChangeBatch, Event
from console.domain.queues import Item
from console.domain.subjects import Holder, Subject
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.desk.loading import QueueLoading
from console.ui.desk.model import Settled
from console.ui.theme.words import plain, since

BEAT_MILLISECONDS = 1_000
"""How often "2 s ago" is said anew."""
_DONE_TO = {Event.SAVED: "Saved", Event.FLAGGED: "Flagged", Event.MARKED: "Marked", Event.UNDONE: "Undone"}


class Following(QObject):
    """Passes over what this console did itself: the claims of its `login`, its `own` decisions.

    Signals: `freed(Subject)` when what is shown may be held again; `changed(Subject)` when what is known of
    it is old; `unsure()` when only the database knows what became of the list.
    """

    freed = Signal(object)
    changed = Signal(object)
    unsure = Signal()

    def __init__(
        self, login: str, pane: ListPane, inspector: Inspector, loading: QueueLoading, own: Collection[UUID]
    ) -> None:
        super().__init__()
        self._login, self._own = login, own
        self._model, self._inspector, self._loading = pane.model, inspector, loading
        self._told: tuple[Subject, str, datetime, str] | None = None
        self._closed = False
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MILLISECONDS)
        self._beat.timeout.connect(self._tell_again)

    def close(self) -> None:
        """Tell nothing any more, whatever is still being read."""
        self._closed = True
        self._beat.stop()
        self.blockSignals(True)

    def hear(self, batch: ChangeBatch) -> None:
        """Show what the feed says."""
        self._loading.overtaken()
        others = [change for change in batch.changes if not self._is_own(change)]
        doubts = [self._apply(change) for change in others]
        if any(doubts) or not batch.complete:
            self.unsure.emit()

    def present(self, item: Item) -> None:
        """An item was opened: say what is known of it already."""
        self._told = None
        settled, holder = self._model.settled(item.subject), self._model.holder(item.subject) or item.holder
        if settled is not None and settled.at is not None:
            self._tell(item.subject, settled.words, settled.at)
        elif holder is not None:
            self.hold(item.subject, holder)

    def hold(self, subject: Subject, holder: Holder) -> None:
        """Somebody else holds it."""
        self._model.hold(subject, holder)
        self._tell(subject, f"Claimed by {plain(holder.login)}", holder.since)

    def _is_own(self, change: Change) -> bool:
        if change.event in {Event.DECIDED, Event.UNDONE}:
            return change.decision_id in self._own
        return change.login == self._login

    def _apply(self, change: Change) -> bool:
        """Show it; whether what became of the row is not known."""
        subject, who = change.subject, plain(change.login)
        listed = self._model.row_of(subject) is not None
        match change.event:
            case Event.CLAIMED:
                self.hold(subject, Holder(change.login, change.at, change.expires_at or change.at))
                return False
            case Event.RELEASED:
                holder = self._model.holder(subject)
                if holder is None or holder.login == change.login:
                    self._model.hold(subject, None)
                    self._free(subject)
                return False
            case Event.DECIDED:
                words = f"{change.past} by {who}"
                self._model.hold(subject, None)
                self._tell(subject, words, change.at)
                self.changed.emit(subject)
                queue = self._loading.queue
                # Decided elsewhere, it may wait here all the same.
                known = queue is not None and change.scope == queue.key
                if listed and known:
                    self._model.settle(subject, Settled(words, change.at))
                return listed and not known
            case _:
                self.changed.emit(subject)
                if change.event is Event.UNDONE:
                    self._model.settle(subject, None)
                    self._free(subject)
                if self._shows(subject):
                    words = f"{_DONE_TO[change.event]} by {who}"
                    self._inspector.tell(f"{words}, {since(change.at)}", faded=self._inspector.faded)
                return change.event is Event.UNDONE and not listed

    def _shows(self, subject: Subject) -> bool:
        item = self._inspector.item
        return item is not None and item.subject == subject

    def _free(self, subject: Subject) -> None:
        if self._shows(subject):
            self._told = None
            self._beat.stop()
            self._inspector.tell("")
            self.freed.emit(subject)

    def _tell(self, subject: Subject, words: str, at: datetime) -> None:
        if self._shows(subject) and not self._closed:
            sentence = f"{words}, {since(at)}"
            self._told = subject, words, at, sentence
            self._inspector.tell(sentence, faded=True)
            self._beat.start()

    def _tell_again(self) -> None:
        """The card says for how long; what was said there since by somebody else stays."""
        if self._told is not None and self._shows(self._told[0]) and self._inspector.banner == self._told[3]:
            self._tell(*self._told[:3])
        else:
            self._beat.stop()
