"""Broken texts: each problem at its character, counted right, and nothing changed silently."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.bible.broken import MAX_DEPTH, problems
from console.bible.reading import MAX_BYTES, BrokenDocument, read
from console.bible.values import same
from console.bible.writing import write

BROKEN: dict[str, tuple[str | bytes, list[int]]] = {
    "missing comma in an object": ('{"a": 1 "b": 2}', [8]),
    "missing comma in an array": ("[1 2]", [3]),
    "trailing comma in an object": ('{"a": 1,}', [7]),
    "trailing comma in an array": ("[1, 2, ]", [5]),
    "two commas": ("[1,,2]", [3]),
    "leading comma": ("[,1]", [1]),
    "missing colon": ('{"a" 1}', [5]),
    "missing value": ('{"a": }', [6]),
    "missing key": ("{: 1}", [1]),
    "key without quotes": ("{a: 1}", [1]),
    "single quotes": ("{'a': 1}", [1]),
    "unclosed string": ('{"a": "x}', [6]),
    "unclosed string before a line": ('{"a": "x,\n "b": 1}', [6]),
    "unclosed key": ('{"a: 1, "b": 2}', [1]),
    "quote within a string": ('{"a": "b"c"}', [8]),
    "bad escape": (r'["\q"]', [2]),
    "short unicode escape": (r'["\u12"]', [2]),
    "NaN": ("[NaN]", [1]),
    "infinity": ("[-Infinity]", [1]),
    "too large a number": ("[1e400]", [1]),
    "leading zero": ("[01]", [1]),
    "leading plus": ("[+1]", [1]),
    "missing digits": ("[1.]", [1]),
    "hexadecimal": ("[0x1F]", [1]),
    "misspelt literal": ("[True]", [1]),
    "two roots": ("{} {}", [3]),
    "trailing text": ("[1] x", [4]),
    "unclosed array": ("[1, 2", [5]),
    "unclosed object": ('{"a": 1', [7]),
    "wrong bracket": ("[1}", [2]),
    "wrong bracket inside": ('{"a": [1}', [8]),
    "bracket too many": ('{"a": 1}}', [8]),
    "comment": ("[1, // one\n2]", [4]),
    "semicolon": ('{"a": 1; "b": 2}', [7]),
    "equals sign": ('{"a"= 1}', [4]),
    "raw control character": ('["a\tb"]', [3]),
    "raw NUL": ('["\x00"]', [2]),
    "escaped NUL": (r'["a\u0000"]', [3]),
    "high surrogate alone": (r'["\ud800x"]', [2]),
    "low surrogate alone": (r'["\udc00"]', [2]),
    "surrogate in the text": ('["\ud800"]', [2]),
    "duplicate key": ('{"a": 1, "a": 2}', [9]),
    "duplicate key, escaped": (r'{"a": 1, "\u0061": 2}', [9]),
    "empty": ("", [0]),
    "only white space": (" \n ", [3]),
    "byte order mark": ("\ufeff{}", [0]),
    "no UTF-8": (b'["\xff", "\xfe"]', [2, 7]),
    "UTF-16": ("{}".encode("utf-16"), [0]),
    "too deep": ("[" * 10_000 + "]" * 10_000, [MAX_DEPTH]),
    "too many digits": ("[" + "9" * 5_000 + "]", [1]),
    "a colon in a list": ("[:]", [1]),
    "four problems": ('{"a": {"b": 1,}, "c": tru, "d": [1 2], "e": "\\y"}', [13, 22, 35, 45]),
}


@pytest.mark.parametrize(("text", "offsets"), BROKEN.values(), ids=list(BROKEN))
def test_every_problem_is_told_at_its_character(text: str | bytes, offsets: list[int]) -> None:
    with pytest.raises(BrokenDocument) as caught:
        read(text)

    found = caught.value.problems
    assert [problem.offset for problem in found][: len(offsets)] == offsets
    assert len(found) == len(offsets) or text == BROKEN["UTF-16"][0]


def test_lines_and_columns_count_characters_from_one() -> None:
    with pytest.raises(BrokenDocument, match="line 3 column 7: "):
        read('{\n"é": 1,\n"ü😀": }'.encode())


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0.5e-3",
        '"\\ud83d\\ude00"',
        '"\\\\u0000"',
        ' {"a":[],"b":{}} \n',
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
    ],
)
def test_what_is_right_is_taken(text: str) -> None:
    read(text)
    assert problems(text) == []


def test_numbers_keep_every_digit() -> None:
    text = "[123456789012345678901234567890, 1.0, 0.1234567890123456789, 1e-400, -9007199254740993]"

    document = read(text)

    assert document == [
        123456789012345678901234567890,
        1.0,
        Decimal("0.1234567890123456789"),
        Decimal("1e-400"),
        -9007199254740993,
    ]
    assert same(read(write(document)), document)
    assert "1.0," in write(document)


def test_a_text_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(BrokenDocument, match="line 1 column 1: the text is 100 MiB long; at most 64 MiB"):
        read(b" " * (100 * 1024 * 1024))
    assert MAX_BYTES < 100 * 1024 * 1024


@given(st.text(alphabet='[]{},:"\\ntu01e.- \x00a', max_size=40))
def test_any_text_is_taken_or_refused_with_a_place(text: str) -> None:
    found = problems(text)
    if not found:
        read(text)
        return
    assert all(0 <= problem.offset <= len(text) for problem in found)
    with pytest.raises(BrokenDocument):
        read(text)
