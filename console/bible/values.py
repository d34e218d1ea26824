"""JSON values: what is the same, what is absent, and how a place in a document is written.

A document is what `console.bible.reading.read` returns: dict, list, str, bool, None, int, float, and
Decimal for a number that no float holds exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

import orjson

Json: TypeAlias = Any
"""A JSON value; mypy has no recursive type that stays readable for trees that are taken apart by kind."""

Tokens: TypeAlias = tuple[str | int, ...]
"""A place in one document: object keys and array indices from the root."""


class Absent(Enum):
    """The one value that is not there, told apart from null."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT


def is_number(value: Json) -> bool:
    """Whether the value is a JSON number; true and false are none."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def same(one: Json, other: Json) -> bool:
    """Whether two values mean the same: 1 and 1.0 do, 1 and true do not, absent and null do not."""
    if one is other:
        return True
    if one != other:
        return False
    # Python holds true for 1, so equal containers are compared once more by what they are written as.
    kind = type(one)
    if kind is str and type(other) is str:
        return True
    if kind is dict or kind is list:
        try:
            if orjson.dumps(one) == orjson.dumps(other):
                return True
        except TypeError:
            pass
        return _same_kinds(one, other)
    return isinstance(one, bool) == isinstance(other, bool)


def _same_kinds(one: Json, other: Json) -> bool:
    """Whether two values that Python calls equal hold booleans at the same places."""
    if isinstance(one, dict):
        return all(_same_kinds(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return all(map(_same_kinds, one, other))
    return isinstance(one, bool) == isinstance(other, bool)


def canonical(value: Json) -> Any:
    """A hashable stand-in: two values have the same one if and only if they are `same`."""
    kind = type(value)
    if kind is str or kind is int:
        return value
    if kind is bool:
        return ("bool", value)
    if kind is list:
        return ("list", *map(canonical, value))
    if kind is dict:
        return ("dict", *((key, canonical(value[key])) for key in sorted(value)))
    return value


def order_key(value: Json) -> Any:
    """A key that sorts any values: by kind, then by value."""
    rank = _KINDS.get(type(value), 6)
    if isinstance(value, list):
        return (rank, [order_key(part) for part in value])
    if isinstance(value, dict):
        return (rank, [(key, order_key(value[key])) for key in sorted(value)])
    return (rank, 0 if value is None or value is ABSENT else value)


_KINDS: Final[dict[type, int]] = {
    Absent: 0,
    type(None): 1,
    bool: 2,
    int: 3,
    float: 3,
    Decimal: 3,
    str: 4,
    list: 5,
    dict: 6,
}


def kind_of(value: Json) -> str:
    """The JSON name of the value's kind: object, array, string, number, boolean, null (or absent)."""
    return ("absent", "null", "boolean", "number", "string", "array", "object")[_KINDS[type(value)]]


def escape(token: str) -> str:
    """One reference token as RFC 6901 writes it."""
    return token.replace("~", "~0").replace("/", "~1")


def pointer(tokens: Iterable[str | int]) -> str:
    """The RFC 6901 pointer of a place."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


def parse_pointer(text: str) -> tuple[str, ...]:
    """The reference tokens of an RFC 6901 pointer, unescaped.

    Raises ValueError for a text that is no pointer.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError(f"A pointer begins with “/”: {text!r}")
    if re.search("~(?![01])", text):
        raise ValueError(f"In a pointer “~” is followed by 0 or 1: {text!r}")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))


def resolve(document: Json, tokens: Iterable[str | int]) -> Json:
    """The value at a place, ABSENT where the document has none."""
    value = document
    for token in tokens:
        if isinstance(value, dict) and str(token) in value:
            value = value[str(token)]
        elif isinstance(value, list) and str(token).isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value
