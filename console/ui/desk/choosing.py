"""A verb that was chosen: what it is about, the reason that it needs, and what is shown after it."""

from __future__ import annotations

from itertools import chain

from PySide6.QtCore import QObject

from console.domain.decisions import Candidate
from console.domain.queues import Item, Reason, Verb
from console.runtime.tasks import Tasks
from console.ui.deciding.asking import Asking, Flags, Question, draft_key
from console.ui.deciding.deciding import Choice, Deciding, Sent
from console.ui.deciding.holding import Holding
from console.ui.desk.loading import QueueLoading
from console.ui.desk.reading import BlockReading
from console.ui.desk.showing import Showing
from console.ui.desk.views import DeskViews

CANDIDATES = 20
"""Items offered with a decision, of which the database takes the first that is free: a few for each
colleague at the same queue. Every one costs the decision some microseconds."""


class Choosing(QObject):
    """Decides about the selected rows, or about what is shown from outside the list.

    The rows go at once; those of a decision that is refused or undone come back to where they stood.
    """

    def __init__(
        self,
        showing: Showing,
        reading: BlockReading,
        loading: QueueLoading,
        holding: Holding,
        asking: Asking,
        deciding: Deciding,
        views: DeskViews,
        tasks: Tasks,
    ) -> None:
        super().__init__()
        self._showing = showing
        self._reading, self._loading, self._holding = reading, loading, holding
        self._asking, self._deciding = asking, deciding
        self._list, self._inspector = views.list, views.inspector
        self._tasks = tasks
        deciding.returned.connect(self._give_back)

    def choose(self, verb: Verb, *, with_reason: bool = False) -> None:
        """Decide at once, or ask for the reason first."""
        if verb not in self._showing.verbs:
            return
        scope, items = self._showing.scope, self._targets()
        # Of many, most were never opened: what a decision on them settles is counted before it is confirmed.
        many = len(items) > 1 and any(self._reading.reports_key(scope, verb, each) for each in items)
        if many or verb.reason is Reason.REQUIRED or (with_reason and verb.reason is Reason.OPTIONAL):
            self._holding.now()
            self._asking.begin(
                Question(
                    verb.title,
                    tuple(items),
                    lambda policy, note, flags: self._decide(verb, policy, note, flags),
                    verb,
                    required=verb.reason is Reason.REQUIRED,
                    scope=scope if many else None,
                )
            )
        else:
            self._decide(verb, None, None, {})

    def _targets(self) -> list[Item]:
        """What a verb is about now: the selected rows, or what is shown from outside the list."""
        shown = self._showing.item
        if shown is None:
            return []
        in_list = self._loading.queue is not None and self._list.model.row_of(shown.subject) is not None
        in_queue = in_list and self._showing.scope == self._list.view().queue
        return self._list.chosen() if in_queue else [shown]

    def _decide(self, verb: Verb, policy: str | None, note: str | None, counted: Flags) -> None:
        shown, scope = self._showing.item, self._showing.scope
        if shown is None:
            return
        queue, model, items = self._loading.queue, self._list.model, self._targets()
        if len(items) == 1:
            flags = self._reading.flags(scope, verb, shown)
            if flags is None:
                self._inspector.tell("The reports are not here yet: a decision settles only what was shown")
                self._reading.begin(scope, shown)
                return
            counted = {shown.subject: flags}
        choice = Choice(scope, verb, policy, note, tuple(items), counted, draft_key(items))
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
            if current is not None and self._showing.item is None:
                # It was the current row before: what had been opened stood outside the list.
                self._showing.show_row(current)
        for item in items:
            model.take(item.subject)
        if following is None:
            self._tasks.spawn(self._loading.after_last(), "read the queue", self)

    def _give_back(self, sent: Sent, go: bool) -> None:
        """Put the items where they stood; `go` (or an empty inspector) opens the first."""
        queue = self._loading.queue
        if queue is None or sent.queue != queue.key or not sent.rows:
            return
        self._list.show_rows()
        for row, item in sorted(sent.rows, key=lambda pair: pair[0]):
            self._list.model.put(row, item)
        where = self._list.model.row_of(sent.rows[0][1].subject)
        if where is not None and (go or self._showing.item is None):
            self._list.go_to(where)
