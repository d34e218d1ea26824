"""The colours of JSON, line by line: a JSON string never spans lines, so no line needs to know another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import QColor, QTextBlock, QTextCharFormat, QTextLayout

from console.ui.theme.tokens import Tokens

LONGEST_LINE: Final = 20_000
"""Characters of a line that are coloured: what follows is never on the screen at once."""

_TOKEN: Final = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))
    | (?P<string>"(?:[^"\\]|\\.)*"?)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    | (?P<word>\b(?:true|false|null)\b)
    | (?P<bracket>[\[\]{}])""",
    re.VERBOSE,
)


_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")


def in_units(line: str) -> str:
    """The line with two characters for each that is two of Qt's (UTF-16), so that columns are Qt's."""
    return line if line.isascii() else _ASTRAL.sub("__", line)


def brackets(line: str) -> Iterator[tuple[int, str]]:
    """Column from 0 and sign of every bracket that stands outside of strings."""
    return (
        (match.start(), match[0]) for match in _TOKEN.finditer(in_units(line)) if match.lastgroup == "bracket"
    )


class Highlighter:
    """Colours blocks when they are asked for, and a block again only after its text or the theme changed."""

    def __init__(self, tokens: Tokens) -> None:
        self._formats: dict[str, QTextCharFormat] = {}
        self._theme = ""
        self.retint(tokens)

    def retint(self, tokens: Tokens) -> None:
        """Use another theme's colours from now on."""
        self._theme = tokens.name
        colours = {
            "key": tokens.syntax_key,
            "string": tokens.syntax_string,
            "number": tokens.syntax_number,
            "word": tokens.syntax_word,
        }
        for name, colour in colours.items():
            self._formats[name] = QTextCharFormat()
            self._formats[name].setForeground(QColor(colour))

    def colour(self, block: QTextBlock) -> None:
        """Give the block its colours."""
        text = in_units(block.text()[:LONGEST_LINE])
        state = hash((text, self._theme)) & 0x3FFFFFFF
        if block.userState() == state:
            return
        block.setUserState(state)
        ranges = []
        for match in _TOKEN.finditer(text):
            form = self._formats.get(match.lastgroup or "")
            if form is not None:
                part = QTextLayout.FormatRange()
                part.start, part.length, part.format = match.start(), match.end() - match.start(), form
                ranges.append(part)
        block.layout().setFormats(ranges)
