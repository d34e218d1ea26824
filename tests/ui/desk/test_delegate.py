"""A row shows what is there, and no sign of what is not."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from console.domain.queues import CellType, CellValue, Column, Cursor, Item, Page
from console.domain.servers import Served, Server
from console.domain.subjects import Subject
from console.ui.desk.delegate import RowDelegate
from console.ui.desk.model import QueueModel
from console.ui.theme.theme import Choice, Theme


def painted(value: CellValue, mark: str) -> QImage:
    """The row of one item with one number."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme, model = Theme(application, Choice.LIGHT), QueueModel()
    number = Column("flags", "Flags", CellType.NUMBER, 80, mark=mark)
    model.begin((Column("title", "Title", stretch=True), number))
    item = Item(Subject("idea", UUID(int=1)), "v", "Title", ("Title", value), Cursor((1,)))
    model.add(Page((item,), False, Served(Server.REPLICA, "replica", 0.0)))
    image = QImage(200, 34, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.tokens.surface))
    painter, option = QPainter(image), QStyleOptionViewItem()
    option.rect = QRect(0, 0, 200, 34)
    RowDelegate(theme, dict).paint(painter, option, model.index(0))
    painter.end()
    return image


def test_a_mark_stands_beside_a_value_only(qtbot: QtBot) -> None:
    assert painted(3, "⚑") != painted(3, "")
    assert painted(None, "⚑") == painted(None, "")
