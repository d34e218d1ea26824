"""What stories of each topic are about: `resources/demo/genres.json`, all words of our own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Genre:
    """A topic's vocabulary. Nouns have no article, `troubles` are clauses, `rules` whole sentences."""

    name: str
    slug: str
    about: str
    categories: tuple[str, ...]
    roles: tuple[str, ...]
    places: tuple[str, ...]
    things: tuple[str, ...]
    troubles: tuple[str, ...]
    rules: tuple[str, ...]
    tones: tuple[str, ...]
    looks: tuple[str, ...]


def _load() -> tuple[Genre, ...]:
    written = json.loads((files("resources") / "demo" / "genres.json").read_text(encoding="utf-8"))
    return tuple(Genre(**_frozen(genre)) for genre in written)


def _frozen(genre: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in genre.items()}


GENRES = _load()
