"""Three states of an entry brought together: what was seen, what was typed, what somebody saved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace

from console.domain.curation import Columns

TITLES = {
    "name": "Name",
    "slug": "Slug",
    "description": "Description",
    "icon_url": "Icon",
    "active": "Active",
    "topic_id": "Topic",
}
"""The columns in the order in which they are edited, as people call them."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be shown: `columns` with what was typed kept, `taken` the columns that came from the other,
    `contested` those that both changed, each to something else.
    """

    columns: Columns
    taken: tuple[str, ...]
    contested: tuple[str, ...]


def merged(seen: Columns, typed: Columns, saved: Columns) -> Merged:
    """Column by column: what only the other changed is taken, what was typed is kept."""
    taken, contested = [], []
    columns = typed
    for name in TITLES:
        before, mine, theirs = (getattr(each, name) for each in (seen, typed, saved))
        if theirs in (before, mine):
            continue
        if mine == before:
            columns = replace(columns, **{name: theirs})
            taken.append(name)
        else:
            contested.append(name)
    return Merged(columns, tuple(taken), tuple(contested))
