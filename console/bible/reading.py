"""From bytes to a document: what jsonb would refuse or change silently is refused, with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NoReturn

from console.bible.broken import MAX_DEPTH, Problem, problems
from console.bible.values import Json
from console.domain.errors import GreenroomError

MAX_BYTES: Final = 64 * 1024 * 1024
"""No canon comes near; a jsonb value of more is unusable long before its limit of 255 MB a string."""

_SUSPECT: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class BrokenDocument(GreenroomError):
    """A text is not a JSON document that can be kept as it is. `problems` has all of them, in order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = tuple(problems)


def read(source: bytes | str) -> Json:
    """The document that the text says.

    Integers keep every digit, 1.0 stays a float, and a number that a float would round becomes a Decimal.
    Raises BrokenDocument with every problem for anything but one JSON value in UTF-8 without a byte order
    mark: duplicate keys, NaN, numbers beyond a float, NUL, lone surrogates, more than 200 levels or 64 MiB.
    """
    text = decode(source)
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_float=_number, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        _refuse(text)
    if "\\u" in text and _SUSPECT.search(text):
        _check(text)
    if not text.isascii() and (text[0] == "\ufeff" or not _encodable(text)):
        _refuse(text)
    if _deeper_than(document, MAX_DEPTH):
        _refuse(text)
    return document


def decode(source: bytes | str) -> str:
    """The text, with bytes that are no UTF-8 as lone surrogates for the report of problems.

    Raises BrokenDocument for a text that is too large to look at.
    """
    if len(source) > MAX_BYTES:
        message = (
            f"the text is {len(source) / 1024 / 1024:.0f} MiB long; at most {MAX_BYTES >> 20} MiB can be kept"
        )
        raise BrokenDocument([Problem(message, 0, 1, 1)])
    return source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `offset`."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def _check(text: str) -> None:
    found = problems(text)
    if found:
        raise BrokenDocument(found)


def _refuse(text: str) -> NoReturn:
    _check(text)
    raise AssertionError("a text was refused and nothing was found wrong with it")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Refused(ValueError):
    """Something that Python's reader would take."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused
    return made


def _number(text: str) -> float | Decimal:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _Refused
    exact = Decimal(text)
    return value if exact == Decimal(repr(value)) else exact


def _no_constant(name: str) -> NoReturn:
    raise _Refused(name)


def _deeper_than(document: Json, limit: int) -> bool:
    # Documents of json.loads have exact types, and looking at them is half as dear as isinstance.
    level = [document] if type(document) is dict or type(document) is list else []
    for _ in range(limit + 1):
        if not level:
            return False
        level = [
            part
            for value in level
            for part in (value.values() if type(value) is dict else value)
            if type(part) is dict or type(part) is list
        ]
    return True
