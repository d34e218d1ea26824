"""The list of a queue as Qt sees it: frozen items, never a read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from console.domain.queues import Column, Item, Page
from console.domain.subjects import Holder, Subject
from console.ui.theme.words import plain, shown

Index = QModelIndex | QPersistentModelIndex
ITEM_ROLE = Qt.ItemDataRole.UserRole
HOLDER_ROLE = Qt.ItemDataRole.UserRole + 1
SETTLED_ROLE = Qt.ItemDataRole.UserRole + 2
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class News:
    """A fresh first page against the rows: `fresh` (each with the row it precedes), `gone` and `changed`."""

    fresh: tuple[tuple[Subject | None, Item], ...]
    gone: tuple[Subject, ...]
    changed: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Why a row does not wait any more, as far as it is known: "Approved by max", and when."""

    words: str = "settled"
    at: datetime | None = None


class QueueModel(QAbstractListModel):
    """Items of one view, in its order, as far as they are loaded.

    Signals: `more_wanted()` when the view nears the end and there are further pages.
    """

    more_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self._items: list[Item] = []
        self._known: set[Subject] = set()
        self._rows: dict[Subject, int] | None = None
        self._holders: dict[Subject, Holder] = {}
        self._settled: dict[Subject, Settled] = {}
        self._more = False
        self._asked = False

    @property
    def items(self) -> Sequence[Item]:
        """What is loaded."""
        return self._items

    def begin(self, columns: tuple[Column, ...]) -> None:
        """Empty the list for another view."""
        self.beginResetModel()
        self.columns = columns
        self._items = []
        self._known = set()
        self._rows = None
        self._holders = {}
        self._settled = {}
        self._more = self._asked = False
        self.endResetModel()

    def add(self, page: Page) -> None:
        """Append a page; items that are in the list already are not shown twice."""
        fresh = [item for item in page.items if item.subject not in self._known]
        self._known.update(item.subject for item in fresh)
        # Where a filter stopped nobody searches on by scrolling.
        self._more, self._asked = page.more and page.reached is None, False
        self._holders |= {item.subject: item.holder for item in fresh if item.holder}
        if fresh:
            first = len(self._items)
            self.beginInsertRows(_NO_INDEX, first, first + len(fresh) - 1)
            self._items.extend(fresh)
            self._rows = None
            self.endInsertRows()

    def page_failed(self) -> None:
        """The page that was asked for did not come: it may be asked for again."""
        self._asked = False

    def take(self, subject: Subject) -> tuple[int, Item] | None:
        """Remove a subject; returns its row and item, for putting it back."""
        row = self.row_of(subject)
        if row is None:
            return None
        self.beginRemoveRows(_NO_INDEX, row, row)
        item = self._items.pop(row)
        self._rows = None
        self._known.discard(subject)
        self._settled.pop(subject, None)
        self.endRemoveRows()
        return row, item

    def put(self, row: int, item: Item) -> int:
        """Insert an item at (or near) a row; returns where it stands."""
        present = self.row_of(item.subject)
        if present is not None:
            self._items[present] = item
            self._changed(present)
            return present
        row = min(row, len(self._items))
        self.beginInsertRows(_NO_INDEX, row, row)
        self._items.insert(row, item)
        self._rows = None
        self._known.add(item.subject)
        self.endInsertRows()
        return row

    def mark_held(self, holders: dict[Subject, Holder]) -> None:
        """Show who holds what; subjects that are not named are free again."""
        before, self._holders = self._holders, dict(holders)
        changed = {each for each in before.keys() | holders.keys() if before.get(each) != holders.get(each)}
        if changed:
            for row, item in enumerate(self._items):
                if item.subject in changed:
                    self._changed(row)

    def mark_settled(self, gone: Collection[Subject], waiting: Collection[Subject]) -> None:
        """Show which rows do not wait any more, and which wait after all; what is known of others stays."""
        for subject in gone:
            if subject not in self._settled:
                self.settle(subject, Settled())
        for subject in self._settled.keys() & set(waiting):
            self.settle(subject, None)

    def settle(self, subject: Subject, settled: Settled | None) -> None:
        """Show why a row does not wait any more, or with None that it waits after all."""
        if settled is None:
            self._settled.pop(subject, None)
        else:
            self._settled[subject] = settled
        self._tell(subject)

    def settled(self, subject: Subject) -> Settled | None:
        """Why it does not wait any more; None while it does."""
        return self._settled.get(subject)

    def hold(self, subject: Subject, holder: Holder | None) -> None:
        """Show one holder, or that nobody else holds it."""
        if holder is None:
            self._holders.pop(subject, None)
        else:
            self._holders[subject] = holder
        self._tell(subject)

    def holder(self, subject: Subject) -> Holder | None:
        """Who else holds it."""
        return self._holders.get(subject)

    def row_of(self, subject: Subject) -> int | None:
        """Where the subject stands, or None."""
        if self._rows is None:
            self._rows = {item.subject: row for row, item in enumerate(self._items)}
        return self._rows.get(subject)

    def news(self, page: Page, ignored: Collection[Subject] = ()) -> News:
        """What came and went, as far as `page`, a first page of the same view, overlaps the rows.

        Rows of the page after the last one that is shown here were never loaded: they are no news.
        """
        shown_here = [place for place, item in enumerate(page.items) if item.subject in self._known]
        fresh: list[tuple[Subject | None, Item]] = []
        if shown_here:
            following: Subject | None = None
            for item in reversed(page.items[: shown_here[-1] + 1]):
                if item.subject in self._known:
                    following = item.subject
                elif item.subject not in ignored:
                    fresh.append((following, item))
        there = {item.subject for item in page.items}
        last = self.row_of(page.items[shown_here[-1]].subject) if shown_here else None
        reach = len(self._items) if not page.more else 0 if last is None else last
        gone = tuple(i.subject for i in self._items[:reach] if i.subject not in there)
        before = {item.subject: item.version for item in self._items}
        changed = tuple(i for i in page.items if before.get(i.subject, i.version) != i.version)
        return News(tuple(fresh), gone, changed)

    def merge(self, news: News) -> None:
        """Take out what went, put in what came, and show what changed as it is now."""
        for subject in news.gone:
            self.take(subject)
        for item in news.changed:
            self.put(0, item)
        # The last of them stands first in `fresh`, so each finds the row that it precedes.
        for following, item in news.fresh:
            row = self.row_of(following) if following is not None else None
            self.put(len(self._items) if row is None else row, item)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """How many items are loaded."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The item, or its words for a screen reader."""
        if not index.isValid() or index.row() >= len(self._items):
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == HOLDER_ROLE:
            return self._holders.get(item.subject)
        if role == SETTLED_ROLE:
            settled = self._settled.get(item.subject)
            return "" if settled is None else settled.words
        if role == Qt.ItemDataRole.DisplayRole:
            return plain(item.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(item)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Whether further pages follow and none is on its way."""
        return not parent.isValid() and self._more and not self._asked

    def fetchMore(self, parent: Index) -> None:  # noqa: ARG002 - Qt's name
        """Ask for the next page; it arrives later."""
        self._asked = True
        self.more_wanted.emit()

    def _spoken(self, item: Item) -> str:
        now = datetime.now(UTC)
        facts = [
            f"{column.title}: {words}"
            for column, value in zip(self.columns, item.cells, strict=True)
            if (words := shown(value, column.type, now))
        ]
        holder = self._holders.get(item.subject)
        if item.subject in self._settled:
            facts.append(self._settled[item.subject].words)
        elif holder:
            facts.append(f"held by {holder.login}")
        return "; ".join(facts)

    def _tell(self, subject: Subject) -> None:
        row = self.row_of(subject)
        if row is not None:
            self._changed(row)

    def _changed(self, row: int) -> None:
        index = self.index(row)
        self.dataChanged.emit(index, index)
