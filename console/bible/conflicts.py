"""What a merge asks and what a person answers, as values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from console.bible.values import ABSENT, Json, Tokens, canonical, pointer, resolve

Kind: TypeAlias = Literal["edit-edit", "delete-edit", "add-add", "order", "text"]
Choice: TypeAlias = Literal["base", "mine", "theirs", "edited", "both"]


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the three documents: a stable pointer, and the tokens in each; None where it is absent."""

    path: str
    base: Tokens | None
    mine: Tokens | None
    theirs: Tokens | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One question. `base`, `mine`, `theirs` are the values at the place, ABSENT where there is none.

    `edit-edit`: both changed it; `text`: both changed one sentence of a longer text; `delete-edit`: one
    deleted what the other changed; `add-add`: both added it, differently; `order`: their orders exclude
    each other, and the values are the whole arrays.
    """

    place: Place
    kind: Kind
    base: Json
    mine: Json
    theirs: Json

    @property
    def path(self) -> str:
        """The stable pointer."""
        return self.place.path

    @property
    def digest(self) -> str:
        """What was asked: an answer holds as long as base, mine and theirs say the same."""
        told = repr((self.path, self.kind, *map(_exact, (self.base, self.mine, self.theirs))))
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """The conflict as the command line prints it; an absent side is left out and its pointer null."""
        sides = {"base": self.base, "mine": self.mine, "theirs": self.theirs}
        places = {"base": self.place.base, "mine": self.place.mine, "theirs": self.place.theirs}
        told: dict[str, Any] = {"path": self.path, "kind": self.kind}
        for name, tokens in places.items():
            told[f"{name}_pointer"] = None if sides[name] is ABSENT or tokens is None else pointer(tokens)
        told.update((name, value) for name, value in sides.items() if value is not ABSENT)
        return told


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer to one conflict, known by the conflict's digest.

    `edited` puts `value` there (ABSENT deletes). `both`, for an element that both added, keeps mine and
    theirs, theirs with the properties of `new_key` set.
    """

    digest: str
    choice: Choice
    value: Json = ABSENT
    new_key: Mapping[str, Json] = field(default_factory=dict)


def decide(
    conflict: Conflict, choice: Choice, value: Json = ABSENT, new_key: Mapping[str, Json] | None = None
) -> Decision:
    """The answer to a conflict.

    Raises ValueError for `both` where it makes no sense: not an element that both added, or without its new
    key.
    """
    if choice == "both" and (
        conflict.kind != "add-add" or not new_key or not isinstance(conflict.theirs, dict)
    ):
        raise ValueError("Only an element that both added can be kept twice, under a new key.")
    return Decision(conflict.digest, choice, value, dict(new_key or {}))


def value_at(document: Json, tokens: Tokens | None) -> Json:
    """The value at a place of one of the documents."""
    return ABSENT if tokens is None else resolve(document, tokens)


def _exact(value: Json) -> Any:
    return canonical(value) if value is not ABSENT else ABSENT
