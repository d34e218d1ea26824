"""Two texts are compared by words, and nothing of either is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.ui.desk.sections import changed_words

TEXTS = st.text(st.sampled_from("ab \n"), max_size=30)


def test_a_changed_word_is_told_between_what_stayed() -> None:
    parts = changed_words("The sea waits.", "The tide waits.")
    assert [(kind, words.strip()) for kind, words in parts] == [
        ("same", "The"),
        ("gone", "sea"),
        ("came", "tide"),
        ("same", "waits."),
    ]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off(before: str, after: str) -> None:
    parts = changed_words(before, after)
    assert "".join(words for kind, words in parts if kind != "gone") == after
    assert "".join(words for kind, words in parts if kind != "came") == before
