"""The rows of a queue: loaded page by page, kept in step without moving under the pointer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from console.domain.errors import GreenroomError, Unavailable
from console.domain.queues import Cursor, Page, Queue
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.ports import Reader
from console.ui.desk.list_pane import ListPane
from console.ui.desk.model import Settled
from console.ui.theme.words import count, number

PAGE = 100
_NOT_SENT = Settled("Decided by you, not sent yet")
HELD_AROUND = 200
"""Rows on each side of the current one whose holders are asked for: some screens."""


class QueueLoading(QObject):
    """Fills the list pane. `sending` is what was decided here and has no answer yet.

    Signals: `emptied(Queue)` when nothing waits; `failed()` when the first page could not be read;
    `older_wanted(Queue)` when older items are to wait too; `gone(Subject)` when a row does not wait in the
    queue any more; `changed(Item)` when a row was brought up to date; `waiting_again(int)` when that many
    may be read into a list that is empty.
    """

    emptied = Signal(object)
    failed = Signal()
    older_wanted = Signal(object)
    gone = Signal(object)
    changed = Signal(object)
    waiting_again = Signal(int)

    def __init__(
        self, reader: Reader, tasks: Tasks, pane: ListPane, sending: Callable[[], Collection[Subject]]
    ) -> None:
        super().__init__()
        self._reader = reader
        self._tasks = tasks
        self._list = pane
        self._sending = sending
        self._loading: asyncio.Task[Any] | None = None
        self._overtaken = 0
        self._broken = False
        self._reached: Cursor | None = None
        self.queue: Queue | None = None
        pane.view_changed.connect(lambda _: self.reload())
        pane.model.more_wanted.connect(self._load_more)
        pane.news_wanted.connect(self.refresh)
        pane.on_wanted.connect(self.search_on)

    def open(self, queue: Queue) -> None:
        """Show a queue from its beginning."""
        self.queue = queue
        self._list.open(queue)
        self.reload()

    def reload(self) -> None:
        """Read the view from its beginning, as after another order was chosen."""
        if self.queue is not None:
            self._list.model.begin(self.queue.columns)
            self._list.tell_news(0)
            self._list.tell_reached("")
            self._load(None)

    def search_on(self) -> None:
        """Go on where a filter had looked at as many rows as a page may."""
        if self._reached is not None:
            self._load(self._reached)

    def refresh(self) -> None:
        """Bring in what came and take out what went; the current row stays the current one."""
        if self._list.model.rowCount() == 0:
            self.reload()
        else:
            self._spawn(self._look(merge=True), "read the queue anew")

    def extend(self) -> None:
        """Bring in what is new at either end of the list."""
        self.refresh()
        self._load_more()

    async def poll(self) -> None:
        """Read how many wait, what is new, what is settled, and who holds what."""
        queue = self.queue
        if queue is None:
            return
        waiting = await self._reader.count(queue.key)
        if queue is self.queue:
            self._list.tell_count(f"{count(waiting)} open")
            self._look_into_an_empty_list(waiting.value)
        await self._look(merge=False)
        first = max(0, self._list.row() - HELD_AROUND)
        subjects = [item.subject for item in self._list.model.items[first : first + 2 * HELD_AROUND]]
        if subjects:
            known = self._overtaken
            holders = await self._reader.holders(subjects)
            if known == self._overtaken:
                self._list.model.mark_held(holders)

    def _look_into_an_empty_list(self, waiting: int) -> None:
        """Something came, or can be read again. Filters and what is being sent make an empty list right."""
        if self._list.model.rowCount() or (self._loading is not None and not self._loading.done()):
            return
        if self._broken or (waiting > len(self._sending()) and not self._list.view().narrowed):
            self.waiting_again.emit(waiting)

    def fill(self) -> None:
        """Read the empty list, and leave the keyboard where it is unless it is in the list."""
        self._load(None, quietly=True)

    async def settled(self) -> None:
        """Return when the page that is being read has come, or has failed."""
        if self._loading is not None and not self._loading.done():
            await asyncio.wait({self._loading})

    def overtaken(self) -> None:
        """Something newer is known than what is being read at this moment."""
        self._overtaken += 1

    async def after_last(self) -> None:
        """The list has run out: there may be more than was loaded."""
        await self._load_page(None)

    async def _look(self, *, merge: bool) -> None:
        view, model = self._list.view(), self._list.model
        if model.rowCount() == 0:
            return
        known = self._overtaken
        page = await self._reader.page(view, None, PAGE)
        if self.queue is None or view != self._list.view():
            return
        self._list.tell_served(page.served_by)
        news = model.news(page, self._sending())
        if merge:
            model.merge(news)
            self._list.tell_news(0)
            for item in news.changed:
                self.changed.emit(item)
            return
        self._list.tell_news(len(news.fresh))
        if known != self._overtaken:
            return
        waiting = {item.subject for item in page.items} - self._sending_of(page)
        model.mark_settled(news.gone, waiting)
        for subject in news.gone:
            self.gone.emit(subject)

    def _load_more(self) -> None:
        items = self._list.model.items
        if items:
            self._load(items[-1].cursor)

    def _load(self, after: Cursor | None, *, quietly: bool = False) -> None:
        if self._loading is not None and after is None:
            self._loading.cancel()
        self._loading = self._spawn(self._load_page(after, quietly=quietly), "read the queue")

    async def _load_page(self, after: Cursor | None, *, quietly: bool = False) -> None:
        view, queue = self._list.view(), self.queue
        try:
            page = await self._reader.page(view, after, PAGE)
        except GreenroomError as error:
            if after is None:
                # What follows the colon is the driver's: at hand, and not in large letters.
                said, _, details = str(error).partition(": ")
                self._list.state.tell(
                    "offline" if isinstance(error, Unavailable) else "warning",
                    said,
                    error.remedy,
                    action=("Try again", self.reload),
                    details=f"{error}\n{error.remedy}" if details else "",
                )
                self._list.show_state()
                self._broken = True
                self.failed.emit()
                return
            self._list.model.page_failed()
            raise
        if queue is not None and queue is self.queue and view == self._list.view():
            await self._add(queue, page, first=after is None, quietly=quietly)

    async def _add(self, queue: Queue, page: Page, *, first: bool, quietly: bool) -> None:
        self._broken = False
        begun = self._list.model.rowCount() > 0
        self._list.model.add(page)
        self._list.tell_served(page.served_by)
        self._tell_reached(page)
        for subject in self._sending_of(page):
            self._list.model.settle(subject, _NOT_SENT)
        if begun and not first:
            return
        if page.items:
            self._list.show_rows()
            self._list.tell_news(0)
            focused = QApplication.focusWidget()
            here = focused is None or self._list.isAncestorOf(focused)
            self._list.go_to(0)
            if here or not quietly:
                self._list.rows.setFocus()
            waiting = await self._reader.count(queue.key)
            self._list.tell_count(f"{count(waiting)} open")
            return
        self.emptied.emit(queue)
        if self._list.view().narrowed:
            waiting = await self._reader.count(queue.key)
            self._list.tell_count(f"{count(waiting)} open")
            self._list.state.tell(
                "search",
                "Nothing found so far" if page.reached else "Nothing here matches the filter",
                f"{count(waiting)} wait in this queue.",
                action=("Clear the filter", self._list.widen),
            )
            self._list.show_state()
            return
        self._list.tell_count("0 open")
        today = await self._reader.decided_today()
        older = (queue.older, lambda: self.older_wanted.emit(queue))
        self._list.state.tell(
            "approve",
            queue.waiting,
            f"{number(today)} decided today.",
            action=older if queue.older else ("Look again", self.reload),
        )
        self._list.show_state()

    def _tell_reached(self, page: Page) -> None:
        self._reached = page.reached
        if page.reached is None:
            self._list.tell_reached("")
            return
        there = next((value for value in page.reached.values if isinstance(value, datetime)), None)
        self._list.tell_reached(
            "Not all searched" if there is None else f"Searched as far as {there.astimezone():%d %b %Y}"
        )

    def _sending_of(self, page: Page) -> set[Subject]:
        """What the page lists although it was decided here: the answer is on its way, or the primary away."""
        return {item.subject for item in page.items} & set(self._sending())

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)
