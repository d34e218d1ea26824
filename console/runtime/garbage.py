"""Cyclic garbage is collected on the GUI thread alone.

Python collects on whichever thread happens to allocate. A widget or a timer that is freed on another
thread than its own takes the process with it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MILLISECONDS = 1_000


class GarbageCollection(QObject):
    """Switches automatic collection off for as long as it lives, and collects by a timer instead."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations that are due, as Python itself would have."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        gc.enable()
