"""The list as Qt sees it keeps Qt's own rules, and its items in their order, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from console.domain.queues import CellType, Column, Cursor, Item, Page
from console.domain.servers import Served, Server
from console.domain.subjects import Holder, Subject
from console.ui.desk.model import HOLDER_ROLE, ITEM_ROLE, SETTLED_ROLE, QueueModel, Settled

COLUMNS = (Column("reason", "Reason"), Column("flags", "Flags", CellType.NUMBER))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def an_item(number: int, title: str = "") -> Item:
    subject = Subject("idea", UUID(int=number))
    return Item(subject, "v", title or f"Item {number}", ("spam", number), Cursor((number,)))


def a_page(*numbers: int, more: bool = False) -> Page:
    return page_of(tuple(an_item(number) for number in numbers), more)


def page_of(items: tuple[Item, ...], more: bool = False) -> Page:
    return Page(items, more, Served(Server.REPLICA, "replica", 0.0))


def a_model(*numbers: int, more: bool = False) -> QueueModel:
    model = QueueModel()
    model.begin(COLUMNS)
    model.add(a_page(*numbers, more=more))
    return model


def numbers_in(model: QueueModel) -> list[int]:
    return [model.index(row).data(ITEM_ROLE).subject.id.int for row in range(model.rowCount())]


def test_qt_finds_nothing_to_complain_of(qtmodeltester: ModelTester) -> None:
    """The tester listens to every change from here on."""
    model = a_model(1, 2, 3, more=True)
    check: Callable[[QueueModel], None] = qtmodeltester.check
    check(model)
    model.add(a_page(4, 5))
    model.take(an_item(2).subject)
    model.put(1, an_item(2))
    model.put(99, an_item(9))
    model.put(0, an_item(3, "changed"))
    model.hold(an_item(4).subject, Holder("max", NOW, NOW))
    model.mark_held({})
    model.begin(())


def test_pages_follow_each_other_and_nothing_stands_twice() -> None:
    model = a_model(1, 2, more=True)
    model.add(a_page(2, 3))
    assert numbers_in(model) == [1, 2, 3]
    model.add(a_page())
    assert numbers_in(model) == [1, 2, 3]


def test_the_next_page_is_asked_for_once(qtbot: QtBot) -> None:
    model = a_model(1, more=True)
    asked: list[None] = []
    model.more_wanted.connect(lambda: asked.append(None))
    root = QModelIndex()
    assert model.canFetchMore(root)
    model.fetchMore(root)
    assert not model.canFetchMore(root)
    model.page_failed()
    assert model.canFetchMore(root)
    model.fetchMore(root)
    model.add(a_page(2))
    assert not model.canFetchMore(root), "that was the last page"
    assert len(asked) == 2


def test_what_is_taken_comes_back_where_it_stood() -> None:
    model = a_model(1, 2, 3)
    taken = model.take(an_item(2).subject)
    assert taken == (1, an_item(2))
    assert numbers_in(model) == [1, 3]
    assert model.take(an_item(2).subject) is None
    assert model.put(*taken) == 1
    assert numbers_in(model) == [1, 2, 3]
    assert model.put(7, an_item(4)) == 3


def test_an_item_that_is_there_is_renewed_where_it_stands() -> None:
    model = a_model(1, 2)
    assert model.put(0, an_item(2, "New words")) == 1
    assert model.index(1).data() == "New words"
    assert model.rowCount() == 2


def test_holders_come_and_go_and_only_their_rows_change() -> None:
    model = a_model(1, 2, 3)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last, _: changed.extend(range(first.row(), last.row() + 1)))
    max_, rey = Holder("max", NOW, NOW), Holder("rey", NOW, NOW)
    model.mark_held({an_item(1).subject: max_, an_item(2).subject: rey})
    assert changed == [0, 1]
    model.mark_held({an_item(1).subject: max_})
    assert changed == [0, 1, 1]
    model.hold(an_item(3).subject, rey)
    model.hold(an_item(8).subject, rey)
    assert changed == [0, 1, 1, 2]
    assert [model.index(row).data(HOLDER_ROLE) for row in range(3)] == [max_, None, rey]


def test_a_screen_reader_hears_columns_and_holder() -> None:
    model = a_model(7)
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Reason: spam" in spoken
    assert "Flags: 7" in spoken
    model.hold(an_item(7).subject, Holder("max", NOW, NOW))
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole).endswith("held by max")


def test_hostile_titles_are_shown_as_text() -> None:
    model = QueueModel()
    model.begin(COLUMNS)
    model.put(0, an_item(1, "a\u202eb\nc"))
    assert "\u202e" not in model.index(0).data()
    assert "\n" not in model.index(0).data()


def test_what_came_is_news_and_nothing_moves_until_it_is_wanted() -> None:
    model = a_model(10, 20, 30, more=True)
    news = model.news(a_page(5, 10, 15, 20, 30, 40, more=True))
    assert [item.subject.id.int for _, item in news.fresh] == [15, 5]
    assert numbers_in(model) == [10, 20, 30]
    model.merge(news)
    assert numbers_in(model) == [5, 10, 15, 20, 30]


def test_rows_that_were_never_loaded_are_no_news() -> None:
    model = a_model(10, 20, more=True)
    assert model.news(a_page(10, 20, 30, 40, more=True)).fresh == ()


def test_what_is_on_its_way_to_the_database_is_no_news() -> None:
    model = a_model(10, 30)
    assert model.news(a_page(10, 20, 30), {an_item(20).subject}).fresh == ()


def test_what_does_not_wait_any_more_is_gone_as_far_as_the_page_reaches() -> None:
    model = a_model(10, 20, 30, 40, more=True)
    assert [s.id.int for s in model.news(a_page(10, 30, more=True)).gone] == [20]
    assert [s.id.int for s in model.news(a_page(10, 30)).gone] == [20, 40]
    assert [s.id.int for s in model.news(a_page()).gone] == [10, 20, 30, 40]
    assert model.news(a_page(50, 60, more=True)).gone == ()


def test_settled_rows_are_shown_as_such_until_they_wait_again() -> None:
    model = a_model(1, 2)
    model.mark_settled([an_item(2).subject], [an_item(1).subject])
    assert [model.index(row).data(SETTLED_ROLE) for row in (0, 1)] == ["", "settled"]
    assert "settled" in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    model.mark_settled([], [an_item(2).subject])
    assert model.index(1).data(SETTLED_ROLE) == ""


def test_what_is_known_of_a_settled_row_outlives_a_page_that_does_not_reach_it() -> None:
    model = a_model(1, 2)
    model.settle(an_item(2).subject, Settled("Approved by max", NOW))
    model.mark_settled([an_item(2).subject], [])
    model.mark_settled([], [])
    assert model.index(1).data(SETTLED_ROLE) == "Approved by max"
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole).endswith("Approved by max")
    model.take(an_item(2).subject)
    model.put(1, an_item(2))
    assert model.index(1).data(SETTLED_ROLE) == ""


def test_merging_shows_changed_content_as_it_is_now() -> None:
    model = a_model(1, 2)
    now = Item(an_item(2).subject, "v2", "Other words", ("spam", 2), Cursor((2,)))
    model.merge(model.news(page_of((an_item(1), now))))
    assert model.index(1).data(ITEM_ROLE) == now


def test_rows_are_found_wherever_others_came_and_went() -> None:
    model = a_model(*range(101))
    for step in range(300):
        number = step * 37 % 101
        if model.take(an_item(number).subject) is None:
            model.put(step * 53 % 101, an_item(number))
        standing = {number: row for row, number in enumerate(numbers_in(model))}
        for each in range(step % 7, 101, 7):
            assert model.row_of(an_item(each).subject) == standing.get(each)
