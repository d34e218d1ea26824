"""Operations in the real window on real servers: looked at, filtered, jobs steered and taken back by key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMessageBox

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.ui.keyboard import click, press, type_text
from console.ui.operations.screen import OperationsScreen
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.support.content import add_content, one
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until

CONTROL = Qt.KeyboardModifier.ControlModifier
JOBS = (
    ("queued", "pending", None),
    ("processing", "script_expansion", None),
    ("failed", "error", "<b>RENDER_FAILED</b>"),
    ("failed", "error", "QUOTA_EXCEEDED"),
)


def stored(database: Database, query: str) -> Any:
    with database.connect() as c:
        return one(c, query)


@asynccontextmanager
async def operating(
    database: Database, folder: Path, login: str = "ada"
) -> AsyncIterator[tuple[Session, OperationsScreen]]:
    """A window of this login on four jobs."""
    content = add_content(database)
    with database.connect() as c:
        for minutes, (status, stage, error) in enumerate(JOBS):
            c.execute(
                "INSERT INTO jobs (scene_id, user_id, input_text, bible_version, status, stage, error_code,"
                " created_at) VALUES (%s, %s, 'go on', 1, %s, %s, %s, now() - make_interval(mins => %s))",
                [content.scene, content.author, status, stage, error, 3 - minutes],
            )
    wait_for_replay(database.cluster)
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", database.primary, (database.replica,))
    session = await open_session(app, profile, SignIn(login, database.passwords[login]))
    told: list[str] = []
    session.notices.posted.connect(lambda notice: told.append(f"{notice.text} {notice.details}"))
    session.window.show()
    session.window.activateWindow()
    screen = session.window.findChild(OperationsScreen)
    assert screen is not None
    QAbstractItemModelTester(screen.model, QAbstractItemModelTester.FailureReportingMode.Fatal, screen)
    try:
        yield session, screen
    finally:
        await session.close()
    assert not [each for each in told if "mistake" in each]


async def look_at(screen: OperationsScreen, key: str) -> None:
    """The sheet of this key is in front, its rows have the keyboard."""
    keys = [kind.key for kind in screen._services.operations.kinds]
    seen: list[str] = []
    screen.loaded.connect(seen.append)
    screen.kinds.setCurrentRow(keys.index(key))
    if not seen:
        screen.reload()
    await until(lambda: key in seen)
    screen.loaded.disconnect(seen.append)
    screen.table.setFocus()


def statuses(screen: OperationsScreen) -> list[object]:
    return [screen._row(row)[2] for row in range(screen.sifted.rowCount())]


async def test_a_failed_job_is_found_tried_again_and_taken_back_by_keys(
    attached: Database, tmp_path: Path
) -> None:
    queued = "SELECT count(*) FROM jobs WHERE status = 'queued'"
    async with operating(attached, tmp_path) as (session, screen):
        session.window.show_screen("operations")
        await look_at(screen, "ended")
        assert statuses(screen) == ["failed", "failed"]
        await press(Qt.Key.Key_Slash)
        await type_text("render quota")
        assert screen.sifted.rowCount() == 0
        screen.filter.selectAll()
        await type_text("render_failed")
        assert screen.sifted.rowCount() == 1
        screen.table.setFocus()
        await press(Qt.Key.Key_C, CONTROL)
        assert "\t<b>RENDER_FAILED</b>\t" in QGuiApplication.clipboard().text()
        assert not screen.cancel.isEnabled()
        await press(Qt.Key.Key_R)
        await until(lambda: stored(attached, queued) == 2)
        await until(lambda: len(screen.model.rows) == 1)
        await until(lambda: screen._undoable)
        await press(Qt.Key.Key_Z, CONTROL)
        await until(lambda: stored(attached, queued) == 1)
        await until(lambda: len(screen.model.rows) == 2)


async def test_one_that_moved_on_meanwhile_is_told_and_shown_as_it_is(
    attached: Database, tmp_path: Path
) -> None:
    async with operating(attached, tmp_path) as (session, screen):
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        session.window.show_screen("operations")
        await look_at(screen, "going")
        assert statuses(screen) == ["queued", "processing"]
        with attached.connect() as c:
            c.execute("UPDATE jobs SET status = 'final_ready' WHERE status = 'queued'")
        await press(Qt.Key.Key_X)
        await until(lambda: "The job is final_ready by now" in told)
        await until(lambda: statuses(screen) == ["processing"])
        # What a worker has is asked about first.
        for answer in ("Keep it", "Cancel the job"):
            session.window.activateWindow()
            await until(session.window.isActiveWindow)
            await press(Qt.Key.Key_X)
            await until(lambda: bool(screen.findChildren(QMessageBox)))
            assert stored(attached, "SELECT count(*) FROM jobs WHERE status = 'cancelled'") == 0
            box = screen.findChildren(QMessageBox)[0]
            await click(next(each for each in box.buttons() if each.text() == answer))
            await until(lambda: not screen.findChildren(QMessageBox))
        await until(lambda: stored(attached, "SELECT count(*) FROM jobs WHERE status = 'cancelled'") == 1)
        await until(lambda: not screen.model.rows)
        # What ran is not set running again.
        assert not screen._undoable


async def test_every_sheet_is_shown_and_the_audit_verified(attached: Database, tmp_path: Path) -> None:
    async with operating(attached, tmp_path) as (session, screen):
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        session.window.show_screen("operations")
        for kind in screen._services.operations.kinds:
            await look_at(screen, kind.key)
            assert screen.retry.isVisible() is kind.jobs
            assert screen.model.columnCount() == len(kind.columns)
        await look_at(screen, "audit")
        await press(Qt.Key.Key_V)
        await until(lambda: any(each.startswith("The audit is whole") for each in told))
