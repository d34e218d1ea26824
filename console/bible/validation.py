"""What is wrong with a document, and what is only odd about it, each at its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from console.bible.matching import key_of, step_of
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import Json, Tokens, canonical, escape, pointer, resolve

WarningKind = Literal["schema", "dangling-ref", "duplicate-id", "unknown-field", "unknown-segment", "version"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a document.

    `tokens` is where in this document; `path` the stable pointer of the nearest keyed element or set that
    holds it, or of the place itself where nothing keyed does. Errors break the schema, warnings do not.
    """

    severity: Literal["error", "warning"]
    kind: WarningKind
    message: str
    path: str
    tokens: Tokens

    @property
    def pointer(self) -> str:
        """The place as an RFC 6901 pointer."""
        return pointer(self.tokens)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known outside of the document: its row's version, and the numbers of the scene's segments."""

    version: int | None = None
    segments: frozenset[int] | None = None


def validate(
    document: Json, schema: AnnotatedSchema, surroundings: Surroundings | None = None
) -> list[Finding]:
    """All findings: errors of the schema first, then warnings, each in the document's order."""
    found = [*schema_errors(document, schema), *broken_identities(document, schema)]
    odd: list[tuple[WarningKind, str, Tokens]] = []
    _odd(document, schema.root, (), surroundings or Surroundings(), odd)
    found += [
        Finding("warning", kind, message, _holder(document, schema.root, tokens), tokens)
        for kind, message, tokens in odd
    ]
    return found


def schema_errors(document: Json, schema: AnnotatedSchema) -> list[Finding]:
    """Where the document breaks the schema: jsonschema-rs's messages, for choices jsonschema's best."""
    found = []
    for error in schema.validator.iter_errors(document):
        tokens = tuple(error.instance_path)
        message = error.message
        if type(error.kind).__name__ in ("AnyOf", "OneOfNotValid") or error.schema_path[-1:] == ["anyOf"]:
            tokens, message = _best(document, schema, tokens, message)
        found.append(Finding("error", "schema", message, _holder(document, schema.root, tokens), tokens))
    return found


def _best(document: Json, schema: AnnotatedSchema, tokens: Tokens, message: str) -> tuple[Tokens, str]:
    """The error inside of a choice that comes nearest to what was meant."""
    from jsonschema import Draft7Validator  # noqa: PLC0415  (takes longer to import than all else)
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    if not isinstance(schema.document, dict):
        return tokens, message
    errors = [
        error
        for error in Draft7Validator(schema.document).iter_errors(document)
        if tuple(error.absolute_path) == tokens and error.context
    ]
    best = best_match(errors)
    return (tuple(best.absolute_path), best.message) if best is not None else (tokens, message)


def broken_identities(document: Json, schema: AnnotatedSchema) -> list[Finding]:
    """References to what is not there, and elements that share a key, once for each key."""
    found: list[Finding] = []
    _identities(document, schema.root, (), _World(document, schema.root, {}, found))
    return found


@dataclass(frozen=True, slots=True)
class _World:
    """The document that is looked at, the keys known so far of what references point to, and the findings."""

    document: Json
    root: Rule
    targets: dict[tuple[str, ...], set[Any]]
    found: list[Finding]


def _identities(value: Json, rule: Rule, tokens: Tokens, world: _World) -> None:
    if type(value) is dict:
        for name in rule.watched if rule.watched is not None else value:
            if name in value:
                member = rule.member(name)
                if member.interesting:
                    _identities(value[name], member, (*tokens, name), world)
    elif type(value) is list:
        if rule.keys and rule.unique:
            _duplicates(value, rule, tokens, world)
        for index, part in enumerate(value):
            inner = rule.element(index)
            if inner.interesting:
                _identities(part, inner, (*tokens, index), world)
    elif rule.ref is not None and value is not None and canonical(value) not in _targets(rule.ref, world):
        message = f"{value!r} is no key in {pointer(rule.ref)}"
        path = _holder(world.document, world.root, tokens)
        world.found.append(Finding("warning", "dangling-ref", message, path, tokens))


