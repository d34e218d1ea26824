"""Policies in the real window: written anew, refused, kept while typed, and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt

from console.bootstrap import Session
from console.ui.curation.policies import PoliciesScreen
from console.ui.keyboard import press, type_text
from tests.support.content import one
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.curation.test_topics import CONTROL, curating, fill
from tests.ui.shell.test_accessibility import unnamed

VERSIONS = "SELECT array_agg(title ORDER BY version) FROM greenroom.policies WHERE policy_key = %s"


@asynccontextmanager
async def policies(database: Database, folder: Path) -> AsyncIterator[tuple[Session, PoliciesScreen]]:
    """An admin's window with the policies shown."""
    fill(database)
    async with curating(database, folder) as (session, _):
        screen = session.window.findChild(PoliciesScreen)
        assert screen is not None
        session.window.show_screen("policies")
        await until(lambda: screen.rows.count() == 16)
        yield session, screen


async def choose(screen: PoliciesScreen, title: str) -> None:
    for row in range(screen.rows.count()):
        if screen.rows.item(row).text().startswith(f"{title}   "):
            screen.rows.setCurrentRow(row)
    await until(lambda: screen.form.title.text() == title)


async def test_a_policy_is_saved_as_another_version_and_taken_back(
    attached: Database, tmp_path: Path
) -> None:
    async with policies(attached, tmp_path) as (session, screen):
        assert unnamed(session.window) == []
        await choose(screen, "Spam")
        screen.form.title.setFocus()
        screen.form.title.selectAll()
        await type_text("Advertising")
        assert "“Advertising”" in screen.form.preview.text()
        await press(Qt.Key.Key_S, CONTROL)
        with attached.connect() as c:
            await until(lambda: one(c, VERSIONS, "spam") == ["Spam", "Advertising"])
            await until(lambda: not screen.form.changed)
            # The desk offers it as it is now.
            reader = session.data.reader
            assert "Advertising" in [each.title for each in await reader.policies()]
            screen.rows.setFocus()
            await press(Qt.Key.Key_Z, CONTROL)
            await until(lambda: one(c, VERSIONS, "spam") == ["Spam", "Advertising", "Spam"])


async def test_what_another_admin_saved_meanwhile_is_not_overwritten(
    attached: Database, tmp_path: Path
) -> None:
    async with policies(attached, tmp_path) as (_, screen):
        await choose(screen, "Spam")
        with attached.connect() as c:
            c.execute(
                "INSERT INTO greenroom.policies (policy_key, version, title, family, severity, help_text)"
                " VALUES ('spam', 2, 'Theirs', 'Integrity', 2, '')"
            )
            screen.form.title.setFocus()
            screen.form.title.selectAll()
            await type_text("Mine")
            await press(Qt.Key.Key_S, CONTROL)
            await until(lambda: "meanwhile" in screen.form.notice)
            assert screen.form.title.text() == "Mine"
            assert one(c, VERSIONS, "spam") == ["Spam", "Theirs"]


async def test_a_new_policy_is_kept_while_it_is_typed_and_gets_a_key_of_its_title(
    attached: Database, tmp_path: Path
) -> None:
    async with policies(attached, tmp_path) as (_, screen):
        await press(Qt.Key.Key_N, CONTROL)
        await until(screen.form.title.hasFocus)
        await type_text("Teasers only")
        screen.form.family.setEditText("Quality")
        await until(screen.form.save.isEnabled)
        await choose(screen, "Spam")
        await press(Qt.Key.Key_N, CONTROL)
        await until(lambda: screen.form.title.text() == "Teasers only" and screen.form.save.isEnabled())
        await press(Qt.Key.Key_S, CONTROL)
        with attached.connect() as c:
            await until(lambda: one(c, VERSIONS, "teasers_only") == ["Teasers only"])
        await until(lambda: screen.rows.count() == 17)
