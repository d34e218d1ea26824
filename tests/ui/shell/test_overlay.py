"""What lies over the window takes every key and click meant for it, and gives the keyboard back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.ui.shell.commands import Commands
from console.ui.shell.overlay import Overlay, Row
from console.ui.theme.theme import Choice, Theme


class Window:
    """A window with a verb on A, a button and a field, and an overlay with two rows."""

    def __init__(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.theme = Theme(application, Choice.LIGHT)
        self.widget = QMainWindow()
        host = QWidget()
        self.widget.setCentralWidget(host)
        column = QVBoxLayout(host)
        self.button, self.behind = QPushButton("Behind"), QLineEdit()
        column.addWidget(self.button)
        column.addStretch()
        column.addWidget(self.behind)
        self.done: list[str] = []
        self.button.clicked.connect(lambda: self.done.append("button"))
        Commands(self.widget).offer_verbs([("Approve", "A", lambda: self.done.append("approved"))])
        self.overlay = Overlay(self.theme, host, "My decisions", "Type to narrow")
        self.overlay.typed.connect(
            lambda _: self.overlay.show_rows(
                [Row("First", "1 min", lambda: self.done.append("first")), Row("Second", "2 min", None)]
            )
        )


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = Window()
    qtbot.addWidget(made.widget)
    made.widget.resize(1100, 700)
    made.widget.show()
    made.widget.activateWindow()
    qtbot.waitUntil(made.widget.isActiveWindow)
    made.behind.setFocus()
    return made


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


@pytest.mark.parametrize("before", ["nothing", "a click on a row", "Tab", "Shift+Tab"])
def test_a_letter_never_decides_the_item_behind(window: Window, before: str) -> None:
    window.overlay.open()
    if before == "a click on a row":
        rows = window.overlay.list.viewport()
        QTest.mouseClick(rows, Qt.MouseButton.LeftButton, pos=QPoint(40, 15))
    elif before != "nothing":
        press(Qt.Key.Key_Tab if before == "Tab" else Qt.Key.Key_Backtab)
    press(Qt.Key.Key_A)
    assert window.done == []
    assert window.overlay.field.text() == "a"


def test_a_click_outside_closes_it_and_does_nothing_else(window: Window) -> None:
    window.overlay.open()
    where = window.button.mapTo(window.widget, window.button.rect().center())
    handle = window.widget.windowHandle()
    assert handle is not None
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert not window.overlay.isVisible()
    assert window.done == []
    assert window.behind.hasFocus()
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert window.done == ["button"]


def test_it_closes_also_when_what_had_the_keyboard_is_gone(window: Window) -> None:
    window.overlay.open()
    window.behind.deleteLater()
    QApplication.sendPostedEvents(window.behind, QEvent.Type.DeferredDelete)
    press(Qt.Key.Key_Escape)
    assert not window.overlay.isVisible()


def test_enter_runs_the_chosen_row_and_a_reader_is_told_which_it_is(window: Window) -> None:
    window.overlay.open()
    assert window.overlay.field.accessibleDescription() == "First, 1 min"
    press(Qt.Key.Key_Down)
    assert window.overlay.field.accessibleDescription() == "Second, 2 min"
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    assert window.done == ["first"]
    assert not window.overlay.isVisible()


def test_enter_waits_for_rows_that_are_on_their_way(window: Window) -> None:
    window.overlay.open()
    window.overlay.typed.disconnect()
    window.overlay.typed.connect(lambda _: window.overlay.await_rows())
    QTest.keyClicks(window.overlay.field, "ha")
    press(Qt.Key.Key_Return)
    assert window.done == [], "what is still shown answers an earlier question"
    window.overlay.show_rows([Row("Harbour", "Scene", lambda: window.done.append("harbour"))])
    assert window.done == ["harbour"]
    window.overlay.open()
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Escape)
    window.overlay.show_rows([Row("Harbour", "Scene", lambda: window.done.append("too late"))])
    assert window.done == ["harbour"]


def test_headings_are_passed_over_and_some_rows_leave_it_open(window: Window) -> None:
    window.overlay.open()
    window.overlay.show_rows(
        [
            Row("Go", "", None, heading=True),
            Row("First", "", lambda: window.done.append("first")),
            Row("Item", "", None, heading=True),
            Row("More", "", lambda: window.done.append("more"), keeps=True),
        ]
    )
    assert window.overlay.field.accessibleDescription().startswith("First")
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    assert window.overlay.field.accessibleDescription().startswith("More")
    press(Qt.Key.Key_Return)
    assert window.done == ["more"]
    assert window.overlay.isVisible()


@pytest.mark.parametrize(("rows", "scrolls"), [(0, False), (3, False), (60, True)])
def test_it_is_as_high_as_its_rows_and_stays_in_the_window(window: Window, rows: int, scrolls: bool) -> None:
    window.overlay.open()
    window.overlay.show_rows([Row(f"Row {number}", "", lambda: None) for number in range(rows)], "Esc closes")
    QApplication.processEvents()
    shown = window.overlay.list
    assert (shown.verticalScrollBar().maximum() > 0) is scrolls
    if not scrolls:
        assert shown.height() == rows * 30
    window.widget.resize(1100, 300)
    QApplication.processEvents()
    assert window.overlay.geometry().bottom() < 300
