"""Text of any length, read-only, as high as its lines: a long one scrolls, and no line is cut in two."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from console.ui.theme.words import plain

MOST_LINES = 20
"""A longer text scrolls, so that what stands below it is never far."""
BORDER = 1
"""Pixels of the frame that shows the focus; the stylesheet draws it."""
EDGES = 2 * BORDER + 1
"""Pixels of the height that are no line's: Qt holds a line that ends where the room ends for hidden."""


class Prose(QPlainTextEdit):
    """Shows a text as it was typed; it can be selected, copied and read aloud."""

    def __init__(self, text: str = "", name: str = "Text") -> None:
        super().__init__()
        self._heights: dict[tuple[int, str, int], int] = {}
        self.setReadOnly(True)
        self.setProperty("part", "prose")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.document().setDocumentMargin(0)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setPlainText(plain(text, lines=True))

    def hasHeightForWidth(self) -> bool:
        """A narrow one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height in pixels of all lines at this width, or of as many as are shown at once."""
        key = (width, self.font().key(), self.document().revision())
        if key not in self._heights:
            self._heights[key] = ceil(self._height(width - 2 * BORDER)) + EDGES
        return self._heights[key]

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, self.heightForWidth(400))

    def minimumSizeHint(self) -> QSize:
        """One line."""
        return QSize(80, self.fontMetrics().lineSpacing() + EDGES)

    def _height(self, width: int) -> float:
        block, lines, height = self.document().firstBlock(), 0, 0.0
        while block.isValid() and lines < MOST_LINES:
            layout = QTextLayout(block.text(), self.font())
            layout.setTextOption(self.document().defaultTextOption())
            layout.beginLayout()
            while lines < MOST_LINES and (line := layout.createLine()).isValid():
                line.setLineWidth(width)
                lines += 1
                height += line.height()
            layout.endLayout()
            block = block.next()
        return height
