"""The smallest changes of a text: what they change means what was wanted, and all else stays as typed."""

from __future__ import annotations

import json
from random import Random

import pytest

from console.bible.editing import (
    add,
    blank,
    blank_element,
    edited,
    insert,
    move,
    put,
    put_literal,
    remove,
    rename,
)
from console.bible.positions import PositionIndex
from console.bible.schema import bible_schema
from console.bible.writing import write

TEXT = """{
  "version": 1.0,
  "big": 123456789012345678901234567890,
  "list": [
    "a",
    {"x": 1, "y": [1,2 ,3]},
    "c"
  ],
  "empty": {}
}
"""


def test_a_value_is_put_and_all_else_stays_as_typed() -> None:
    index = PositionIndex(TEXT)
    assert edited(TEXT, put(index, ("list", 1, "y", 1), "é")) == TEXT.replace("1,2 ,3", '1,"é" ,3')
    assert edited(TEXT, put_literal(index, ("version",), "2.50")) == TEXT.replace("1.0", "2.50")
    assert put_literal(index, ("version",), "1.0") == []
    assert edited(TEXT, put(index, ("list", 0), {"k": [1]})) == TEXT.replace(
        '"a"', '{\n      "k": [\n        1\n      ]\n    }'
    )
    with pytest.raises(LookupError, match="there is no nothing in /list/1"):
        put(index, ("list", 1, "nothing"), 1)


def test_a_member_stands_where_the_schema_has_it() -> None:
    index = PositionIndex(TEXT)
    order = ("version", "empty", "list")
    assert edited(TEXT, add(index, (), "empty2", 1, order)) == TEXT.replace("{}", '{},\n  "empty2": 1')
    assert edited(TEXT, add(index, (), "first", [1], ("first", "version"))).startswith(
        '{\n  "first": [\n    1\n  ],\n  "version": 1.0,'
    )
    assert '"empty": {\n    "a\\"": null\n  }' in edited(TEXT, add(index, ("empty",), 'a"', None))
    assert '{"x": 1, "z": 0, "y": [1,2 ,3]}' in edited(TEXT, add(index, ("list", 1), "z", 0, ("x", "z", "y")))


def test_elements_come_go_and_move() -> None:
    index = PositionIndex(TEXT)
    assert '[\n    "n",\n    "a",' in edited(TEXT, insert(index, ("list",), 0, "n"))
    assert '"c",\n    "n"\n  ],' in edited(TEXT, insert(index, ("list",), 9, "n"))
    assert "[1,3]" in edited(TEXT, remove(index, ("list", 1, "y", 1)))
    assert "[1,2]" in edited(TEXT, remove(index, ("list", 1, "y", 2)))
    assert edited(TEXT, move(index, ("list",), 2, 0)) == TEXT.replace('"a",', '"c",\n    "a",').replace(
        ']},\n    "c"', "]}"
    )
    with pytest.raises(LookupError):
        move(index, ("list",), 0, 3)
    with pytest.raises(LookupError, match="neither"):
        insert(index, ("version",), 0, 1)


def test_a_key_is_renamed() -> None:
    assert edited(TEXT, rename(PositionIndex(TEXT), ("list", 1, "x"), "w")) == TEXT.replace('"x"', '"w"')
    with pytest.raises(LookupError):
        rename(PositionIndex(TEXT), ("list", 0), "w")


@pytest.mark.parametrize("indented", [True, False])
def test_any_run_of_changes_means_what_python_does(indented: bool) -> None:
    chance, document = Random(3), {"a": [1, 2, 3], "o": {"x": {}}}
    text = write(document) if indented else json.dumps(document)
    for _ in range(200):
        index, array = PositionIndex(text), document["a"]
        assert isinstance(array, list)
        act = chance.randrange(4)
        if act == 0 or not array:
            at = chance.randint(0, len(array))
            value: object = chance.choice([{"k": 1}, "s", [], None])
            array.insert(at, value)
            text = edited(text, insert(index, ("a",), at, value))
        elif act == 1:
            at = chance.randrange(len(array))
            del array[at]
            text = edited(text, remove(index, ("a", at)))
        elif act == 2:
            at, to = chance.randrange(len(array)), chance.randrange(len(array))
            array.insert(to, array.pop(at))
            text = edited(text, move(index, ("a",), at, to))
        else:
            at = chance.randrange(len(array))
            array[at] = {"n": chance.random()}
            text = edited(text, put(index, ("a", at), array[at]))
        assert json.loads(text) == document
    if indented:
        assert text == write(document)


def test_what_is_new_begins_with_what_the_schema_asks() -> None:
    root = bible_schema().root
    characters = root.member("characters")
    assert blank_element(characters, 0) == {"entityId": "", "canonicalName": ""}
    assert blank(characters.element(0).member("isActive")) is True
    relationships = characters.element(0).member("relationships")
    assert list(blank_element(relationships, 0)) == ["targetEntityId", "relationshipType"]
    threads = root.member("plotThreads")
    assert blank(threads.element(0).member("status")) == "active"
    assert blank(root) == {"version": 0, "characters": [], "setting": {}, "timeline": {}}
    assert blank_element(root.member("nothing"), 0, ("string",)) == ""
