"""The bar above the editor: which views are shown, the way back, why nothing happens, what was found."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton

from console.ui.bible.checking import Mark
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3
from console.ui.theme.words import count_of, shortened
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label, set_tooltip


class Shown(Enum):
    """Which of the views are shown."""

    FORM = "Form"
    TEXT = "Text"
    BOTH = "Both"


class EditorBar(QFrame):
    """Signals: `view_chosen(Shown)`; `undo` and `redo` are buttons, `summary` shows or hides the findings."""

    view_chosen = Signal(Shown)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("surface")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_3, SPACE_1, SPACE_3, SPACE_1)
        row.setSpacing(SPACE_1)
        self._views = QButtonGroup(self)
        self._buttons: dict[Shown, QPushButton] = {}
        for place, shown in enumerate(Shown):
            button = QPushButton(shown.value)
            button.setProperty("part", "segment")
            button.setProperty("place", ("first", "middle", "last")[place])
            button.setCheckable(True)
            button.setAccessibleName(f"Show {shown.value.lower()}")
            button.clicked.connect(lambda _=False, shown=shown: self.view_chosen.emit(shown))
            self._views.addButton(button)
            self._buttons[shown] = button
            row.addWidget(button)
        row.setSpacing(0)
        set_tooltip(self._buttons[Shown.FORM], "Form and text in turn, at the same place (Ctrl+E)")
        set_tooltip(self._buttons[Shown.BOTH], "Form and text side by side (Ctrl+Shift+E)")
        row.addSpacing(SPACE_3)
        self.undo, self.redo = quiet_button("Undo"), quiet_button("Redo")
        for button, key in ((self.undo, "Ctrl+Z"), (self.redo, "Ctrl+Shift+Z")):
            button.setEnabled(False)
            set_tooltip(button, key)
            row.addWidget(button)
        self._why = label("", "notable")
        row.addSpacing(SPACE_2)
        row.addWidget(self._why)
        row.addStretch()
        self.summary = quiet_button("")
        self.summary.setCheckable(True)
        set_tooltip(self.summary, "Show or hide what was found; F8 goes to the next")
        row.addWidget(self.summary)

    def show_chosen(self, shown: Shown) -> None:
        """Mark which of the views are shown."""
        self._buttons[shown].setChecked(True)

    def tell(self, words: str) -> None:
        """Say why nothing can be changed, or what leads nowhere; no words clear it."""
        self._why.setText(shortened(words, 120))
        set_tooltip(self._why, words)

    def summarise(self, marks: tuple[Mark, ...]) -> None:
        """Count what was found."""
        errors = sum(mark.severity == "error" for mark in marks)
        parts = [count_of(errors, "error")] if errors else []
        if len(marks) > errors:
            parts.append(count_of(len(marks) - errors, "warning"))
        self.summary.setText(", ".join(parts) or "Nothing found")
        self.summary.setEnabled(bool(marks))
        if not marks:
            self.summary.setChecked(False)
