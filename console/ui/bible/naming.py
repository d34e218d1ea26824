"""What a place of a document is called on the screen, told from the schema and the values alone."""

from __future__ import annotations

import re
from typing import Final

from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import ABSENT, Json, Tokens, resolve
from console.ui.theme.words import plain, shortened

LONGEST: Final = 70
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+|-+")


def words(name: str) -> str:
    """A property's name as words: `canonicalName` is "Canonical name"."""
    text = " ".join(part if part.isupper() else part.lower() for part in _HUMP.split(plain(name)) if part)
    return shortened(text[:1].upper() + text[1:], LONGEST) or "“”"


def label_of(name: str, rule: Rule) -> str:
    """What a member is called: the schema's title for it, else its name."""
    said = rule.keyword("title")
    return shortened(said, LONGEST) if isinstance(said, str) and said else words(name)


def scalar(value: Json) -> str:
    """A value in a few words."""
    if isinstance(value, str):
        return shortened(value, LONGEST)
    if isinstance(value, dict):
        return f"{len(value):,} fields" if len(value) != 1 else "1 field"
    if isinstance(value, list):
        return f"{len(value):,} elements" if len(value) != 1 else "1 element"
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if _word(value) else str(value)


def _word(value: Json) -> bool:
    return value is None or isinstance(value, bool)


class Targets:
    """What may be referred to at one place, in the document's order: keys, and what each is called."""

    def __init__(self, named: dict[str, str]) -> None:
        self.keys, self.names = list(named), list(named.values())
        self.shown = [f"{name} · {key}" if name != key else key for key, name in named.items()]
        self.places = {key: place for place, key in enumerate(self.keys)}

    def name(self, key: Json) -> str:
        """What a key is called; nothing if it is none."""
        return self.names[self.places[key]] if isinstance(key, str) and key in self.places else ""


class Names:
    """The names of the elements of one document, found when they are asked for and kept."""

    def __init__(self, document: Json, schema: AnnotatedSchema) -> None:
        self._document, self._root = document, schema.root
        self._known: dict[tuple[str, ...], Targets] = {}

    def element(self, value: Json, array: Rule, index: int) -> tuple[str, str]:
        """Title and detail of an element.

        An element is called by its first text that is no key. A key that is a text without a pattern is
        itself a name; an id, a number or a reference stands beside it as the detail.
        """
        rule = array.element(index)
        if not isinstance(value, dict):
            return scalar(value), ""
        keys = [(name, value[name]) for name in array.keys if name in value]
        first = keys[0][0] if keys else ""
        named = bool(keys) and isinstance(keys[0][1], str) and not rule.member(first).keyword("pattern")
        parts = (self.reference(part, rule.member(name)) for name, part in keys)
        shown = " · ".join(part for part in parts if part)
        texts = (
            value[name]
            for name in (*rule.names, *value)
            if name not in array.keys and isinstance(value.get(name), str) and value[name].strip()
        )
        text = scalar(next(texts, ""))
        title, detail = (shown, text) if named and shown else (text, shown)
        return (title, detail) if title else (detail or f"Element {index + 1:,}", "")

    def reference(self, value: Json, rule: Rule) -> str:
        """A value, by the name of what it refers to where it refers to something that is there."""
        if rule.ref is not None and isinstance(value, str):
            return self.targets(rule.ref).name(value) or scalar(value)
        return scalar(value)

    def targets(self, ref: tuple[str, ...]) -> Targets:
        """The keys that may be referred to in the array or object at `ref`, each with its name."""
        if ref not in self._known:
            rule = self._root
            for token in ref:
                rule = rule.member(token)
            self._known[ref] = Targets(self._found(resolve(self._document, ref), rule))
        return self._known[ref]

    def _found(self, target: Json, rule: Rule) -> dict[str, str]:
        if isinstance(target, dict):
            return {name: words(name) for name in target}
        found: dict[str, str] = {}
        for at, part in enumerate(target if isinstance(target, list) else ()):
            if isinstance(part, dict) and rule.keys:
                key = part.get(rule.keys[0], ABSENT)
                if isinstance(key, str):
                    found.setdefault(key, self.element(part, rule, at)[0])
            elif isinstance(part, str):
                found.setdefault(part, scalar(part))
        return found

    def trail(self, tokens: Tokens) -> list[str]:
        """What each step of a place is called, from the root's members on."""
        value, rule, names = self._document, self._root, []
        for token in tokens:
            if isinstance(value, list) and isinstance(token, int) and token < len(value):
                names.append(self.element(value[token], rule, token)[0])
                value, rule = value[token], rule.element(token)
            else:
                rule = rule.member(str(token))
                names.append(label_of(str(token), rule))
                value = value.get(str(token)) if isinstance(value, dict) else None
        return names
