"""How the JSON text is seen: line numbers, colours, brackets, what was found, and where lines are hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from console.ui.bible.brackets import partner
from console.ui.bible.checking import Mark
from console.ui.bible.gutter import Gutter
from console.ui.bible.highlight import Highlighter
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2

RESTING_MILLISECONDS: Final = 40
"""How long the cursor rests before its bracket's partner is looked for: that takes longer than a frame."""

_PIECE_OF_JSON: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\w.+-]+|.')


def units(text: str) -> int:
    """How many of Qt's characters (UTF-16) the text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class TextView(QPlainTextEdit):
    """Draws a JSON text and its `findings`.

    `after_hidden` gives the line to go on with behind one that is hidden, `tail` what stands behind a line.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.findings: tuple[Mark, ...] = ()
        self._theme = theme
        self._highlighter = Highlighter(theme.tokens)
        self._pair: tuple[int, int] | None = None
        self.after_hidden: Callable[[QTextBlock], QTextBlock] = lambda block: block.next()
        self.tail: Callable[[QTextBlock], str] = lambda _block: ""
        self.setFont(theme.fixed_font)
        self.gutter = Gutter(self, self._lines, theme.tokens)
        self.gutter.setFont(theme.fixed_font)
        self._resting = QTimer(self, singleShot=True, interval=RESTING_MILLISECONDS)
        self._resting.timeout.connect(self._match_brackets)
        self.cursorPositionChanged.connect(self._moved)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._follow)
        theme.changed.connect(self._retint)
        self._make_room()

    def _position(self, line: int, column: int) -> int:
        block = self.document().findBlockByNumber(line - 1)
        if not block.isValid():
            return max(0, self.document().characterCount() - 1)
        return block.position() + units(block.text()[: column - 1])

    def _go(self, position: int) -> None:
        cursor = self.textCursor()
        cursor.setPosition(position)
        self.setTextCursor(cursor)
        self.centerCursor()

    def _moved(self) -> None:
        cursor = self.textCursor()
        self.gutter.current = cursor.blockNumber() + 1
        self.gutter.update()
        self._resting.start()

    def _match_brackets(self) -> None:
        cursor = self.textCursor()
        pair = partner(cursor.block(), cursor.positionInBlock())
        if pair != self._pair:
            self._pair = pair
            self._underline()

    def _underline(self) -> None:
        tokens, selections = self._theme.tokens, []
        for position in self._pair or ():
            form = QTextCharFormat()
            form.setBackground(QColor(tokens.selected))
            form.setFontWeight(700)
            selections.append(self._selection(position, 1, form))
        self.gutter.marks = {}
        for mark in sorted(self.findings, key=lambda mark: mark.severity, reverse=True):
            colour = tokens.grave if mark.severity == "error" else tokens.notable
            self.gutter.marks[mark.line] = colour
            block = self.document().findBlockByNumber(mark.line - 1)
            match = _PIECE_OF_JSON.match(block.text(), mark.column - 1)
            position = self._position(mark.line, mark.column)
            if match is None and mark.column > 1:
                position = max(0, position - 1)
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(QColor(colour))
            selections.append(self._selection(position, units(match[0]) if match else 1, form))
        self.setExtraSelections(selections)
        self.gutter.update()

    def _selection(self, position: int, length: int, form: QTextCharFormat) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        # What was found in a longer text is looked for anew in a moment.
        last = self.document().characterCount() - 1
        cursor.setPosition(min(position, last))
        cursor.setPosition(min(position + length, last), QTextCursor.MoveMode.KeepAnchor)
        selection.cursor, selection.format = cursor, form
        return selection

    def _visible(self) -> list[tuple[QTextBlock, QRect]]:
        block, found = self.firstVisibleBlock(), []
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= self.viewport().height():
            height = self.blockBoundingRect(block).height()
            if not block.isVisible():
                block = self.after_hidden(block)
                continue
            found.append((block, QRect(0, round(top), 0, round(height))))
            top += height
            block = block.next()
        return found

    def _lines(self) -> list[tuple[int, int, int]]:
        line = self.fontMetrics().height()
        top = self.viewport().y() - self.gutter.y()
        return [(block.blockNumber() + 1, top + box.top(), line) for block, box in self._visible()]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Colour what is on the screen, then draw it."""
        for block, _box in self._visible():
            self._highlighter.colour(block)
        super().paintEvent(event)
        self._paint_tails()

    def _paint_tails(self) -> None:
        """Behind a folded line, how many lines are hidden."""
        painter = QPainter(self.viewport())
        painter.setPen(QColor(self._theme.tokens.muted))
        for block, box in self._visible():
            if tail := self.tail(block):
                line = block.layout().lineAt(block.layout().lineCount() - 1)
                left = round(line.naturalTextRect().right() + self.contentOffset().x()) + SPACE_2
                painter.drawText(left, box.top() + round(line.y() + line.ascent()), tail)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the line numbers as high as the text."""
        super().resizeEvent(event)
        self._place_gutter()

    def _make_room(self) -> None:
        self.setViewportMargins(self.gutter.width_for(self.blockCount()), 0, 0, 0)
        self._place_gutter()

    def _place_gutter(self) -> None:
        inside = self.contentsRect()
        width = self.gutter.width_for(self.blockCount())
        self.gutter.setGeometry(inside.left(), inside.top(), width, inside.height())

    def _follow(self, rect: QRect, scrolled: int) -> None:
        if scrolled or rect.contains(self.viewport().rect()):
            self.gutter.update()

    def _retint(self) -> None:
        self._highlighter.retint(self._theme.tokens)
        self.gutter.tokens = self._theme.tokens
        self._underline()
        self.viewport().update()
