"""Common word lists: `resources/demo/words.json`.

Family names are invented: together with a common first name nobody real is meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Words:
    """Lists to choose from: names, parts of screenplay, of characters, of topics, and tags."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]
    times: tuple[str, ...]
    weather: tuple[str, ...]
    sounds: tuple[str, ...]
    manners: tuple[str, ...]
    traits: tuple[str, ...]
    ties: tuple[str, ...]
    forms: tuple[str, ...]
    moods: tuple[str, ...]
    tags: tuple[str, ...]


def _load() -> Words:
    written = json.loads((files("resources") / "demo" / "words.json").read_text(encoding="utf-8"))
    return Words(**{key: tuple(words) for key, words in written.items()})


WORDS = _load()
