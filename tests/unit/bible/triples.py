"""Random documents and edits: three versions of one document, and what is known about their merge."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any

Edit = Callable[[dict[str, Any]], None]

TAGS = ("brave", "calm", "kind", "loud", "neat", "odd")


def document(chance: Random, people: int) -> dict[str, Any]:
    """A document with everything that the schema of these tests has."""
    ids = [f"p{number}" for number in chance.sample(range(100, 999), people)]
    return {
        "version": 1,
        "people": [
            {
                "id": name,
                "age": chance.randrange(90),
                "about": " ".join(f"{name.upper()} says {n} {chance.randrange(99)}." for n in range(4)),
                "tags": chance.sample(TAGS, 3),
                "ties": [{"to": ids[0], "kind": "friend", "since": chance.randrange(50)}],
                "extra": {"left": chance.randrange(9), "right": [1, 2, 3, chance.randrange(9)]},
            }
            for name in ids
        ],
        "steps": [{"n": n * 10, "do": chance.randrange(99)} for n in range(6)],
        "free": {"a": 1, "b": None, "c": [[1, 2], [3, 4]]},
    }


def _find(version: dict[str, Any], name: str) -> dict[str, Any]:
    return next(person for person in version["people"] if person["id"] == name)


def disjoint_edits(chance: Random, base: dict[str, Any]) -> list[Edit]:
    """Edits of which no two touch the same thing."""
    names = [person["id"] for person in base["people"]]
    edits: list[Edit] = []
    for place, name in enumerate(names):
        edits += _edits_of_person(chance, name, first=place == 0)
    edits += [
        lambda version: version["free"].update(a=2),
        lambda version: version["free"].pop("b"),
        lambda version: version["free"].update(new=[1]),
        lambda version: version["free"]["c"][0].__setitem__(1, 7),
        lambda version: version["free"]["c"][1].__setitem__(0, 8),
    ]
    for number in chance.sample(range(1, 9), 2):
        edits.append(partial(_step, number=number * 10 + 5))
    half = len(names) // 2
    for begin, end in ((1, half), (half + 1, len(names))):
        source, target = chance.sample(range(begin, end), 2)
        edits.append(partial(_move, name=names[source], behind=names[target]))
    return edits


def _edits_of_person(chance: Random, name: str, *, first: bool) -> list[Edit]:
    added, gone = chance.choice(TAGS), chance.randrange(3)
    edits: list[Edit] = [
        lambda version: _find(version, name).update(age=100 + len(name)),
        lambda version: _find(version, name).update(
            about=_find(version, name)["about"].replace("says 0", "sings")
        ),
        lambda version: _find(version, name).update(
            about=_find(version, name)["about"].replace("says 2", "hums")
        ),
        lambda version: _find(version, name)["tags"].append(f"{added}er"),
        lambda version: _find(version, name)["ties"][0].update(since=99),
        lambda version: _find(version, name)["ties"].append({"to": name, "kind": "self"}),
        lambda version: _find(version, name)["extra"].update(left=10),
        lambda version: _find(version, name)["extra"]["right"].__setitem__(1, 55),
        lambda version: version["people"].insert(
            version["people"].index(_find(version, name)) + 1, {"id": f"{name}x", "age": gone}
        ),
    ]
    return chance.sample(edits[:-1], 3) + ([edits[-1]] if first else [])


def _step(version: dict[str, Any], number: int) -> None:
    version["steps"].append({"n": number, "do": 0})
    version["steps"].sort(key=lambda step: step["n"])


def _move(version: dict[str, Any], name: str, behind: str) -> None:
    person = _find(version, name)
    version["people"].remove(person)
    version["people"].insert(version["people"].index(_find(version, behind)) + 1, person)


def disjoint(chance: Random) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Base, mine, theirs, and the only right merge."""
    base = document(chance, 8)
    mine, theirs, truth = deepcopy(base), deepcopy(base), deepcopy(base)
    for edit in disjoint_edits(chance, base):
        if chance.random() < 0.6:
            edit(mine if chance.random() < 0.5 else theirs)
            edit(truth)
    return base, mine, theirs, truth


def overlapping(chance: Random) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Three versions whose edits are drawn from few places, so that many meet."""
    base = document(chance, 3)
    return base, _rewritten(chance, base), _rewritten(chance, base)


def _rewritten(chance: Random, base: dict[str, Any]) -> dict[str, Any]:
    version = deepcopy(base)
    people = version["people"]
    for _ in range(chance.randint(1, 6)):
        luck = chance.randrange(9)
        person = chance.choice(people) if people else None
        if luck == 0 and person:
            people.remove(person)
        elif luck == 1:
            number = chance.randrange(3)
            if all(one["id"] != f"new{number}" for one in people):
                people.insert(
                    chance.randint(0, len(people)), {"id": f"new{number}", "age": chance.randrange(3)}
                )
        elif luck == 2 and person:
            person["age"] = chance.choice((1, 2, True, None))
        elif luck == 3 and person:
            person.pop(chance.choice(("age", "extra", "tags", "ties")), None)
        elif luck == 4 and person and "tags" in person:
            person["tags"] = chance.sample(TAGS, chance.randrange(5))
        elif luck == 5 and person and "extra" in person:
            person["extra"][chance.choice(("left", "up"))] = chance.randrange(3)
        elif luck == 6:
            chance.shuffle(people)
        elif luck == 7:
            version["free"][chance.choice("abx")] = chance.choice((0, 1.0, "", {"y": 1}, {"y": 2, "z": 1}))
        elif luck == 8:
            version["version"] += chance.randrange(3)
    return version
