"""Buttons that show their key."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QPushButton, QSizePolicy, QWidget

from console.ui.theme.theme import ICON_PIXELS, Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2
from console.ui.widgets.labels import label, set_tooltip


class KeyButton(QPushButton):
    """A verb with its icon and its key; a destructive one turns red only when it is hovered or armed."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        icon: str,
        key: str,
        *,
        destructive: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self.setProperty("part", "verb")
        self.setProperty("destructive", destructive)
        self.setAccessibleName(f"{title}, key {key}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # A click decides and leaves the keyboard where it is: arrows go on in the list.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        row.setContentsMargins(SPACE_2, SPACE_1, SPACE_2, SPACE_1)
        row.setSpacing(SPACE_2 - 2)
        self._picture = QLabel()
        row.addWidget(self._picture)
        row.addWidget(label(title))
        row.addWidget(key_cap(theme, key))
        for child in self.findChildren(QLabel):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def arm(self, armed: bool) -> None:
        """Show that the verb waits for its reason."""
        self.setProperty("armed", armed)
        self.style().unpolish(self)
        self.style().polish(self)

    def forbid(self, why: str) -> None:
        """Disable the button and say why."""
        self.setEnabled(False)
        set_tooltip(self, why)

    def sizeHint(self) -> QSize:
        """As large as what it shows: a verb is never cut."""
        layout = self.layout()
        return layout.totalSizeHint() if layout is not None else super().sizeHint()

    def _paint_icon(self) -> None:
        self._picture.setPixmap(self._theme.icon(self._icon).pixmap(ICON_PIXELS, ICON_PIXELS))


def key_cap(theme: Theme, key: str) -> QLabel:
    """A key as it looks on the keyboard."""
    cap = label(key, "key", theme.small_font)
    cap.setFixedHeight(20)
    cap.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return cap


def quiet_button(text: str, parent: QWidget | None = None) -> QPushButton:
    """A button without a frame, for what is seldom pressed."""
    made = QPushButton(text, parent)
    made.setProperty("part", "quiet")
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made
