"""Toasts tell what was done and keep what went wrong, and never lie over the decision bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QFrame, QSplitter, QVBoxLayout, QWidget
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
