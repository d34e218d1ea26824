"""A JSON Schema whose annotations say how documents merge.

`x-merge`: `map`, `set`, `list`, `atomic` or `counter`; `x-keys`: the properties that identify an element of
an array; `x-ref`: a pointer to the array (or object) in which this string is a key; `x-unique: false`:
several elements may share a key; `x-context`: what outside of the document the value speaks of, `segment`
or `version`. Annotations count beside a `$ref`, too, and win over those of its target.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs

from console.bible.values import Json, parse_pointer, resolve
from console.domain.errors import ConfigurationError

_MERGES: Final = frozenset({"map", "set", "list", "atomic", "counter"})
_WHOLE_STRINGS: Final = ("enum", "const", "pattern", "format", "x-ref")
_APPLICATORS: Final = ("allOf", "anyOf", "oneOf")
_CONDITIONALS: Final = ("if", "then", "else")


class Rule:
    """What the schema says about the values at one place.

    `merge` is the annotation or None; `keys` identify the elements of an array; `unique` says whether they
    must; `ref` holds the tokens of the array that a string refers to; `sentences` whether a string may be
    merged by sentence; `interesting` whether anything at or below it has keys or references; `context` as
    in the schema.
    """

    __slots__ = (
        "_by_index",
        "_children",
        "_interesting",
        "_nodes",
        "_schema",
        "_watched",
        "context",
        "counter",
        "keys",
        "known",
        "merge",
        "names",
        "open",
        "ref",
        "sentences",
        "unique",
    )

    def __init__(self, schema: AnnotatedSchema, nodes: tuple[Mapping[str, Any], ...]) -> None:
        self._schema = schema
        self._nodes = nodes
        self._children: dict[str | int | None, Rule] = {}
        self._interesting: bool | None = None
        self._watched: tuple[str, ...] | bool | None = False
        self._by_index = any(isinstance(node.get("items"), list) for node in nodes)
        self.merge: str | None = self._first("x-merge")
        self.keys: tuple[str, ...] = tuple(self._first("x-keys") or ())
        self.ref: tuple[str, ...] | None = None
        if (ref := self._first("x-ref")) is not None:
            self.ref = parse_pointer(ref)
        self.unique = self._first("x-unique") is not False
        self.context: str | None = self._first("x-context")
        self.counter = self.merge == "counter"
        self.sentences = self.merge is None and not any(
            key in node for node in nodes for key in _WHOLE_STRINGS
        )
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(name for node in nodes for name in _mapping(node, "properties"))
        )
        self.known = frozenset(self.names)
        self.open = not self.names or any(
            _mapping(node, "patternProperties") or node.get("additionalProperties") not in (None, False)
            for node in nodes
        )

    def _first(self, key: str) -> Any:
        return next((node[key] for node in self._nodes if key in node), None)

    def keyword(self, name: str) -> Any:
        """What the schema's nodes for this place say under a keyword: the first, or None."""
        return self._first(name)

    @property
    def required(self) -> tuple[str, ...]:
        """The properties that must be there."""
        return tuple(dict.fromkeys(name for node in self._nodes for name in _names(node)))

    @property
    def types(self) -> tuple[str, ...]:
        """The kinds of value that are allowed, as JSON Schema names them; none if the schema says nothing."""
        said = self._first("type")
        return (said,) if isinstance(said, str) else tuple(said) if isinstance(said, list) else ()

    def member(self, name: str) -> Rule:
        """The rule of an object's property."""
        rule = self._children.get(name)
        if rule is None:
            rule = self._children[name] = self._schema.rule(
                found for node in self._nodes for found in _property(node, name)
            )
        return rule

    def element(self, index: int) -> Rule:
        """The rule of an array's element; only `items` as an array makes the index matter."""
        key = index if self._by_index else None
        rule = self._children.get(key)
        if rule is None:
            rule = self._children[key] = self._schema.rule(
                found for node in self._nodes for found in _element(node, index)
            )
        return rule

    @property
    def interesting(self) -> bool:
        """Whether a value here can hold a reference or an element with keys."""
        if self._interesting is None:
            self._interesting = any(rule.keys or rule.ref for rule in self.reachable())
        return self._interesting

    def reachable(self) -> Iterator[Rule]:
        """The rules of all that may stand at or below this place."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            rule = waiting.pop()
            if id(rule) in seen:
                continue
            seen.add(id(rule))
            yield rule
            waiting.extend(rule.parts())

    @property
    def watched(self) -> tuple[str, ...] | None:
        """The properties that can hold a reference or keys; None if any property might."""
        if self._watched is False:
            extra = any(
                _mapping(node, "patternProperties") or isinstance(node.get("additionalProperties"), dict)
                for node in self._nodes
            )
            self._watched = (
                None if extra else tuple(name for name in self.names if self.member(name).interesting)
            )
        return self._watched if isinstance(self._watched, tuple) else None

    def parts(self) -> Iterator[Rule]:
        """The rules of all that may stand directly in a value here."""
        for name in self.names:
            yield self.member(name)
        for node in self._nodes:
            for part in (*_mapping(node, "patternProperties").values(), node.get("additionalProperties")):
                yield self._schema.rule([part])
            items = node.get("items")
            for part in (*(items if isinstance(items, list) else [items]), node.get("additionalItems")):
                yield self._schema.rule([part])


class AnnotatedSchema:
    """A schema, ready to validate and to say how its documents merge.

    Raises ConfigurationError for a schema that is none or has an annotation that is unknown.
    """

    def __init__(self, document: Json) -> None:
        self.document = document
        self._rules: dict[tuple[int, ...], Rule] = {}
        if not isinstance(document, dict | bool):
            raise ConfigurationError("The schema is neither an object nor a boolean.")
        self._ids = {node["$id"]: node for node in _subschemas(document) if isinstance(node.get("$id"), str)}
        for node in _subschemas(document):
            _check_annotations(node)
        self._validator: Any = None
        self._refs: frozenset[tuple[str, ...]] | None = None
        self.root = self.rule([document])

    @property
    def validator(self) -> Any:
        """jsonschema-rs's validator: draft-07 unless the schema names another."""
        if self._validator is None:
            try:
                if isinstance(self.document, dict) and "$schema" in self.document:
                    self._validator = jsonschema_rs.validator_for(self.document)
                else:
                    self._validator = jsonschema_rs.Draft7Validator(self.document)
            except (ValueError, jsonschema_rs.ValidationError) as error:
                first = str(error).splitlines()[0]
                raise ConfigurationError(f"The schema cannot be used: {first}") from error
        return self._validator

    @property
    def refs(self) -> frozenset[tuple[str, ...]]:
        """The places that references may point into."""
        if self._refs is None:
            self._refs = frozenset(rule.ref for rule in self.root.reachable() if rule.ref is not None)
        return self._refs

    def rule(self, nodes: Any) -> Rule:
        """The rule that these schema nodes make together, with all that they refer to."""
        whole: dict[int, Mapping[str, Any]] = {}
        for node in nodes:
            self._collect(node, whole)
        key = tuple(whole)
        rule = self._rules.get(key)
        if rule is None:
            rule = self._rules[key] = Rule(self, tuple(whole.values()))
        return rule

    def _collect(self, node: Any, whole: dict[int, Mapping[str, Any]]) -> None:
        if not isinstance(node, dict) or id(node) in whole:
            return
        whole[id(node)] = node
        if isinstance(node.get("$ref"), str):
            self._collect(self._target(node["$ref"]), whole)
        for key in _APPLICATORS:
            for branch in node.get(key, ()):
                self._collect(branch, whole)
        for key in _CONDITIONALS:
            self._collect(node.get(key), whole)

    def _target(self, ref: str) -> Any:
        if ref in self._ids:
            return self._ids[ref]
        place, _, fragment = ref.partition("#")
        root = self._ids.get(place, self.document) if place else self.document
        if fragment and not fragment.startswith("/"):
            return self._ids.get(f"#{fragment}")
        return resolve(root, parse_pointer(fragment))


