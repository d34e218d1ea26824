"""The annotated schema that these tests merge under, with one place for each kind of merging."""

from __future__ import annotations

from typing import Any

from console.bible.schema import AnnotatedSchema

DOCUMENT: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "properties": {
        "version": {"type": "integer", "x-merge": "counter"},
        "people": {
            "type": "array",
            "x-merge": "map",
            "x-keys": ["id"],
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "age": {"type": "integer"},
                    "about": {"type": "string"},
                    "rank": {"enum": ["low. Very low.", "high. Very high.", "top. The very top."]},
                    "code": {"type": "string", "pattern": "^."},
                    "day": {"type": "string", "format": "date"},
                    "motto": {"type": "string", "x-merge": "atomic"},
                    "tags": {"type": "array", "x-merge": "set", "items": {"type": "string"}},
                    "friends": {"type": "array", "x-merge": "set", "items": {"x-ref": "/people"}},
                    "ties": {
                        "type": "array",
                        "x-merge": "map",
                        "x-keys": ["to", "kind"],
                        "items": {"properties": {"to": {"x-ref": "/people"}}},
                    },
                    "boss": {"$ref": "#/definitions/reference", "x-ref": "/people"},
                },
            },
        },
        "steps": {"type": "array", "x-merge": "list", "x-keys": ["n"]},
        "events": {"type": "array", "x-merge": "list", "x-keys": ["at"], "x-unique": False},
        "colour": {"type": "array", "x-merge": "atomic"},
        "point": {"type": "object", "x-merge": "atomic"},
    },
    "definitions": {"reference": {"type": "string"}},
}

SCHEMA = AnnotatedSchema(DOCUMENT)
