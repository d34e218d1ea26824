"""The window before the desk: a card that asks who is there, or says how far the demo is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.config import Profile
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_6, SPACE_8
from console.ui.theme.words import number, plain
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

CARD_WIDTH = 400


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed. The password is not part of its repr.

    `recalled` says that the keyring knew a password: not to be remembered any more, it is to be forgotten.
    """

    profile: Profile
    login: str
    password: str
    remember: bool
    recalled: bool = False

    def __repr__(self) -> str:
        return f"Credentials({self.profile.name!r}, {self.login!r})"


class _CardWindow(QWidget):
    """Signals: `closed()`."""

    closed = Signal()

    def __init__(self, theme: Theme, title: str, text: str) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Greenroom")
        self.resize(760, 560)
        card = QFrame()
        card.setObjectName("card")
        card.setFixedWidth(CARD_WIDTH)
        self._card = QVBoxLayout(card)
        self._card.setContentsMargins(SPACE_8, SPACE_6, SPACE_8, SPACE_6)
        self._card.setSpacing(SPACE_2)
        self._card.addWidget(label(title, font=theme.title_font))
        self._text = label(text, "muted")
        self._text.setWordWrap(True)
        self._card.addWidget(self._text)
        self._card.addSpacing(SPACE_3)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the owner."""
        self.closed.emit()
        super().closeEvent(event)


class ProgressWindow(_CardWindow):
    """Shown while the demo is made. Signals: `closed()`, which cancels it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Preparing the demo", "Starting the servers")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Progress")
        self._card.addWidget(self._bar)
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(self.close)
        self._card.addSpacing(SPACE_2)
        self._card.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignRight)

    def tell(self, what: str, done: int, whole: int) -> None:
        """Say what is being made and how far it is."""
        self._text.setText(f"{what}, {number(done)} of {number(whole)}" if whole else what)
        self._bar.setRange(0, whole)
        self._bar.setValue(done)

    def failed(self, message: str, remedy: str) -> None:
        """Say that it cannot go on."""
        self._text.setText(f"{plain(message)}\n{plain(remedy)}".strip())
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar.hide()
        self._cancel.setText("Close")