@cache
def bible_schema() -> AnnotatedSchema:
    """The schema of a scene's bible as it ships with the console."""
    text = (files("resources") / "schemas" / "scene_bible.schema.json").read_text(encoding="utf-8")
    return AnnotatedSchema(json.loads(text))


@cache
def no_schema() -> AnnotatedSchema:
    """A schema that allows everything and says nothing about merging."""
    return AnnotatedSchema({})


def _mapping(node: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = node.get(key)
    return found if isinstance(found, dict) else {}


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    required = node.get("required")
    yield from (name for name in (required if isinstance(required, list) else ()) if isinstance(name, str))


def _property(node: Mapping[str, Any], name: str) -> Iterator[Any]:
    properties = _mapping(node, "properties")
    if name in properties:
        yield properties[name]
        return
    matched = False
    for pattern, part in _mapping(node, "patternProperties").items():
        if re.search(pattern, name):
            matched = True
            yield part
    if not matched:
        yield node.get("additionalProperties")


def _element(node: Mapping[str, Any], index: int) -> Iterator[Any]:
    items = node.get("items")
    if not isinstance(items, list):
        yield items
    elif index < len(items):
        yield items[index]
    else:
        yield node.get("additionalItems")


def _subschemas(node: Any) -> Iterator[dict[str, Any]]:
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(value for key, value in part.items() if key not in ("enum", "const", "default"))
        elif isinstance(part, list):
            waiting.extend(part)


def _check_annotations(node: Mapping[str, Any]) -> None:
    merge, keys, ref = node.get("x-merge"), node.get("x-keys"), node.get("x-ref")
    # A property of a document may be called like an annotation; then its schema is an object.
    if isinstance(merge, str) and merge not in _MERGES:
        raise ConfigurationError(
            f"The schema says x-merge: {merge!r}; known are {', '.join(sorted(_MERGES))}."
        )
    if isinstance(keys, list) and not all(isinstance(key, str) for key in keys):
        raise ConfigurationError("The schema has x-keys that are no names of properties.")
    if isinstance(ref, str) and ref and not ref.startswith("/"):
        raise ConfigurationError(f"The schema says x-ref: {ref!r}, which is no JSON pointer.")