def _duplicates(value: list[Json], rule: Rule, tokens: Tokens, world: _World) -> None:
    keys = [key_of(part, rule) for part in value]
    if len(set(keys)) == len(keys):
        return
    counts = Counter(keys)
    seen: Counter[Any] = Counter()
    for index, key in enumerate(keys):
        seen[key] += 1
        if key is not None and seen[key] == 2:
            step = step_of(value[index], rule, index)
            message = f"{counts[key]} elements share {', '.join(rule.keys)} ({step})"
            path = f"{stable_path(world.document, world.root, tokens)}/{step}"
            world.found.append(Finding("warning", "duplicate-id", message, path, (*tokens, index)))


def _targets(ref: tuple[str, ...], world: _World) -> set[Any]:
    document, root, known = world.document, world.root, world.targets
    if ref not in known:
        rule, target = root, resolve(document, ref)
        for token in ref:
            rule = rule.member(token)
        if isinstance(target, dict):
            known[ref] = set(target)
        elif isinstance(target, list):
            known[ref] = {
                canonical(part.get(rule.keys[0])) if isinstance(part, dict) and rule.keys else canonical(part)
                for part in target
            }
        else:
            known[ref] = set()
    return known[ref]


def _odd(
    value: Json,
    rule: Rule,
    tokens: Tokens,
    around: Surroundings,
    found: list[tuple[WarningKind, str, Tokens]],
) -> None:
    """Add to `found` unknown fields, and numbers that do not fit what is outside of the document."""
    # Exact types, since documents are read from JSON: this is half of what a check of 1 MB takes.
    if type(value) is dict:
        member = rule.member
        if not rule.open and not value.keys() <= rule.known:
            for name in value:
                if name not in rule.known:
                    message = f"the schema does not know the field “{name}”"
                    found.append(("unknown-field", message, (*tokens, name)))
        for name, part in value.items():
            kind = type(part)
            if kind is str:
                continue
            if kind is int or (kind is float and part.is_integer()):
                context = member(name).context
                wrong = _out_of_place(part, context, around) if context else None
                if wrong:
                    told: WarningKind = "version" if context == "version" else "unknown-segment"
                    found.append((told, wrong, (*tokens, name)))
            elif (kind is dict or kind is list) and part:
                _odd(part, member(name), (*tokens, name), around, found)
    elif type(value) is list:
        for index, part in enumerate(value):
            kind = type(part)
            if kind is dict or kind is list:
                _odd(part, rule.element(index), (*tokens, index), around, found)


def _out_of_place(value: int, context: str, around: Surroundings) -> str | None:
    if context == "version" and around.version is not None and value != around.version:
        return f"the document says version {value}, its row {around.version}"
    if context == "segment" and around.segments is not None and value not in around.segments:
        last = max(around.segments, default=0)
        return (
            f"segment {value} is beyond the last, {last}" if value > last else f"there is no segment {value}"
        )
    return None


def stable_path(document: Json, rule: Rule, tokens: Tokens) -> str:
    """The stable pointer of a place in a document: array elements by their keys."""
    return _walk(document, rule, tokens)[0]


def _holder(document: Json, rule: Rule, tokens: Tokens) -> str:
    path, holder = _walk(document, rule, tokens)
    return path if holder is None else holder


def _walk(document: Json, rule: Rule, tokens: Tokens) -> tuple[str, str | None]:
    path, holder = "", None
    value = document
    for token in tokens:
        if isinstance(value, list):
            index = int(token)
            if rule.merge == "set" and not rule.keys:
                holder = path
            path += f"/{step_of(value[index], rule, index)}"
            if rule.keys and key_of(value[index], rule) is not None:
                holder = path
            value, rule = value[index], rule.element(index)
        else:
            path += f"/{escape(str(token))}"
            # A free-form map says by its keys what an array of elements says by x-keys.
            if rule.merge == "map" and str(token) not in rule.known:
                holder = path
            value = value.get(str(token)) if isinstance(value, dict) else None
            rule = rule.member(str(token))
    if isinstance(value, list) and rule.merge == "set":
        holder = path
    return path, holder
