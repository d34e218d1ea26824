"""Where Tab leads: through the window as one reads it, whatever was built when."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

ROW_PIXELS = 12
"""Widgets whose tops differ by less stand beside each other, however high each is."""


def reading_order(root: QWidget) -> list[QWidget]:
    """What takes the keyboard by Tab inside `root`: from the top, in a row from the left, a pane at a time.

    Qt's own order is that in which widgets were made, and those of an item are made anew for each item.
    """
    found: list[QWidget] = []
    children = [each for each in root.children() if isinstance(each, QWidget) and _open(each)]
    for child in sorted(children, key=lambda each: (each.y() // ROW_PIXELS, each.x())):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.focusProxy() is None:
            found.append(child)
        found.extend(reading_order(child))
    return found


def _open(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and not widget.isWindow()
