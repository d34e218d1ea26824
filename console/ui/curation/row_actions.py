"""What is done to a row of the tree: moved among its siblings or into another topic, retired, activated."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject

from console.domain.curation import CATEGORY, TOPIC, Act, Category, CurationChange, Topic, edited
from console.domain.errors import GreenroomError
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.ports import Catalogue
from console.ui.curation.acts import Acts
from console.ui.curation.editing import Editing
from console.ui.curation.outline import kind_of
from console.ui.curation.reading import Reading
from console.ui.curation.tree import ENTRY, CurationTree
from console.ui.curation.view import TopicsView
from console.ui.theme.words import shortened


class RowActions(QObject):
    """By key on the current row, or by drop."""

    def __init__(
        self,
        view: TopicsView,
        tree: CurationTree,
        editing: Editing,
        reading: Reading,
        catalogue: Catalogue,
        acts: Acts,
        tasks: Tasks,
        notices: Notices,
    ) -> None:
        super().__init__(view)
        self._view, self._tree, self._editing, self._reading = view, tree, editing, reading
        self._catalogue, self._acts, self._tasks, self._notices = catalogue, acts, tasks, notices
        tree.placed.connect(self._dropped)

    def step(self, by: int) -> None:
        """Move the current row among its siblings."""
        entry = self._view.current()
        if entry is None:
            return
        if self._tree.outline.narrowed:
            problem = GreenroomError("A filter hides what a row would move past", "Clear the filter first.")
            self._notices.failed("move", problem)
            return
        possible, after = self._tree.sibling_before(self._view.currentIndex(), by)
        if possible:
            self._place(entry, after)

    def toggle_active(self) -> None:
        """Retire the current entry, or activate it again."""
        entry = self._view.current()
        if entry is not None:
            self._spawn(self._toggle(kind_of(entry), entry.id, active=not entry.active), "retire")

    def _dropped(self, kind: str, id: UUID, topic: UUID | None, after: UUID | None) -> None:
        index = self._tree.find(kind, id)
        if not index.isValid():
            return
        held: Topic | Category = index.data(ENTRY)
        if isinstance(held, Category) and topic is not None and held.topic_id != topic:
            self._spawn(self._move_to(held, topic), "move a category")
        elif (index.siblingAtRow(index.row() - 1).data(ENTRY).id if index.row() else None) != after:
            self._place(held, after)

    def _place(self, entry: Topic | Category, after: UUID | None) -> None:
        kind = kind_of(entry)
        # What is being read was asked for before the move.
        self._reading.cancel()
        self._tree.move(kind, entry.id, after)
        self._view.go_to(self._tree.find(kind, entry.id))
        self._editing.show_preview()
        self._acts.spawn(CurationChange(Act.PLACE, kind, entry.id, entry.name, after=after))

    async def _move_to(self, category: Category, topic: UUID) -> None:
        entry = await self._catalogue.entry(CATEGORY, category.id)
        change = edited(entry, replace(entry.columns, topic_id=topic))
        if change is not None:
            await self._acts.send(change)
            await self._reading.read_categories(topic)
            self._view.expand(self._tree.find(TOPIC, topic))
            self._reading.reload_at(CATEGORY, category.id)

    async def _toggle(self, kind: str, id: UUID, *, active: bool) -> None:
        entry = await self._catalogue.entry(kind, id)
        change = edited(entry, replace(entry.columns, active=active))
        if change is not None:
            name = shortened(entry.columns.name, 40)
            await self._acts.send(change, words=f"{'Activated' if active else 'Retired'} “{name}”")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.spawn(work, name, self)
