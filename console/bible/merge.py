"""The three-way merge: a function from base, mine and theirs (and answers) to a document and open questions.

It decides → shows → applies: `merge` decides all that needs no person and lists the rest as conflicts; a
person's answers are `Decision` values; merging again with them applies them. An answer to a question whose
base, mine and theirs are as they were counts again when somebody saved meanwhile.

The rules, by their number in the specification: (1) absent, null, false and 0 differ, 1 and 1.0 do not;
(2) equal edits agree; (3) delete against edit asks, against move not; (4) one new key with two contents
asks once; (5) sets merge by element; (6) orders combine or ask once, beside the data; (7) sorted stays
sorted; (8) texts merge by sentence; (9) the result is checked; (10) counters take the larger; (11) elements
that share a key match by content.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from console.bible.conflicts import Conflict, Decision, Kind, Place
from console.bible.matching import Label, identify, step_of
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.sentences import merge_text, split
from console.bible.sequences import merge_order
from console.bible.validation import Finding, broken_identities, schema_errors
from console.bible.values import ABSENT, Json, canonical, escape, is_number, order_key, same

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of a merge.

    `merged` holds all that needs no question, the answers, and mine (or the preferred side) at the open
    `conflicts`. `answered` are the conflicts that a decision settled. `warnings` are findings about `merged`.
    """

    merged: Json
    conflicts: tuple[Conflict, ...]
    answered: tuple[Conflict, ...]
    warnings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.conflicts

    def as_json(self) -> dict[str, Any]:
        """The result as the command line prints it."""
        told = dict.fromkeys((finding.kind, finding.path) for finding in self.warnings)
        return {
            "status": "clean" if self.clean else "conflict",
            "merged": self.merged,
            "conflicts": [conflict.as_json() for conflict in self.conflicts],
            "warnings": [{"kind": kind, "path": path} for kind, path in told],
        }


def merge(
    base: Json,
    mine: Json,
    theirs: Json,
    schema: AnnotatedSchema,
    *,
    decisions: Iterable[Decision] = (),
    prefer: Side = "mine",
) -> Merge:
    """Merge three documents; the same input gives the same result, and only labels tell mine from theirs.

    `decisions` answer conflicts of an earlier merge; those that nobody asks any more are ignored. No input is
    changed, but the result shares parts with them.
    """
    merger = _Merger({decision.digest: decision for decision in decisions}, prefer)
    merged = merger.value(Place("", (), (), ()), base, mine, theirs, schema.root)
    warnings = (*schema_errors(merged, schema), *broken_identities(merged, schema))
    return Merge(merged, tuple(merger.conflicts), tuple(merger.answered), warnings)


