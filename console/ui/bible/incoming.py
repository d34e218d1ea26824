"""Texts from outside, made fit to be shown: what they mean stays, and what cannot be shown is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import QTextOption

from console.bible.reading import MAX_BYTES

LONGEST_LINE: Final = 5_000
"""Characters; a longer line is broken where JSON allows it, since Qt lays a line out at each key."""
LONGEST_STRING: Final = 200_000
"""Characters of a line that cannot be broken: laying it out takes a fifth of a second a key."""

_UNSEEN: Final = re.compile("[\u2028\u2029\ufdd0\ufdd1\ufeff\ud800-\udfff]")
_PIECE: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[\[\]{},:]|[^\s\[\]{},:"]+')
_CHUNK: Final = 1_000_000
_DEEPEST: Final = 60
"""Levels that are indented: indenting 10,000 would take more characters than the text has."""


LONGEST_WORD: Final = 1_000


def _long_lines(text: str, longest: int) -> list[tuple[int, int]]:
    """Start and end of each line of more characters; looked for in pieces, so that other threads get on."""
    found, start = [], 0
    while start < len(text):
        stop = text.rfind("\n", start, start + _CHUNK) + 1
        if stop <= start:
            stop = (text.find("\n", start) + 1) or len(text)
        lines = text[start:stop].split("\n")
        if max(map(len, lines)) > longest:
            at = start
            for line in lines:
                if len(line) > longest:
                    found.append((at, at + len(line)))
                at += len(line) + 1
        start = stop
    return found


def wrapping(text: str) -> QTextOption.WrapMode:
    """How to wrap a text: looking for words in a run of many thousand characters takes Qt seconds."""
    modes = QTextOption.WrapMode
    for start, end in _long_lines(text, LONGEST_WORD):
        if max(map(len, text[start:end].split()), default=0) > LONGEST_WORD:
            return modes.WrapAnywhere
    return modes.WrapAtWordBoundaryOrAnywhere


class Refused(ValueError):
    """A text cannot be shown; the message says why and where."""


def fit(text: str) -> str:
    """The text with its lines as Qt keeps them. Raises Refused."""
    if len(text) > MAX_BYTES:
        size = f"{len(text) / 1024 / 1024:,.0f} MiB"
        raise Refused(f"The text is {size} long; at most {MAX_BYTES >> 20} MiB can be kept.")
    text = escaped(text)
    long = _long_lines(text, LONGEST_LINE)
    if not long:
        return text
    parts, last = [], 0
    for start, end in long:
        parts += [text[last:start], _broken_up(text[start:end])]
        last = end
    text = "".join([*parts, text[last:]])
    for start, end in _long_lines(text, LONGEST_STRING):
        line = text.count("\n", 0, start) + 1
        raise Refused(
            f"Line {line:,} is {end - start:,} characters long and cannot be broken; "
            f"at most {LONGEST_STRING:,} can be shown."
        )
    return text


def escaped(text: str) -> str:
    """Characters that Qt loses or ends a line at, escaped: in JSON's strings that means the same."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _broken_up(line: str) -> str:
    """A line with breaks between its values, unless it holds no more than one."""
    inside = line.lstrip()
    if sum(1 for _ in zip(_PIECE.finditer(inside), range(6), strict=False)) < 6:
        return line
    return "".join(_laid_out(inside, line[: len(line) - len(inside)]))


def _laid_out(line: str, outer: str) -> Iterator[str]:
    depth, fresh = 0, False
    yield outer
    for match in _PIECE.finditer(line):
        piece = match[0]
        if piece in ("]", "}"):
            depth -= 1
            if not fresh:
                yield _start(outer, depth)
            yield piece
            fresh = False
            continue
        if fresh:
            yield _start(outer, depth)
        yield piece
        fresh = False
        if piece in ("[", "{"):
            depth += 1
            fresh = True
        elif piece == ",":
            yield _start(outer, depth)
        elif piece == ":":
            yield " "


def _start(outer: str, depth: int) -> str:
    return f"\n{outer}{'  ' * max(0, min(depth, _DEEPEST))}"
