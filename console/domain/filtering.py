"""The line by which a list is narrowed: `reason:violence flags:>2 -topic:fantasy older:2d "lost key"`.

Words stand for full text; `name:value` asks a declared column, several values (`a,b`) for any of them, and a
hyphen before a term for all that it does not match. Numbers and times take `<`, `<=`, `>`, `>=` and `a..b`;
times are dates (`2026-06-03`, days of UTC) or ages (`30m`, `12h`, `2d`, `3w`). `older:` and `newer:` ask the
first column of times.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.domain.errors import GreenroomError
from console.domain.queues import CellType, Column
from console.domain.terms import AnyOf, Bound, Range, Term, Words

LONGEST = 1000
"""Characters that a line may have."""
UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that no text of PostgreSQL can hold: U+0000, and halves of UTF-16 pairs."""
_NUMBERS = {CellType.NUMBER, CellType.DURATION, CellType.BYTES}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"([0-9]{1,4})([mhdw])", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TERM = re.compile(r"""-?(?:[^\s":]+:)?(?:"[^"]*"?|[^\s"])*""")
_DAY = timedelta(days=1)


class FilterError(GreenroomError):
    """A term cannot be understood; `place` is where it stands in the line."""

    def __init__(self, message: str, place: tuple[int, int]) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns that a line may name: by key, or by title in small letters with hyphens for spaces."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What can stand before a colon, in the order of the columns."""
        names = [_name(column) for column in self.columns]
        if self._times() is not None:
            names += ["older", "newer"]
        return tuple(dict.fromkeys(names))

    def named(self, name: str) -> Column | None:
        """The column of that name, or None."""
        wanted = name.lower()
        return next((c for c in self.columns if wanted in (_name(c), c.key)), None)

    def aged(self, name: str) -> Column | None:
        """The column of times when `name` is `older` or `newer`, else None."""
        return self._times() if name.lower() in ("older", "newer") else None

    def _times(self) -> Column | None:
        return next((column for column in self.columns if column.type is CellType.TIME), None)


def parse(line: str, fields: Fields) -> tuple[Term, ...]:
    """The terms of a line, in its order; none for an empty one. FilterError names the first wrong place."""
    if len(line) > LONGEST:
        raise FilterError(f"A filter has at most {LONGEST:,} characters", (LONGEST, len(line)))
    if (unsendable := UNSENDABLE.search(line)) is not None:
        raise FilterError("A filter cannot hold that character", unsendable.span())
    terms = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        found = _TERM.match(line, at)
        end = found.end() if found is not None and found.end() > at else at + 1
        terms.append(_term(line[at:end], (at, end), fields))
        at = end
    return tuple(terms)


def written(terms: Sequence[Term], line: str) -> tuple[str, ...]:
    """Each term as it was typed."""
    return tuple(line[term.place[0] : term.place[1]] for term in terms)


def without(line: str, term: Term) -> str:
    """The line with one of its terms taken out."""
    return f"{line[: term.place[0]].rstrip()} {line[term.place[1] :].lstrip()}".strip()


def quoted(value: str) -> str:
    """A value as it may stand in a line."""
    return f'"{value.replace(chr(34), "")}"' if re.search(r'[\s,":]|^$|^[-<>]', value) else value


def _name(column: Column) -> str:
    return "-".join(column.title.lower().split())


