"""A sheet over what cannot be used now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import FADED

_PLACING = {QEvent.Type.Resize, QEvent.Type.Move}


class Veil(QWidget):
    """Greys out its sibling `covered`, which stays as usable as it was; hidden at first.

    A graphics effect would do the same, but paints a scroll area over whatever its buffer held before.
    """

    def __init__(self, theme: Theme, covered: QWidget) -> None:
        super().__init__(covered.parentWidget())
        self._theme = theme
        self._covered = covered
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        covered.installEventFilter(self)
        theme.changed.connect(self.update)
        self.hide()

    def set_drawn(self, *, drawn: bool) -> None:
        """Draw the veil, or take it away."""
        self.setGeometry(self._covered.geometry())
        self.raise_()
        self.setVisible(drawn)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what is covered."""
        if event.type() in _PLACING:
            self.setGeometry(self._covered.geometry())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lay the surface's colour over it, thinly."""
        colour = QColor(self._theme.tokens.surface)
        colour.setAlphaF(1 - FADED)
        QPainter(self).fillRect(event.rect(), colour)
