"""The line numbers beside a text, with a mark on each line that has a finding."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.ui.theme.tokens import SPACE_1, SPACE_2, Tokens

Lines = Callable[[], list[tuple[int, int, int]]]
"""The lines on the screen: number from 1, top and height in pixels."""


class Gutter(QWidget):
    """Draws what `lines` gives. `marks` has the colour of marked lines, `sign` tells what a line folds by.

    Signals: `pressed(int)` with the line whose sign was pressed.
    """

    pressed = Signal(int)

    def __init__(self, owner: QWidget, lines: Lines, tokens: Tokens) -> None:
        super().__init__(owner)
        self._lines = lines
        self.tokens = tokens
        self.current = 1
        self.marks: dict[int, str] = {}
        self.sign: Callable[[int], str] = lambda _line: ""
        self.setAccessibleName("Line numbers")

    def width_for(self, count: int) -> int:
        """Pixels that numbers up to `count` need; never so few that the text jumps at line 1,000."""
        digits = max(3, len(str(count)))
        return self.fontMetrics().horizontalAdvance("9") * digits + SPACE_1 + SPACE_2 + self.fold_width

    @property
    def fold_width(self) -> int:
        """Pixels at the right for the signs that fold."""
        return self.fontMetrics().horizontalAdvance("▾") + SPACE_2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold or unfold what begins in the line."""
        at = event.position()
        if at.x() >= self.width() - self.fold_width:
            for number, top, height in self._lines():
                if top <= at.y() < top + height:
                    self.pressed.emit(number)

    def sizeHint(self) -> QSize:
        """As wide as small numbers need."""
        return QSize(self.width_for(1), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the numbers of the lines on the screen."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self.tokens.ground))
        fold = self.fold_width
        for number, top, height in self._lines():
            here = number == self.current
            painter.setPen(QColor(self.tokens.text if here else self.tokens.muted))
            room = QRect(0, top, self.width() - fold, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number))
            sign = QRect(self.width() - fold, top, fold, height)
            painter.setPen(QColor(self.tokens.muted))
            painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, self.sign(number))
            if number in self.marks:
                painter.fillRect(0, top, SPACE_1, height, QColor(self.marks[number]))