def _term(text: str, place: tuple[int, int], fields: Fields) -> Term:
    negated = text.startswith("-")
    body = text[1:] if negated else text
    if body.count('"') % 2:
        raise FilterError("A quotation mark has no partner", (place[0] + text.rindex('"'), place[1]))
    name, colon, value = ("", "", body) if body.startswith('"') else body.partition(":")
    if not colon:
        words = body.replace('"', " ").strip()
        if not words:
            raise FilterError("There is nothing to look for", place)
        return Term("", Words(words, phrase='"' in body), negated, place)
    here = (place[1] - len(value), place[1])
    aged = fields.aged(name)
    column = aged or fields.named(name)
    if column is None:
        raise FilterError(f"There is no column {name}; there are {', '.join(fields.names)}", place)
    if not value:
        raise FilterError(f"What should {name} be?", place)
    if aged is not None:
        age = _age(value)
        if age is None:
            raise FilterError(f"{name} takes an age such as 30m, 12h, 2d or 3w", here)
        test = Range(least=Bound(age)) if name.lower() == "older" else Range(most=Bound(age))
        return Term(column.key, test, negated, place)
    if column.type in _NUMBERS:
        return Term(column.key, _numbers(value, here), negated, place)
    if column.type is CellType.TIME:
        return Term(column.key, _times(value, here), negated, place)
    values = tuple(dict.fromkeys(each for each in _values(value) if each))
    if not values:
        raise FilterError(f"What should {name} be?", place)
    return Term(column.key, AnyOf(values), negated, place)


def _values(text: str) -> list[str]:
    """What commas separate outside quotation marks, without those marks."""
    return [part.replace('"', "").strip() for part in re.findall(r'(?:"[^"]*"|[^,"])+', text)]


def _split(value: str) -> tuple[str, str, str]:
    """What stands before a sign of comparison (or `..`), the sign, and what stands after it."""
    for sign in ("<=", ">=", "<", ">"):
        if value.startswith(sign):
            return "", sign, value[len(sign) :]
    low, dots, high = value.partition("..")
    return low, dots, high


def _numbers(value: str, place: tuple[int, int]) -> Range:
    def number(text: str) -> float:
        try:
            parsed = float(text)
        except ValueError:
            parsed = math.nan
        if not math.isfinite(parsed) or "_" in text:
            raise FilterError("A number, such as 3, >2 or 2..5, is missing here", place)
        return parsed

    low, sign, high = _split(value)
    if not sign:
        return Range(Bound(number(low)), Bound(number(low)))
    if sign == "..":
        if not low and not high:
            raise FilterError("A range needs one of its ends", place)
        return Range(Bound(number(low)) if low else None, Bound(number(high)) if high else None)
    bound = Bound(number(high), sign.endswith("="))
    return Range(most=bound) if sign.startswith("<") else Range(least=bound)


def _times(value: str, place: tuple[int, int]) -> Range:
    low, sign, high = _split(value)
    if not sign:
        day = _date(low, place)
        return Range(Bound(day), Bound(_next(day, place), closed=False))
    if sign != "..":
        if (age := _age(high)) is not None:
            bound = Bound(age, sign.endswith("="))
            return Range(most=bound) if sign.startswith("<") else Range(least=bound)
        day = _date(high, place)
        if sign.startswith("<"):
            return Range(most=Bound(_next(day, place) if sign == "<=" else day, closed=False))
        return Range(least=Bound(day if sign == ">=" else _next(day, place)))
    if not low and not high:
        raise FilterError("A range needs one of its ends", place)
    ages = [_age(low), _age(high)]
    if any(age is not None for age in ages):
        if (low and ages[0] is None) or (high and ages[1] is None):
            raise FilterError("Both ends are dates, or both are ages", place)
        return Range(*(None if age is None else Bound(age) for age in ages))
    return Range(
        Bound(_date(low, place)) if low else None,
        Bound(_next(_date(high, place), place), closed=False) if high else None,
    )


def _age(text: str) -> timedelta | None:
    found = _AGE.fullmatch(text)
    return None if found is None else timedelta(**{_UNITS[found[2]]: int(found[1])})


def _date(text: str, place: tuple[int, int]) -> datetime:
    if _DATE.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise FilterError("A date such as 2026-06-03, or an age such as >2d, is missing here", place)


def _next(day: datetime, place: tuple[int, int]) -> datetime:
    try:
        return day + _DAY
    except OverflowError:
        raise FilterError("That is later than any date", place) from None
