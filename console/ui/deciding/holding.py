"""Holding what is looked at: a claim after a moment on an item, given back when it is left."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.errors import Refused, Taken, Unavailable
from console.domain.queues import Item
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook

CLAIM_MILLISECONDS = 400
"""Looking at an item this long claims it (design, invariant 4)."""


class Holding(QObject):
    """Claims the item that is looked at.

    Signals: `refused(Item, str)` says why it is not held; `taken(Subject, Holder)` by whom it is;
    `moved_on(Item)` that it is held and its content is no longer the one shown.
    """

    refused = Signal(object, str)
    taken = Signal(object, object)
    moved_on = Signal(object)

    def __init__(self, claims: ClaimBook, tasks: Tasks) -> None:
        super().__init__()
        self._claims, self._tasks = claims, tasks
        self._item: Item | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CLAIM_MILLISECONDS)
        self._timer.timeout.connect(self.now)

    def holds(self, subject: Subject) -> bool:
        """Whether this console holds the subject."""
        return self._claims.held(subject) is not None

    def look(self, item: Item) -> None:
        """An item stands on the screen: it is claimed when it is looked at for a moment."""
        self._item = item
        self._timer.start()

    def now(self) -> None:
        """Claim the item at once: a verb's key was pressed."""
        if self._item is not None:
            self._tasks.spawn(self._claim(self._item), "claim", self)

    def send(self) -> None:
        """The item is being decided: its claim belongs to the decision now."""
        self._timer.stop()
        self._item = None

    def leave(self) -> None:
        """The item is left undecided: others may have it."""
        self._timer.stop()
        left, self._item = self._item, None
        if left is not None and self.holds(left.subject):
            self._tasks.spawn(self._claims.give_up([left.subject]), "release", self)

    def close(self) -> None:
        """Begin nothing any more."""
        self._timer.stop()
        self.blockSignals(True)

    async def _claim(self, item: Item) -> None:
        try:
            claim = await self._claims.hold(item.subject)
        except Taken as taken:
            self.refused.emit(item, f"{taken.holder} is deciding this; what you see may change")
            if taken.lease is not None:
                self.taken.emit(item.subject, taken.lease)
            return
        except Refused as refused:
            self.refused.emit(item, str(refused))
            return
        except Unavailable:
            self.refused.emit(
                item, "The primary is out of reach: nobody holds this for you. What you decide waits"
            )
            return
        if self._item is None or self._item.subject != item.subject:
            await self._claims.give_up([item.subject])
        elif claim.version != item.version:
            self.moved_on.emit(item)
