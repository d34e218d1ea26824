"""What was typed and what somebody saved meanwhile, brought together column by column."""

from __future__ import annotations

from dataclasses import replace

from console.domain.curation import Columns
from console.ui.curation.merging import merged

SEEN = Columns("Sea", "sea", "Salt water", active=True)


def test_what_only_one_changed_is_kept_from_that_one() -> None:
    found = merged(SEEN, replace(SEEN, name="Seas"), replace(SEEN, description="Water", active=False))
    assert found.columns == Columns("Seas", "sea", "Water", active=False)
    assert found.taken == ("description", "active")
    assert found.contested == ()


def test_what_both_changed_stays_as_typed_and_is_named() -> None:
    found = merged(SEEN, replace(SEEN, name="Seas"), replace(SEEN, name="Oceans"))
    assert found.columns.name == "Seas"
    assert found.contested == ("name",)


def test_the_same_change_by_both_is_no_conflict() -> None:
    found = merged(SEEN, replace(SEEN, name="Seas"), replace(SEEN, name="Seas"))
    assert (found.columns.name, found.taken, found.contested) == ("Seas", (), ())
