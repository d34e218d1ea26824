"""News between screens: what a write changed, here or in another console."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from console.domain.changes import ChangeBatch, Changes


class ChangeBus(QObject):
    """Signals: `changed(Changes)` by this console; `heard(ChangeBatch)` from every console, this one too."""

    changed = Signal(object)
    heard = Signal(object)

    def publish(self, changes: Changes) -> None:
        """Tell every view."""
        self.changed.emit(changes)

    def hear(self, batch: ChangeBatch) -> None:
        """Tell every view what the feed said."""
        self.heard.emit(batch)
