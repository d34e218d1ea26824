"""How many ideas are in a topic or category: counted for what came into sight, many by one read."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.curation import CATEGORY, TOPIC, Category, Topic
from console.domain.queues import Count
from console.ui.curation.outline import kind_of
from console.ui.theme.words import count

GATHER_MILLISECONDS = 40
"""Rows that come into sight within this time are counted by one read."""


class IdeaCounts(QObject):
    """Signals: `wanted(list[UUID], list[UUID])` of topics and categories that came into sight."""

    wanted = Signal(list, list)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._counts: dict[UUID, Count] = {}
        self._counting: set[UUID] = set()
        self._uncounted: dict[UUID, str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MILLISECONDS)
        self._timer.timeout.connect(self._ask)

    def text(self, entry: Topic | Category) -> str:
        """The count of an entry that is in sight; empty until it was counted."""
        if entry.id not in self._counting:
            self._counting.add(entry.id)
            self._uncounted[entry.id] = kind_of(entry)
            if not self._timer.isActive():
                self._timer.start()
        known = self._counts.get(entry.id)
        return "" if known is None else count(known)

    def add(self, counts: Mapping[UUID, Count]) -> None:
        """These were counted."""
        self._counts.update(counts)
        self._counting.difference_update(counts)

    def forget(self) -> None:
        """Count what is in sight anew; what was counted stays until then."""
        self._counting.clear()
        self._uncounted.clear()

    def _ask(self) -> None:
        wanted, self._uncounted = self._uncounted, {}
        self.wanted.emit(
            [id for id, kind in wanted.items() if kind == TOPIC],
            [id for id, kind in wanted.items() if kind == CATEGORY],
        )
