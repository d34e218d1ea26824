"""`greenroom bible`: what the commands print, and their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from tests.unit.bible.annotated import DOCUMENT

BIBLE = {
    "version": 1,
    "characters": [
        {"entityId": "char_mira", "canonicalName": "Mira", "description": "One. Two. Three. Four."}
    ],
    "setting": {},
    "timeline": {},
}


def _file(folder: Path, name: str, document: Any) -> str:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


def test_merge_prints_a_conflict_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    versions = [
        _file(tmp_path, name, {"people": [{"id": "a", "age": age}], "version": age})
        for name, age in (("base", 1), ("mine", 2), ("theirs", 3))
    ]

    code = main(["bible", "merge", *versions, "--schema", _file(tmp_path, "schema", DOCUMENT)])

    assert code == 1
    assert json.loads(capsys.readouterr().out) == {
        "status": "conflict",
        "merged": {"people": [{"id": "a", "age": 2}], "version": 3},
        "conflicts": [
            {
                "path": "/people/id=a/age",
                "kind": "edit-edit",
                "base_pointer": "/people/0/age",
                "mine_pointer": "/people/0/age",
                "theirs_pointer": "/people/0/age",
                "base": 1,
                "mine": 2,
                "theirs": 3,
            }
        ],
        "warnings": [],
    }


def test_merge_leaves_an_absent_side_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [_file(tmp_path, str(n), document) for n, document in enumerate(({"x": 1}, {}, {"x": 2}))]

    assert main(["bible", "merge", *files]) == 1

    (conflict,) = json.loads(capsys.readouterr().out)["conflicts"]
    assert conflict["mine_pointer"] is None
    assert "mine" not in conflict


def test_merge_resolves_to_theirs_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        _file(tmp_path, str(n), document)
        for n, document in enumerate(({"x": 1, "y": 1}, {"x": 2}, {"x": 3, "y": 2}))
    ]
    out = tmp_path / "merged.json"

    assert main(["bible", "merge", *files, "--resolve", "theirs", "--output", str(out)]) == 1

    assert json.loads(capsys.readouterr().out)["merged"] == {"x": 3, "y": 2}
    assert json.loads(out.read_text()) == {"x": 3, "y": 2}


def test_merge_serves_as_a_git_driver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, mine, theirs = (
        _file(tmp_path, name, {**BIBLE, **more})
        for name, more in (("b", {}), ("m", {"version": 2}), ("t", {"styleGuide": {"tone": "dry"}}))
    )

    assert main(["bible", "merge", base, mine, theirs, "--output", mine]) == 0

    assert json.loads(Path(mine).read_text()) == {**BIBLE, "version": 2, "styleGuide": {"tone": "dry"}}
    assert json.loads(capsys.readouterr().out)["status"] == "clean"


@pytest.mark.parametrize("command", ["validate", "merge", "diff"])
def test_bad_input_is_told_with_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    good, bad = _file(tmp_path, "good", {}), _file(tmp_path, "bad", '{"a": 1,\n "a": NaN}')
    files = {"validate": [bad], "merge": [good, bad, good], "diff": [good, bad]}

    assert main(["bible", command, *files[command]]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"{bad}:2:2: error: the key “a” stands twice in one object (line 2 column 2)",
        f"{bad}:2:7: error: NaN is no JSON number (line 2 column 7)",
    ]


def test_a_missing_file_and_a_schema_that_is_none_are_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = _file(tmp_path, "good", {})

    assert main(["bible", "validate", str(tmp_path / "none")]) == 2
    assert "none: error: No such file" in capsys.readouterr().err
    assert main(["bible", "validate", good, "--schema", _file(tmp_path, "s1", {"type": "odd"})]) == 2
    assert main(["bible", "validate", good, "--schema", _file(tmp_path, "s2", {"x-merge": "glue"})]) == 2
    assert "x-merge: 'glue'" in capsys.readouterr().err


def test_validate_tells_errors_and_warnings_at_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """{"version": "1", "setting": {}, "timeline": {}, "extra": 1,
 "characters": [{"entityId": "char_a", "canonicalName": "A",
   "relationships": [{"targetEntityId": "char_x", "relationshipType": "foe"}]},
   {"entityId": "char_a", "canonicalName": 7}]}"""
    path = _file(tmp_path, "bible", text)

    assert main(["bible", "validate", path]) == 1

    assert capsys.readouterr().out.splitlines() == [
        f'{path}:1:13: error: "1" is not of type "integer" (/version)',
        f'{path}:4:44: error: 7 is not of type "string" (/characters/1/canonicalName)',
        f"{path}:4:4: warning: 2 elements share entityId (entityId=char_a) (/characters/1)",
        f"{path}:3:41: warning: 'char_x' is no key in /characters"
        " (/characters/0/relationships/0/targetEntityId)",
        f"{path}:1:49: warning: the schema does not know the field “extra” (/extra)",
        f"{path}: 2 errors, 3 warnings",
    ]


def test_diff_speaks_in_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = json.loads(json.dumps(BIBLE).replace("Two.", "Zwei."))

    assert main(["bible", "diff", _file(tmp_path, "a", BIBLE), _file(tmp_path, "b", after)]) == 0

    assert capsys.readouterr().out == "char_mira: description changed, 1 of 4 sentences\n"


def test_diff_gives_a_patch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [_file(tmp_path, "a", {"x": 1}), _file(tmp_path, "b", {"x": 1.0, "y": 2})]

    assert main(["bible", "diff", *files, "--format", "json-patch"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"op": "add", "path": "/y", "value": 2}]
    assert main(["bible", "diff", *files, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["path"] == "/y"


def test_diff_escapes_html(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [_file(tmp_path, "a", {"<b>": "<i>"}), _file(tmp_path, "b", {"<b>": "<script>alert(1)</script>"})]

    assert main(["bible", "diff", *files, "--format", "html"]) == 0

    page = capsys.readouterr().out
    assert "<script" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;" in page


def test_the_commands_load_neither_qt_nor_a_driver(tmp_path: Path) -> None:
    files = [_file(tmp_path, name, BIBLE) for name in "ab"]
    code = (
        "import sys; from console.__main__ import main; "
        f"main(['bible', 'diff', *{files!r}]); "
        "unwanted = ('PySide6', 'psycopg', 'sqlalchemy', 'asyncio'); "
        "print([name for name in sys.modules if name.startswith(unwanted)])"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
