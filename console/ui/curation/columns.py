"""The columns of the tree, and what stands in them of a topic or category."""

from __future__ import annotations

from enum import IntEnum

from console.domain.curation import Category, Topic
from console.ui.theme.words import number, plain


class Column(IntEnum):
    """What stands beside each other."""

    NAME = 0
    SLUG = 1
    CATEGORIES = 2
    SCENES = 3
    IDEAS = 4


TITLES = ("Name", "Slug", "Categories", "Scenes", "Ideas")


def cell_text(entry: Topic | Category, column: int) -> str:
    """What an entry itself says in a column; ideas are counted apart."""
    if column == Column.NAME:
        return plain(entry.name)
    if column == Column.SLUG:
        return plain(entry.slug)
    if isinstance(entry, Category) or column == Column.IDEAS:
        return ""
    return number(entry.categories if column == Column.CATEGORIES else entry.scenes)
