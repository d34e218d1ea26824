"""Where each value of a text stands, also of a text that is broken elsewhere.

What lies before a place is skipped by Python's own reader, in C; only what that refuses is gone through
sign by sign. So nothing has to be kept current while somebody types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from console.bible.broken import MAX_DEPTH
from console.bible.values import Tokens

_skip: Final = json.JSONDecoder(strict=False, parse_int=str, parse_float=str).raw_decode
_SIGN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[\[\]{},:]|[^\s\[\]{},:"]+')
_PIECEWISE: Final = 2
"""Levels whose values are skipped child by child: one call for all of 10 MB would hold the other threads."""


@dataclass(frozen=True, slots=True)
class Child:
    """A member or element: its token, where its key stands (an element has none), where its value begins.

    Without a value, which a text that is being typed may lack, `start` is None.
    """

    token: str | int
    key: tuple[int, int] | None
    start: int | None


class PositionIndex:
    """The places of one text: offsets count characters from 0, lines and columns from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[Tokens, Child] = {}

    @property
    def root(self) -> int | None:
        """Where the document begins; None in a text without one."""
        match = _SIGN.search(self.text)
        return match.start() if match else None

    def children(self, at: int, level: int = _PIECEWISE) -> Iterator[Child]:
        """The members or elements of the value at `at`; none for a value that holds none."""
        bracket = self.text[at : at + 1]
        if bracket not in ("{", "["):
            return
        here, number = at + 1, 0
        while (sign := _SIGN.search(self.text, here)) is not None and sign[0] not in ("]", "}"):
            here = sign.end()
            if sign[0] in (",", ":"):
                continue
            if bracket == "[":
                child = Child(number, None, sign.start())
                number += 1
            else:
                child = self._member(sign)
            yield child
            if child.start is not None:
                here = self.end(child.start, level + 1)
            elif (colon := _SIGN.match(self.text, here)) is not None and colon[0] == ":":
                here = colon.end()

    def _member(self, key: re.Match[str]) -> Child:
        place = key.span()
        if key[0][0] != '"':
            return Child(key[0], place, key.start() if key[0][0] in "[{" else None)
        name = _unquoted(key[0])
        colon = _SIGN.search(self.text, key.end())
        if colon is None or colon[0] != ":":
            return Child(name, place, None)
        value = _SIGN.search(self.text, colon.end())
        return Child(name, place, None if value is None or value[0] in (",", "}", "]") else value.start())

    def end(self, at: int, level: int = _PIECEWISE) -> int:
        """Where the value that begins at `at` ends."""
        if level >= _PIECEWISE:
            try:
                return int(_skip(self.text, at)[1])
            except (ValueError, RecursionError):
                return self._end_by_signs(at)
        if self.text[at : at + 1] not in ("{", "["):
            return self.end(at)
        last = at + 1
        for child in self.children(at, level):
            last = (child.key or (0, last))[1] if child.start is None else self.end(child.start, level + 1)
        closing = _SIGN.search(self.text, last)
        while closing is not None and closing[0] in (",", ":"):
            closing = _SIGN.search(self.text, closing.end())
        return len(self.text) if closing is None else closing.end()

    def _end_by_signs(self, at: int) -> int:
        depth = 0
        for sign in _SIGN.finditer(self.text, at):
            if sign[0] in ("{", "["):
                depth += 1
            elif sign[0] in ("]", "}"):
                depth -= 1
            if depth <= 0:
                return sign.end()
        return len(self.text)

    def starts(self, wanted: Iterable[Tokens], *, keys: bool = False) -> dict[Tokens, int]:
        """Where the values at these places begin (their keys with `keys`), found in one walk.

        What is not there is given the place of what would hold it.
        """
        found: dict[Tokens, int] = {}
        root = self.root
        trie: dict[Tokens, set[str]] = {}
        for tokens in wanted:
            found[tokens] = root or 0
            for depth, token in enumerate(tokens):
                trie.setdefault(tuple(map(str, tokens[:depth])), set()).add(str(token))
        if root is not None:
            places: dict[Tokens, int] = {(): root}
            self._collect((), root, trie, places, keys=keys)
            for tokens in found:
                named = tuple(map(str, tokens))
                depth = next(depth for depth in range(len(named), -1, -1) if named[:depth] in places)
                found[tokens] = places[named[:depth]]
        return found

    def _collect(
        self,
        at: Tokens,
        start: int,
        trie: Mapping[Tokens, set[str]],
        places: dict[Tokens, int],
        *,
        keys: bool,
    ) -> None:
        missing = set(trie.get(at, ()))
        if not missing:
            return
        for child in self.children(start, len(at)):
            name = str(child.token)
            if name in missing:
                inner = (*at, name)
                begin = (
                    child.key[0] if child.key is not None and (keys or child.start is None) else child.start
                )
                places[inner] = begin or 0
                if child.start is not None:
                    self._collect(inner, child.start, trie, places, keys=keys)
                missing.discard(name)
                if not missing:
                    return

    def span(self, tokens: Tokens) -> tuple[int, int]:
        """Start and end of the value at a place. Raises LookupError where there is none."""
        child = self.child(tokens)
        if child.start is None:
            raise LookupError(f"there is no value of {tokens[-1]}")
        return child.start, self.end(child.start, len(tokens))

    def child(self, tokens: Tokens) -> Child:
        """The member or element at a place, the root as one without a key. LookupError if it is not there."""
        known = next((depth for depth in range(len(tokens), 0, -1) if tokens[:depth] in self._found), 0)
        here = self._found[tokens[:known]] if known else Child("", None, self.root)
        for level, token in enumerate(tokens[known:], start=known):
            inside = () if here.start is None else self.children(here.start, level)
            found = next((child for child in inside if str(child.token) == str(token)), None)
            if found is None:
                raise LookupError(f"there is no {token} in /{'/'.join(map(str, tokens[:level]))}")
            here = self._found[tokens[: level + 1]] = found
        return here

    def learn(self, levels: int = _PIECEWISE) -> None:
        """Find what stands in the outer levels now: later places within them are found at once."""
        outer: list[Tokens] = [()]
        for level in range(levels):
            inner = []
            for tokens in outer:
                start = self.child(tokens).start
                for child in () if start is None else self.children(start, level):
                    place = (*tokens, child.token)
                    self._found.setdefault(place, child)
                    inner.append(place)
            outer = inner

    def locate(self, tokens: Iterable[str | int], *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at a place (of its key with `key`), or of what would hold it."""
        whole = tuple(tokens)
        return self.line_and_column(self.starts([whole], keys=key)[whole])

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - start + 1

    def pointer_at(self, offset: int) -> Tokens:
        """The tokens of the innermost value around the `offset`th character of the text."""
        return self.around(offset)[0]

    def around(self, offset: int) -> tuple[Tokens, Child, int | None]:
        """What stands at a character: its tokens, itself, and where the object or array around it begins."""
        tokens: Tokens = ()
        here = Child("", None, self.root)
        holder: int | None = None
        while here.start is not None and len(tokens) <= MAX_DEPTH:
            inner = None
            for child in self.children(here.start, len(tokens)):
                begin = child.key[0] if child.key is not None else child.start
                if begin is not None and begin > offset:
                    break
                end = child.key[1] if child.key is not None and child.start is None else None
                if end is None and child.start is not None:
                    end = self.end(child.start, len(tokens) + 1)
                if end is not None and offset <= end:
                    inner = child
                    break
            if inner is None:
                break
            tokens, here, holder = (*tokens, inner.token), inner, here.start
        return tokens, here, holder


def _unquoted(key: str) -> str:
    try:
        return str(json.loads(key, strict=False))
    except ValueError:
        return key.strip('"')
