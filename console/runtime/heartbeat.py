"""How long the GUI thread was away: a timer that should fire every few milliseconds, and did not."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer

INTERVAL_MILLISECONDS = 4


class Heartbeat(QObject):
    """Records every gap between two beats beyond the interval, in seconds, in `stalls`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stalls: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to measure."""
        self.stalls.clear()
        self._last = time.perf_counter()
        self._timer.start()

    def disregard(self) -> None:
        """Leave out what has passed since the last beat: it was not the console's own work."""
        self._last = time.perf_counter()

    def stop(self) -> None:
        """Cease to measure."""
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.stalls.append(max(0.0, now - self._last - INTERVAL_MILLISECONDS / 1000))
        self._last = now
