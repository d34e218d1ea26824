"""Values as words, and strangers' text as it was typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.queues import CellType, CellValue, Count
from console.ui.theme.words import (
    ago,
    count,
    count_of,
    duration,
    plain,
    share,
    shortened,
    shown,
    since,
    waited,
)

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("plain", "plain"),
        ('<img src="x">', '<img src="x">'),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("bell\x07", "bell⟨U+0007⟩"),
        ("two\nlines", "two lines"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("Ünïcödé", "Ünïcödé"),
    ],
)
def test_text_is_shown_as_typed_with_nothing_hidden(typed: str, seen: str) -> None:
    assert plain(typed) == seen


@given(st.text())
def test_no_direction_or_control_character_survives(typed: str) -> None:
    seen = plain(typed)
    assert not set(seen) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b\n")
    assert len(shortened(typed)) <= 60


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=5), "now"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=12), "12 d"),
        (timedelta(days=400), "Nov 2024"),
    ],
)
def test_times_are_relative_and_short(past: timedelta, words: str) -> None:
    assert ago(NOW - past, NOW) == words


@pytest.mark.parametrize(
    ("value", "type", "words"),
    [
        (None, CellType.TEXT, ""),
        (1204, CellType.NUMBER, "1,204"),
        (68, CellType.DURATION, "1:08"),
        (("sexual_content", "spam"), CellType.REASON, "Sexual content, Spam"),
        (("a", "b"), CellType.TAGS, "a, b"),
        (True, CellType.TEXT, "yes"),
        ("active", CellType.STATUS, "Active"),
    ],
)
def test_cells_by_type(value: CellValue, type: CellType, words: str) -> None:
    assert shown(value, type, NOW) == words


def test_counts_and_lengths() -> None:
    assert (count(Count(1204)), count(Count(9999, capped=True))) == ("1,204", "10k+")
    assert (duration(8), duration(3723)) == ("0:08", "1:02:03")


@pytest.mark.parametrize(
    ("many", "words"),
    [
        (0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (9_950, "9.9 kB"), (792_179, "792 kB"),
        (999_600, "1.0 MB"), (1_440_000_000, "1.4 GB"), (64_000_000_000_000, "64 TB"),
    ],
)  # fmt: skip
def test_sizes_keep_two_digits(many: int, words: str) -> None:
    assert shown(many, CellType.BYTES, NOW) == words


def test_a_noun_follows_its_number() -> None:
    assert [count_of(n, "report") for n in (0, 1, 1200)] == ["0 reports", "1 report", "1,200 reports"]


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=-3), "0 s ago"),
        (timedelta(seconds=2.9), "2 s ago"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(days=400), "Nov 2024"),
    ],
)
def test_a_sentence_says_how_long_ago(past: timedelta, words: str) -> None:
    assert since(NOW - past, NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (5_400, "1.5 h"),
        (43_200, "12 h"),
        (1e6, "12 d"),
    ],
)
def test_a_wait_has_two_digits(seconds: float | None, words: str) -> None:
    assert waited(seconds) == words


@pytest.mark.parametrize(
    ("part", "words"), [(None, "–"), (0, "0 %"), (0.0123, "1.2 %"), (0.25, "25 %"), (1, "100 %")]
)
def test_a_share_is_a_percentage(part: float | None, words: str) -> None:
    assert share(part) == words
