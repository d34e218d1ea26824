"""A verb's key in the real window: its reason, its many items, and what is shown after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.domain.queues import Item
from console.ui.deciding.reasons import ReasonPanel
from console.ui.desk.inspector import Inspector
from console.ui.keyboard import press, type_text
from db.greenroom.ledger import decisions
from tests.support.content import add_flag, one
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, decided, moderator, of_desk


async def test_a_reason_is_typed_without_leaving_the_keyboard(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: session.desk.scope == "scenes.ideas" and session.desk.ready)
        await press(Qt.Key.Key_R)
        # Letters typed at once after the verb's key belong to the panel, not to other verbs.
        await type_text("duplic")
        await press(Qt.Key.Key_Return)
        await decided(session, 1)
        with attached.connect() as c:
            assert [(e.verb, e.policy) for e in decisions(c)] == [("reject", "duplicate")]


async def test_what_follows_for_the_author_is_told_before_it_is_decided(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        panel = of_desk(session, ReasonPanel)
        assert panel is not None
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: session.desk.scope == "scenes.ideas" and session.desk.ready)
        await press(Qt.Key.Key_R)
        await type_text("hate")
        await until(
            lambda: panel.consequence == "The author has 0 points; this adds 3 for 180 days and warns them"
        )
        await press(Qt.Key.Key_Escape)
        await press(Qt.Key.Key_R)
        await type_text("duplic")
        await until(lambda: panel.consequence == "Adds no points; the author has 0 points")


async def test_escape_leaves_the_reason_panel_and_decides_nothing(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_X)
        await until(lambda: session.desk.asking)
        await press(Qt.Key.Key_Escape)
        assert not session.desk.asking
        with attached.connect() as c:
            assert decisions(c) == []


async def test_all_that_are_chosen_are_one_decision(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: session.desk.scope == "scenes.ideas" and session.desk.ready)
        await press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        await press(Qt.Key.Key_A)
        await decided(session, 1)
        with attached.connect() as c:
            assert [(e.verb, e.items, e.audited) for e in decisions(c)] == [("approve", 2, 2)]


async def test_many_flagged_items_settle_what_was_counted_before_it_was_confirmed(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        panel = of_desk(session, ReasonPanel)
        assert panel is not None
        await press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        await press(Qt.Key.Key_D)
        await until(lambda: panel.reach.startswith("Settles 2 reports on 2 items"))
        with attached.connect() as c:
            idea = one(c, "SELECT target_id FROM moderation_flags LIMIT 1")
            late = add_flag(c, "idea", idea, "hate")
            await press(Qt.Key.Key_Return)
            await decided(session, 1)
            assert [(e.verb, e.items) for e in decisions(c)] == [("dismiss", 2)]
            pending = c.execute("SELECT id FROM moderation_flags WHERE status = 'pending'").fetchall()
            assert pending == [(late,)]


async def test_deciding_in_the_middle_of_the_list_shows_only_the_item_after_it(
    attached: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: session.desk.scope == "scenes.ideas" and session.desk.ready)
        await press(Qt.Key.Key_J)
        await until(lambda: session.desk.ready)
        following = session.desk.upcoming
        inspector = session.window.findChild(Inspector)
        assert inspector is not None
        shown: list[str] = []
        show_item = inspector.show_item

        def watched(item: Item, *rest: Any) -> None:
            shown.append(item.title)
            show_item(item, *rest)

        monkeypatch.setattr(inspector, "show_item", watched)
        await press(Qt.Key.Key_A)
        assert shown == [following.title]
        assert session.desk.item == following