class _Merger:
    """One merge under way."""

    def __init__(self, decisions: Mapping[str, Decision], prefer: Side) -> None:
        self.decisions = decisions
        self.prefer: Side = prefer
        self.conflicts: list[Conflict] = []
        self.answered: list[Conflict] = []

    def value(
        self, place: Place, base: Json, mine: Json, theirs: Json, rule: Rule, *, keys: Collection[str] = ()
    ) -> Json:
        """One value out of three, ABSENT if none is left. `keys` identify this element."""
        if same(base, mine):
            return theirs
        if same(base, theirs) or same(mine, theirs):
            return mine
        if rule.counter and (is_number(mine) or is_number(theirs)):
            return max(filter(is_number, (mine, theirs)))
        if mine is ABSENT or theirs is ABSENT:
            edited = theirs if mine is ABSENT else mine
            if _equivalent(base, edited, rule):
                return ABSENT
            return self.ask("delete-edit", place, base, mine, theirs)
        if rule.merge != "atomic":
            if base is ABSENT:
                return self._added(place, mine, theirs, rule, element=bool(keys))
            if isinstance(base, dict) and isinstance(mine, dict) and isinstance(theirs, dict):
                return self._members(place, base, mine, theirs, rule, keys)
            if isinstance(base, list) and isinstance(mine, list) and isinstance(theirs, list):
                return self._elements(place, base, mine, theirs, rule)
            if isinstance(base, str) and isinstance(mine, str) and isinstance(theirs, str) and rule.sentences:
                return self._text(place, base, mine, theirs)
        return self.ask("add-add" if base is ABSENT else "edit-edit", place, base, mine, theirs)

    def ask(self, kind: Kind, place: Place, base: Json, mine: Json, theirs: Json) -> Json:
        """Note a conflict; returns what its decision says, else the preferred side."""
        conflict = Conflict(place, kind, base, mine, theirs)
        decision = self.decisions.get(conflict.digest) if self.decisions else None
        if decision is None:
            self.conflicts.append(conflict)
            return mine if self.prefer == "mine" else theirs
        self.answered.append(conflict)
        sides = {"base": base, "mine": mine, "theirs": theirs, "edited": decision.value, "both": mine}
        return sides[decision.choice]

    def _added(self, place: Place, mine: Json, theirs: Json, rule: Rule, *, element: bool) -> Json:
        """What both added, differently: combined if neither says no to the other, else asked once.

        An element with keys is always asked: it may be two things under one name.
        """
        combinable = isinstance(mine, dict) or rule.keys or rule.merge == "set"
        if not element and combinable and isinstance(mine, dict | list) and type(mine) is type(theirs):
            trial = _Merger({}, self.prefer)
            empty: Json = {} if isinstance(mine, dict) else []
            combined = trial.value(place, empty, mine, theirs, rule)
            if not trial.conflicts:
                return combined
        if element and _equivalent(mine, theirs, rule):
            return mine
        return self.ask("add-add", place, ABSENT, mine, theirs)

    def _text(self, place: Place, base: str, mine: str, theirs: str) -> Json:
        merged = merge_text(base, mine, theirs)
        if merged is not None:
            return merged
        return self.ask("text" if len(split(base)) > 1 else "edit-edit", place, base, mine, theirs)

    def _members(
        self,
        place: Place,
        base: dict[str, Json],
        mine: dict[str, Json],
        theirs: dict[str, Json],
        rule: Rule,
        keys: Collection[str],
    ) -> dict[str, Json]:
        merged: dict[str, Json] = {}
        for name in (*base, *sorted((mine.keys() | theirs.keys()) - base.keys())):
            old, one, other = base.get(name, ABSENT), mine.get(name, ABSENT), theirs.get(name, ABSENT)
            if one is other:
                found = one
            elif name in keys and not same(old, one) and not same(old, other) and not same(one, other):
                kind: Kind = "delete-edit" if ABSENT in (one, other) else "edit-edit"
                found = self.ask(kind, _member(place, name, base, mine, theirs), old, one, other)
            else:
                found = self.value(
                    _member(place, name, base, mine, theirs), old, one, other, rule.member(name)
                )
            if found is not ABSENT:
                merged[name] = found
        return merged

    def _elements(
        self, place: Place, base: list[Json], mine: list[Json], theirs: list[Json], rule: Rule
    ) -> list[Json]:
        labels = identify([base, mine, theirs], rule)
        old, ours, others = ({label: at for at, label in enumerate(row)} for row in labels)
        found: dict[Label, Json] = {}
        twins: dict[Label, Json] = {}
        # Questions come in one order whoever is mine: what both added by its key.
        both = sorted(
            (label for label in ours.keys() & others.keys() if label not in old),
            key=lambda label: _key_order(mine[ours[label]], rule),
        )
        for label in dict.fromkeys((*labels[0], *both, *labels[1], *labels[2])):
            at, my_at, their_at = old.get(label), ours.get(label), others.get(label)
            parts = (_at(base, at), _at(mine, my_at), _at(theirs, their_at))
            if same(parts[0], parts[1]) or same(parts[0], parts[2]):
                value = parts[2] if same(parts[0], parts[1]) else parts[1]
            else:
                value = self._element(place, label, parts, (at, my_at, their_at), rule, twins)
            if value is not ABSENT:
                found[label] = value
        return self._ordered(place, (base, mine, theirs), labels, found, twins, rule)

    def _element(
        self,
        place: Place,
        label: Label,
        parts: tuple[Json, Json, Json],
        indices: tuple[int | None, int | None, int | None],
        rule: Rule,
        twins: dict[Label, Json],
    ) -> Json:
        index = next(at for at in indices if at is not None)
        known = next(part for part in parts if part is not ABSENT)
        inner = Place(
            f"{place.path}/{step_of(known, rule, index)}",
            *(
                None if at is None or tokens is None else (*tokens, at)
                for at, tokens in zip(indices, (place.base, place.mine, place.theirs), strict=True)
            ),
        )
        before = len(self.answered)
        value = self.value(inner, *parts, rule.element(index), keys=rule.keys)
        for conflict in self.answered[before:]:
            decision = self.decisions[conflict.digest]
            if conflict.path == inner.path and decision.choice == "both":
                twins[label] = {**conflict.theirs, **decision.new_key}
        return value

    def _ordered(
        self,
        place: Place,
        versions: tuple[list[Json], list[Json], list[Json]],
        labels: list[list[Label]],
        found: dict[Label, Json],
        twins: dict[Label, Json],
        rule: Rule,
    ) -> list[Json]:
        def rank(label: Label) -> Any:
            return (_key_order(found[label], rule), order_key(found[label]))

        is_set = rule.merge == "set"
        prefer: Literal["base", "mine", "theirs"] = "base" if is_set else self.prefer
        order = merge_order(labels[0], labels[1], labels[2], found.keys(), rank, prefer)
        arranged = order.labels
        if rule.keys and not is_set and all(_is_sorted(version, rule) for version in versions):
            arranged = sorted(arranged, key=lambda label: _key_order(found[label], rule))
        elif order.question and not is_set:
            arranged = self._asked_order(place, versions, labels, found, rank, arranged, rule)
        merged = []
        for label in arranged:
            merged.append(found[label])
            if label in twins:
                merged.append(twins[label])
        return merged

    def _asked_order(
        self,
        place: Place,
        versions: tuple[list[Json], list[Json], list[Json]],
        labels: list[list[Label]],
        found: dict[Label, Json],
        rank: Any,
        arranged: list[Label],
        rule: Rule,
    ) -> list[Label]:
        before = len(self.answered)
        chosen = self.ask("order", place, *versions)
        if len(self.answered) == before:
            return arranged
        choice = self.decisions[self.answered[-1].digest].choice
        if choice in ("base", "mine", "theirs"):
            side: Literal["base", "mine", "theirs"] = (
                "base" if choice == "base" else "theirs" if choice == "theirs" else "mine"
            )
            return merge_order(labels[0], labels[1], labels[2], found.keys(), rank, side).labels
        if not isinstance(chosen, list):
            return arranged
        known, wanted = identify([[found[label] for label in arranged], chosen], rule)
        turn = {label: at for at, label in enumerate(wanted)}
        place_of = [turn.get(label, len(turn)) for label in known]
        return [arranged[at] for at in sorted(range(len(arranged)), key=place_of.__getitem__)]


