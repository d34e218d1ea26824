"""Signing in: what was typed goes out, what was wrong is readable, capitals by mistake are told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel
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


def test_a_field_keeps_its_name_when_it_is_filled(window: SignInWindow) -> None:
    window.login.setText("mia")
    assert {"Login", "Password"} <= set(said(window))
    assert window.password.accessibleName() == "Password"


def test_the_password_can_be_looked_at_by_keyboard(window: SignInWindow) -> None:
    window.activateWindow()
    window.password.setFocus()
    QTest.keyClicks(window.password, "secret")
    QTest.keyClick(window.password, Qt.Key.Key_Tab)
    reveal = QApplication.focusWidget()
    assert reveal is not None
    assert reveal.accessibleName() == "Show password"
    QTest.keyClick(reveal, Qt.Key.Key_Space)
    assert window.password.displayText() == "secret"
    QTest.keyClick(reveal, Qt.Key.Key_Space)
    assert "secret" not in window.password.displayText()


def test_a_remembered_password_that_is_not_wanted_any_more_is_named_so(window: SignInWindow) -> None:
    submitted: list[Credentials] = []
    window.submitted.connect(submitted.append)
    window.login.setText("mia")
    window.fill("kept")
    QTest.keyClick(window.password, Qt.Key.Key_Return)
    box = window.findChild(QCheckBox)
    assert box is not None
    QTest.keyClick(box, Qt.Key.Key_Space)
    window.tell("")
    QTest.keyClick(window.password, Qt.Key.Key_Return)
    assert [(c.remember, c.recalled) for c in submitted] == [(True, True), (False, True)]


def test_what_the_keyring_says_is_whole_and_stops_nothing(window: SignInWindow) -> None:
    window.tell_of_keyring("The keyring is locked or does not answer; type the password.")
    assert window.keyring_note.startswith("The keyring is locked")
    assert window.login.isEnabled()
    assert window.password.isEnabled()
    window.tell_of_keyring("")
    assert window.keyring_note == ""
