"""What of the topics and categories is known, what is shown, and in which rows."""

from __future__ import annotations

from uuid import UUID

import pytest

from console.domain.curation import CATEGORY, TOPIC, Category, Topic
from console.ui.curation.outline import Outline, kind_of


def id_of(number: int) -> UUID:
    return UUID(int=number)


def topic(number: int, categories: int = 0) -> Topic:
    return Topic(id_of(number), f"Topic {number}", f"topic-{number}", "", True, 0, categories)


def category(number: int, of: int) -> Category:
    return Category(id_of(number), id_of(of), f"Category {number}", f"category-{number}", True)


@pytest.fixture
def outline() -> Outline:
    """Three topics; the categories of the first were read."""
    made = Outline()
    made.fill([topic(1, 2), topic(2), topic(3, 1)], {id_of(1): [category(11, 1), category(12, 1)]})
    return made


def test_categories_are_unknown_until_they_were_read(outline: Outline) -> None:
    assert outline.read() == (id_of(1),)
    assert outline.known(id_of(3)) is None
    assert outline.rows(id_of(31)) is None
    outline.set_categories(id_of(3), [category(31, 3)])
    assert outline.rows(id_of(31)) == (2, 0)
    outline.set_categories(id_of(3), [])
    assert outline.known(id_of(3)) == []
    assert outline.rows(id_of(31)) is None


def test_a_filter_leaves_topics_whole_or_for_their_matches(outline: Outline) -> None:
    outline.narrow([id_of(1)], {id_of(1): [category(11, 1)], id_of(3): [category(31, 3)]})
    assert (outline.narrowed, outline.shown) == (True, [id_of(1), id_of(3)])
    assert not outline.shown_in_part(id_of(1))
    assert [each.id for each in outline.children(id_of(1))] == [id_of(11), id_of(12)]
    assert outline.shown_in_part(id_of(3))
    assert outline.rows(id_of(31)) == (1, 0)
    assert outline.row(id_of(2)) is None
    assert len(outline.topics) == 3
    outline.narrow(None, {})
    assert (outline.narrowed, outline.row(id_of(2))) == (False, 1)


def test_rows_are_the_same_while_nothing_moved_came_or_went(outline: Outline) -> None:
    first, others = topic(1, 2), [topic(2), topic(3, 1)]
    below = {id_of(1): [category(11, 1), category(12, 1)]}
    assert outline.same_rows([first, *others], below)
    assert not outline.same_rows([*others, first], below)
    assert not outline.same_rows([first, *others], {id_of(1): [category(12, 1)]})
    outline.narrow([id_of(1), id_of(2), id_of(3)], {})
    assert not outline.same_rows([first, *others], below)


def test_topics_and_categories_move_to_another_row(outline: Outline) -> None:
    outline.move_topic(0, 2)
    assert outline.shown == [id_of(2), id_of(3), id_of(1)]
    assert [outline.topic_at(row).id for row in range(3)] == [each.id for each in outline.topics]
    outline.move_category(id_of(1), 1, 0)
    assert outline.rows(id_of(12)) == (2, 0)
    assert outline.rows(id_of(11)) == (2, 1)


def test_entries_are_of_the_kind_that_changes_name() -> None:
    assert [kind_of(topic(1)), kind_of(category(11, 1))] == [TOPIC, CATEGORY]
