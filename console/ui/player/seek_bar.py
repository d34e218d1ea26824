"""The time line below the picture: where it stands, and the stretch that goes round."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.ui.theme.theme import Theme

_HEIGHT, _LINE, _KNOB = 18, 4, 12


class SeekBar(QWidget):
    """Signals: `sought(float)` with seconds, while it is dragged too."""

    sought = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._position, self._duration = 0.0, 0.0
        self._stretch: tuple[float | None, float | None] = (None, None)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Position")
        theme.changed.connect(self.update)

    def set_position(self, seconds: float) -> None:
        """Move the knob."""
        self._position = seconds
        self.update()

    def set_duration(self, seconds: float) -> None:
        """How long the line is."""
        self._duration = seconds
        self.setEnabled(seconds > 0)
        self.update()

    def set_stretch(self, a: float | None, b: float | None) -> None:
        """Show the stretch that goes round."""
        self._stretch = (a, b)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Still to be hit."""
        return QSize(60, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """A line, the part that was played, the stretch, and a knob."""
        painter, tokens = QPainter(self), self._theme.tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        top = (self.height() - _LINE) / 2
        self._bar(painter, tokens.border, 0.0, self._duration, top)
        if not self._duration:
            return
        self._bar(painter, tokens.accent, 0.0, self._position, top)
        a, b = self._stretch
        if a is not None or b is not None:
            self._bar(painter, tokens.notable, a or 0.0, self._duration if b is None else b, top + _LINE + 1)
        here = self._place(self._position)
        knob = QRectF(here - _KNOB / 2, (self.height() - _KNOB) / 2, _KNOB, _KNOB)
        painter.setBrush(QColor(tokens.accent))
        painter.drawEllipse(knob)
        if self.hasFocus():
            painter.setBrush(QColor(tokens.on_accent))
            painter.drawEllipse(knob.adjusted(3, 3, -3, -3))

    def _bar(self, painter: QPainter, colour: str, first: float, last: float, top: float) -> None:
        left, right = self._place(first), self._place(last)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(left, top, max(0.0, right - left), _LINE), _LINE / 2, _LINE / 2)

    def _place(self, seconds: float) -> float:
        share = min(1.0, seconds / self._duration) if self._duration else 1.0
        return _KNOB / 2 + share * (self.width() - _KNOB)

    def _seek_to(self, x: float) -> None:
        share = (x - _KNOB / 2) / max(1, self.width() - _KNOB)
        self.sought.emit(max(0.0, min(1.0, share)) * self._duration)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where it was pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._seek_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek_to(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The player's own keys move it too; Home and End go to the ends."""
        if event.key() == Qt.Key.Key_Home:
            self.sought.emit(0.0)
        elif event.key() == Qt.Key.Key_End:
            self.sought.emit(self._duration)
        else:
            super().keyPressEvent(event)
