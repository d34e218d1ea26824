"""The JSON Schema test suite (draft-07, by Julian Berman and others, MIT) through the validator of bibles.

`draft7/` holds its files as the source package of jsonschema 4.26.0 carries them, its licence beside
them. What needs schemas from a web server is left out: this console never fetches one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.bible.schema import AnnotatedSchema
from console.bible.validation import schema_errors

_FILES = sorted((Path(__file__).parent / "draft7").glob("*.json"))
_WEB = "http://localhost:1234"


def _groups(file: Path) -> list[Any]:
    groups = json.loads(file.read_text(encoding="utf-8"))
    return [group for group in groups if _WEB not in json.dumps(group["schema"])]


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_what_the_suite_says_of_a_document_is_found(file: Path) -> None:
    wrong = []
    for group in _groups(file):
        schema = AnnotatedSchema(group["schema"])
        wrong += [
            f"{group['description']}: {case['description']}"
            for case in group["tests"]
            if (schema_errors(case["data"], schema) == []) is not case["valid"]
        ]
    assert wrong == []


def test_the_suite_is_there_whole() -> None:
    assert len(_FILES) == 36
    assert sum(len(group["tests"]) for file in _FILES for group in _groups(file)) > 850
