"""The bible's core beside jsonschema, jsonpatch, deepdiff and nbdime, on the same documents in the same run.

1 MB is 2,000 characters and 1,000 events; each side has 50 scattered edits and 3 moves.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from console.bible.diff import diff
from console.bible.merge import merge
from console.bible.reading import read
from console.bible.schema import bible_schema
from console.bible.validation import validate
from console.bible.writing import write
from tests.bench.measure import Measurement, median, percentile

_LETTERS = "abcdefghijklmnop"


def bible() -> list[Measurement]:
    """Open, check, compare and merge documents of 1 and 10 MB."""
    one = Triple(1)
    rows = [*one.ours(runs=15, opening=50, merging=120), *one.beside()]
    return [*rows, *Triple(10).ours(runs=3, opening=600, merging=1500)]


class Triple:
    """Base, mine and theirs of one size, as texts and as documents."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        base = _document(Random(1), 2_000 * megabytes, 1_000 * megabytes)
        self.documents = [base, _edited(base, 2), _edited(base, 3)]
        self.texts = [json.dumps(document).encode() for document in self.documents]

    def ours(self, *, runs: int, opening: float, merging: float) -> list[Measurement]:
        schema = bible_schema()

        def opened() -> None:
            before, after = read(self.texts[0]), read(self.texts[1])
            validate(after, schema)
            diff(before, after, schema)

        def merged() -> None:
            base, mine, theirs = map(read, self.texts)
            result = merge(base, mine, theirs, schema)
            assert result.clean or all(conflict.kind == "text" for conflict in result.conflicts)
            write(result.merged, schema)

        return [
            _row(f"bible {self.megabytes} MB: open, validate, diff", _timed(opened, runs), opening),
            _row(f"bible {self.megabytes} MB: merge, text to text", _timed(merged, runs), merging),
        ]

    def beside(self) -> list[Measurement]:
        import deepdiff  # noqa: PLC0415  (only `./dev bench` installs the peers)
        import jsonpatch  # noqa: PLC0415
        import jsonschema  # noqa: PLC0415
        from nbdime import decide_merge  # noqa: PLC0415
        from nbdime.diffing import diff as nbdime_diff  # noqa: PLC0415

        schema = bible_schema()
        base, mine, theirs = self.documents
        checker = jsonschema.Draft7Validator(schema.document)
        compared = _timed(lambda: diff(base, mine, schema), 15)
        checked = _timed(lambda: list(schema.validator.iter_errors(mine)), 15)
        combined = _timed(lambda: merge(base, mine, theirs, schema), 15)
        return [
            _ratio(
                "keyed diff beside jsonpatch",
                compared,
                _timed(lambda: jsonpatch.make_patch(base, mine), 3),
                5,
            ),
            _ratio(
                "keyed diff beside deepdiff", compared, _timed(lambda: deepdiff.DeepDiff(base, mine), 1), 100
            ),
            _ratio("keyed diff beside nbdime", compared, _timed(lambda: nbdime_diff(base, mine), 1), 1),
            _ratio("merge beside nbdime", combined, _timed(lambda: decide_merge(base, mine, theirs), 1), 1),
            _ratio(
                "validation beside jsonschema", checked, _timed(lambda: list(checker.iter_errors(mine)), 3), 1
            ),
        ]


def _timed(run: Callable[[], object], runs: int) -> list[float]:
    """Milliseconds of each of the runs."""
    samples = []
    # As in the console, which looks for cycles only when it is idle.
    gc.collect()
    gc.disable()
    try:
        for _ in range(runs):
            begin = time.perf_counter()
            run()
            samples.append((time.perf_counter() - begin) * 1000)
    finally:
        gc.enable()
    return samples


def _row(name: str, samples: list[float], goal: float) -> Measurement:
    value = median(samples)
    return Measurement(
        name, "ms", value, percentile(samples, 0.95), None, None, f"within {goal:.0f} ms", met=value <= goal
    )


def _ratio(name: str, ours: list[float], peer: list[float], goal: float) -> Measurement:
    value, floor = median(ours), median(peer)
    return Measurement(
        name,
        "ms",
        value,
        percentile(ours, 0.95),
        floor,
        value / floor,
        f"at least {goal:g} times as fast",
        met=floor / value >= goal,
        detail=f"{floor / value:.0f} times",
    )


def _document(chance: Random, characters: int, events: int) -> dict[str, Any]:
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(3, 9))) for _ in range(500)]

    def sentence(length: int) -> str:
        return " ".join(chance.choices(words, k=length)).capitalize() + "."

    return {
        "version": 1,
        "characters": [
            {
                "entityId": f"char_{number:x}",
                "canonicalName": sentence(2),
                "aliases": [sentence(1), sentence(1)],
                "description": " ".join(sentence(8) for _ in range(3)),
                "traits": chance.sample(words, 3),
                "relationships": [
                    {"targetEntityId": f"char_{chance.randrange(characters):x}", "relationshipType": words[0]}
                ],
                "introducedInSegment": number + 1,
                "isActive": True,
            }
            for number in range(characters)
        ],
        "setting": {"locations": []},
        "timeline": {
            "majorEvents": [
                {"segmentNumber": number, "event": sentence(8), "consequences": sentence(6)}
                for number in range(events)
            ]
        },
        "plotThreads": [],
    }


def _edited(base: dict[str, Any], seed: int) -> dict[str, Any]:
    chance, version = Random(seed), deepcopy(base)
    people = version["characters"]
    for person in chance.sample(people, 50):
        person["description"] = person["description"].replace(". ", f" {seed}. ", 1)
    for _ in range(3):
        people.insert(chance.randrange(len(people)), people.pop(chance.randrange(len(people))))
    return version
