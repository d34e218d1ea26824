"""The filter's line by keys: it completes, holds on Enter, and says what is wrong; chips take terms out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.domain.filtering import Fields
from console.domain.terms import AnyOf, Words
from console.ui.desk.filter_line import FilterLine, completions
from db.platforms.scenes.declaration import SCENES

IDEAS, FLAGS = SCENES.queue("scenes.ideas"), SCENES.queue("scenes.flags")
FIELDS = Fields(FLAGS.columns)


@pytest.fixture
def line(qapp: object) -> Iterator[FilterLine]:
    host = QWidget()
    host.resize(500, 400)
    line = FilterLine(lambda key: ("spam", "self harm") if key == "reason" else (), host)
    line.open(FLAGS)
    yield line
    host.close()


def type_in(line: FilterLine, text: str) -> None:
    line.edit.clear()
    QTest.keyClicks(line.edit, text)
    QTest.keyClick(line.edit, Qt.Key.Key_Return)


def counted(line: FilterLine) -> Callable[[], int]:
    heard: list[bool] = []
    line.changed.connect(lambda: heard.append(True))
    return lambda: len(heard)


def test_enter_lets_it_hold_and_a_chip_takes_one_term_out(line: FilterLine) -> None:
    changes = counted(line)
    type_in(line, "reason:spam -<b>harbour</b>")
    assert [term.test for term in line.terms] == [AnyOf(("spam",)), Words("<b>harbour</b>")]
    assert [chip.text() for chip in line.chips] == ["reason:spam  ×", "-<b>harbour</b>  ×"]
    line.chips[0].click()
    assert line.edit.text() == "-<b>harbour</b>"
    assert [term.test for term in line.terms] == [Words("<b>harbour</b>")]
    line.edit.clear()
    assert line.terms == ()
    assert changes() == 3


def test_what_is_wrong_is_named_and_marked_and_changes_nothing(line: FilterLine) -> None:
    type_in(line, "reason:spam")
    held, changes = line.terms, counted(line)
    line.edit.setText("")
    assert changes() == 1
    type_in(line, "reason:spam")
    line.edit.end(False)
    QTest.keyClicks(line.edit, " flags:many")
    QTest.keyClick(line.edit, Qt.Key.Key_Return)
    assert line.terms == held
    assert "A number" in line.wrong.text()
    assert line.edit.selectedText() == "many"
    QTest.keyClick(line.edit, Qt.Key.Key_Escape)
    assert (line.edit.text(), line.wrong.text()) == ("reason:spam", "")


def test_every_queue_keeps_its_line(line: FilterLine) -> None:
    type_in(line, "reason:spam")
    line.open(IDEAS)
    assert (line.edit.text(), line.terms, line.chips) == ("", (), [])
    line.open(FLAGS)
    assert line.edit.text() == "reason:spam"
    assert len(line.chips) == 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("re", ["reason:"]),
        ("older:2d -Re", ["older:2d -reason:"]),
        ("reason:s", ["reason:spam", 'reason:"self harm"']),
        ("-reason:spam,se", ['-reason:spam,"self harm"']),
        ("kind:sc", []),
        ("colour:", []),
        ("reason:spam ", []),
        ("", []),
    ],
)
def test_a_term_is_completed_where_it_is_typed(typed: str, offered: list[str]) -> None:
    known = {"reason": ("spam", "self harm")}
    assert completions(typed, len(typed), FIELDS, lambda key: known.get(key, ())) == offered
    assert completions(typed, 0, FIELDS, lambda key: known.get(key, ())) == []


def test_what_is_offered_is_taken_by_keys(line: FilterLine) -> None:
    QTest.keyClicks(line.edit, "re")
    QTest.keyClick(line.edit, Qt.Key.Key_Tab)
    assert line.edit.text() == "reason:"
    QTest.keyClick(line.edit, Qt.Key.Key_Down)
    QTest.keyClick(line.edit, Qt.Key.Key_Down)
    QTest.keyClick(line.edit, Qt.Key.Key_Return)
    assert line.edit.text() == 'reason:"self harm"'
    assert line.offers.isHidden()
    assert not line.terms
    QTest.keyClick(line.edit, Qt.Key.Key_Return)
    assert [term.test for term in line.terms] == [AnyOf(("self harm",))]
