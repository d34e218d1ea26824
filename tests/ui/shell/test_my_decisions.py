"""The list of a person's own decisions, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from console.ui.keyboard import press, type_text
from console.ui.shell import my_decisions
from console.ui.shell.overlay import Overlay
from tests.support.content import add_content, add_idea, claim, decide, item, one
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, moderator


async def test_my_decisions_go_back_to_the_first_and_any_is_undone(
    attached: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_decisions, "MINE", 3)
    async with moderator(attached, tmp_path) as session:
        content = add_content(attached)
        with attached.connect() as owner, attached.connect("mia") as mia:
            for number in range(7):
                idea = add_idea(owner, content.author, content.topic, f"Decided {number}")
                held = item(claim(mia, "idea", idea), title=f"Decided {number}")
                decide(mia, "scenes.ideas", "approve", [held])
        wait_for_replay(attached.cluster)
        overlays = session.window.findChildren(Overlay)
        mine = next(each for each in overlays if each.field.accessibleName() == "My decisions")

        def rows() -> list[str]:
            return [mine.list.item(place).text() for place in range(mine.list.count())]

        def as_many_as(count: int) -> Callable[[], bool]:
            return lambda: len(rows()) == count

        await press(Qt.Key.Key_D, CONTROL)
        for shown in (3, 6):
            await until(as_many_as(shown + 1))
            assert rows()[-1] == "Show older decisions"
            for _ in range(shown):
                await press(Qt.Key.Key_Down)
            await press(Qt.Key.Key_Return)
        await until(lambda: rows() == [f"Approved “Decided {number}”" for number in range(6, -1, -1)])
        await type_text("decided 0")
        await until(lambda: rows() == ["Approved “Decided 0”"])
        await press(Qt.Key.Key_Return)
        with attached.connect() as c:
            query = "SELECT moderation_status FROM ideas WHERE title = %s"
            await until(lambda: one(c, query, "Decided 0") == "pending")
            assert one(c, query, "Decided 1") == "approved"
