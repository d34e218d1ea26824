"""The numbers in the real window: counted when it is opened, narrowed, drawn, sorted and exported."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QTableView

from console.bootstrap import Session
from console.ui.keyboard import press
from console.ui.numbers.screen import NumbersScreen
from tests.support.content import add_content, add_idea, claim, decide, item
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, moderator

SHIFT = Qt.KeyboardModifier.ShiftModifier


def decided(database: Database, verb: str, many: int, policy: str | None = None) -> None:
    content = add_content(database)
    with database.connect() as owner, database.connect("max") as max_:
        for number in range(many):
            idea = add_idea(owner, content.author, content.topic, f"{verb} {number}")
            decide(max_, "scenes.ideas", verb, [item(claim(max_, "idea", idea))], policy=policy)


def figure(screen: NumbersScreen, name: str) -> str:
    return next(each.text() for each in screen.findChildren(QLabel) if each.accessibleName() == name)


def rows(screen: NumbersScreen, name: str) -> list[list[str]]:
    table = next(each for each in screen.findChildren(QTableView) if each.accessibleName() == name)
    model = table.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def shown(session: Session) -> NumbersScreen:
    session.window.show_screen("numbers")
    screen = session.window.findChild(NumbersScreen)
    assert screen is not None
    return screen


async def test_what_was_decided_is_counted_drawn_and_exported(attached: Database, tmp_path: Path) -> None:
    decided(attached, "approve", 2)
    decided(attached, "reject", 3, "spam")
    async with moderator(attached, tmp_path) as session:
        screen = shown(session)
        await until(lambda: figure(screen, "Decided") == "5")
        assert [row[:2] for row in rows(screen, "By policy")] == [["Spam", "3"], ["Without a policy", "2"]]
        assert len(rows(screen, "By day")) == 1
        assert figure(screen, "Overturned") == "0 %"
        assert figure(screen, "Waiting") != "–"
        decided(attached, "approve", 1)
        await press(Qt.Key.Key_F5)
        await until(lambda: figure(screen, "Decided") == "6")
        path = tmp_path / "numbers.csv"
        screen.write(path)
        await until(lambda: path.exists() and path.stat().st_size > 0)
        with path.open(encoding="utf-8", newline="") as file:
            days = [row for row in csv.reader(file) if row[0] == "days"]
        assert len(days) == 30
        assert sum(int(row[2]) for row in days) == 6
        book = tmp_path / "numbers.xlsx"
        screen.write(book)
        await until(lambda: book.exists() and book.read_bytes()[:2] == b"PK")
        screen.queue.setCurrentIndex(screen.queue.findData("scenes.flags"))
        await until(lambda: figure(screen, "Decided") == "0")
        assert rows(screen, "By policy") == []


async def test_a_file_that_cannot_be_written_is_told(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        screen = shown(session)
        await until(lambda: figure(screen, "Decided") == "0")
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        screen.write(tmp_path / "missing" / "numbers.csv")
        await until(lambda: any("cannot be written" in text for text in told))


async def test_the_export_is_reached_by_keyboard(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        screen = shown(session)
        await until(lambda: figure(screen, "Decided") == "0")
        await press(Qt.Key.Key_E, CONTROL | SHIFT)
        await until(lambda: bool(screen.findChildren(QFileDialog)))
        screen.findChildren(QFileDialog)[0].reject()
