"""Toasts tell what was done and keep what went wrong, and never lie over the decision bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from console.runtime.notices import Level, Notice
from console.ui.shell.toasts import MOST, Toasts
from console.ui.theme.theme import Choice, Theme


class Window:
    """Two panes at the left, a decision bar at the right, a status line below, and toasts."""

    def __init__(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.theme = Theme(application, Choice.LIGHT)
        self.host = QWidget()
        panes, self.left, right, status = QSplitter(), QWidget(), QWidget(), QWidget()
        status.setFixedHeight(28)
        self.bar = QWidget()
        self.bar.setFixedHeight(48)
        beside = QVBoxLayout(right)
        beside.addStretch()
        beside.addWidget(self.bar)
        panes.addWidget(self.left)
        panes.addWidget(right)
        panes.setSizes([600, 500])
        column = QVBoxLayout(self.host)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panes, 1)
        column.addWidget(status)
        self.toasts = Toasts(self.theme, self.host, status)
        self.toasts.spare(self.bar)

    def told(self) -> list[str]:
        # A layout shows what it was given with Qt's next events.
        QApplication.processEvents()
        return [
            toast.accessibleName() for toast in self.toasts.findChildren(QFrame, "toast") if toast.isVisible()
        ]

    def covered(self) -> bool:
        bar = QRect(self.bar.mapTo(self.host, QPoint(0, 0)), self.bar.size())
        return self.toasts.geometry().intersects(bar)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = Window()
    qtbot.addWidget(made.host)
    made.host.resize(1100, 700)
    made.host.show()
    return made


def test_success_makes_room_before_what_went_wrong(window: Window) -> None:
    window.toasts.show_notice(Notice(Level.PROBLEM, "Refused: Bob decided it 4 s ago"))
    for number in range(4):
        window.toasts.show_notice(Notice(Level.DONE, f"Approved {number}"))
    assert window.told() == ["Refused: Bob decided it 4 s ago", "Approved 2", "Approved 3"]


def test_problems_do_not_fill_the_window(window: Window) -> None:
    for number in range(MOST + 2):
        window.toasts.show_notice(Notice(Level.PROBLEM, f"Problem {number}"))
    assert window.told() == [f"Problem {number}" for number in range(2, MOST + 2)]


def test_the_decision_bar_stays_free_when_the_panes_beside_it_are_hidden(window: Window) -> None:
    window.toasts.show_notice(Notice(Level.PROBLEM, "The primary is out of reach"))
    resting = window.toasts.y()
    assert not window.covered()
    window.left.hide()
    QApplication.processEvents()
    assert not window.covered()
    window.left.show()
    QApplication.processEvents()
    assert window.toasts.y() == resting


def test_of_several_about_one_thing_the_last_is_shown(window: Window) -> None:
    for text, about in (("Dismissed", 1), ("Approved", 2), ("Undone: dismissed", 1)):
        window.toasts.show_notice(Notice(Level.DONE, text, about=about))
    assert window.told() == ["Approved", "Undone: dismissed"]


def test_a_failure_says_its_kind_keeps_what_was_typed_and_can_be_copied(window: Window, qtbot: QtBot) -> None:
    typed = "Seen before. " * 40
    notice = Notice(
        Level.STALE,
        "Approve “<b>tide</b>”: it changed",
        "Look again.",
        f"Changed meanwhile\n{typed}",
        title="Changed meanwhile",
        kept=f"Your note is kept: {typed}",
    )
    window.toasts.show_notice(notice)
    (name,) = window.told()
    assert name == "Changed meanwhile. Approve “<b>tide</b>”: it changed"
    shown = [label.text() for label in window.toasts.findChildren(QLabel)]
    assert "Changed meanwhile" in shown
    assert "Look again." in shown
    assert any(text.startswith("Your note is kept: Seen before.") and text.endswith("…") for text in shown)
    buttons = {button.text(): button for button in window.toasts.findChildren(QPushButton)}
    buttons["Copy"].click()
    assert QApplication.clipboard().text() == notice.details
    buttons["Close"].click()
    assert window.told() == []


def test_the_stack_never_grows_over_the_window(window: Window) -> None:
    for number in range(MOST):
        window.toasts.show_notice(
            Notice(Level.REFUSED, f"{number} " + "words " * 60, "Next step. " * 20, "x", title="Refused")
        )
    assert window.toasts.geometry().top() > 0
    assert window.told()[-1].startswith(f"Refused. {MOST - 1}")
