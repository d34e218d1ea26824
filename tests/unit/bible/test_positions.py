"""Places of a text: by pointer and by character, also where the text is broken elsewhere."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from console.bible.positions import PositionIndex
from console.bible.values import Tokens


def test_places_count_lines_and_characters_from_one() -> None:
    text = '{\n "é": [1, {"b": "x"}],\n "k": 2}'
    index = PositionIndex(text)
    assert index.locate(("é", 1, "b")) == (2, 17)
    assert index.locate(("é", 1, "b"), key=True) == (2, 12)
    assert index.locate(("k", "missing")) == (3, 7)
    assert index.locate(()) == (1, 1)
    assert index.pointer_at(text.index('"x"') + 1) == ("é", 1, "b")
    index.learn()
    assert index.span(("é", 1, "b")) == (18, 21)
    assert PositionIndex("  ").locate(("a",)) == (1, 1)


def _places(value: Any, at: Tokens = ()) -> list[tuple[Tokens, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(at, value), *(place for token, part in inside for place in _places(part, (*at, token)))]


def _document(chance: Random, depth: int) -> Any:
    kind = chance.randrange(6 if depth else 4)
    if kind < 4:
        return (chance.randrange(99), 'a, ]}\\"\n:é', None, 1.5)[kind]
    parts = [_document(chance, depth - 1) for _ in range(chance.randrange(4))]
    return parts if kind == 4 else {f'k"{number}': part for number, part in enumerate(parts)}


@pytest.mark.parametrize("indent", [None, 2])
def test_every_value_of_any_text_is_found_whole(indent: int | None) -> None:
    chance = Random(7)
    for _ in range(60):
        document = _document(chance, 5)
        text = json.dumps(document, indent=indent, ensure_ascii=False)
        index, places = PositionIndex(text), _places(document)
        found = index.starts(tokens for tokens, _value in places)
        for tokens, value in places:
            start, end = index.span(tokens)
            assert json.loads(text[start:end]) == value
            assert found[tokens] == start


def test_a_text_that_is_broken_elsewhere_keeps_its_places() -> None:
    text = '{"a": [1, {"b": 2}, [}], "c": x, "d" "e": 3, "f'
    index = PositionIndex(text)
    assert index.pointer_at(text.index("2")) == ("a", 1, "b")
    assert index.locate(("e",)) == (1, text.index("3") + 1)
    assert [child.token for child in index.children(0)] == ["a", "c", "d", "e", "f"]
    with pytest.raises(LookupError, match="no value of d"):
        index.span(("d",))
    with pytest.raises(LookupError, match="there is no 7 in /a"):
        index.span(("a", 7))


def test_depth_and_length_end_nothing() -> None:
    index = PositionIndex("[" * 10_000)
    assert index.locate((0, 0, 0)) == (1, 4)
    assert index.span((0,)) == (1, 10_000)
    assert len(index.pointer_at(300)) >= 200


def test_what_is_around_a_character() -> None:
    text = '{"a": {"b": 1, "cc"}, "d": [  ]}'
    index = PositionIndex(text)
    tokens, child, holder = index.around(text.index("cc") + 1)
    assert (tokens, child.start, holder) == (("a", "cc"), None, text.index('{"b"'))
    assert index.around(text.index("  ]") + 1)[0] == ("d",)
