"""Find anything, in the real window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from console.ui.keyboard import press, type_text
from db.greenroom.ledger import decisions
from tests.support.content import one
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, decided, moderator


async def test_find_opens_anything_with_the_verbs_of_its_kind(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_F, CONTROL)
        await type_text("harbour")
        # Before anything was found: Enter waits for it.
        await press(Qt.Key.Key_Return)
        await until(lambda: session.desk.scope == "scenes.scene" and session.desk.ready)
        assert {verb.key for verb in session.desk.verbs} == {"hide", "lock", "remove", "restore"}
        await press(Qt.Key.Key_L)
        await type_text("spam")
        await press(Qt.Key.Key_Return)
        await decided(session, 1)
        with attached.connect() as c:
            assert [(e.scope, e.verb, e.title) for e in decisions(c)] == [("scenes.scene", "lock", "Harbour")]
            assert one(c, "SELECT status FROM scenes") == "locked"
