"""One order out of three."""

from __future__ import annotations

from itertools import permutations

import pytest

from console.bible.sequences import merge_order, moved


def _merge(base: str, mine: str, theirs: str, kept: str | None = None) -> tuple[str, bool]:
    order = merge_order(base, mine, theirs, set(kept or base + mine + theirs), str)
    return "".join(order.labels), order.question


def test_the_fewest_elements_moved() -> None:
    assert moved("abcdef", "bcdefa") == {"a"}
    assert moved("abcdef", "abcdef") == set()
    assert moved("abc", "xbya") in ({"a"}, {"b"})


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        ("abcd", "bacd", "abcd", ("bacd", False)),
        ("abcdefgh", "bcdaefgh", "abcdehfg", ("bcdaehfg", False)),
        ("abcdefgh", "bcdefgah", "ahbcdefg", ("hbcdefga", False)),
        ("abcde", "bcdea", "bacde", ("bcdea", True)),
        ("abc", "bac", "acb", ("bac", True)),
        ("abc", "abxc", "abyc", ("abxyc", False)),
        ("abc", "abcy", "abcx", ("abcxy", False)),
        ("abc", "abpxqc", "abrxsc", ("abprxqsc", False)),
        ("", "xy", "yx", ("xy", False)),
        ("abc", "xabc", "cab", ("xcab", False)),
    ],
)
def test_orders_combine_or_are_asked(base: str, mine: str, theirs: str, expected: tuple[str, bool]) -> None:
    assert _merge(base, mine, theirs) == expected


def test_every_pair_of_orders_gives_all_elements_once_whoever_is_mine() -> None:
    for mine in permutations("abcd"):
        for theirs in permutations("abcd"):
            one = _merge("abcd", "".join(mine), "".join(theirs))
            other = _merge("abcd", "".join(theirs), "".join(mine))
            assert sorted(one[0]) == list("abcd")
            assert one[1] == other[1]
            assert one[1] or one[0] == other[0]


def test_a_list_shuffled_twice_is_one_question() -> None:
    numbers = list(range(4000))
    mine, theirs = numbers[::-1], numbers[2000:] + numbers[:2000]

    assert merge_order(numbers, mine, theirs, set(numbers), str).question
