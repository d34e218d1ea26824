"""News between screens: what a write changed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from console.domain.changes import Changes


class ChangeBus(QObject):
    """Signals: `changed(Changes)`."""

    changed = Signal(object)

    def publish(self, changes: Changes) -> None:
        """Tell every view."""
        self.changed.emit(changes)
