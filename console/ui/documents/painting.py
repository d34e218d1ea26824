"""Marked text laid out and painted: what went is struck out, what came is underlined, on soft grounds."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

from console.ui.documents.rows import Pieces
from console.ui.theme.tokens import Tokens


def laid_out(pieces: Pieces, width: float, font: QFont, tokens: Tokens) -> QTextLayout:
    """The pieces wrapped at `width` pixels; `boundingRect().height()` tells how high they are."""
    text, formats, position = "", [], 0
    for mark, piece in pieces:
        # One layout is one paragraph: a line break inside of it is the line separator.
        shown = piece.replace("\n", "\u2028").replace("\t", "    ")
        length = len(shown.encode("utf-16-le", "surrogatepass")) // 2
        text += shown
        if mark != "same":
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = position, length, mark_format(mark, tokens)
            formats.append(span)
        position += length
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(formats)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width))
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    return layout


def mark_format(mark: str, tokens: Tokens) -> QTextCharFormat:
    """How a removed or added piece looks; what is the same looks like nothing."""
    made = QTextCharFormat()
    if mark == "same":
        return made
    gone = mark == "removed"
    made.setForeground(QColor(tokens.grave if gone else tokens.good))
    made.setBackground(QColor(tokens.gone if gone else tokens.came))
    made.setFontStrikeOut(gone)
    made.setFontUnderline(not gone)
    return made


def paint(painter: QPainter, layout: QTextLayout, left: float, top: float, colour: str) -> None:
    """Paint a laid out text at a place."""
    painter.setPen(QColor(colour))
    layout.draw(painter, QPointF(left, top))
