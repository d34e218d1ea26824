"""Who answered what a view shows, and how fresh that is."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from console.domain.servers import Served
from console.ui.theme.theme import Theme
from console.ui.theme.words import served_words
from console.ui.widgets.labels import label, set_tooltip


def served_label(theme: Theme) -> QLabel:
    """A quiet label that `tell_served` writes to."""
    made = label("", "muted", theme.small_font)
    made.setAccessibleName("Answered by")
    return made


def tell_served(label: QLabel, served: Served | None) -> None:
    """Say it, with what it means in the tooltip; nothing where nobody has answered yet."""
    words, why = served_words(served) if served is not None else ("", "")
    label.setText(words)
    set_tooltip(label, why)
