"""Measures how long somebody looks at what, for themselves; suggests a break when it was hard for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from console.domain.exposure import BREAK, Exposure, read_exposure
from console.runtime.notices import Level, Notice, Notices
from console.runtime.tasks import Tasks
from console.services.ports import Journal

BEAT_SECONDS = 5
MOST_SECONDS = 600.0
"""Of one look: whoever went away leaves the item in front."""
KEPT_AS = "exposure"
"""The name under which the journal keeps it: on this machine, readable by its owner only."""


class ExposureMeter(QObject):
    """Counts while the window is in front. `looking` says at what somebody looks, and how severe it is."""

    def __init__(
        self,
        window: QWidget,
        looking: Callable[[], tuple[object, int] | None],
        journal: Journal,
        tasks: Tasks,
        notices: Notices,
    ) -> None:
        super().__init__(window)
        self._window, self._looking, self._journal = window, looking, journal
        self._tasks, self._notices = tasks, notices
        self.exposure = Exposure()
        self._at: object = None
        self._long = 0.0
        self._writing: asyncio.Task[None] | None = None
        self._timer = QTimer(self, interval=BEAT_SECONDS * 1000)
        self._timer.timeout.connect(self.beat)
        tasks.spawn(self._begin(), "read the exposure", self)

    async def _begin(self) -> None:
        kept = await self._journal.draft(KEPT_AS)
        if kept:
            try:
                self.exposure = read_exposure(kept)
            except ValueError as error:
                broken = f"The exposure kept on this machine is broken and begins anew: {error}"
                self._notices.post(Notice(Level.PROBLEM, broken))
        self._timer.start()

    def beat(self) -> None:
        """Count what was looked at since the last beat."""
        found = self._looking() if self._window.isActiveWindow() else None
        if found is None:
            return
        what, severity = found
        self._long = self._long + BEAT_SECONDS if what == self._at else 0.0
        self._at = what
        if self._long > MOST_SECONDS:
            return
        if self.exposure.add(severity, BEAT_SECONDS, datetime.now().astimezone()):
            minutes = round(self.exposure.severe_since_break / 60)
            self._notices.post(
                Notice(
                    Level.INFO,
                    f"{minutes} minutes of severe content without a break",
                    f"{BREAK.seconds // 60} minutes away help. Nobody else is told of this.",
                    about=KEPT_AS,
                )
            )
        if self._writing is None or self._writing.done():
            self._writing = self._tasks.spawn(self._keep(), "keep the exposure", self)

    async def _keep(self) -> None:
        await self._journal.save_draft(KEPT_AS, self.exposure.written())
