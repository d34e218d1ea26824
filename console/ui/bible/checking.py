"""What is wrong with a text and where, as plain values: it runs aside, while the person types on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from console.bible.broken import MAX_PROBLEMS
from console.bible.matching import step_of
from console.bible.positions import PositionIndex
from console.bible.reading import BrokenDocument, read
from console.bible.schema import AnnotatedSchema
from console.bible.validation import Surroundings, validate
from console.bible.values import escape, parse_pointer


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding at its place: `line` and `column` count from 1, the column in characters."""

    severity: Literal["error", "warning"]
    message: str
    line: int
    column: int
    path: str = ""


def check(text: str, schema: AnnotatedSchema | None, around: Surroundings | None) -> tuple[Mark, ...]:
    """All findings of a text, in its order: what breaks JSON, else what breaks the schema and what is odd."""
    try:
        document = read(text)
    except BrokenDocument as broken:
        return tuple(Mark("error", part.message, part.line, part.column) for part in broken.problems)
    if schema is None:
        return ()
    found = validate(document, schema, around)[:MAX_PROBLEMS]
    if not found:
        return ()
    index = PositionIndex(text)
    marks = (Mark(one.severity, one.message, *index.locate(one.tokens), one.path) for one in found)
    return tuple(sorted(marks, key=lambda mark: (mark.line, mark.column)))


def place(text: str, path: str, schema: AnnotatedSchema | None) -> tuple[int, int]:
    """Line and column of what a pointer names: RFC 6901, or with array elements as `key=value`.

    Raises LookupError, saying in words what is not there, and ValueError for what is no pointer.
    """
    wanted = parse_pointer(path)
    try:
        value = read(text)
    except BrokenDocument:
        return PositionIndex(text).locate(wanted)
    rule = schema.root if schema is not None else None
    tokens: list[str | int] = []
    for token in wanted:
        step: str | int = token
        if isinstance(value, list):
            names = [] if rule is None else [step_of(part, rule, at) for at, part in enumerate(value)]
            keyed = escape(token)
            step = names.index(keyed) if keyed in names else int(token) if token.isdecimal() else -1
            if not 0 <= step < len(value):
                raise LookupError(f"nothing is called {token} in /{'/'.join(map(str, tokens))}")
            value = value[step]
            rule = None if rule is None else rule.element(step)
        elif isinstance(value, dict) and token in value:
            value = value[token]
            rule = None if rule is None else rule.member(token)
        else:
            raise LookupError(f"there is no {token} in /{'/'.join(map(str, tokens))}")
        tokens.append(step)
    return PositionIndex(text).locate(tokens)
