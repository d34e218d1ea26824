"""The filter above the tree: topics while one types, their categories once the database found them."""

from __future__ import annotations

import asyncio
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit

from console.domain.curation import Category
from console.runtime.tasks import Tasks
from console.services.ports import Catalogue
from console.ui.curation.outline import kind_of
from console.ui.curation.tree import ENTRY, CurationTree
from console.ui.curation.view import TopicsView

TYPING_MILLISECONDS = 150
MOST_OPENED = 100
"""Topics that a filter opens by itself."""


class TreeFilter(QLineEdit):
    """Signals: `narrowed()` when the tree shows what matches, or everything again."""

    narrowed = Signal()

    def __init__(self, view: TopicsView, tree: CurationTree, catalogue: Catalogue, tasks: Tasks) -> None:
        super().__init__()
        self._view, self._tree, self._catalogue, self._tasks = view, tree, catalogue, tasks
        self._finding: asyncio.Task[None] | None = None
        self.setPlaceholderText("Filter by name or slug   /")
        self.setAccessibleName("Filter topics and categories")
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(150)
        self.setMaximumWidth(260)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MILLISECONDS)
        self._typing.timeout.connect(self.narrow)
        self.textChanged.connect(lambda _: self._typing.start())

    def stop(self) -> None:
        """What was typed last is not looked for any more."""
        self._typing.stop()

    def narrow(self) -> None:
        """Show what the text matches, or everything where there is none."""
        # An old answer never replaces a new one.
        if self._finding is not None:
            self._finding.cancel()
            self._finding = None
        text = self.text().strip()
        if not text:
            current = self._view.current()
            if self._tree.outline.narrowed:
                self._tree.narrow(None, {})
            if current is not None:
                self._view.go_to(self._tree.find(kind_of(current), current.id))
            self.narrowed.emit()
            return
        wanted = text.casefold()
        whole = [t.id for t in self._tree.outline.topics if wanted in t.name.casefold() or wanted in t.slug]
        self._tree.narrow(whole, {})
        self.narrowed.emit()
        self._finding = self._tasks.spawn(self._find_categories(text, whole), "find categories", self)

    async def _find_categories(self, text: str, whole: list[UUID]) -> None:
        found: dict[UUID, list[Category]] = {}
        for category in await self._catalogue.matching(text):
            found.setdefault(category.topic_id, []).append(category)
        self._tree.narrow(whole, found)
        for row in range(min(self._tree.rowCount(), MOST_OPENED)):
            index = self._tree.index(row, 0)
            if index.data(ENTRY).id in found:
                self._view.expand(index)
        self.narrowed.emit()
