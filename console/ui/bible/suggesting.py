"""What can stand at a place of the text, and what the schema says of it: plain functions, which run aside."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from console.bible.positions import PositionIndex
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import Tokens, pointer
from console.bible.writing import written
from console.ui.bible.naming import Names, label_of
from console.ui.theme.words import shortened

MOST: Final = 200
"""More nobody looks through: typing on narrows them."""

_PIECE: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[^\s\[\]{},:"]+')
_KEY_BEFORE: Final = re.compile(r'("(?:[^"\\\n]|\\.)*")\s*:\s*\Z')


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that can stand here: the JSON to put in, what it is called, and a word about it."""

    literal: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor is: the characters that would be replaced, and what was typed of them so far.

    `holder` is the place of the object or array around it; `key` the member's, None at a key itself.
    `free` tells whether anything may begin here: not right behind a value.
    """

    start: int
    end: int
    typed: str
    quoted: bool
    holder: Tokens
    key: str | int | None
    free: bool


def place_at(text: str, offset: int) -> Place:
    """What stands at a character."""
    line = text.rfind("\n", 0, offset) + 1
    stop = text.find("\n", offset)
    piece = next(
        (
            match
            for match in _PIECE.finditer(text, line, len(text) if stop < 0 else stop)
            if match.start() < offset <= match.end() and not _closed(match, offset)
        ),
        None,
    )
    start, end = piece.span() if piece else (offset, offset)
    quoted = piece is not None and piece[0].startswith('"')
    index = PositionIndex(text)
    tokens, child, _holder = index.around(offset)
    inside = child.start is not None and text[child.start] in "{[" and child.start < offset
    # The end of a container is not inside of it.
    if inside and child.start is not None:
        end = index.end(child.start)
        inside = end > start or text[end - 1] not in "}]"
    holder = tokens if inside else tokens[:-1]
    before = text[max(0, start - 2_000) : start].rstrip()
    key: str | int | None
    if named := _KEY_BEFORE.search(text, max(0, start - 2_000), start):
        key = str(json.loads(named[1], strict=False)) if _sound(named[1]) else named[1]
    elif before.endswith("[") or (before.endswith(",") and _is_array(index, holder)):
        key = 0
    else:
        key = None
    return Place(start, end, text[start:offset].lstrip('"'), quoted, holder, key, before[-1:] in "{[,:")


def _closed(match: re.Match[str], offset: int) -> bool:
    piece = match[0]
    return offset == match.end() and len(piece) > 1 and piece.startswith('"') and piece.endswith('"')


def _sound(piece: str) -> bool:
    try:
        json.loads(piece, strict=False)
    except ValueError:
        return False
    return True


def _is_array(index: PositionIndex, tokens: Tokens) -> bool:
    try:
        start = index.child(tokens).start
    except LookupError:
        return False
    return start is not None and index.text[start] == "["


def _rule(schema: AnnotatedSchema, tokens: Tokens) -> Rule:
    rule = schema.root
    for token in tokens:
        rule = rule.element(token) if isinstance(token, int) else rule.member(token)
    return rule


def suggest(
    text: str, offset: int, schema: AnnotatedSchema, names: Names
) -> tuple[Place, tuple[Suggestion, ...]]:
    """What can stand at a character, narrowed by what was typed of it."""
    place, index = place_at(text, offset), PositionIndex(text)
    rule = _rule(schema, place.holder)
    if not place.free:
        return place, ()
    found = _keys(index, place, rule) if place.key is None else _values(rule, place.key, names)
    wanted = place.typed.casefold()
    fitting = [each for each in found if wanted in each.name.casefold() or wanted in each.detail.casefold()]
    fitting.sort(key=lambda each: not each.name.casefold().startswith(wanted))
    return place, tuple(fitting[:MOST])


def _keys(index: PositionIndex, place: Place, rule: Rule) -> list[Suggestion]:
    try:
        start = index.child(place.holder).start
    except LookupError:
        return []
    if start is None or index.text[start] != "{":
        return []
    mine = (place.start, place.end)
    there = {child.token for child in index.children(start, len(place.holder)) if child.key != mine}
    colon = index.text[place.end :].lstrip()[:1] == ":"
    return [
        Suggestion(
            json.dumps(name, ensure_ascii=False) + ("" if colon else ": "),
            name,
            _first(rule.member(name).keyword("description")),
        )
        for name in rule.names
        if name not in there
    ]


def _values(holder: Rule, key: str | int, names: Names) -> list[Suggestion]:
    rule = holder.element(key) if isinstance(key, int) else holder.member(key)
    if rule.ref is not None:
        targets = names.targets(rule.ref)
        pairs = zip(targets.keys, targets.names, strict=True)
        return [Suggestion(written(key), key, name) for key, name in pairs]
    choices = rule.keyword("enum")
    values = list(choices) if isinstance(choices, list) else []
    values += [True, False] if "boolean" in rule.types else []
    values += [None] if "null" in rule.types else []
    default = rule.keyword("default")
    return [
        Suggestion(written(value), str(value) if isinstance(value, str) else written(value), "default")
        if value == default and isinstance(value, bool) == isinstance(default, bool)
        else Suggestion(written(value), str(value) if isinstance(value, str) else written(value))
        for value in values
    ]


def _first(text: object) -> str:
    return shortened(text) if isinstance(text, str) else ""


def explain(text: str, offset: int, schema: AnnotatedSchema) -> str:
    """What the schema says about the value or key at a character, as lines; nothing where it says nothing."""
    tokens, _child, _holder = PositionIndex(text).around(offset)
    if not tokens:
        return ""
    rule = _rule(schema, tokens)
    last = tokens[-1]
    name = label_of(last, rule) if isinstance(last, str) else f"Element {last + 1:,}"
    lines = [f"{name} · {pointer(tokens)}"]
    description, choices = rule.keyword("description"), rule.keyword("enum")
    if isinstance(description, str):
        lines.append(description)
    if rule.types:
        lines.append(f"Kind: {' or '.join(rule.types)}")
    if isinstance(choices, list):
        lines.append(f"One of: {shortened(', '.join(map(str, choices)), 200)}")
    for word, said in (("Pattern", rule.keyword("pattern")), ("Format", rule.keyword("format"))):
        if isinstance(said, str):
            lines.append(f"{word}: {said}")
    if rule.ref is not None:
        lines.append(f"Refers to a key in {pointer(rule.ref)}")
    holder = _rule(schema, tokens[:-1])
    if isinstance(last, str) and not holder.open and last not in holder.known:
        lines.append("The schema does not know this field")
    return "\n".join(lines) if len(lines) > 1 else ""