class SignInWindow(_CardWindow):
    """Signals: `submitted(Credentials)`, `profile_chosen(Profile, str)` with the login, `closed()`."""

    submitted = Signal(object)
    profile_chosen = Signal(object, str)

    def __init__(self, theme: Theme, profiles: Sequence[Profile]) -> None:
        super().__init__(theme, "Sign in", "With your own database login.")
        self._profiles = tuple(profiles)
        self._recalled = False
        self._small = theme.small_font
        self._where = QComboBox()
        for profile in profiles:
            self._where.addItem(profile.title)
        self.login = QLineEdit()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._reveal = quiet_button("Show")
        self._reveal.setFont(theme.small_font)
        self._reveal.setAccessibleName("Show password")
        self._reveal.setCheckable(True)
        self._reveal.toggled.connect(self._show_password)
        self._remember = QCheckBox("Remember in the system keyring")
        self._keyring = label("", "muted", theme.small_font)
        self._keyring.setWordWrap(True)
        self._keyring.hide()
        self._capitals = label("Caps Lock seems to be on", "notable")
        self._capitals.hide()
        self.password.installEventFilter(self)
        self._problem = label("", "grave")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._enter = QPushButton("Sign in")
        self._enter.setProperty("part", "main")
        if len(profiles) > 1:
            self._add_field("Where", self._where)
        self._add_field("Login", self.login)
        self._add_field("Password", self.password, self._reveal)
        self._card.addWidget(self._capitals)
        self._card.addSpacing(SPACE_1)
        self._card.addWidget(self._remember)
        self._card.addWidget(self._keyring)
        self._card.addSpacing(SPACE_2)
        self._card.addWidget(self._problem)
        self._card.addSpacing(SPACE_1)
        self._card.addWidget(self._enter)
        QWidget.setTabOrder(self.password, self._reveal)
        QWidget.setTabOrder(self._reveal, self._remember)
        QWidget.setTabOrder(self._remember, self._enter)
        self._where.currentIndexChanged.connect(self._choose)
        self.login.editingFinished.connect(self.ask_keyring)
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._submit)
        self._enter.clicked.connect(self._submit)
        self._choose(0)

    @property
    def problem(self) -> str:
        """What was told to be wrong, empty when nothing was."""
        return self._problem.text() if self._problem.isVisible() else ""

    @property
    def keyring_note(self) -> str:
        """What was told of the keyring, empty when nothing was."""
        return self._keyring.text() if self._keyring.isVisible() else ""

    def asks_for(self, profile: Profile, login: str) -> bool:
        """Whether this login of this profile is still what is asked for."""
        return self._profile() == profile and self.login.text() == login

    def fill(self, password: str) -> None:
        """Fill in a remembered password, unless something was typed meanwhile."""
        self._recalled = True
        if not self.password.text():
            self.password.setText(password)
            self._remember.setChecked(True)

    def tell_of_keyring(self, problem: str) -> None:
        """Say why the keyring remembers nothing: signing in works without it."""
        self._keyring.setText(plain(problem))
        self._give_room(self._keyring)
        self._keyring.setVisible(bool(problem))

    def tell(self, problem: str) -> None:
        """Say what went wrong; what was typed stays."""
        self._problem.setText(plain(problem))
        self._give_room(self._problem)
        self._problem.setVisible(bool(problem))
        self._enter.setEnabled(True)
        self._enter.setText("Sign in")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the case of what is typed as a password: Qt cannot ask for the state of Caps Lock."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            typed = event.text()
            if typed.lower() != typed.upper():
                shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._capitals.setVisible(typed.isupper() != shifted)
            elif event.key() == Qt.Key.Key_CapsLock:
                self._capitals.hide()
        return super().eventFilter(watched, event)

    def _add_field(self, title: str, field: QWidget, *beside: QWidget) -> None:
        """A field under its name: what it is for must be seen when it is filled, too."""
        field.setAccessibleName(title)
        name = label(title, "muted", self._small)
        name.setBuddy(field)
        head = QHBoxLayout()
        head.addWidget(name)
        head.addStretch()
        for widget in beside:
            head.addWidget(widget)
        column = QVBoxLayout()
        column.setSpacing(SPACE_1)
        column.addLayout(head)
        column.addWidget(field)
        self._card.addLayout(column)

    @staticmethod
    def _give_room(words: QLabel) -> None:
        # A centred card asks no widget for its height at this width: without it the last line is cut.
        inner = CARD_WIDTH - 2 * SPACE_8 - 2
        words.setMinimumHeight(max(0, words.heightForWidth(inner)))

    def _show_password(self, shown: bool) -> None:
        self.password.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._reveal.setText("Hide" if shown else "Show")

    def _choose(self, place: int) -> None:
        profile = self._profiles[place]
        self._remember.setChecked(profile.remember)
        self.tell_of_keyring("")
        self._text.setText(f"{profile.title}. With your own database login.")
        self.login.setText(profile.login or "")
        self.password.clear()
        (self.password if profile.login else self.login).setFocus()
        self.ask_keyring()

    def ask_keyring(self) -> None:
        """Ask for the password of the login that is typed, if one is."""
        self._recalled = False
        if self.login.text():
            self.profile_chosen.emit(self._profile(), self.login.text())

    def _profile(self) -> Profile:
        return self._profiles[max(0, self._where.currentIndex())]

    def _submit(self) -> None:
        if self.login.text() and self.password.text():
            self._problem.hide()
            self._enter.setEnabled(False)
            self._enter.setText("Signing in…")
            self.submitted.emit(
                Credentials(
                    self._profile(),
                    self.login.text(),
                    self.password.text(),
                    self._remember.isChecked(),
                    self._recalled,
                )
            )
        else:
            self.tell("Type your login and your password.")
