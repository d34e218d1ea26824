"""Drafts as the journal keeps them, and the story of a history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from console.bible.conflicts import Decision
from console.bible.diff import diff
from console.bible.values import ABSENT
from console.domain.documents import DocumentHistory, DocumentVersion
from console.domain.servers import Served
from console.domain.subjects import Subject
from console.services.documents import KEPT, Draft, Drafts, Shelf, Story
from db.journal import SqliteJournal
from tests.unit.bible.annotated import SCHEMA

SCENE = Subject("scene", uuid4())


class Shown:
    """Documents that count how often they are asked for."""

    kinds = frozenset({"scene"})
    served: Served | None = None

    def __init__(self, documents: Mapping[int, Any]) -> None:
        self.documents = documents
        self.asked: list[int] = []

    async def home(self, subject: Subject) -> Subject | None:
        return subject

    async def history(self, subject: Subject, *, fresh: bool = False) -> DocumentHistory:
        raise NotImplementedError

    async def newest(self, subject: Subject) -> DocumentVersion | None:
        raise NotImplementedError

    async def document(self, subject: Subject, version: int) -> str:
        assert subject == SCENE
        self.asked.append(version)
        return json.dumps(self.documents[version])


def version_of(number: int) -> DocumentVersion:
    return DocumentVersion(number, datetime(2026, 1, number, tzinfo=UTC), f"p{number}", "", None, 10)


@pytest.mark.parametrize("text", ["{}", "not JSON\n\nwith lines", '{"a": "\\u2028 é 😀"}', ""])
async def test_a_draft_comes_back_as_it_was_kept(tmp_path: Path, text: str) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    answers = (
        Decision("d1", "edited", {"a": None}),
        Decision("d2", "edited", ABSENT),
        Decision("d3", "both", new_key={"id": "z"}),
    )
    draft = Draft("The <b>Tin</b> Orchard\nnew line", 13, at, text, answers, "why\nso")
    journal = SqliteJournal(tmp_path / "journal.sqlite3")
    await Drafts(journal).keep(SCENE, draft)
    await journal.close()
    journal = SqliteJournal(tmp_path / "journal.sqlite3")
    drafts = Drafts(journal)
    assert await drafts.find(SCENE) == draft
    await journal.save_draft("note", "of something else")
    head = Draft(draft.title, draft.base, draft.at, "", answers, "why\nso")
    assert await drafts.all() == [(SCENE, head, False)]
    assert await drafts.find(Subject("scene", uuid4())) is None
    await drafts.drop(SCENE)
    assert await drafts.find(SCENE) is None
    await journal.close()


async def test_a_few_versions_stay_at_hand() -> None:
    shown = Shown({number: {"n": number} for number in range(1, KEPT + 2)})
    shelf = Shelf(shown, SCENE, SCHEMA)
    assert await shelf.version(0) == {}
    for number in (1, 2, 1, *range(3, KEPT + 2), 1):
        assert await shelf.version(number) == {"n": number}
    assert shown.asked == [*range(1, KEPT + 2)]


async def test_a_version_has_the_schemas_order() -> None:
    shelf = Shelf(Shown({1: {"steps": [], "people": [{"age": 1, "id": "a"}], "version": 1}}), SCENE, SCHEMA)
    assert json.dumps(await shelf.version(1)) == (
        '{"version": 1, "people": [{"id": "a", "age": 1}], "steps": []}'
    )


async def test_a_history_is_walked_once_and_tells_who_made_what() -> None:
    shown = Shown(
        {
            1: {"version": 1, "people": [{"id": "a", "age": 1}]},
            2: {"version": 2, "people": [{"id": "a", "age": 2}]},
            3: {"version": 3, "people": [{"id": "a", "age": 2}, {"id": "b"}]},
        }
    )
    story = Story(shown, SCENE, SCHEMA)
    versions = [version_of(number) for number in (1, 2, 3)]
    assert [await story.step(version) for version in versions[:2]] == [True, True]
    assert [await story.step(version) for version in versions] == [False, False, True]
    assert shown.asked == [1, 2, 3]
    # The version's own number is nobody's change.
    assert {number: len(found) for number, found in story.changes.items()} == {1: 0, 2: 1, 3: 1}
    assert story.blame is not None
    assert story.blame.author("/people/id=a/age").author == "p2"
    changes = [*diff(shown.documents[1], shown.documents[3], SCHEMA)][1:]
    found = story.authors(changes, 1, versions)
    assert [each and each.version for each in found] == [2, 3]
