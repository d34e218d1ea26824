"""The cards of a question: one for each side, chosen by click or key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QTextCharFormat
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.ui.documents.painting import mark_format
from console.ui.documents.rows import Pieces
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, Tokens
from console.ui.widgets.buttons import key_cap
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.prose import Prose


class MarkedText(Prose):
    """Text with what went and what came marked."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)

    def show_pieces(self, pieces: Pieces, tokens: Tokens) -> None:
        """Show other pieces."""
        self.clear()
        cursor = self.textCursor()
        for mark, piece in pieces:
            cursor.insertText(piece, mark_format(mark, tokens) if mark != "same" else QTextCharFormat())
        self.moveCursor(cursor.MoveOperation.Start)
        self.updateGeometry()


class SideCard(QFrame):
    """One side of a question. Signals: `chosen()` when its button is pressed or its head is clicked."""

    chosen = Signal()

    def __init__(self, theme: Theme, title: str, key: str, take: str, absent: str) -> None:
        super().__init__()
        self.setObjectName("side")
        # All are of one width, whatever stands in them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._theme, self._absent = theme, absent
        self.take = QPushButton(take)
        self.take.setAccessibleName(f"{take}, key {key}")
        self.take.clicked.connect(self.chosen)
        self._title = ElidedLabel(title)
        self._title.setFont(theme.strong_font)
        self._state = label("", "good", theme.small_font)
        self.text = MarkedText(title)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._nothing = label(absent, "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = QHBoxLayout()
        head.setSpacing(SPACE_2)
        head.addWidget(key_cap(theme, key))
        head.addWidget(self._title, 1)
        head.addWidget(self._state)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_2, SPACE_3, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addWidget(self._nothing, 1)
        column.addSpacing(SPACE_1)
        column.addWidget(self.take)

    def name(self, title: str) -> None:
        """Whose side it is."""
        self._title.set_text(title)

    def show_side(self, pieces: Pieces, *, chosen: bool) -> None:
        """Show the side's text, and whether it is the answer."""
        self.text.setVisible(bool(pieces))
        self._nothing.setVisible(not pieces)
        self.text.show_pieces(pieces, self._theme.tokens)
        self._state.setText("✓ chosen" if chosen else "")
        self.setProperty("chosen", chosen)
        self.style().unpolish(self)
        self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A double click takes the side; a single one only gives it the keyboard."""
        self.take.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the side."""
        event.accept()
        self.chosen.emit()


def spaced(*widgets: QWidget) -> QHBoxLayout:
    """Widgets beside each other, of the same width."""
    row = QHBoxLayout()
    row.setSpacing(SPACE_3)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
