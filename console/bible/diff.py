"""What changed between two documents, by identity: moves and renames are seen as such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from console.bible.matching import identify, key_of, step_of
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.sequences import moved
from console.bible.values import ABSENT, Json, Tokens, canonical, escape, pointer, same

ChangeKind = Literal["added", "removed", "changed", "renamed", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    `path` is the stable pointer, with the keys from before; `before_tokens` and `after_tokens` are the
    places in the two documents, None where there is none. `before` and `after` are the values, ABSENT where
    there is none; for a move the indices, for a rename the old and new name (`key=value`, or an object's
    key). `subject` names the element that holds the change for a reader, `field` what of it.
    """

    kind: ChangeKind
    path: str
    before_tokens: Tokens | None
    after_tokens: Tokens | None
    before: Json
    after: Json
    subject: str
    field: str

    def as_json(self) -> dict[str, Any]:
        """The change as the command line prints it."""
        told: dict[str, Any] = {"kind": self.kind, "path": self.path}
        for name, tokens in (("before_pointer", self.before_tokens), ("after_pointer", self.after_tokens)):
            told[name] = None if tokens is None else pointer(tokens)
        told.update((n, v) for n, v in (("before", self.before), ("after", self.after)) if v is not ABSENT)
        return told


@dataclass(frozen=True, slots=True)
class _Spot:
    path: str
    before: Tokens
    after: Tokens
    subject: str
    field: str

    def member(self, name: str) -> _Spot:
        field = f"{self.field}.{name}" if self.field else name
        return _Spot(
            f"{self.path}/{escape(name)}", (*self.before, name), (*self.after, name), self.subject, field
        )

    def change(self, kind: ChangeKind, before: Json, after: Json) -> Change:
        old = self.before if kind != "added" else None
        new = self.after if kind != "removed" else None
        return Change(kind, self.path, old, new, before, after, self.subject, self.field)


def diff(before: Json, after: Json, schema: AnnotatedSchema) -> list[Change]:
    """The changes from one document to another, in its order; none for what means the same."""
    return list(_changes(_Spot("", (), (), "", ""), before, after, schema.root))


def content(changes: Iterable[Change], schema: AnnotatedSchema) -> list[Change]:
    """The changes that somebody made: without those of counters, which every save moves."""
    return [change for change in changes if not _rule_of(change, schema.root).counter]


def _rule_of(change: Change, rule: Rule) -> Rule:
    for token in (change.before_tokens if change.after_tokens is None else change.after_tokens) or ():
        rule = rule.element(token) if isinstance(token, int) else rule.member(token)
    return rule


def _changes(spot: _Spot, before: Json, after: Json, rule: Rule) -> Iterator[Change]:
    if same(before, after):
        return
    if before is ABSENT:
        yield spot.change("added", before, after)
    elif after is ABSENT:
        yield spot.change("removed", before, after)
    elif rule.merge != "atomic" and isinstance(before, dict) and isinstance(after, dict):
        yield from _members(spot, before, after, rule, frozenset())
    elif rule.merge != "atomic" and isinstance(before, list) and isinstance(after, list):
        yield from _elements(spot, before, after, rule)
    else:
        yield spot.change("changed", before, after)


def _members(
    spot: _Spot, before: dict[str, Json], after: dict[str, Json], rule: Rule, skip: frozenset[str]
) -> Iterator[Change]:
    renamed = renamed_keys(before, after, rule) if before.keys() != after.keys() else {}
    come = set(renamed.values())
    for name in dict.fromkeys((*before, *after)):
        if name in skip or name in come:
            continue
        if name in renamed:
            new = renamed[name]
            place = spot.member(name)
            yield Change(
                "renamed", place.path, place.before, (*spot.after, new), name, new, spot.subject, place.field
            )
            continue
        old, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if old is not now and not same(old, now):
            yield from _changes(spot.member(name), old, now, rule.member(name))


def renamed_keys(before: dict[str, Json], after: dict[str, Json], rule: Rule) -> dict[str, str]:
    """Keys, old to new, that the schema does not name and whose telling content now stands under another."""
    found: dict[Any, tuple[list[str], list[str]]] = {}
    for side, (one, other) in enumerate(((before, after), (after, before))):
        for name, value in one.items():
            telling = isinstance(value, dict | list) or (isinstance(value, str) and len(value) >= 8)
            if name not in other and name not in rule.names and telling and value:
                found.setdefault(canonical(value), ([], []))[side].append(name)
    return {old[0]: new[0] for old, new in found.values() if len(old) == len(new) == 1}


def _elements(spot: _Spot, before: list[Json], after: list[Json], rule: Rule) -> Iterator[Change]:
    labels, now = identify([before, after], rule)
    place = {label: at for at, label in enumerate(now)}
    known = set(labels)
    is_set = rule.merge == "set"
    shifted = set() if is_set else moved([x for x in labels if x in place], [x for x in now if x in known])
    for at, label in enumerate(labels):
        new_at = place.get(label)
        if new_at is not None and label not in shifted and same(before[at], after[new_at]):
            continue
        inner = _inner(spot, before[at], rule, at, at if new_at is None else new_at)
        if new_at is None:
            yield inner.change("removed", before[at], ABSENT)
            continue
        if label in shifted:
            yield inner.change("moved", at, new_at)
        yield from _element(inner, before[at], after[new_at], rule, at)
    for at, label in enumerate(now):
        if label not in known:
            yield _inner(spot, after[at], rule, at, at).change("added", ABSENT, after[at])


def _element(spot: _Spot, before: Json, after: Json, rule: Rule, at: int) -> Iterator[Change]:
    if same(before, after):
        return
    skip: frozenset[str] = frozenset()
    old_key, new_key = key_of(before, rule), key_of(after, rule)
    if old_key != new_key and rule.keys and isinstance(before, dict) and isinstance(after, dict):
        old, new = step_of(before, rule, at), step_of(after, rule, at)
        yield Change("renamed", spot.path, spot.before, spot.after, old, new, spot.subject, "")
        skip = frozenset(rule.keys)
    inner = rule.element(at)
    if isinstance(before, dict) and isinstance(after, dict) and inner.merge != "atomic":
        yield from _members(spot, before, after, inner, skip)
    else:
        yield from _changes(spot, before, after, inner)


def _inner(spot: _Spot, element: Json, rule: Rule, before: int, after: int) -> _Spot:
    step = step_of(element, rule, before)
    subject, field = spot.subject, f"{spot.field}[{before}]"
    if key_of(element, rule) is not None and rule.keys and isinstance(element, dict):
        name = ", ".join(str(element[key]) for key in rule.keys if key in element)
        if not any(isinstance(element.get(key), str) for key in rule.keys):
            # A number tells nobody what it counts.
            name = f"{spot.field.rpartition('.')[2]} {name}"
        subject, field = (f"{subject}: {spot.field}: {name}" if subject else name), ""
    elif rule.merge == "set":
        field = spot.field
    return _Spot(f"{spot.path}/{step}", (*spot.before, before), (*spot.after, after), subject, field)
