"""Canons of scenes that grow: people come and go, traits change, events follow each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from db.platforms.scenes.demo import prose
from db.platforms.scenes.demo.genres import Genre
from db.platforms.scenes.demo.hostile import SHORT
from db.platforms.scenes.demo.rows import Row, Rows
from db.platforms.scenes.demo.words import WORDS
from db.platforms.scenes.demo.world import Table, World, at, key


def cast_of(scene: int) -> list[str]:
    """Everybody who is ever in a scene; the first two from its beginning."""
    chance = Random(scene * 7 + 1)
    return prose.names(chance, 3 + int(chance.random() * 4))


def version_at(world: World, sequence: int) -> int:
    """The canon's version that the `sequence`th segment (from 1) was written against."""
    return 1 + (sequence - 1) // world.plan.segments_per_bible


def last_version(world: World, scene: int) -> int:
    """The scene's newest version."""
    told = world.first_segment[scene + 1] - world.first_segment[scene]
    return 1 + told // world.plan.segments_per_bible


def bibles(world: World) -> Rows:
    """All versions of all scenes."""
    return Rows(
        "scene_bibles",
        ("id", "scene_id", "version", "data", "created_at", "created_by_segment_id"),
        sum(last_version(world, scene) for scene in range(world.plan.scenes)),
        lambda: _bibles(world),
    )


def _bibles(world: World) -> Iterator[Row]:
    number = 0
    for scene in range(world.plan.scenes):
        versions = canon(
            scene, world.genre_of_scene(scene), last_version(world, scene), world.plan.segments_per_bible
        )
        for version, document in enumerate(versions, start=1):
            by = world.first_segment[scene] + (version - 1) * world.plan.segments_per_bible - 1
            begins = version == 1
            yield (
                key(Table.BIBLES, number),
                key(Table.SCENES, scene),
                version,
                json.dumps(document, ensure_ascii=False),
                at(world.scene_created[scene] if begins else world.segment_created[by]),
                None if begins else key(Table.SEGMENTS, by),
            )
            number += 1


def canon(scene: int, genre: Genre, versions: int, segments_per_version: int) -> Iterator[dict[str, Any]]:
    """The scene's canon in each of its versions, each a step from the one before.

    One document grows while it is yielded: use each version before asking for the next.
    """
    chance = Random(scene * 7 + 2)
    cast = cast_of(scene)
    document = _beginning(chance, scene, genre, cast)
    yield document
    for version in range(2, versions + 1):
        segment = (version - 1) * segments_per_version
        document["version"] = version
        _happens(chance, document, genre, cast, segment)
        if len(document["characters"]) < len(cast) and chance.random() < 0.35:
            _enters(chance, document, scene, genre, cast, segment)
        if chance.random() < 0.4:
            _changes(chance, document)
        if chance.random() < 0.2:
            document["setting"]["locations"].append(_location(chance, genre))
        if chance.random() < 0.25:
            chance.choice(document["plotThreads"])["status"] = chance.choice(
                ("resolved", "active", "abandoned")
            )
            document["plotThreads"].append(_thread(chance, document, genre, cast))
        yield document


def _beginning(chance: Random, scene: int, genre: Genre, cast: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "version": 1,
        "characters": [],
        "setting": {
            "primaryLocation": chance.choice(genre.places).capitalize(),
            "timePeriod": chance.choice(
                ("today", "long ago", "the near future", "one winter", "1920s", "no date")
            ),
            "worldRules": chance.sample(genre.rules, chance.randint(1, len(genre.rules))),
            "locations": [_location(chance, genre)],
        },
        "timeline": {"currentPoint": "The beginning", "majorEvents": []},
        "plotThreads": [],
        "styleGuide": {
            "tone": chance.choice(genre.tones),
            "genre": genre.name,
            "visualStyle": chance.choice(genre.looks),
            "narrativeStyle": chance.choice(
                ("close to one person", "many voices", "told in letters", "no narrator")
            ),
        },
    }
    for _ in range(2):
        _enters(chance, document, scene, genre, cast, 1)
    document["plotThreads"].append(_thread(chance, document, genre, cast))
    if scene % 19 == 4:
        document["characters"][0]["aliases"] = [SHORT[scene // 19 % len(SHORT)], *SHORT[:3]]
        document["setting"]["worldRules"].append(SHORT[(scene // 19 + 5) % len(SHORT)])
    return document


def _enters(
    chance: Random, document: dict[str, Any], scene: int, genre: Genre, cast: list[str], segment: int
) -> None:
    people = document["characters"]
    name = cast[len(people)]
    person: dict[str, Any] = {
        "entityId": f"char_{scene:x}p{len(people)}",
        "canonicalName": f"{name} {chance.choice(WORDS.last)}",
        "aliases": [name],
        "description": prose.person(chance, genre),
        "traits": chance.sample(WORDS.traits, 2),
        "relationships": [],
        "introducedInSegment": segment,
        "isActive": True,
    }
    if people:
        target = chance.choice(people)["entityId"]
        person["relationships"].append(
            {"targetEntityId": target, "relationshipType": chance.choice(WORDS.ties)}
        )
    people.append(person)


def _changes(chance: Random, document: dict[str, Any]) -> None:
    person = chance.choice(document["characters"])
    luck = chance.random()
    if luck < 0.5:
        gained = chance.choice(WORDS.traits)
        if gained not in person["traits"]:
            person["traits"].append(gained)
    elif luck < 0.75 and len(person["traits"]) > 1:
        person["traits"].pop(0)
    elif luck < 0.85:
        person["isActive"] = not person["isActive"]
    else:
        person["aliases"].append(f"the {chance.choice(WORDS.adjectives)} one")


def _happens(chance: Random, document: dict[str, Any], genre: Genre, cast: list[str], segment: int) -> None:
    present = cast[: len(document["characters"])]
    event, consequence = prose.event(chance, genre, present)
    document["timeline"]["majorEvents"].append(
        {"segmentNumber": segment, "event": event, "consequences": consequence}
    )
    document["timeline"]["currentPoint"] = f"After segment {segment}: {event}"


def _location(chance: Random, genre: Genre) -> dict[str, str]:
    return {"name": chance.choice(genre.places).capitalize(), "description": chance.choice(WORDS.weather)}


def _thread(chance: Random, document: dict[str, Any], genre: Genre, cast: list[str]) -> dict[str, str]:
    number = len(document["plotThreads"]) + 1
    return {
        "id": f"thread_{number}",
        "description": prose.thread(chance, genre, cast[:2]),
        "status": "active",
    }
