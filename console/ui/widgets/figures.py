"""A panel of performance figures, over what they are about. Whoever has one to tell adds a line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3
from console.ui.widgets.labels import label


class Figures(QFrame):
    """Names at the left, values at the right, in the order in which they were first told."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Performance")
        self._values: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE_3, SPACE_2, SPACE_3, SPACE_2)
        self._grid.setHorizontalSpacing(SPACE_3)
        self._grid.setVerticalSpacing(SPACE_1)

    def tell(self, name: str, value: str) -> None:
        """Show a figure, in the place of an earlier one of that name."""
        if name not in self._values:
            row = len(self._values)
            self._grid.addWidget(label(name, "muted", self._theme.small_font), row, 0)
            self._values[name] = label("", font=self._theme.small_font)
            self._grid.addWidget(self._values[name], row, 1, Qt.AlignmentFlag.AlignRight)
        self._values[name].setText(value)
        self.adjustSize()

    def told(self, name: str) -> str:
        """The value shown under this name; empty when there is none."""
        return self._values[name].text() if name in self._values else ""
