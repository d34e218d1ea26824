"""The form of a new login, and the password that it got: shown once, to be handed over."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.domain.staff import Role
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.theme.words import plain
from console.ui.widgets.labels import label

_LOGIN = re.compile(r"(?!pg_|greenroom_)[a-z][a-z0-9_.-]{0,62}")
_TYPING_MILLISECONDS = 120
Person = tuple[object, str, str]
"""Id, username and display name of a platform's account."""


class LoginForm(QDialog):
    """Signals: `searched(str)` when the beginning of a name was typed, `wanted(login, Role, Person)`."""

    searched = Signal(str)
    wanted = Signal(str, object, object)

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setWindowTitle("New login")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(420, 460)
        self._people: list[Person] = []
        self.person, self.login = QLineEdit(), QLineEdit()
        self.people, self.role = QListWidget(), QComboBox()
        self.person.setPlaceholderText("The beginning of their username")
        self.login.setMaxLength(63)
        for role in (Role.REVIEWER, Role.MODERATOR):
            self.role.addItem(role.title.capitalize(), role)
        self._problem = label("", "muted", theme.small_font)
        self._problem.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.make = QPushButton("Make the login")
        self.make.setProperty("part", "main")
        self.make.setDefault(True)
        buttons.addButton(self.make, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_2)
        for title, field in (
            ("Whose account on the platform", self.person),
            ("", self.people),
            ("Login", self.login),
            ("Role", self.role),
        ):
            if title:
                heading = label(title, "muted", theme.small_font)
                heading.setBuddy(field)
                column.addWidget(heading)
            field.setAccessibleName(title or "Accounts found")
            column.addWidget(field, 1 if field is self.people else 0)
        column.addWidget(self._problem)
        column.addWidget(buttons)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MILLISECONDS)
        self._pause.timeout.connect(lambda: self.searched.emit(self.person.text().strip()))
        self.person.textChanged.connect(lambda _: self._pause.start())
        self.people.currentRowChanged.connect(lambda _: self._suggest())
        self.login.textChanged.connect(lambda _: self._offer())
        self._offer()

    def show_people(self, people: list[Person]) -> None:
        """Show the accounts whose name begins so."""
        self._people = people
        self.people.clear()
        self.people.addItems(
            [
                f"{plain(username)}  ·  {plain(shown)}" if shown else plain(username)
                for _, username, shown in people
            ]
        )
        self.people.setCurrentRow(0 if people else -1)
        self._offer()

    def accept(self) -> None:
        """Tell what is wanted."""
        if self.make.isEnabled():
            self.wanted.emit(self.login.text(), self.role.currentData(), self._chosen())
            super().accept()

    def _chosen(self) -> Person | None:
        row = self.people.currentRow()
        return self._people[row] if 0 <= row < len(self._people) else None

    def _suggest(self) -> None:
        person = self._chosen()
        if person is not None and not self.login.isModified():
            self.login.setText(re.sub(r"[^a-z0-9_.-]", "", person[1].lower())[:63])
        self._offer()

    def _offer(self) -> None:
        problem = ""
        if self._chosen() is None:
            problem = "Choose whose account it is: what they decide is theirs on the platform too."
        elif _LOGIN.fullmatch(self.login.text()) is None:
            problem = "A login is of small letters, digits, dots and hyphens, and begins with a letter."
        self._problem.setText(problem or "The console makes a password and shows it once.")
        self.make.setEnabled(not problem)


class PasswordShown(QDialog):
    """A password that nobody can read again."""

    def __init__(self, parent: QWidget, theme: Theme, login: str, password: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Password of {login}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(password)
        self.field.setReadOnly(True)
        self.field.setFont(theme.strong_font)
        self.field.setAccessibleName(f"Password of {login}")
        self.field.setMinimumWidth(280)
        copy = QPushButton("Copy")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(password))
        done = QPushButton("Done")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        told = label(
            "Hand it over by a safe way. It is shown this once: the server holds its verifier alone.",
            "muted",
        )
        told.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(self.field, 1)
        row.addWidget(copy)
        row.addWidget(done)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_2)
        column.addWidget(told)
        column.addLayout(row)
        self.field.selectAll()
