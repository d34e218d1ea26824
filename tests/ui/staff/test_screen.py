"""Staff in the real window: made, shown their password, asked for, granted, revoked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMessageBox

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.staff import Role
from console.domain.staffing import AdminRequest, Member
from console.ui.keyboard import press, type_text
from console.ui.staff.screen import StaffScreen
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.support.content import one
from tests.support.databases import Database, wait_for_replay
from tests.support.staff import add_staff, user_id
from tests.support.waiting import until


@pytest.fixture
def staffed(attached: Database) -> Iterator[Database]:
    """Another admin, and a person of the platform who has no login yet."""
    add_staff(attached, "zoe", Role.ADMIN)
    add_staff(attached, "ned", Role.MODERATOR)
    with attached.connect() as owner:
        owner.execute(
            "INSERT INTO users (id, email, username, display_name)"
            " VALUES (%s, 'nia@example.org', 'Nia.New', '<b>Nia</b>')",
            [user_id("nia")],
        )
    wait_for_replay(attached.cluster)
    yield attached
    with attached.connect() as owner:
        for login in ("zoe", "ned", "nia.new"):
            owner.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(login)))


@asynccontextmanager
async def staffing(database: Database, folder: Path) -> AsyncIterator[tuple[Session, StaffScreen]]:
    """An admin's window with the list of staff in front."""
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", database.primary, (database.replica,))
    session = await open_session(app, profile, SignIn("ada", database.passwords["ada"]))
    told: list[str] = []
    session.notices.posted.connect(lambda notice: told.append(f"{notice.text} {notice.details}"))
    session.window.show()
    session.window.activateWindow()
    screen = session.window.findChild(StaffScreen)
    assert screen is not None
    QAbstractItemModelTester(screen.model, QAbstractItemModelTester.FailureReportingMode.Fatal, screen)
    session.window.show_screen("staff")
    await until(lambda: bool(screen.model.rows))
    try:
        yield session, screen
    finally:
        await session.close()
    assert not [each for each in told if "mistake" in each]


def choose(screen: StaffScreen, called: str) -> bool:
    """Put the cursor on the row that is called so, if it is there."""
    for row in range(screen.model.rowCount()):
        if screen.model.index(row).data() == called:
            screen.rows.setCurrentIndex(screen.model.index(row))
            return True
    return False


async def test_a_login_is_made_and_its_password_shown_once(staffed: Database, tmp_path: Path) -> None:
    async with staffing(staffed, tmp_path) as (session, screen):
        await press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: screen.form is not None and screen.form.isVisible())
        form = screen.form
        assert form is not None
        assert not form.make.isEnabled()
        form.person.setFocus()
        await type_text("nia")
        await until(lambda: form.people.count() == 1)
        assert "<b>Nia</b>" in form.people.item(0).text()
        assert form.login.text() == "nia.new"
        form.role.setCurrentIndex(1)
        form.make.click()
        await until(lambda: screen.password is not None and screen.password.isVisible())
        assert screen.password is not None
        staffed.passwords["nia.new"] = screen.password.field.text()
        screen.password.accept()
        with staffed.connect("nia.new") as nia:
            assert one(nia, "SELECT greenroom.me() ->> 'role'") == "moderator"
        await until(lambda: choose(screen, "nia.new"))
        session.window.activateWindow()
        await until(session.window.isActiveWindow)
        await press(Qt.Key.Key_V)
        await until(lambda: isinstance(row := screen.current(), Member) and row.role is Role.REVIEWER)
        await press(Qt.Key.Key_P)
        await until(lambda: screen.password is not None and screen.password.isVisible())
        first, staffed.passwords["nia.new"] = staffed.passwords["nia.new"], screen.password.field.text()
        assert staffed.passwords["nia.new"] != first
        staffed.connect("nia.new").close()


async def test_an_admin_is_asked_for_here_granted_there_and_revoked(
    staffed: Database, tmp_path: Path
) -> None:
    def admin() -> bool:
        with staffed.connect() as owner:
            return bool(one(owner, "SELECT pg_has_role('ned', 'greenroom_admin', 'MEMBER')"))

    def asked() -> list[AdminRequest]:
        return [row for row in screen.model.rows if isinstance(row, AdminRequest)]

    async with staffing(staffed, tmp_path) as (session, screen):
        assert choose(screen, "ned")
        await press(Qt.Key.Key_A)
        await until(lambda: len(asked()) == 1)
        assert choose(screen, "Make ned an admin")
        await press(Qt.Key.Key_G)  # whoever asked does not grant
        assert choose(screen, "ada")
        await press(Qt.Key.Key_Delete)  # and nobody revokes themselves
        assert not session.window.findChildren(QMessageBox)
        assert choose(screen, "Make ned an admin")
        await press(Qt.Key.Key_D)  # but takes it back
        await until(lambda: not asked())
        assert not admin()
        with staffed.connect("zoe") as zoe:
            zoe.execute("SELECT greenroom.ask_admin(gen_random_uuid(), 'ned', 'tests')")
        await press(Qt.Key.Key_F5)
        await until(lambda: choose(screen, "Make ned an admin"))
        await press(Qt.Key.Key_G)
        await until(admin)
        await until(lambda: not asked() and choose(screen, "ned"))
        await press(Qt.Key.Key_Delete)
        await until(lambda: bool(session.window.findChildren(QMessageBox)))
        box = session.window.findChildren(QMessageBox)[0]
        next(each for each in box.buttons() if each.text() == "Revoke").click()
        await until(lambda: not admin())
        with pytest.raises(psycopg.OperationalError):
            staffed.connect("ned")
        await until(
            lambda: any(
                isinstance(r, Member) and r.login == "ned" and r.role is None for r in screen.model.rows
            )
        )
