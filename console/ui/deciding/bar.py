"""The bar below the item: what can be decided, each with its key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.domain.queues import Verb
from console.domain.staff import Role
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.widgets.buttons import KeyButton
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label


class DecisionBar(QWidget):
    """Signals: `chosen(Verb)`; `abandoned()` when the button that has the keyboard is offered no more."""

    chosen = Signal(object)
    abandoned = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("decisions")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._buttons: dict[str, KeyButton] = {}
        self._made: dict[int, KeyButton] = {}
        self._verbs: tuple[Verb, ...] = ()
        self._row = FlowLayout(self, QMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2), SPACE_2)
        self._many = label("", "notable")
        self._many.hide()
        self._row.addWidget(self._many)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def offer(self, verbs: Sequence[Verb], role: Role) -> None:
        """Show these verbs; those above the person's role are there but say who can."""
        if tuple(verbs) == self._verbs:
            return
        self._verbs = tuple(verbs)
        if any(button.hasFocus() for button in self._buttons.values()):
            # Hidden with the keyboard on it, a button hands it to whatever comes next in the window.
            self.abandoned.emit()
        self.setVisible(bool(verbs))
        for button in self._buttons.values():
            self._row.removeWidget(button)
            button.hide()
        self._buttons = {}
        for verb in verbs:
            # Built once for each verb: an item of another kind only shows others of them.
            button = self._made.get(id(verb)) or self._make(verb, role)
            self._row.addWidget(button)
            button.show()
            self._buttons[verb.key] = button

    def _make(self, verb: Verb, role: Role) -> KeyButton:
        button = KeyButton(self._theme, verb.title, verb.icon, verb.shortcut, destructive=verb.destructive)
        button.clicked.connect(lambda _=False: self.chosen.emit(verb))
        if role < verb.role:
            button.forbid(f"“{verb.title}” is for {verb.role.title}s")
        self._made[id(verb)] = button
        return button

    def arm(self, verb: Verb | None) -> None:
        """Show which verb waits for its reason."""
        for key, button in self._buttons.items():
            button.arm(verb is not None and key == verb.key)

    def count(self, chosen: int) -> None:
        """Say how many items a verb would decide, when it is not one."""
        self._many.setText(f"{chosen} selected")
        self._many.setVisible(chosen > 1)
