"""What a filter asks, term by term: values that a parser makes and a database answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """Full text has these words; as a `phrase`, one after the other."""

    text: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The column has one of these values: a part of a text, the whole of a name, one of several tags."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range: a number, a moment, or how long ago; `closed` when the end itself belongs to it."""

    value: float | datetime | timedelta
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Range:
    """The column lies between two ends, of which one may be open. Of ages the larger one is `most`."""

    least: Bound | None = None
    most: Bound | None = None


Test: TypeAlias = Words | AnyOf | Range


@dataclass(frozen=True, slots=True)
class Term:
    """A test of one column, by its key; of full text where `column` is empty.

    `place` is where it stands in the line, from the first character to behind the last.
    """

    column: str
    test: Test
    negated: bool = False
    place: tuple[int, int] = field(default=(0, 0), compare=False)
