"""Signing in: what was typed goes out, what was wrong is readable, capitals by mistake are told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from console.config import Profile
from console.ui.signin.window import Credentials, SignInWindow
from console.ui.theme.theme import Choice, Theme

_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot) -> SignInWindow:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    profile = Profile("test", "Test", "scenes", "postgresql://primary", ())
    made = SignInWindow(Theme(application, Choice.LIGHT), [profile])
    qtbot.addWidget(made)
    made.show()
    return made


def said(window: SignInWindow) -> list[str]:
    return [each.text() for each in window.findChildren(QLabel) if each.isVisible()]


def test_what_was_typed_is_submitted_once_and_kept_when_refused(window: SignInWindow) -> None:
    submitted: list[Credentials] = []
    window.submitted.connect(submitted.append)
    QTest.keyClicks(window.login, "mia")
    QTest.keyClick(window.login, Qt.Key.Key_Return)
    QTest.keyClicks(window.password, "Secret 1")
    QTest.keyClick(window.password, Qt.Key.Key_Return)
    assert [(c.login, c.password, c.remember) for c in submitted] == [("mia", "Secret 1", False)]
    assert "Secret" not in repr(submitted[0])
    window.tell("The server does not accept this login and password.")
    assert window.password.text() == "Secret 1"


def test_a_long_problem_is_not_cut(window: SignInWindow) -> None:
    problem = "The server does not accept this login and password. " * 4
    window.tell(problem)
    QApplication.processEvents()
    shown = next(each for each in window.findChildren(QLabel) if each.text() == problem)
    assert shown.height() >= shown.heightForWidth(shown.width())


@pytest.mark.parametrize(
    ("letter", "shifted", "warned"),
    [("s", False, False), ("S", True, False), ("S", False, True), ("s", True, True)],
)
def test_capitals_without_shift_are_told(
    window: SignInWindow, letter: str, shifted: bool, warned: bool
) -> None:
    modifier = _SHIFT if shifted else Qt.KeyboardModifier.NoModifier
    QTest.sendKeyEvent(QTest.KeyAction.Click, window.password, Qt.Key.Key_S, letter, modifier)
    assert ("Caps Lock seems to be on" in said(window)) is warned
