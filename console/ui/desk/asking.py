"""What is asked before a decision: its policy and note, and for many items what it will settle."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from console.domain.policies import Policy
from console.domain.queues import Item, Reason, Verb
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.ports import Journal
from console.ui.desk.bar import DecisionBar
from console.ui.desk.reading import BlockReading
from console.ui.desk.reasons import ReasonPanel
from console.ui.theme.words import count_of

Flags = Mapping[Subject, tuple[UUID, ...]]


def draft_key(items: Sequence[Item]) -> str:
    """The key under which the journal keeps the note while it is typed."""
    return f"note:{items[0].subject}" if items else "note"


class Asking(QObject):
    """Drives the reason panel. `policies` are those in force.

    Signals: `confirmed(Verb, str | None, str | None, Flags)` with policy key, note and the flags that were
    counted for many items; `closed()` when the panel has gone.
    """

    confirmed = Signal(object, object, object, object)
    closed = Signal()

    def __init__(
        self,
        panel: ReasonPanel,
        bar: DecisionBar,
        journal: Journal,
        reading: BlockReading,
        tasks: Tasks,
    ) -> None:
        super().__init__()
        self._panel = panel
        self._bar = bar
        self._journal = journal
        self._reading = reading
        self._tasks = tasks
        self._verb: Verb | None = None
        self._items: tuple[Item, ...] = ()
        self._flags: Flags = {}
        self.policies: Sequence[Policy] = ()
        panel.confirmed.connect(self._confirm)
        panel.cancelled.connect(self.cancel)
        panel.note_changed.connect(self._keep_note)
        panel.hide()

    @property
    def open(self) -> bool:
        """Whether the panel is open."""
        return self._panel.isVisible()

    def begin(self, scope: str, verb: Verb, items: Sequence[Item], *, count: bool) -> None:
        """Open the panel; with `count` the flags that the verb would settle are counted first."""
        self._verb, self._items, self._flags = verb, tuple(items), {}
        self._bar.arm(verb)
        # Open at once: letters typed after the verb's key must find the panel, not the verbs' keys.
        # Silent, since emptying the field is nothing that the person typed.
        self._panel.blockSignals(True)
        self._panel.begin(verb.title, self.policies, required=verb.reason is Reason.REQUIRED)
        self._panel.blockSignals(False)
        self._spawn(self._restore_note(verb, self._items), "restore the note")
        if count:
            self._panel.tell_reach("Counting the reports", ready=False)
            self._spawn(self._count(scope, verb, self._items), "count reports")

    def cancel(self) -> None:
        """Close the panel and decide nothing; the note is kept."""
        if self._verb is not None:
            self._close()

    def _confirm(self, policy: str | None, note: str) -> None:
        verb, flags = self._verb, self._flags
        if verb is not None:
            self._close()
            self.confirmed.emit(verb, policy, note or None, flags)

    def _close(self) -> None:
        self._verb, self._items, self._flags = None, (), {}
        self._bar.arm(None)
        self._panel.hide()
        self.closed.emit()

    async def _restore_note(self, verb: Verb, items: tuple[Item, ...]) -> None:
        note = await self._journal.draft(draft_key(items))
        if note and self._is_asking(verb, items) and not self._panel.note.text():
            self._panel.note.setText(note)

    def _keep_note(self, text: str) -> None:
        if self._verb is not None:
            self._spawn(self._journal.save_draft(draft_key(self._items), text or None), "keep the note")

    async def _count(self, scope: str, verb: Verb, items: tuple[Item, ...]) -> None:
        flags = await self._reading.count_flags(scope, verb, items)
        if not self._is_asking(verb, items):
            return
        missing = len(items) - len(flags)
        if missing:
            self._panel.tell_reach(
                f"The reports of {count_of(missing, 'item')} could not be read: nothing can be settled now",
                ready=False,
            )
            return
        self._flags = flags
        reports = sum(len(each) for each in flags.values())
        self._panel.tell_reach(
            f"Settles {count_of(reports, 'report')} on {count_of(len(items), 'item')}; later ones stay open",
            ready=True,
        )

    def _is_asking(self, verb: Verb, items: tuple[Item, ...]) -> bool:
        return self._verb is verb and self._items is items

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
