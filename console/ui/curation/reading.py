"""What the tree shows, read from the catalogue: topics whole, categories when opened, ideas when in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.curation import TOPIC, Category
from console.domain.errors import GreenroomError
from console.domain.servers import Served
from console.runtime.tasks import Tasks
from console.services.likeness import TopicIndex
from console.services.ports import Catalogue
from console.ui.curation.editing import Editing
from console.ui.curation.outline import kind_of
from console.ui.curation.tree import CurationTree
from console.ui.curation.tree_filter import TreeFilter
from console.ui.curation.view import TopicsView


class Reading(QObject):
    """Signals: `loaded()` when the tree was read; `failed(GreenroomError)` when it could not be and nothing
    is shown that could stay. Attributes: `served`, who answered what is shown.
    """

    loaded = Signal()
    failed = Signal(object)

    def __init__(
        self,
        view: TopicsView,
        tree: CurationTree,
        filter: TreeFilter,
        editing: Editing,
        catalogue: Catalogue,
        tasks: Tasks,
    ) -> None:
        super().__init__(view)
        self._view, self._tree, self._filter, self._editing = view, tree, filter, editing
        self._catalogue, self._tasks = catalogue, tasks
        self.served: Served | None = None
        self._topics: asyncio.Task[None] | None = None
        self._fetching: list[UUID] = []
        self._go_to: tuple[str, UUID] | None = None
        tree.categories_wanted.connect(self._fetch)
        tree.ideas_wanted.connect(self._count_ideas)

    def reload(self) -> None:
        """Read the tree anew; what is open and chosen stays so."""
        # An old answer never replaces a new one.
        self.cancel()
        self._topics = self._spawn(self._read(), "read topics")

    def reload_at(self, kind: str, id: UUID) -> None:
        """Read the tree anew and choose an entry that may not be shown yet."""
        self._go_to = (kind, id)
        self.reload()

    def cancel(self) -> None:
        """The tree that is being read is not wanted any more."""
        if self._topics is not None:
            self._topics.cancel()
            self._topics = None

    async def read_categories(self, *topics: UUID) -> None:
        """Read the categories of topics that are open or to be opened."""
        below: dict[UUID, list[Category]] = {topic: [] for topic in topics}
        for category in await self._catalogue.categories(topics):
            below[category.topic_id].append(category)
        for topic, categories in below.items():
            self._tree.show_categories(topic, categories)
        self._editing.check()

    async def _read(self) -> None:
        try:
            topics = await self._catalogue.topics()
            served = self._catalogue.served
            ids = {topic.id for topic in topics}
            wanted = [id for id in self._tree.outline.read() if id in ids]
            below: dict[UUID, list[Category]] = {id: [] for id in wanted}
            for category in await self._catalogue.categories(wanted) if wanted else ():
                below[category.topic_id].append(category)
        except GreenroomError as error:
            if self._tree.outline.topics:
                raise
            self.failed.emit(error)
            return
        self.served = served
        prepared = tuple(topics) == self._editing.index.topics
        opened, current = [topic.id for topic in self._view.opened()], self._view.current()
        self._view.selectionModel().blockSignals(True)
        narrowed = self._tree.outline.narrowed
        self._tree.show(topics, below)
        for id in opened:
            self._view.expand(self._tree.find(TOPIC, id))
        wanted_row = self._go_to or (None if current is None else (kind_of(current), current.id))
        self._go_to = None
        self._view.selectionModel().blockSignals(False)
        if wanted_row is not None:
            self._view.go_to(self._tree.find(*wanted_row))
        if narrowed or self._filter.text():
            self._filter.narrow()
        self._editing.show_preview()
        self.loaded.emit()
        # Thousands of topics take longer than a frame to prepare.
        if not prepared:
            self._editing.index = await asyncio.to_thread(TopicIndex, topics)

    def _fetch(self, topic: UUID) -> None:
        # Topics that are opened together are read together: each by itself would wait for a connection.
        if not self._fetching:
            QTimer.singleShot(0, self, self._fetch_all)
        self._fetching.append(topic)

    def _fetch_all(self) -> None:
        wanted, self._fetching = self._fetching, []
        self._spawn(self.read_categories(*wanted), "read categories")

    def _count_ideas(self, topics: list[UUID], categories: list[UUID]) -> None:
        self._spawn(self._read_ideas(topics, categories), "count ideas")

    async def _read_ideas(self, topics: list[UUID], categories: list[UUID]) -> None:
        self._tree.show_ideas(await self._catalogue.ideas(topics, categories))

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._tasks.spawn(work, name, self)
