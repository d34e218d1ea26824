"""Slugs: made from any name, told why they are none, and numbered where they are taken."""

from __future__ import annotations

import pytest

from console.domain.slugs import free_slug, slug_of, slug_problem


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Crème Brûlée", "creme-brulee"),
        ("Łódź & Straße", "lodz-strasse"),
        ("  9 Lives!  ", "9-lives"),
        ("海の話", "topic"),
        ("", "topic"),
        ("x" * 200, "x" * 90),
    ],
)
def test_a_slug_is_made_of_any_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug
    assert slug_problem(slug) == ""


def test_a_taken_slug_gets_the_first_free_number() -> None:
    assert free_slug("Sea", {"sea", "sea-2", "sea-4"}) == "sea-3"
    assert free_slug("Sea", set()) == "sea"


@pytest.mark.parametrize("slug", ["", "Sea", "sea--side", "-sea", "sea-", "sea side", "seé", "x" * 101])
def test_what_is_no_slug_is_told(slug: str) -> None:
    assert slug_problem(slug)
