"""A console that is too old shows everything, changes nothing, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from console.bootstrap import application, open_session
from console.config import Directories, Profile
from console.domain.errors import ConfigurationError, Outdated
from console.domain.remarks import NoteAdd
from console.ui.keyboard import press
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import moderator
from tests.ui.test_outage import toasts, words


async def test_an_outdated_console_only_reads(attached: Database, tmp_path: Path) -> None:
    with attached.connect() as c:
        c.execute("UPDATE greenroom.settings SET minimum_client = '9.0.0'")
    async with moderator(attached, tmp_path) as session:
        await until(lambda: "Read only" in words(session))
        item = session.desk.item
        assert item is not None
        await until(lambda: "too old to change anything here" in session.desk.banner)
        await press(Qt.Key.Key_D)
        await until(
            lambda: any("Dismiss “Idea 0”: Greenroom 0.1.0 is too old" in each for each in toasts(session))
        )
        with pytest.raises(Outdated, match=r"version 9\.0\.0 is needed"):
            await session.data.pipeline.submit(NoteAdd(item.subject.id, item.subject, "x", "x"))
        assert session.window.status.tally.waiting == 0
        assert await session.data.journal.unsettled() == []


async def test_an_older_schema_asks_for_attach(attached: Database, tmp_path: Path) -> None:
    with attached.connect() as c:
        c.execute("DELETE FROM greenroom.schema_version WHERE version > 1")
    app = application(Directories.of_user(tmp_path), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", attached.primary, (attached.replica,))
    with pytest.raises(ConfigurationError, match="version 1; this console needs") as caught:
        await open_session(app, profile, SignIn("mia", attached.passwords["mia"]))
    assert "greenroom attach" in caught.value.remedy
