"""What is wrong with a text and where, as plain values: it runs aside, while the person types on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from console.bible.broken import MAX_PROBLEMS
from console.bible.matching import step_of
from console.bible.positions import PositionIndex
from console.bible.reading import BrokenDocument, read
from console.bible.schema import AnnotatedSchema, no_schema
from console.bible.validation import Finding, Surroundings, validate
from console.bible.values import ABSENT, Json, Tokens, escape, parse_pointer
from console.ui.bible.naming import Names

LARGE: Final = 2_000_000
"""Characters from which on a place takes too long to find while the person waits."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding at its place: `line` and `column` count from 1, the column in characters.

    `tokens` is its place in the document and `path` the stable pointer, both empty where the text is broken;
    then `kind` is "syntax", else one of `console.bible.validation.Finding`.
    """

    severity: Literal["error", "warning"]
    message: str
    line: int
    column: int
    path: str = ""
    tokens: Tokens = ()
    kind: str = "syntax"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in a text. `document` is ABSENT where the text is broken, and the marks say why.

    `names` holds what the elements that can be referred to are called, `index` where the outer levels
    stand: found here, since it takes its time.
    """

    text: str
    document: Json
    marks: tuple[Mark, ...]
    names: Names | None = None
    index: PositionIndex | None = None


def analyse(text: str, schema: AnnotatedSchema | None, around: Surroundings | None) -> Analysis:
    """The document with all findings in the text's order: what breaks JSON, else the schema, or is odd."""
    try:
        document = read(text)
    except BrokenDocument as broken:
        marks = (Mark("error", part.message, part.line, part.column) for part in broken.problems)
        return Analysis(text, ABSENT, tuple(marks))
    found = [] if schema is None else validate(document, schema, around)[:MAX_PROBLEMS]
    names = Names(document, schema or no_schema())
    for ref in schema.refs if schema is not None else ():
        names.targets(ref)
    index = PositionIndex(text)
    if len(text) > LARGE:
        index.learn()
    return Analysis(text, document, _marks(text, found), names, index)


def _marks(text: str, found: list[Finding]) -> tuple[Mark, ...]:
    index = PositionIndex(text)
    starts = {
        keys: index.starts((one.tokens for one in found if (one.kind == "unknown-field") == keys), keys=keys)
        for keys in (False, True)
    }
    places = sorted((starts[one.kind == "unknown-field"][one.tokens], at) for at, one in enumerate(found))
    marks, line, last = [], 1, 0
    for offset, at in places:
        line += text.count("\n", last, offset)
        last = offset
        column = offset - text.rfind("\n", 0, offset)
        one = found[at]
        marks.append(Mark(one.severity, one.message, line, column, one.path, one.tokens, one.kind))
    return tuple(marks)


def place(text: str, path: str, schema: AnnotatedSchema | None) -> tuple[int, int]:
    """Line and column of what a pointer names; see `tokens_of`, whose errors it raises."""
    return PositionIndex(text).locate(tokens_of(text, path, schema))


def tokens_of(text: str, path: str, schema: AnnotatedSchema | None) -> Tokens:
    """The place that a pointer names: RFC 6901, or with array elements as `key=value`.

    Raises LookupError, saying in words what is not there, and ValueError for what is no pointer.
    """
    wanted = parse_pointer(path)
    try:
        value = read(text)
    except BrokenDocument:
        return wanted
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
    return tuple(tokens)