def _member(place: Place, name: str, base: Json, mine: Json, theirs: Json) -> Place:
    return Place(
        f"{place.path}/{escape(name)}",
        *(
            (*tokens, name) if tokens is not None and name in value else None
            for tokens, value in ((place.base, base), (place.mine, mine), (place.theirs, theirs))
        ),
    )


def _at(version: list[Json], index: int | None) -> Json:
    return ABSENT if index is None else version[index]


def _key_order(element: Json, rule: Rule) -> list[Any]:
    return [order_key(element.get(key, ABSENT) if isinstance(element, dict) else ABSENT) for key in rule.keys]


def _is_sorted(version: list[Json], rule: Rule) -> bool:
    if not all(isinstance(element, dict) and all(key in element for key in rule.keys) for element in version):
        return False
    order = [_key_order(element, rule) for element in version]
    return all(one <= other for one, other in pairwise(order))


def _equivalent(one: Json, other: Json, rule: Rule) -> bool:
    """Whether two values mean the same under the schema: the order of sets is noise."""
    if same(one, other):
        return True
    if isinstance(one, dict) and isinstance(other, dict) and rule.merge != "atomic":
        return one.keys() == other.keys() and all(
            _equivalent(value, other[name], rule.member(name)) for name, value in one.items()
        )
    if (
        isinstance(one, list)
        and isinstance(other, list)
        and len(one) == len(other)
        and rule.merge != "atomic"
    ):
        if rule.merge == "set":
            return sorted(map(order_key, one)) == sorted(map(order_key, other)) and (
                set(map(canonical, one)) == set(map(canonical, other))
            )
        return all(
            _equivalent(left, right, rule.element(at))
            for at, (left, right) in enumerate(zip(one, other, strict=True))
        )
    return False
