"""A topic merged into another in the real window: looked at, begun, stopped, taken up, taken back."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel

from console.domain.curation import TOPIC
from console.domain.merging import MergeAct
from console.runtime.notices import Notice
from console.ui.curation.topic_merging import MergeDialog
from console.ui.curation.topics import TopicsScreen
from console.ui.keyboard import press, type_text
from tests.support.content import add_idea, one
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until
from tests.ui.curation.test_topics import ALT, CONTROL, SHIFT, choose, curating, fill, stored

STATE = "SELECT state FROM greenroom.topic_merges"


async def asked(screen: TopicsScreen, topic: UUID, survivor: str) -> MergeDialog:
    """The preview, after the survivor was chosen by keys."""
    shown: list[MergeDialog] = []
    screen.merging.asked.connect(shown.append)
    await choose(screen, TOPIC, topic)
    screen.view.setFocus()
    await press(Qt.Key.Key_M, CONTROL | SHIFT)
    await until(lambda: screen.findChild(QDialog) is not None)
    await type_text(survivor)
    await press(Qt.Key.Key_Return)
    await until(lambda: shown)
    return shown[0]


async def test_a_merge_is_looked_at_begun_and_taken_back(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        notices: list[Notice] = []
        session.notices.posted.connect(notices.append)
        dialog = await asked(screen, ids["Sea"], "lan")
        told = "\n".join(each.text() for each in dialog.findChildren(QLabel))
        assert "Merge “Sea” into “Land”" in told
        assert "1 idea\n1 scene\n0 categories\n0 suggestions" in told
        dialog.go.click()
        await until(lambda: any("Merged “Sea” into “Land”: 2 rows moved" in each.text for each in notices))
        assert stored(attached, "SELECT topic_id FROM ideas") == ids["Land"]
        assert not screen.merging.bar.isVisible()
        undo = next(each.action for each in notices if "Merged" in each.text)
        assert undo is not None
        undo.run()
        await until(lambda: any("Undone: merged" in each.text for each in notices))
        assert stored(attached, STATE) == "undone"
        assert stored(attached, "SELECT topic_id FROM ideas") == ids["Sea"]
        assert stored(attached, "SELECT is_active FROM topics WHERE id = %s", ids["Sea"]) is True


async def test_a_merge_is_stopped_and_taken_up_by_the_next_window(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    with attached.connect() as holder:
        # Somebody holds an idea, so that the merge cannot end.
        holder.execute("BEGIN")
        holder.execute("SELECT FROM ideas FOR UPDATE")
        async with curating(attached, tmp_path) as (_, screen):
            (await asked(screen, ids["Sea"], "lan")).go.click()
            bar = screen.merging.bar
            await until(bar.isVisible)
            bar.buttons[MergeAct.STOP].click()
            await until(lambda: stored(attached, STATE) == "stopped")
            await until(bar.buttons[MergeAct.RESUME].isVisible)
            assert bar.words.text().startswith("Stopped: merging “Sea” into “Land”")
        holder.execute("COMMIT")
    wait_for_replay(attached.cluster)
    async with curating(attached, tmp_path) as (_, screen):
        resume = screen.merging.bar.buttons[MergeAct.RESUME]
        await until(resume.isVisible)
        assert stored(attached, STATE) == "stopped"
        resume.click()
        await until(lambda: stored(attached, STATE) == "merged")
        await until(lambda: not screen.merging.bar.isVisible())
        screen.view.setFocus()
        await press(Qt.Key.Key_M, CONTROL | ALT)
        await until(lambda: stored(attached, STATE) == "undone")
        assert stored(attached, "SELECT topic_id FROM ideas") == ids["Sea"]


async def test_a_merge_that_a_dead_console_left_is_carried_on(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    with attached.connect("ada") as ada, attached.connect() as c:
        one(ada, "SELECT greenroom.begin_merge(%s, %s, %s, 'tests')", uuid4(), ids["Sea"], ids["Land"])
        author = one(c, "SELECT user_id FROM ideas")
        add_idea(c, author, ids["Sea"])
    wait_for_replay(attached.cluster)
    async with curating(attached, tmp_path):
        await until(lambda: stored(attached, STATE) == "merged")
    assert stored(attached, "SELECT count(*) FROM ideas WHERE topic_id = %s", ids["Land"]) == 2
