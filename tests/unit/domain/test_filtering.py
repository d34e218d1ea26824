"""A filter's line means what it says, names the place of what it cannot mean, and never fails otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.filtering import Fields, FilterError, parse, quoted, without, written
from console.domain.queues import CellType, Column
from console.domain.terms import AnyOf, Bound, Range, Term, Words

FIELDS = Fields(
    (
        Column("reason", "Reason", CellType.REASON),
        Column("title", "Suggested topic"),
        Column("open_flags", "Flags", CellType.NUMBER),
        Column("first_at", "First", CellType.TIME),
        Column("author", "Author", CellType.PERSON),
    )
)
DAY = datetime(2026, 6, 3, tzinfo=UTC)
NEXT = datetime(2026, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("harbour", Term("", Words("harbour"))),
        ('"lost key"', Term("", Words("lost key", phrase=True))),
        ("-harbour", Term("", Words("harbour"), negated=True)),
        ("reason:violence", Term("reason", AnyOf(("violence",)))),
        ("REASON:a,b,a", Term("reason", AnyOf(("a", "b")))),
        ('suggested-topic:"x, y",z', Term("title", AnyOf(("x, y", "z")))),
        ("-author:max", Term("author", AnyOf(("max",)), negated=True)),
        ("title:http://a", Term("title", AnyOf(("http://a",)))),
        ("flags:3", Term("open_flags", Range(Bound(3), Bound(3)))),
        ("flags:>2", Term("open_flags", Range(least=Bound(2, closed=False)))),
        ("flags:<=2.5", Term("open_flags", Range(most=Bound(2.5)))),
        ("open_flags:2..5", Term("open_flags", Range(Bound(2), Bound(5)))),
        ("flags:..5", Term("open_flags", Range(None, Bound(5)))),
        ("older:2d", Term("first_at", Range(least=Bound(timedelta(days=2))))),
        ("newer:12h", Term("first_at", Range(most=Bound(timedelta(hours=12))))),
        ("first:1d..3w", Term("first_at", Range(Bound(timedelta(days=1)), Bound(timedelta(weeks=3))))),
        ("first:2026-06-03", Term("first_at", Range(Bound(DAY), Bound(NEXT, closed=False)))),
        ("first:>2026-06-03", Term("first_at", Range(least=Bound(NEXT)))),
        ("first:<2026-06-03", Term("first_at", Range(most=Bound(DAY, closed=False)))),
        ("first:..2026-06-03", Term("first_at", Range(None, Bound(NEXT, closed=False)))),
    ],
)
def test_a_term_means_what_it_says(typed: str, term: Term) -> None:
    assert parse(typed, FIELDS) == (term,)


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ("ok colour:red", "colour:red", "no column colour"),
        ("ok flags:", "flags:", "What should flags be"),
        ("ok flags:many", "many", "A number"),
        ("ok flags:nan", "nan", "A number"),
        ("ok flags:..", "..", "one of its ends"),
        ("ok older:soon", "soon", "an age"),
        ("ok first:2026-02-30", "2026-02-30", "A date"),
        ("ok first:2d..2026-02-03", "2d..2026-02-03", "both are ages"),
        ("ok first:9999-12-31", "9999-12-31", "later than any date"),
        ('ok "open', '"open', "no partner"),
        ("ok -", "-", "nothing to look for"),
        ("ok reason:,", "reason:,", "What should reason be"),
        ("ok a\x00b", "\x00", "that character"),
    ],
)
def test_an_error_names_its_place(line: str, wrong: str, said: str) -> None:
    with pytest.raises(FilterError, match=said) as raised:
        parse(line, FIELDS)
    assert line[slice(*raised.value.place)] == wrong


def test_a_term_is_taken_out_of_the_line_and_the_others_stay() -> None:
    line = '  reason:a   -"lost key"  flags:>2 '
    terms = parse(line, FIELDS)
    assert written(terms, line) == ("reason:a", '-"lost key"', "flags:>2")
    assert parse(without(line, terms[1]), FIELDS) == (terms[0], terms[2])


def test_names_are_the_titles_that_a_person_sees() -> None:
    assert FIELDS.names == ("reason", "suggested-topic", "flags", "first", "author", "older", "newer")
    assert Fields(()).names == ()


@given(st.text(alphabet=st.sampled_from(' ab1:",-<>=.dwflagsreasonolder\t\n\x00é')) | st.text())
def test_any_line_is_understood_or_refused_with_a_place_in_it(line: str) -> None:
    try:
        terms = parse(line, FIELDS)
    except FilterError as error:
        start, end = error.place
        assert 0 <= start < end <= len(line)
        return
    assert " ".join(written(terms, line)).split() == line.split()
    assert parse(" ".join(written(terms, line)), FIELDS) == terms


@given(st.text(min_size=1).map(str.strip).filter(lambda value: value and not {'"', "\x00"} & set(value)))
def test_a_quoted_value_is_that_value(value: str) -> None:
    assert parse(f"reason:{quoted(value)}"[:1000], FIELDS) == (Term("reason", AnyOf((value,))),)
