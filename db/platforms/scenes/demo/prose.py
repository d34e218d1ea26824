"""Titles, prompts, screenplay and reports from templates: the same chance gives the same text.

The templates are in `resources/demo/templates.json`. A slot is `{list}`; `{a list}` puts the article in
front, `{List}` a capital. Lists are a genre's or common ones; `{name}` and `{other}` are people of the scene.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from random import Random

from db.platforms.scenes.demo.genres import Genre
from db.platforms.scenes.demo.words import WORDS

Cast = Sequence[str]


_TEMPLATES: dict[str, list[str]] = json.loads(
    (files("resources") / "demo" / "templates.json").read_text(encoding="utf-8")
)
_SLOT = re.compile(r"\{([^}]+)\}")
_SMALL = frozenset(
    ["a", "an", "and", "at", "for", "from", "in", "is", "of", "on", "one", "the", "to", "with"]
)
_VOWELS = frozenset("aeiou")
_COMMON: dict[str, Sequence[str]] = {
    "adjective": WORDS.adjectives,
    "number": ("three", "four", "five", "six", "seven", "nine", "eleven", "twelve", "forty"),
    "form": [form.lower() for form in WORDS.forms],
}


def names(chance: Random, count: int) -> list[str]:
    """Different first names for a cast."""
    return chance.sample(WORDS.first, count)


def title(chance: Random, genre: Genre) -> str:
    """A title of at most 100 characters."""
    plain = _say(chance, "titles", genre, names(chance, 2))
    first, *rest = plain.split(" ")
    return " ".join([first, *(word if word in _SMALL else word[0].upper() + word[1:] for word in rest)])


def prompt(chance: Random, genre: Genre, *, long: bool) -> str:
    """An idea's prompt: a paragraph, or several."""
    cast = names(chance, 2)
    paragraphs = []
    for _ in range(chance.randint(3, 6) if long else 1):
        middles = chance.sample(_TEMPLATES["middles"], chance.randint(1, 3))
        chosen = (_pick(chance, _TEMPLATES["openings"]), *middles, _pick(chance, _TEMPLATES["endings"]))
        paragraphs.append(" ".join(_fill(chance, one, genre, cast) for one in chosen))
    return "\n\n".join(paragraphs)


def tags(chance: Random, genre: Genre) -> list[str]:
    """Up to five tags."""
    return sorted({*chance.sample(WORDS.tags, chance.randint(0, 4)), genre.slug.split("-")[-1]})


def topic_name(chance: Random, genre: Genre) -> str:
    """A suggested topic's name."""
    form, mood = _pick(chance, WORDS.forms), _pick(chance, WORDS.moods)
    place = _pick(chance, genre.places).title()
    return _pick(
        chance,
        (f"{mood} {form}", f"{form} from the {place}", f"{mood} {genre.name}", f"{form} & {mood} Endings"),
    )


def suggestion(chance: Random, genre: Genre) -> str:
    """Why somebody wants a topic."""
    cast = names(chance, 2)
    asked = _say(chance, "suggestions", genre, cast)
    return f"{asked} {_say(chance, 'pleas', genre, cast)}" if chance.random() < 0.6 else asked


def rejection(chance: Random, genre: Genre) -> str:
    """Why a topic was declined."""
    return _say(chance, "rejections", genre, ())


def bio(chance: Random, genre: Genre) -> str:
    """What somebody says about themselves."""
    return _say(chance, "bios", genre, names(chance, 2))


def scene_description(chance: Random, genre: Genre, cast: Cast) -> str:
    """What a scene is about."""
    return " ".join(
        _fill(chance, one, genre, cast) for one in chance.sample(_TEMPLATES["scenes"], chance.randint(1, 2))
    )


def continuation(chance: Random, genre: Genre, cast: Cast) -> str:
    """What somebody typed to continue a scene."""
    return _say(chance, "inputs", genre, _pair(chance, cast))


def script(chance: Random, genre: Genre, cast: Cast) -> str:
    """A page of screenplay: slug line, action, dialogue, action."""
    pair = _pair(chance, cast)
    where = _pick(chance, genre.places).upper()
    lines = [
        f"{_pick(chance, ('INT.', 'EXT.', 'INT./EXT.'))} {where} – {_pick(chance, WORDS.times)}",
        f"{_pick(chance, WORDS.weather)} {_fill(chance, _pick(chance, _TEMPLATES['actions']), genre, pair)}",
    ]
    answers = _TEMPLATES["lines"]
    first = chance.randrange(len(answers))
    for turn in range(chance.randint(2, 5)):
        speaker = pair[turn % 2].upper()
        manner = f"\n({_pick(chance, WORDS.manners)})" if chance.random() < 0.4 else ""
        # Lines stand in an order in which each can answer the one before.
        said = _fill(
            chance, _TEMPLATES["lines"][(first + turn) % len(_TEMPLATES["lines"])], genre, cast[2:] or cast
        )
        lines.append(f"{speaker}{manner}\n{said}")
    lines.append(
        f"{_fill(chance, _pick(chance, _TEMPLATES['actions']), genre, pair)} {_pick(chance, WORDS.sounds)}"
    )
    return "\n\n".join(lines)


def event(chance: Random, genre: Genre, cast: Cast) -> tuple[str, str]:
    """What happened, and what follows from it."""
    pair = _pair(chance, cast)
    return (
        _say(chance, "events", genre, pair),
        _say(chance, "consequences", genre, pair),
    )


def person(chance: Random, genre: Genre) -> str:
    """A character's description."""
    return _say(chance, "descriptions", genre, ())


def thread(chance: Random, genre: Genre, cast: Cast) -> str:
    """An open question of the plot."""
    return _say(chance, "threads", genre, _pair(chance, cast))


def _pair(chance: Random, cast: Cast) -> Cast:
    first = int(chance.random() * len(cast))
    return cast[first], cast[(first + 1 + int(chance.random() * (len(cast) - 1))) % len(cast)]


def _pick(chance: Random, pool: Sequence[str]) -> str:
    return pool[int(chance.random() * len(pool))]


@cache
def _parts(template: str) -> list[str]:
    """Literals at even places, slots at odd ones."""
    return _SLOT.split(template)


def _say(chance: Random, templates: str, genre: Genre, cast: Cast) -> str:
    return _fill(chance, _pick(chance, _TEMPLATES[templates]), genre, cast)


def _fill(chance: Random, template: str, genre: Genre, cast: Cast) -> str:
    parts = _parts(template)
    made = parts[:]
    for place in range(1, len(parts), 2):
        made[place] = _slot(chance, parts[place], genre, cast)
    return "".join(made)


def _slot(chance: Random, slot: str, genre: Genre, cast: Cast) -> str:
    key = slot.lower()
    article = key.startswith("a ")
    key = key.removeprefix("a ")
    if key == "name":
        word = cast[0]
    elif key == "other":
        word = cast[-1]
    elif key == "genre":
        word = genre.name
    else:
        word = _pick(chance, _pools(genre)[key])
    if slot.isupper():
        return word.upper()
    if article:
        word = f"{'an' if word[0].lower() in _VOWELS else 'a'} {word}"
        return word[0].upper() + word[1:] if slot[0] == "A" else word
    return word[0].upper() + word[1:] if slot[0].isupper() else word


@cache
def _pools(genre: Genre) -> dict[str, Sequence[str]]:
    return _COMMON | {
        "role": genre.roles,
        "place": genre.places,
        "thing": genre.things,
        "trouble": genre.troubles,
        "tone": genre.tones,
    }
