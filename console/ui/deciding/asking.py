"""What is asked before something is written: a policy and a note, and for many items what will be settled."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from console.domain.errors import GreenroomError
from console.domain.policies import Consequence, Policy
from console.domain.queues import Item, Verb
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.ports import Journal
from console.ui.deciding.bar import DecisionBar
from console.ui.deciding.reasons import ReasonPanel
from console.ui.theme.words import count_of, number

Flags = Mapping[Subject, tuple[UUID, ...]]


Answer = Callable[[str | None, str | None, Flags], None]


class FlagCounts(Protocol):
    """Tells what a decision on many items settles, before it is confirmed."""

    def count_flags(self, scope: str, verb: Verb, items: Sequence[Item]) -> Coroutine[Any, Any, Flags]:
        """The flags of each item whose reports could be read."""


Foretell = Callable[[Subject, str], Coroutine[Any, Any, Consequence | None]]
"""What a policy (its key) would mean for the subject's author; None where there is none."""
_SANCTIONS = {"warn": "warns them", "restrict": "restricts them", "suspend": "suspends them"}


def consequence_words(told: Consequence) -> str:
    """The consequence as a sentence."""
    held = count_of(told.held, "point")
    if not told.adds:
        return f"Adds no points; the author has {held}"
    adds = f"The author has {held}; this adds {number(told.adds)} for {count_of(told.days, 'day')}"
    if told.sanction is None:
        return adds
    lasting = "" if told.sanction_days is None else f" for {count_of(told.sanction_days, 'day')}"
    return f"{adds} and {_SANCTIONS.get(told.sanction, told.sanction)}{lasting}"


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked. `then` gets the policy's key, the note, and the flags that were counted.

    `scope` is given where the flags that `verb` settles are to be counted first. Without `policies` only the
    note is asked for, and needed. `reach` says what it is about, where that is more than the item shown.
    """

    title: str
    items: tuple[Item, ...]
    then: Answer
    verb: Verb | None = None
    required: bool = False
    policies: bool = True
    scope: str | None = None
    reach: str = ""


def note_draft(subject: Subject) -> str:
    """The key under which the journal keeps a note on `subject` while it is typed."""
    return f"note:{subject}"


def draft_key(items: Sequence[Item]) -> str:
    """The same for several items: the first one's."""
    return note_draft(items[0].subject) if items else "note"


class Asking(QObject):
    """Drives the reason panel. `policies` are those in force; `counts` is needed for questions with a scope,
    `foretell` tells what the policy chosen would mean for the author of a single item.

    Signals: `closed()` when the panel is about to go: whoever listens takes the focus.
    """

    closed = Signal()

    def __init__(
        self,
        panel: ReasonPanel,
        bar: DecisionBar,
        journal: Journal,
        counts: FlagCounts | None,
        tasks: Tasks,
        foretell: Foretell,
    ) -> None:
        super().__init__()
        self._foretell = foretell
        self._panel = panel
        self._bar = bar
        self._journal = journal
        self._counts = counts
        self._tasks = tasks
        self._question: Question | None = None
        self._flags: Flags = {}
        self.policies: Sequence[Policy] = ()
        panel.confirmed.connect(self._confirm)
        panel.cancelled.connect(self.cancel)
        panel.note_changed.connect(self._keep_note)
        panel.policy_chosen.connect(self._look_ahead)
        panel.hide()

    @property
    def open(self) -> bool:
        """Whether the panel is open."""
        return self._panel.isVisible()

    def begin(self, question: Question) -> None:
        """Open the panel."""
        self._question, self._flags = question, {}
        self._bar.arm(question.verb)
        # Open at once: letters typed after a verb's key must find the panel, not the verbs' keys.
        # Silent, since emptying the field is nothing that the person typed.
        self._panel.blockSignals(True)
        policies = self.policies if question.policies else None
        self._panel.begin(question.title, policies, required=question.required)
        self._panel.blockSignals(False)
        self._look_ahead(self._panel.policy)
        self._spawn(self._restore_note(question), "restore the note")
        if question.reach:
            self._panel.tell_reach(question.reach, ready=True)
        if question.scope is not None and question.verb is not None and self._counts is not None:
            self._panel.tell_reach("Counting the reports", ready=False)
            counting = self._counts.count_flags(question.scope, question.verb, question.items)
            self._spawn(self._count(question, counting), "count reports")

    def cancel(self) -> None:
        """Close the panel and write nothing; the note is kept."""
        if self._question is not None:
            self._close()

    def _confirm(self, policy: str | None, note: str) -> None:
        question, flags = self._question, self._flags
        if question is not None:
            # First: the list that gets the focus afterwards may show another item.
            question.then(policy, note or None, flags)
            if self._question is question:
                self._close()

    def _close(self) -> None:
        self._question, self._flags = None, {}
        self._bar.arm(None)
        # Before it is hidden: Qt would give the focus to whatever is next, which may open something else.
        self.closed.emit()
        self._panel.hide()

    async def _restore_note(self, question: Question) -> None:
        note = await self._journal.draft(draft_key(question.items))
        if note and self._question is question and not self._panel.note.text():
            self._panel.note.setText(note)

    def _keep_note(self, text: str) -> None:
        if self._question is not None:
            key = draft_key(self._question.items)
            self._spawn(self._journal.save_draft(key, text or None), "keep the note")

    def _look_ahead(self, policy: str | None) -> None:
        question = self._question
        self._panel.tell_consequence("")
        if question is None or question.verb is None or policy is None:
            return
        # Of many, each author may stand elsewhere.
        if len(question.items) == 1 and question.verb.holds_against:
            self._spawn(self._tell_consequence(question, policy), "look ahead")

    async def _tell_consequence(self, question: Question, policy: str) -> None:
        try:
            told = await self._foretell(question.items[0].subject, policy)
            words = "" if told is None else consequence_words(told)
        except GreenroomError as error:
            words = f"What follows for the author could not be read: {error}"
        if self._question is question and self._panel.policy == policy:
            self._panel.tell_consequence(words)

    async def _count(self, question: Question, counting: Coroutine[Any, Any, Flags]) -> None:
        flags = await counting
        if self._question is not question:
            return
        missing = len(question.items) - len(flags)
        if missing:
            self._panel.tell_reach(
                f"The reports of {count_of(missing, 'item')} could not be read: nothing can be settled now",
                ready=False,
            )
            return
        self._flags = flags
        reports = sum(len(each) for each in flags.values())
        items = count_of(len(question.items), "item")
        self._panel.tell_reach(
            f"Settles {count_of(reports, 'report')} on {items}; later ones stay open", ready=True
        )

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
