"""The item shown in the real window: held while it is looked at, and found again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from console.ui.keyboard import press
from db.greenroom.ledger import decisions, live_claims
from tests.support.content import claim, one
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import moderator


async def test_looking_claims_and_going_on_lets_go(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await until(lambda: session.desk.claimed)
        with attached.connect() as c:
            assert live_claims(c) == 1
            await press(Qt.Key.Key_J)
            await until(lambda: session.desk.claimed and live_claims(c) == 1)
            shown = session.desk.item
            assert shown is not None
            query = "SELECT id FROM greenroom.claims WHERE holder = 'mia' AND expires_at > clock_timestamp()"
            assert one(c, query) == shown.subject.id


async def test_an_item_that_somebody_else_holds_says_so_and_cannot_be_decided(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        upcoming = session.desk.upcoming.subject
        with attached.connect("max") as rival:
            claim(rival, upcoming.kind, upcoming.id, upcoming.partition_key)
            await press(Qt.Key.Key_J)
            await until(lambda: "max" in session.desk.banner)
            await press(Qt.Key.Key_D)
            await until(lambda: session.window.status.tally.waiting == 0)
        with attached.connect() as c:
            assert decisions(c) == []


async def test_alt_left_goes_back_to_the_item_before(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        first = session.desk.item
        await press(Qt.Key.Key_J)
        second = session.desk.item
        assert second != first
        await press(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert session.desk.item == first
        await press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        assert session.desk.item == second
