"""Texts: repeatable, varied, and within what the columns hold."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib.resources import files
from random import Random

import jsonschema
import pytest

from db.platforms.scenes.demo import prose
from db.platforms.scenes.demo.bibles import canon
from db.platforms.scenes.demo.genres import GENRES, Genre
from db.platforms.scenes.demo.hostile import LONG_PROSE, LONG_TITLE, SHORT, hostile


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.slug)
def test_texts_are_filled_repeatable_and_fit(genre: Genre) -> None:
    for number in range(200):
        made, again = (
            (
                prose.title(chance, genre),
                prose.topic_name(chance, genre),
                prose.prompt(chance, genre, long=number % 2 == 0),
                prose.suggestion(chance, genre),
                prose.script(chance, genre, ["Ada", "Milo", "Tess"]),
                prose.continuation(chance, genre, ["Ada", "Milo"]),
                prose.bio(chance, genre),
                *prose.event(chance, genre, ["Ada", "Milo"]),
            )
            for chance in (Random(number), Random(number))
        )
        assert made == again
        assert not any("{" in text or "}" in text for text in made)
        assert len(made[0]) <= 200
        assert len(made[1]) <= 100


def test_forty_rows_do_not_repeat() -> None:
    for begin in range(0, 400, 40):
        rows = [
            (prose.title(chance, genre), prose.prompt(chance, genre, long=False))
            for chance, genre in ((Random(n), GENRES[n % len(GENRES)]) for n in range(begin, begin + 40))
        ]
        assert len({title for title, _ in rows}) >= 39
        assert len({prompt for _, prompt in rows}) == 40


def test_articles_fit_their_nouns() -> None:
    text = " ".join(prose.prompt(Random(n), GENRES[n % len(GENRES)], long=True) for n in range(300))
    assert " a empty" not in text
    assert " an lighthouse" not in text
    assert " an unsent postcard" in text


def test_canons_grow_by_steps() -> None:
    schema = json.loads(
        (files("resources") / "schemas" / "scene_bible.schema.json").read_text(encoding="utf-8")
    )
    for scene in range(40):
        versions = [deepcopy(one) for one in canon(scene, GENRES[scene % len(GENRES)], 12, 2)]
        for document in versions:
            jsonschema.validate(document, schema, cls=jsonschema.Draft7Validator)
        assert [document["version"] for document in versions] == list(range(1, 13))
        events = [len(document["timeline"]["majorEvents"]) for document in versions]
        assert events == list(range(12))
        ids = [person["entityId"] for person in versions[-1]["characters"]]
        assert len(ids) == len(set(ids)) >= 2


def test_hostile_strings_fit_and_can_be_stored() -> None:
    assert all(len(text) <= 100 and "\0" not in text for text in SHORT)
    assert len(set(SHORT)) == len(SHORT)
    assert (len(LONG_TITLE), " " in LONG_TITLE) == (200, False)
    assert len(LONG_PROSE.encode()) >= 20_000
    assert [hostile(n, 10) for n in range(10) if n != 5] == [None] * 9
    assert {hostile(n, 10) for n in range(10 * len(SHORT))} == {*SHORT, None}
