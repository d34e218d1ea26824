"""What stands where content would: waiting, empty, failed, not permitted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RADIUS, ROW_HEIGHT, SKELETON_MILLISECONDS, SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.labels import label

STATE_ICON_PIXELS = 28


class StatePanel(QWidget):
    """An icon, a title, a sentence, and at most two buttons."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = QLabel()
        self._icon = ""
        theme.changed.connect(self._paint_icon)
        self._title = label("", font=theme.strong_font)
        self._title.setWordWrap(True)
        self._text = label("", "muted")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._action = QPushButton()
        self._details = ""
        self._copy = QPushButton("Copy details")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        self._action.clicked.connect(self._act)
        self._run: Callable[[], None] = lambda: None
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addStretch()
        buttons.addWidget(self._action)
        buttons.addWidget(self._copy)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_2)
        column.addStretch(2)
        for widget in (self._picture, self._title, self._text):
            # Over the whole width: a wrapped text that is centred as a widget loses its last lines.
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addSpacing(SPACE_3)
        column.addLayout(buttons)
        column.addStretch(3)

    @property
    def title(self) -> str:
        """The title of the state that is shown."""
        return self._title.text()

    def _act(self) -> None:
        self._run()

    def _paint_icon(self) -> None:
        if self._icon:
            icon = self._theme.icon(self._icon, pixels=STATE_ICON_PIXELS)
            self._picture.setPixmap(icon.pixmap(STATE_ICON_PIXELS, STATE_ICON_PIXELS))

    def tell(
        self,
        icon: str,
        title: str,
        text: str = "",
        *,
        action: tuple[str, Callable[[], None]] | None = None,
        details: str = "",
    ) -> None:
        """Show a state; `details` adds a button that copies them."""
        self._icon = icon
        self._paint_icon()
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._details = details
        self._copy.setVisible(bool(details))
        self._action.setVisible(action is not None)
        if action is not None:
            self._action.setText(action[0])
            self._run = action[1]


class Skeleton(QWidget):
    """Grey rows, shown only when waiting has lasted long enough to be noticed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._visible = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SKELETON_MILLISECONDS)
        self._timer.timeout.connect(self._show_rows)
        self.setAccessibleName("Loading")

    def begin(self) -> None:
        """Start waiting."""
        self._visible = False
        self._timer.start()

    def _show_rows(self) -> None:
        self._visible = True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the rows once it is time."""
        if not self._visible:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.raised))
        for row in range(min(12, self.height() // ROW_HEIGHT)):
            width = int(self.width() * (0.8 - 0.07 * (row * 5 % 4)))
            painter.drawRoundedRect(SPACE_4, row * ROW_HEIGHT + 10, width, ROW_HEIGHT - 20, RADIUS, RADIUS)
