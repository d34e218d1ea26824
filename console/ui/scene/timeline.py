"""The time line of the segment that is open: where it is, what was reported of it, what is marked on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.theme.words import count_of
from console.ui.widgets.labels import tooltip

HEIGHT = 30
NEAR_PIXELS = 6


def clock(milliseconds: int) -> str:
    """A moment as 0:12.400, as reports and the database write it."""
    seconds, part = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else str(minutes)
    return f"{head}:{seconds:02}.{part:03}"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something at a time, in ms: a point, or a span with an end. `chosen` ones stand out."""

    begins: int
    ends: int | None
    policy: str
    words: str
    reported: bool
    chosen: bool = False


class TimeLine(QWidget):
    """Signals: `wanted(int)` when the person points at a moment, in ms."""

    wanted = Signal(int)

    def __init__(self, theme: Theme, severity: Callable[[str], str]) -> None:
        super().__init__()
        self._theme, self._severity = theme, severity
        self._whole, self._position = 1, 0
        self._moments: tuple[Moment, ...] = ()
        self._draft: tuple[int, int | None] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)
        self._name()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, HEIGHT)

    def show_segment(
        self, whole: int, moments: tuple[Moment, ...], draft: tuple[int, int | None] | None
    ) -> None:
        """Show what is known of a segment of `whole` ms; `draft` is the span that is being set."""
        self._whole, self._moments, self._draft = max(1, whole), moments, draft
        self._name()
        self.update()

    def last(self, whole: int) -> None:
        """The medium says that it lasts so many ms: its own time is what the moments are in."""
        if whole > 0 and whole != self._whole:
            self._whole = whole
            self._name()
            self.update()

    def move_to(self, position: int) -> None:
        """Show where the player is."""
        if position != self._position:
            self._position = position
            self.update()

    def _name(self) -> None:
        reports = sum(moment.reported for moment in self._moments)
        marks = len(self._moments) - reports
        told = f"{count_of(reports, 'reported moment')}, {count_of(marks, 'mark')}"
        self.setAccessibleName(f"Time line, {clock(self._whole)}, {told}")

    def _x(self, moment: int) -> float:
        width = self.width() - 2 * SPACE_4
        return SPACE_4 + width * min(1.0, moment / self._whole)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint what is at which time, and the place of the player, whose own line is above."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() - 10.0
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.drawLine(QPointF(SPACE_4, middle), QPointF(self.width() - SPACE_4, middle))
        for moment in self._moments:
            self._paint_moment(painter, moment, middle)
        if self._draft is not None:
            begins, ends = self._draft
            left, right = self._x(begins), self._x(self._position if ends is None else ends)
            painter.setPen(QPen(QColor(tokens.accent), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(min(left, right), middle - 6, max(2.0, abs(right - left)), 12))
        here = self._x(self._position)
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawLine(QPointF(here, 3), QPointF(here, self.height() - 3))

    def _paint_moment(self, painter: QPainter, moment: Moment, middle: float) -> None:
        colour = QColor(self._severity(moment.policy))
        left = self._x(moment.begins)
        painter.setPen(QPen(QColor(self._theme.tokens.text), 1.5) if moment.chosen else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if moment.reported:
            # A flag on its pole: known without its colour.
            flag = QPolygonF(
                [QPointF(left, middle - 15), QPointF(left + 9, middle - 11), QPointF(left, middle - 7)]
            )
            painter.drawPolygon(flag)
            painter.setPen(QPen(colour, 1.5))
            painter.drawLine(QPointF(left, middle - 15), QPointF(left, middle - 2))
            return
        right = left if moment.ends is None else self._x(moment.ends)
        painter.drawRoundedRect(QRectF(left - 1.5, middle - 5, max(3.0, right - left + 3), 10), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the moment under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._want(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow a pressed pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._want(event.position())

    def _want(self, where: QPointF) -> None:
        near = self._near(where.toPoint())
        if near is not None:
            self.wanted.emit(near.begins)
            return
        width = max(1, self.width() - 2 * SPACE_4)
        share = min(1.0, max(0.0, (where.x() - SPACE_4) / width))
        self.wanted.emit(round(share * self._whole))

    def _near(self, where: QPoint) -> Moment | None:
        near = [each for each in self._moments if abs(self._x(each.begins) - where.x()) <= NEAR_PIXELS]
        return min(near, key=lambda each: abs(self._x(each.begins) - where.x()), default=None)

    def event(self, event: QEvent) -> bool:
        """Say what stands under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            near = self._near(event.pos())
            QToolTip.showText(
                event.globalPos() + QPoint(0, SPACE_2), tooltip(near.words) if near else "", self
            )
            return True
        return super().event(event)
