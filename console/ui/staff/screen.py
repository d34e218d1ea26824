"""Who is staff: the list, and what an admin does about one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.errors import GreenroomError, Refused
from console.domain.staff import Role
from console.domain.staffing import AdminAnswer, AdminAsk, AdminRequest, LoginGrant, LoginRevoke, Member
from console.domain.subjects import Subject
from console.domain.work import Work
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Staffing
from console.services.scram import made_password, verifier
from console.ui.staff.form import LoginForm, PasswordShown, Person
from console.ui.staff.rows import ROW, Row, StaffDelegate, StaffModel, facts, name
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import number, plain, since
from console.ui.widgets.buttons import key_cap
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.states import Skeleton, StatePanel


@dataclass(frozen=True, slots=True)
class StaffServices:
    """What the screen works with; `login` is the person's."""

    login: str
    staff: Staffing
    pipeline: DecisionPipeline
    journal: Journal


class StaffScreen(QWidget):
    """Signals: `person_wanted(Subject)` to see the account of one, `loaded()` when the list was read.

    Attributes: `password`, the dialog that shows the last password made.
    """

    person_wanted = Signal(object)
    loaded = Signal()

    def __init__(self, theme: Theme, services: StaffServices, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._theme, self._services, self._tasks, self._notices = theme, services, tasks, notices
        self._reading: asyncio.Task[Any] | None = None
        self.form: LoginForm | None = None
        self.password: PasswordShown | None = None
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = StaffModel(self)
        self.rows = QListView()
        self.rows.setModel(self.model)
        self._delegate = StaffDelegate(theme)
        self.rows.setItemDelegate(self._delegate)
        self.rows.setUniformItemSizes(True)
        self.rows.setMouseTracking(True)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setAccessibleName("Staff")
        self._count = label("", "muted")
        self._state, self._skeleton = StatePanel(theme), Skeleton(theme)
        self._title = ElidedLabel()
        self._title.setFont(theme.title_font)
        self._about, self._why = label("", "muted"), label("", "muted", theme.small_font)
        self._about.setWordWrap(True)
        self._why.setWordWrap(True)
        beside = {"New login…", "Read anew"}
        self._buttons = {title: QPushButton(title) for title, _, _ in self._acts if title not in beside}
        self._buttons["Grant"].setProperty("part", "main")
        self._lay_out()
        self.rows.selectionModel().currentChanged.connect(lambda *_: self._show())

    @property
    def _acts(self) -> tuple[tuple[str, str, Callable[[], None]], ...]:
        return (
            ("Make a moderator", "M", lambda: self._place(Role.MODERATOR)),
            ("Make a reviewer", "V", lambda: self._place(Role.REVIEWER)),
            ("Ask to make an admin", "A", self._ask),
            ("New password", "P", self._new_password),
            ("Revoke…", "Del", self._revoke),
            ("Grant", "G", lambda: self._answer(granted=True)),
            ("Decline", "D", lambda: self._answer(granted=False)),
            ("Show their account", "Return", self._show_account),
            ("New login…", "Ctrl+N", self.new_login),
            ("Read anew", "F5", self.reload),
        )

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None], bool], ...]:
        """What can be done here: title, keys, and whether a held key goes on."""
        return tuple((title, (key,), run, False) for title, key, run in self._acts)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_3, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(label("Staff", font=self._theme.strong_font))
        header.addWidget(self._count)
        header.addStretch()
        new = QPushButton("New login…")
        new.clicked.connect(self.new_login)
        header.addWidget(new)
        header.addWidget(key_cap(self._theme, "Ctrl+N"))
        self._left = QStackedWidget()
        for page in (self.rows, self._state, self._skeleton):
            self._left.addWidget(page)
        self._card = QWidget()
        column = QVBoxLayout(self._card)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_2)
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addSpacing(SPACE_3)
        self._caps: dict[str, QLabel] = {}
        for title, key, run in self._acts:
            if title not in self._buttons:
                continue
            button, cap = self._buttons[title], key_cap(self._theme, key)
            button.clicked.connect(run)
            self._caps[title] = cap
            row = QHBoxLayout()
            row.setSpacing(SPACE_2)
            row.addWidget(button)
            row.addWidget(cap)
            row.addStretch()
            column.addLayout(row)
        column.addWidget(self._why)
        column.addStretch()
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(self._left)
        panes.addWidget(self._card)
        panes.setSizes([420, 620])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(header)
        whole.addWidget(panes, 1)

    # Reading

    def opened(self) -> None:
        """The screen came to the front."""
        if not self.model.rows:
            self._skeleton.begin()
            self._left.setCurrentWidget(self._skeleton)
            self._card.hide()
        self.rows.setFocus()
        self.reload()

    def reload(self) -> None:
        """Read the list anew; what is chosen stays so."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self._spawn(self._read(), "read staff")

    async def _read(self) -> None:
        try:
            requests = await self._services.staff.requests()
            members = await self._services.staff.members()
        except GreenroomError as error:
            self._state.tell("warning", str(error), error.remedy, action=("Try again", self.reload))
            self._left.setCurrentWidget(self._state)
            return
        current = self.current()
        rows: list[Row] = [*requests, *members]
        self.model.show(rows)
        keys = [_key(row) for row in rows]
        place = keys.index(_key(current)) if current is not None and _key(current) in keys else 0
        self._left.setCurrentWidget(self.rows)
        self._card.setVisible(bool(rows))
        self.rows.setCurrentIndex(self.model.index(place))
        active = sum(member.role is not None for member in members)
        waiting = f", {number(len(requests))} to answer" if requests else ""
        self._count.setText(f"· {number(active)} active{waiting}")
        self._show()
        self.loaded.emit()

    def current(self) -> Row | None:
        """What is under the cursor."""
        row = self.rows.currentIndex().data(ROW)
        return row if isinstance(row, Member | AdminRequest) else None

    def _show(self) -> None:
        row = self.current()
        if row is None:
            return
        self._title.set_text(name(row))
        words = f"Staff {since(row.since)}" if isinstance(row, Member) else ""
        self._about.setText(f"{facts(row)}. {words}".strip())
        offered, why = self._offered(row)
        for title, button in self._buttons.items():
            button.setVisible(title in offered)
            self._caps[title].setVisible(title in offered)
        self._why.setText(why)

    def _offered(self, row: Row) -> tuple[set[str], str]:
        """What can be done about the row, and why the rest cannot."""
        account = {"Show their account"}
        if isinstance(row, AdminRequest):
            if row.asked_by == self._services.login:
                return account | {"Decline"}, "You asked for this: another admin grants it."
            if row.login == self._services.login:
                return account, "Nobody makes themselves an admin."
            return account | {"Grant", "Decline"}, "You are the second of the two that it takes."
        if row.login == self._services.login:
            return account, "Nobody changes their own login; another admin can."
        if row.role is None:
            return account | {"Make a moderator", "Make a reviewer"}, "They get a new password with it."
        if row.role is Role.ADMIN:
            return account | {"Make a moderator", "Make a reviewer", "Revoke…"}, (
                "An admin's password is set by the owner of the database alone."
            )
        other = "Make a reviewer" if row.role is Role.MODERATOR else "Make a moderator"
        return account | {other, "Ask to make an admin", "New password", "Revoke…"}, (
            "Making an admin takes two: you ask, another admin grants."
        )

    def _allowed(self, title: str) -> Row | None:
        row = self.current()
        return row if row is not None and title in self._offered(row)[0] else None

    # Acts

    def _place(self, role: Role) -> None:
        row = self._allowed(f"Make a {role.title}")
        if isinstance(row, Member):
            password = made_password() if row.role is None else None
            self._grant(row.login, role, row.user_id, password, f"{row.login} is a {role.title} now")

    def _new_password(self) -> None:
        row = self._allowed("New password")
        if isinstance(row, Member) and row.role is not None:
            self._grant(row.login, row.role, row.user_id, made_password(), f"{row.login} has a new password")

    def new_login(self) -> None:
        """Ask for a new login."""
        form = LoginForm(self, self._theme)
        form.searched.connect(lambda text: self._spawn(self._find(form, text), "find people"))
        form.wanted.connect(self._make)
        form.destroyed.connect(lambda: setattr(self, "form", None))
        self.form = form
        form.open()

    async def _find(self, form: LoginForm, text: str) -> None:
        people = await self._services.staff.people(text) if text else ()
        if self.form is form and form.person.text().strip() == text:
            form.show_people(list(people))

    def _make(self, login: str, role: Role, person: Person) -> None:
        if isinstance(person[0], UUID):
            self._grant(login, role, person[0], made_password(), f"{login} can sign in as a {role.title}")

    def _grant(self, login: str, role: Role, user: UUID, password: str | None, done: str) -> None:
        async def grant() -> None:
            # Thousands of rounds of a digest: longer than a frame.
            held = None if password is None else await asyncio.to_thread(verifier, password)
            await self._send(LoginGrant(uuid4(), login, int(role), user, held), done)
            if password is not None:
                self.password = PasswordShown(self, self._theme, login, password)
                self.password.destroyed.connect(lambda: setattr(self, "password", None))
                self.password.open()

        self._spawn(grant(), "grant a login")

    def _ask(self) -> None:
        row = self._allowed("Ask to make an admin")
        if isinstance(row, Member):
            work = AdminAsk(uuid4(), row.login)
            self._spawn(self._send(work, f"Asked to make {row.login} an admin"), "ask for an admin")

    def _answer(self, *, granted: bool) -> None:
        row = self._allowed("Grant" if granted else "Decline")
        if isinstance(row, AdminRequest):
            work = AdminAnswer(uuid4(), row.id, row.title, granted)
            done = f"{plain(row.title)} is an admin now" if granted else f"Declined for {plain(row.title)}"
            self._spawn(self._send(work, done), "answer a request")

    def _revoke(self) -> None:
        row = self._allowed("Revoke…")
        if not isinstance(row, Member):
            return
        # What was open cannot be given back, so this one asks.
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Revoke the login {row.login}?")
        box.setInformativeText(
            "Its sessions end at once, what it holds is free, its password is gone. What it decided stays."
        )
        revoke = box.addButton("Revoke", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        work = LoginRevoke(uuid4(), row.login)
        revoke.clicked.connect(
            lambda: self._spawn(self._send(work, f"Revoked {work.login}"), "revoke a login")
        )
        box.open()

    def _show_account(self) -> None:
        row = self.current()
        if row is not None:
            self.person_wanted.emit(Subject("user", row.user_id))

    async def _send(self, work: Work[None], done: str) -> None:
        try:
            await self._services.pipeline.submit(work)
        except Refused:
            # It is told at once; there is nothing typed to keep.
            await self._services.journal.dismiss(work.id)
            raise
        finally:
            self.reload()
        self._notices.done(done, about=work.id)

    def _spawn(self, work: Coroutine[Any, Any, Any], what: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, what, self)


def _key(row: Row) -> object:
    return row.login if isinstance(row, Member) else row.id
