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
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.config import Profile
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_6, SPACE_8
from console.ui.theme.words import number, plain
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

CARD_WIDTH = 400


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed. The password is not part of its repr."""

    profile: Profile
    login: str
    password: str
    remember: bool

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

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
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
        self._where = QComboBox()
        self._where.setAccessibleName("Where")
        for profile in profiles:
            self._where.addItem(profile.title)
        self._where.setVisible(len(profiles) > 1)
        self.login = QLineEdit()
        self.login.setPlaceholderText("Login")
        self.login.setAccessibleName("Login")
        self.password = QLineEdit()
        self.password.setPlaceholderText("Password")
        self.password.setAccessibleName("Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        show = quiet_button("Show password")
        show.setCheckable(True)
        show.toggled.connect(
            lambda on: self.password.setEchoMode(
                QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
            )
        )
        self._remember = QCheckBox("Remember in the system keyring")
        self._capitals = label("Caps Lock seems to be on", "notable")
        self._capitals.hide()
        self.password.installEventFilter(self)
        self._problem = label("", "grave")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._enter = QPushButton("Sign in")
        self._enter.setProperty("part", "main")
        fields: tuple[QWidget, ...] = (self._where, self.login, self.password)
        for field in fields:
            self._card.addWidget(field)
        below = QHBoxLayout()
        below.addWidget(self._capitals)
        below.addStretch()
        below.addWidget(show)
        self._card.addLayout(below)
        self._card.addWidget(self._remember)
        self._card.addSpacing(SPACE_2)
        self._card.addWidget(self._problem)
        self._card.addSpacing(SPACE_2)
        self._card.addWidget(self._enter)
        self._where.currentIndexChanged.connect(self._choose)
        self.login.editingFinished.connect(self._ask_keyring)
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._submit)
        self._enter.clicked.connect(self._submit)
        self._choose(0)

    @property
    def problem(self) -> str:
        """What was told to be wrong, empty when nothing was."""
        return self._problem.text() if self._problem.isVisible() else ""

    def fill(self, password: str) -> None:
        """Fill in a remembered password, unless something was typed meanwhile."""
        if not self.password.text():
            self.password.setText(password)
            self._remember.setChecked(True)

    def tell(self, problem: str) -> None:
        """Say what went wrong; what was typed stays."""
        self._problem.setText(plain(problem))
        # A centred card asks no widget for its height at this width: without it the last line is cut.
        inner = CARD_WIDTH - 2 * SPACE_8 - 2
        self._problem.setMinimumHeight(self._problem.heightForWidth(inner))
        self._problem.setVisible(bool(problem))
        self._enter.setEnabled(True)
        self._enter.setText("Sign in")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Watch the case of what is typed as a password: Qt cannot ask for the state of Caps Lock."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            typed = event.text()
            if typed.lower() != typed.upper():
                shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._capitals.setVisible(typed.isupper() != shifted)
            elif event.key() == Qt.Key.Key_CapsLock:
                self._capitals.hide()
        return super().eventFilter(watched, event)

    def _choose(self, place: int) -> None:
        profile = self._profiles[place]
        self._text.setText(f"{profile.title}. With your own database login.")
        self.login.setText(profile.login or "")
        self.password.clear()
        (self.password if profile.login else self.login).setFocus()
        self._ask_keyring()

    def _ask_keyring(self) -> None:
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
                    self._profile(), self.login.text(), self.password.text(), self._remember.isChecked()
                )
            )
        else:
            self.tell("Type your login and your password.")
