"""Buttons go on in the next line where the room ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.ui.widgets.flow import FlowLayout


@pytest.fixture
def flow(qtbot: QtBot) -> Iterator[FlowLayout]:
    """Three boxes of 100 by 20 with 10 between them, and 5 around."""
    parent = QWidget()
    qtbot.addWidget(parent)
    layout = FlowLayout(parent, QMargins(5, 5, 5, 5), 10)
    for _ in range(3):
        box = QWidget()
        box.setFixedSize(100, 20)
        layout.addWidget(box)
    parent.show()
    yield layout
    parent.close()


def places(flow: FlowLayout) -> list[tuple[int, int]]:
    found = []
    for number in range(flow.count()):
        item = flow.itemAt(number)
        assert item is not None
        found.append((item.geometry().x(), item.geometry().y()))
    return found


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (330, 30, [(5, 5), (115, 5), (225, 5)]),
        (329, 60, [(5, 5), (115, 5), (5, 35)]),
        (220, 60, [(5, 5), (115, 5), (5, 35)]),
        (219, 90, [(5, 5), (5, 35), (5, 65)]),
        (20, 90, [(5, 5), (5, 35), (5, 65)]),
    ],
)
def test_lines_end_where_the_room_does(
    flow: FlowLayout, width: int, height: int, expected: list[tuple[int, int]]
) -> None:
    assert flow.hasHeightForWidth()
    assert flow.heightForWidth(width) == height
    flow.setGeometry(QRect(0, 0, width, height))
    assert places(flow) == expected


def test_its_sizes_are_one_line_and_one_item(flow: FlowLayout) -> None:
    assert flow.sizeHint() == QSize(330, 30)
    assert flow.minimumSize() == QSize(110, 30)


def test_what_is_hidden_takes_no_room(flow: FlowLayout) -> None:
    item = flow.itemAt(0)
    assert item is not None
    box = item.widget()
    assert box is not None
    box.hide()
    assert flow.heightForWidth(220) == 30


def test_an_item_can_be_taken_away(flow: FlowLayout) -> None:
    taken = flow.takeAt(0)
    assert taken is not None
    assert flow.count() == 2
    assert flow.takeAt(7) is None
    assert flow.itemAt(-1) is None
