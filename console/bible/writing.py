"""From a document to text: indented, in the schema's key order, with every number as it was."""

from __future__ import annotations

import json
from decimal import Decimal

import orjson

from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import Json


def write(document: Json, schema: AnnotatedSchema | None = None) -> str:
    """The document as JSON text, indented by two, with a line feed at its end.

    With a schema the keys that it names come first, in its order (jsonb forgets the order), the others
    after them as they came.
    """
    if schema is not None:
        document = arrange(document, schema.root)
    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:
        return f"{written(document)}\n"


def arrange(document: Json, rule: Rule) -> Json:
    """The document with its objects' keys in the schema's order."""
    kind = type(document)
    if kind is dict:
        known = [name for name in rule.names if name in document]
        names = [*known, *(name for name in document if name not in rule.names)] if known else list(document)
        return {
            name: arrange(document[name], rule.member(name))
            if isinstance(document[name], dict | list)
            else document[name]
            for name in names
        }
    if kind is list:
        return [
            arrange(part, rule.element(at)) if isinstance(part, dict | list) else part
            for at, part in enumerate(document)
        ]
    return document


def written(value: Json, indent: str = "") -> str:
    """A part of a document as text, its first line unindented, the others from `indent` on.

    It can what orjson cannot: integers of any length, and decimals with all their digits.
    """
    if isinstance(value, Decimal):
        return str(value)
    inner = f"{indent}  "
    if isinstance(value, dict) and value:
        lines = (f"{inner}{_string(name)}: {written(part, inner)}" for name, part in value.items())
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(inner + written(part, inner) for part in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
