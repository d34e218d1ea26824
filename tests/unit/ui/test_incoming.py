"""Texts from outside: shown on lines that Qt can lay out, with their meaning, or refused with a place."""

from __future__ import annotations

import json

import pytest

from console.bible.reading import BrokenDocument, read
from console.ui.bible.incoming import LONGEST_LINE, LONGEST_STRING, Refused, fit


def test_a_minified_document_is_laid_out_and_no_number_changes() -> None:
    document = {
        "big": 123456789012345678901234567890,
        "list": [{"k": f'a "{n}", [b]: {{c}}\\', "e": [], "o": {}, "n": None} for n in range(500)],
        "nested": [[[0.1]]],
    }
    text = json.dumps(document, separators=(",", ":")).replace("null", "1.0")
    shown = fit(text)
    assert read(shown) == read(text)
    assert '"n": 1.0\n' in shown
    assert "123456789012345678901234567890" in shown
    assert max(map(len, shown.split("\n"))) < 60
    assert '"e": [],' in shown


def test_short_lines_and_long_prose_stay_as_they_are() -> None:
    text = '{"a":1,\n  "b": "' + "word " * LONGEST_LINE + '"\n}'
    assert fit(text) == text


def test_depth_of_ten_thousand_and_broken_lines_are_shown() -> None:
    shown = fit("[" * 10_000 + "]" * 10_000)
    assert max(map(len, shown.split("\n"))) < 200
    with pytest.raises(BrokenDocument, match="more than 200 levels"):
        read(shown)
    broken = fit('{"a": "x, ' + "1, " * 5_000)
    assert "\n" not in broken


def test_what_cannot_be_shown_is_refused_with_its_place() -> None:
    with pytest.raises(Refused, match="100 MiB long; at most 64 MiB"):
        fit(" " * (100 * 1024 * 1024))
    with pytest.raises(Refused, match=r"Line 3 is 200,007 characters"):
        fit('{\n"b": 1,\n"a": "' + "x" * LONGEST_STRING + '"\n}')


def test_what_qt_would_lose_is_escaped() -> None:
    assert fit('"\u2028\ufeff\ud800 \U0001f600"\r\n') == '"\\u2028\\ufeff\\ud800 \U0001f600"\n'
