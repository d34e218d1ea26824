"""Watches over the player's process: starts it, ends it, and counts how often it ends by itself."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from console.ui.player.frames import FrameMemory
from console.ui.player.process import PlayerProcess
from console.ui.player.protocol import Command

DEATHS = 3
_DEATHS_SECONDS = 30.0
"""A medium at which the process ends so often in so short a time is given up."""


class Supervisor(QObject):
    """At most one process at a time.

    Signals: `told(Event)` for each of its events; when it has ended by itself `died(str)` with why, or
    `given_up(str)` where that happened `DEATHS` times in a short while. It is started again by `start` alone.
    """

    told = Signal(object)
    died = Signal(str)
    given_up = Signal(str)

    def __init__(self, modules: Path, options: tuple[str, ...], parent: QObject) -> None:
        """`modules` is a folder for VLC's chosen modules, `options` are its."""
        super().__init__(parent)
        self._modules, self._options = modules, options
        self._process: PlayerProcess | None = None
        self._deaths: deque[float] = deque(maxlen=DEATHS)

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    @property
    def number(self) -> int:
        """The number of the process; 0 while there is none."""
        return self._process.number if self._process else 0

    @property
    def frames(self) -> FrameMemory | None:
        """What the process paints into; None while there is none."""
        return self._process.frames if self._process else None

    def start(self) -> None:
        """Start a process, without waiting."""
        self._process = PlayerProcess(self._modules, self._options, self)
        self._process.told.connect(self.told)
        self._process.gone.connect(self._gone)

    def say(self, command: Command) -> None:
        """Send a command; nobody hears it while there is no process."""
        if self._process is not None:
            self._process.say(command)

    def end(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    async def gone(self) -> None:
        """End the process and wait until it is gone."""
        process = self._process
        self.end()
        if process is not None:
            await process.gone_for_good()

    def _gone(self, why: str) -> None:
        self.end()
        now = time.monotonic()
        self._deaths.append(now)
        if len(self._deaths) == DEATHS and now - self._deaths[0] < _DEATHS_SECONDS:
            self._deaths.clear()
            self.given_up.emit(why)
        else:
            self.died.emit(why)
