"""Cyclic garbage is collected on the GUI thread alone.

Python collects on whichever thread happens to allocate. A widget or a timer that is freed on another
thread than its own takes the process with it. What was imported before is set aside: looking through those
hundred thousand objects takes 80 ms, and the GUI thread may not be away for 50.
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
        gc.freeze()
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
        """Give collection back to Python, with nothing left to collect.

        The destructor of a QObject holds a lock of Qt's while it calls into Python. A collection that began
        there and freed another QObject would wait for that lock for ever, at exit, now and then.
        """
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()
