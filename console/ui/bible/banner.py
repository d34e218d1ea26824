"""One sentence above the editor that wants to be known, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

Deed = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Shows the last thing told until it is cleared."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._theme = theme
        self._words = label("")
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        self._row.setSpacing(SPACE_2)
        self._row.addWidget(self._words, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is told, nothing when nothing is."""
        return self._words.text() if not self.isHidden() else ""

    @property
    def deeds(self) -> list[str]:
        """What can be done about it."""
        return [button.text() for button in self._buttons]

    def tell(self, text: str, deeds: Sequence[Deed] = (), *, problem: bool = False) -> None:
        """Tell something, with buttons for what can be done; the first is the main one."""
        self.clear()
        self._words.setText(text)
        self.setAccessibleName(text)
        self.setProperty("level", "problem" if problem else "info")
        self.style().unpolish(self)
        self.style().polish(self)
        for place, (title, run) in enumerate(deeds):
            button = QPushButton(title) if place == 0 else quiet_button(title)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda *_, run=run: run())
            self._row.addWidget(button)
            self._buttons.append(button)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def press(self, title: str) -> None:
        """Do what the button of this title does; KeyError when there is none."""
        {button.text(): button for button in self._buttons}[title].click()

    def focus_first(self) -> None:
        """Give the keyboard to the main button."""
        if self._buttons:
            self._buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear(self) -> None:
        """Tell nothing."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self.hide()
