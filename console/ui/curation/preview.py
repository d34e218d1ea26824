"""What users see: the topic among its neighbours, with its categories in their order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3
from console.ui.theme.words import number, plain, shortened
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import ElidedLabel, label, set_tooltip
from console.ui.widgets.layouts import clear

MOST_CATEGORIES = 12
TILE_PIXELS = 32


class Preview(QWidget):
    """Shows no more than a user would: nothing of what is retired."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._note = label("", "muted", theme.small_font)
        self._note.setWordWrap(True)
        self._before = label("", "muted", theme.small_font)
        self._behind = label("", "muted", theme.small_font)
        self._card = QFrame()
        self._card.setObjectName("raised")
        self._tile = label("", "tile", theme.strong_font)
        self._tile.setFixedSize(TILE_PIXELS, TILE_PIXELS)
        self._tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = ElidedLabel()
        self._name.setFont(theme.strong_font)
        self._told = label("", "muted")
        self._told.setWordWrap(True)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, QMargins(0, 0, 0, 0), SPACE_1)
        head = QHBoxLayout()
        head.setSpacing(SPACE_2)
        head.addWidget(self._tile)
        head.addWidget(self._name, 1)
        card = QVBoxLayout(self._card)
        card.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        card.setSpacing(SPACE_2)
        card.addLayout(head)
        card.addWidget(self._told)
        card.addWidget(self._chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(label("What users see", "section", theme.small_font))
        for neighbour in (self._before, self._behind):
            neighbour.setContentsMargins(SPACE_3, SPACE_1, SPACE_3, SPACE_1)
        column.addWidget(self._before)
        column.addWidget(self._card)
        column.addWidget(self._behind)
        column.addWidget(self._note)

    def show_topic(
        self,
        name: str,
        description: str,
        *,
        icon: str,
        active: bool,
        categories: Sequence[str],
        before: str,
        behind: str,
    ) -> None:
        """Show a topic with the names of its active categories, between its active neighbours."""
        self._card.setVisible(active)
        for widget, words in ((self._before, before), (self._behind, behind)):
            widget.setText(shortened(words, 40))
            widget.setVisible(bool(words) and active)
        self._note.setText("" if active else "Nothing: it is retired. What stands in it stays where it is.")
        self._note.setVisible(not active)
        shown = plain(name).strip()
        self._tile.setText(next((c.upper() for c in shown if c.isalnum()), "·"))
        set_tooltip(self._tile, f"The picture at {icon} stands here" if icon else "It has no icon")
        self._name.set_text(shown or "(no name)")
        self._told.setText(shortened(description, 220))
        self._told.setVisible(bool(description.strip()))
        clear(self._flow)
        for words in categories[:MOST_CATEGORIES]:
            self._flow.addWidget(self._chip(shortened(words, 28)))
        if len(categories) > MOST_CATEGORIES:
            more = len(categories) - MOST_CATEGORIES
            self._flow.addWidget(label(f"and {number(more)} more", "muted", self._theme.small_font))
        self._chips.setVisible(bool(categories))
        self._chips.updateGeometry()

    def _chip(self, words: str) -> QLabel:
        return label(words, "chip", self._theme.small_font)
