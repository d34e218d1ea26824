"""Findings of a document: errors and warnings, each at its place; schemas, positions and writing."""

from __future__ import annotations

from typing import Any

import pytest

from console.bible.schema import AnnotatedSchema, bible_schema
from console.bible.validation import Surroundings, stable_path, validate
from console.bible.writing import write
from console.domain.errors import ConfigurationError
from tests.unit.bible.annotated import SCHEMA


def _bible(**more: Any) -> dict[str, Any]:
    return {"version": 3, "characters": [], "setting": {}, "timeline": {}, **more}


def _found(document: Any, around: Surroundings | None = None) -> list[tuple[str, str, str]]:
    return [(f.severity, f.kind, f.path) for f in validate(document, bible_schema(), around)]


def test_a_right_bible_has_no_findings() -> None:
    event = {"segmentNumber": 1, "event": "x"}
    assert _found(_bible(timeline={"majorEvents": [event, event]}), Surroundings(3, frozenset({1}))) == []


def test_warnings_go_beyond_the_schema() -> None:
    character = {"entityId": "char_a", "canonicalName": "A", "introducedInSegment": 9, "odd": 1}
    tie = {"targetEntityId": "char_z", "relationshipType": "foe"}
    document = _bible(
        characters=[character, {**character, "relationships": [tie]}],
        timeline={"majorEvents": [{"segmentNumber": 8}]},
    )

    assert _found(document, Surroundings(4, frozenset({1, 2}))) == [
        ("warning", "duplicate-id", "/characters/entityId=char_a"),
        (
            "warning",
            "dangling-ref",
            "/characters/entityId=char_a/relationships/targetEntityId=char_z,relationshipType=foe",
        ),
        ("warning", "version", "/version"),
        ("warning", "unknown-field", "/characters/entityId=char_a"),
        ("warning", "unknown-segment", "/characters/entityId=char_a"),
        ("warning", "unknown-field", "/characters/entityId=char_a"),
        ("warning", "unknown-segment", "/characters/entityId=char_a"),
        ("warning", "unknown-segment", "/timeline/majorEvents/segmentNumber=8"),
    ]


def test_a_pattern_is_not_fooled_by_a_line_feed() -> None:
    document = _bible(characters=[{"entityId": "char_wren\n", "canonicalName": "Wren"}])

    assert _found(document)[0][:2] == ("error", "schema")


def test_the_best_message_of_a_choice_is_told() -> None:
    schema = AnnotatedSchema(
        {"anyOf": [{"type": "string"}, {"properties": {"a": {"type": "integer"}}, "type": "object"}]}
    )

    (finding,) = validate({"a": "x"}, schema)

    assert (finding.pointer, finding.message) == ("/a", "'x' is not of type 'integer'")


def test_annotations_beside_a_reference_count() -> None:
    boss = SCHEMA.root.member("people").element(0).member("boss")

    assert boss.ref == ("people",)


@pytest.mark.parametrize("schema", [[], {"type": "odd"}, {"items": {"x-merge": "glue"}}, {"x-ref": "people"}])
def test_a_schema_that_is_none_is_refused(schema: Any) -> None:
    with pytest.raises(ConfigurationError):
        AnnotatedSchema(schema).validator.is_valid(None)


def test_a_recursive_schema_is_followed() -> None:
    node = {"properties": {"kids": {"x-keys": ["id"], "items": {"$ref": "#"}}}}
    schema = AnnotatedSchema(node)
    document = {"kids": [{"id": 1, "kids": [{"id": 2}]}]}

    assert stable_path(document, schema.root, ("kids", 0, "kids", 0, "id")) == "/kids/id=1/kids/id=2/id"


def test_keys_are_written_in_the_schemas_order() -> None:
    text = write(
        {"odd": 1, "timeline": {}, "version": 1.0, "characters": [{"canonicalName": "A", "entityId": "b"}]},
        bible_schema(),
    )

    names = ["version", "characters", "entityId", "canonicalName", "timeline", "odd"]
    assert sorted(names, key=text.index) == names
    assert '"version": 1.0' in text
