"""The tree of topics and categories as Qt's views use it."""

from __future__ import annotations

from uuid import UUID

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from console.domain.curation import CATEGORY, TOPIC, Category, Topic
from console.domain.queues import Count
from console.ui.curation.columns import Column
from console.ui.curation.tree import CurationTree
from tests.support.waiting import until

MOVE = Qt.DropAction.MoveAction


def id_of(number: int) -> UUID:
    return UUID(int=number)


def topic(number: int, categories: int = 0, *, active: bool = True) -> Topic:
    return Topic(id_of(number), f"Topic {number}", f"topic-{number}", "", active, 1_200, categories)


def category(number: int, of: int) -> Category:
    return Category(id_of(number), id_of(of), f"Category {number}", f"category-{number}", True)


@pytest.fixture
def tree(qapp: object) -> CurationTree:
    made = CurationTree()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    tester.setUseFetchMore(False)
    made.show([topic(1, 2), topic(2), topic(3, 3, active=False)], {})
    return made


def names(tree: CurationTree, parent: QModelIndex | None = None) -> list[str]:
    above = parent or QModelIndex()
    return [tree.index(row, 0, above).data() for row in range(tree.rowCount(above))]


def open_topic(tree: CurationTree, number: int) -> QModelIndex:
    index = tree.find(TOPIC, id_of(number))
    tree.fetchMore(index)
    tree.show_categories(id_of(number), [category(10 * number + n, number) for n in (1, 2)])
    return tree.find(TOPIC, id_of(number))


def test_categories_are_asked_for_once_when_their_topic_is_opened(tree: CurationTree) -> None:
    asked: list[UUID] = []
    tree.categories_wanted.connect(asked.append)
    first, second = tree.index(0, 0), tree.index(1, 0)
    assert tree.hasChildren(first)
    assert not tree.hasChildren(second)
    assert not tree.canFetchMore(second)
    tree.fetchMore(first)
    tree.fetchMore(first)
    assert asked == [id_of(1)]
    tree.show_categories(id_of(1), [category(11, 1), category(12, 1)])
    assert names(tree, first) == ["Category 11", "Category 12"]
    assert tree.index(1, 0, first).parent() == first
    tree.show_categories(id_of(1), [category(12, 1)])
    assert names(tree, first) == ["Category 12"]


def test_a_row_says_what_it_is_to_eyes_and_ears(tree: CurationTree) -> None:
    retired = tree.index(2, 0)
    assert retired.data(Qt.ItemDataRole.AccessibleTextRole) == "Topic 3, retired"
    assert tree.index(0, Column.SCENES).data() == "1,200"
    assert tree.index(0, Column.SCENES).data(Qt.ItemDataRole.AccessibleTextRole) == "Scenes: 1,200"
    tree.show([Topic(id_of(9), "<b>x</b>\u202e", "x", "", True, 0, 0)], {})
    assert tree.index(0, 0).data() == "<b>x</b>⟨U+202E⟩"
    assert "<b>" not in tree.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_rows_that_stand_where_they_stood_are_repainted_and_not_laid_anew(tree: CurationTree) -> None:
    open_topic(tree, 1)
    resets: list[None] = []
    tree.modelReset.connect(lambda: resets.append(None))
    tree.show(
        [Topic(id_of(1), "Renamed", "t", "", True, 0, 2), topic(2), topic(3, 3)],
        {id_of(1): [category(11, 1), category(12, 1)]},
    )
    assert not resets
    assert names(tree)[0] == "Renamed"
    tree.show([topic(2), topic(1, 2)], {})
    assert len(resets) == 1
    assert names(tree) == ["Topic 2", "Topic 1"]


@pytest.mark.parametrize(
    ("moved", "after", "order"), [(1, 3, "231"), (3, None, "312"), (1, 2, "213"), (3, 1, "132")]
)
def test_a_topic_moves_at_once(tree: CurationTree, moved: int, after: int | None, order: str) -> None:
    tree.move(TOPIC, id_of(moved), None if after is None else id_of(after))
    assert [name[-1] for name in names(tree)] == list(order)
    assert [topic.name[-1] for topic in tree.outline.topics] == list(order)


def test_a_category_moves_among_its_own(tree: CurationTree) -> None:
    parent = open_topic(tree, 1)
    index = tree.index(0, 0, parent)
    assert tree.sibling_before(index, 1) == (True, id_of(12))
    assert tree.sibling_before(index, -1) == (False, None)
    tree.move(CATEGORY, id_of(11), id_of(12))
    assert names(tree, parent) == ["Category 12", "Category 11"]
    assert tree.sibling_before(tree.index(1, 0, parent), -1) == (True, None)


def test_a_drop_tells_behind_whom(tree: CurationTree) -> None:
    parent = open_topic(tree, 1)
    open_topic(tree, 3)
    told: list[tuple[object, ...]] = []
    tree.placed.connect(lambda *values: told.append(values))
    topics = tree.mimeData([tree.index(0, 0)])
    categories = tree.mimeData([tree.index(0, 0, parent)])
    nowhere, third = QModelIndex(), tree.index(2, 0)
    assert tree.canDropMimeData(topics, MOVE, 3, 0, nowhere)
    assert not tree.canDropMimeData(topics, MOVE, -1, 0, third)
    assert not tree.canDropMimeData(categories, MOVE, 1, 0, nowhere)
    assert not tree.dropMimeData(topics, MOVE, 3, 0, nowhere)
    tree.dropMimeData(topics, MOVE, 0, 0, nowhere)
    tree.dropMimeData(topics, MOVE, 1, 0, nowhere)
    tree.dropMimeData(categories, MOVE, -1, -1, third)
    tree.dropMimeData(categories, MOVE, 1, 0, third)
    assert told == [
        (TOPIC, id_of(1), None, id_of(3)),
        (TOPIC, id_of(1), None, None),
        (TOPIC, id_of(1), None, None),
        (CATEGORY, id_of(11), id_of(3), id_of(32)),
        (CATEGORY, id_of(11), id_of(3), id_of(31)),
    ]


def test_a_filter_leaves_what_matches_and_forbids_to_move(tree: CurationTree) -> None:
    open_topic(tree, 1)
    tree.narrow([id_of(2)], {id_of(3): [category(33, 3)]})
    assert names(tree) == ["Topic 2", "Topic 3"]
    assert names(tree, tree.index(1, 0)) == ["Category 33"]
    assert tree.find(CATEGORY, id_of(33)).isValid()
    assert not tree.find(TOPIC, id_of(1)).isValid()
    assert not tree.index(0, 0).flags() & Qt.ItemFlag.ItemIsDragEnabled
    tree.narrow(None, {})
    assert names(tree) == ["Topic 1", "Topic 2", "Topic 3"]
    assert names(tree, tree.index(0, 0)) == ["Category 11", "Category 12"]


async def test_ideas_are_asked_for_what_came_into_sight_in_one_go(tree: CurationTree) -> None:
    parent = open_topic(tree, 1)
    asked: list[tuple[list[UUID], list[UUID]]] = []
    tree.ideas_wanted.connect(lambda topics, below: asked.append((topics, below)))
    cells = [tree.index(0, Column.IDEAS), tree.index(1, Column.IDEAS), tree.index(0, Column.IDEAS, parent)]
    for _ in range(2):
        assert [cell.data() for cell in cells] == ["", "", ""]
    await until(lambda: asked)
    assert asked == [([id_of(1), id_of(2)], [id_of(11)])]
    tree.show_ideas({id_of(1): Count(9_999, capped=True), id_of(11): Count(3)})
    assert [cell.data() for cell in cells] == ["10k+", "", "3"]
