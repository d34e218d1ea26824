"""Changes of a document as the smallest changes of its text: all else stays as it was typed.

Each function gives `Edit`s that do not overlap, the last of the text first, so that they can be made one
after the other. Raises LookupError where the text has no such place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from console.bible.positions import Child, PositionIndex
from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.bible.writing import written


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters from `start` to before `end` become `new`."""

    start: int
    end: int
    new: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits."""
    for edit in edits:
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def put(index: PositionIndex, tokens: Tokens, value: Json) -> list[Edit]:
    """Another value at a place."""
    start, _end = index.span(tokens)
    return put_literal(index, tokens, written(value, _indent(index.text, start)))


def put_literal(index: PositionIndex, tokens: Tokens, literal: str) -> list[Edit]:
    """Other JSON at a place, as it was typed."""
    start, end = index.span(tokens)
    return [Edit(start, end, literal)] if index.text[start:end] != literal else []


def add(
    index: PositionIndex, holder: Tokens, name: str, value: Json, order: Sequence[str] = ()
) -> list[Edit]:
    """A new member of an object, where `order` (the schema's) has it; one it does not name comes last."""
    box = _Box(index, holder)
    places = {known: place for place, known in enumerate(order)}
    mine = places.get(name, len(places))
    before = next(
        (at for at, child in enumerate(box.children) if places.get(str(child.token), len(places)) > mine),
        len(box.children),
    )
    piece = f"{json.dumps(name, ensure_ascii=False)}: {written(value, box.inner)}"
    return [box.inserted(before, piece)]


def insert(index: PositionIndex, array: Tokens, at: int, value: Json) -> list[Edit]:
    """A new element of an array, before the one that now stands at `at`."""
    box = _Box(index, array)
    return [box.inserted(min(at, len(box.children)), written(value, box.inner))]


def remove(index: PositionIndex, tokens: Tokens) -> list[Edit]:
    """A member or an element less."""
    box = _Box(index, tokens[:-1])
    return [box.removed(box.place(tokens[-1]))]


def move(index: PositionIndex, array: Tokens, at: int, to: int) -> list[Edit]:
    """The element of an array at `at` stands at `to` afterwards."""
    box = _Box(index, array)
    if not (0 <= at < len(box.children) and 0 <= to < len(box.children)):
        raise LookupError(f"there is no element {to} in /{'/'.join(map(str, array))}")
    if at == to:
        return []
    piece = index.text[box.begin(at) : box.ends[at]]
    edits = [box.removed(at), box.inserted(to + 1 if to > at else to, piece)]
    return sorted(edits, key=lambda edit: edit.start, reverse=True)


def rename(index: PositionIndex, tokens: Tokens, name: str) -> list[Edit]:
    """A member under another key."""
    key = index.child(tokens).key
    if key is None:
        raise LookupError(f"{tokens[-1]} has no key")
    return [Edit(*key, json.dumps(name, ensure_ascii=False))]


def blank(rule: Rule, kinds: Sequence[str] = ()) -> Json:
    """What a new value at a place begins with: the schema's default or first choice, else the least it asks.

    `kinds` stands in for the schema's types where it names none.
    """
    default, choices = rule.keyword("default"), rule.keyword("enum")
    if default is not None:
        return default
    if isinstance(choices, list) and choices:
        return choices[0]
    kind = next((kind for kind in (*rule.types, *kinds) if kind != "null"), "")
    if kind == "object" or (not kind and rule.names):
        wanted = dict.fromkeys((*rule.required, *rule.keys))
        return {name: blank(rule.member(name)) for name in sorted(wanted, key=_order(rule))}
    starts: dict[str, Any] = {"array": [], "boolean": False, "integer": 0, "number": 0}
    return starts.get(kind, "")


def blank_element(array: Rule, at: int, kinds: Sequence[str] = ()) -> Json:
    """What a new element begins with: what the schema asks of it, and what identifies it."""
    element = array.element(at)
    made = blank(element, kinds)
    if isinstance(made, dict):
        made |= {name: blank(element.member(name)) for name in array.keys if name not in made}
        made = {name: made[name] for name in sorted(made, key=_order(element))}
    return made


def _order(rule: Rule) -> Any:
    places = {name: place for place, name in enumerate(rule.names)}
    return lambda name: places.get(name, len(places))


def _indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


class _Box:
    """An object or array of the text, with its members or elements."""

    def __init__(self, index: PositionIndex, tokens: Tokens) -> None:
        self.text = index.text
        self.start, self.end = index.span(tokens)
        if self.text[self.start] not in "{[":
            raise LookupError(f"/{'/'.join(map(str, tokens))} is neither an object nor an array")
        self.children: list[Child] = list(index.children(self.start, len(tokens)))
        self.ends = [
            index.end(child.start, len(tokens) + 1) if child.start is not None else 0
            for child in self.children
        ]
        lines = not self.children or "\n" in self.text[self.start : self.begin(0)]
        outer = _indent(self.text, self.start)
        inside = _indent(self.text, self.begin(0)) if self.children and lines else f"{outer}  "
        self.inner = inside if lines else outer
        self._between = f"\n{inside}" if lines else " "
        self._closing = f"\n{outer}"

    def begin(self, at: int) -> int:
        child = self.children[at]
        return child.key[0] if child.key is not None else child.start or 0

    def place(self, token: str | int) -> int:
        for at, child in enumerate(self.children):
            if str(child.token) == str(token):
                return at
        raise LookupError(f"there is no {token}")

    def inserted(self, at: int, piece: str) -> Edit:
        if not self.children:
            return Edit(self.start + 1, self.end - 1, f"{self._between}{piece}{self._closing}")
        if at == len(self.children):
            return Edit(self.ends[-1], self.ends[-1], f",{self._between}{piece}")
        return Edit(self.begin(at), self.begin(at), f"{piece},{self._between}")

    def removed(self, at: int) -> Edit:
        if len(self.children) == 1:
            return Edit(self.start + 1, self.end - 1, "")
        if at < len(self.children) - 1:
            return Edit(self.begin(at), self.begin(at + 1), "")
        return Edit(self.ends[at - 1], self.ends[at], "")
