"""Texts by sentence and by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.bible.sentences import changed_sentences, merge_text, split, words

_TEXTS = st.text(alphabet="aB.!? \n\t。", max_size=30)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It is 3.5 m. tall. Yes.", ["It is 3.5 m. tall.", "Yes."]),
        ("Dr. Ash met John F. Kennedy. He left.", ["Dr. Ash met John F. Kennedy.", "He left."]),
        ("He said “No.” She left.", ["He said “No.”", "She left."]),
        ("一。二！三", ["一。", "二！", "三"]),
        ("one\ntwo", ["one", "two"]),
        ("", [""]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split(text)] == sentences


@given(_TEXTS)
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentence.space + sentence.text for sentence in split(text)) == text


@given(_TEXTS, _TEXTS, _TEXTS)
def test_mine_and_theirs_are_only_labels(base: str, mine: str, theirs: str) -> None:
    assert merge_text(base, mine, theirs) == merge_text(base, theirs, mine)


@given(_TEXTS, _TEXTS)
def test_words_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    pieces = words(before, after)

    assert "".join(piece for mark, piece in pieces if mark != "added") == before
    assert "".join(piece for mark, piece in pieces if mark != "removed") == after


def test_changed_sentences_are_counted() -> None:
    assert changed_sentences("One. Two. Three. Four.", "One. Zwei. Three. Four.") == (1, 4)
    assert changed_sentences("One.", "One. Two. Three.") == (2, 3)


def test_white_space_that_one_side_changed_is_kept() -> None:
    assert merge_text("One. Two. Three.", "One.\nTwo. Three.", "One. Two. Drei.") == "One.\nTwo. Drei."


def test_texts_that_differ_all_over_are_shown_as_replaced_without_delay() -> None:
    before, after = "a " * 50_000 + "z", "b " * 50_000 + "z"

    assert words(before, after) == [("removed", before[:-2]), ("added", after[:-2]), ("same", " z")]
