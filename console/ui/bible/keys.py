"""Keys that belong to a part of the screen, also where the window has an action on the same key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget


class OwnKeys(QObject):
    """While the keyboard is in `widget` or in something within it, these keys act here and nowhere else."""

    def __init__(self, widget: QWidget, keys: Mapping[str, Callable[[], None]]) -> None:
        super().__init__(widget)
        self._keys = {QKeySequence(name): act for name, act in keys.items()}
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys before the window's actions see them, then act."""
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return super().eventFilter(watched, event)
        act = self._keys.get(QKeySequence(event.keyCombination())) if isinstance(event, QKeyEvent) else None
        if act is None:
            return super().eventFilter(watched, event)
        event.accept()
        if kind == QEvent.Type.KeyPress:
            act()
        return True
