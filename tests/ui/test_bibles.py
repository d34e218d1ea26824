"""The bible's screen in the real window, by the keyboard alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.subjects import Subject
from console.ui.bible.editor import BibleEditor
from console.ui.bible.editor_bar import Shown
from console.ui.bible.presenter import KEY as BIBLES
from console.ui.bible.workspace import Workspace
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.support.bibles import MIRA, TOMAS, bible, job_saves, person_saves
from tests.support.content import Content, add_content, add_flag, add_segments
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@asynccontextmanager
async def window(attached: Database, folder: Path) -> AsyncIterator[Session]:
    wait_for_replay(attached.cluster)
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", attached.primary, (attached.replica,))
    opened = await open_session(app, profile, SignIn("mia", attached.passwords["mia"]))
    problems: list[str] = []
    opened.notices.posted.connect(lambda notice: problems.append(f"{notice.text} {notice.details}"))
    opened.window.show()
    opened.window.activateWindow()
    await until(lambda: opened.desk.ready, "the desk showed nothing")
    try:
        yield opened
    finally:
        await opened.close()
    assert not [problem for problem in problems if "mistake" in problem]


def begun(database: Database) -> Content:
    content = add_content(database)
    with database.connect() as c:
        add_flag(c, "idea", content.idea, "spam")
        job_saves(c, content.scene, None, bible())
        job_saves(c, content.scene, content.segment, bible(characters=[MIRA, {**TOMAS, "isActive": True}]))
    return content


def parts(session: Session) -> tuple[Workspace, BibleEditor]:
    workspace, editor = session.window.findChild(Workspace), session.window.findChild(BibleEditor)
    assert isinstance(workspace, Workspace)
    assert isinstance(editor, BibleEditor)
    return workspace, editor


def stored(database: Database, scene: UUID) -> dict[int, Any]:
    with database.connect() as c:
        rows = c.execute("SELECT version, data FROM scene_bibles WHERE scene_id = %s", [scene]).fetchall()
    return dict(rows)


async def shown(session: Session, subject: Subject) -> None:
    """Show something on the desk."""
    session.window.open_subject(subject)
    await until(
        lambda: session.desk.item is not None and session.desk.item.subject == subject,
        f"{subject} was not shown",
    )


async def test_b_opens_the_bible_of_the_scene_or_segment_shown(attached: Database, tmp_path: Path) -> None:
    content = begun(attached)
    async with window(attached, tmp_path) as session:
        workspace, editor = parts(session)
        for subject in (
            Subject("scene", content.scene),
            Subject("segment", content.segment, content.segment_created_at),
        ):
            await shown(session, subject)
            assert workspace.isHidden()
            await press(Qt.Key.Key_B)
            await until(lambda: workspace.isVisible() and workspace.editing)
            await until(lambda: workspace.facts.startswith("version 2 · job of segment"))
            assert json.loads(editor.text())["characters"][0] == MIRA
        # An idea has none: the key does nothing there.
        await shown(session, Subject("idea", content.idea))
        await press(Qt.Key.Key_B)
        assert workspace.isHidden()


async def test_it_is_edited_saved_compared_and_restored_by_keys(attached: Database, tmp_path: Path) -> None:
    content = begun(attached)
    async with window(attached, tmp_path) as session:
        workspace, editor = parts(session)
        session.window.open_at(BIBLES, Subject("scene", content.scene))
        await until(lambda: workspace.editing)
        editor.show_views(Shown.TEXT)
        await press(Qt.Key.Key_1, ALT)
        editor.pane.text.setFocus()
        await press(Qt.Key.Key_F, CONTROL)
        await type_text("Harbour")
        await press(Qt.Key.Key_Return)
        await until(lambda: editor.pane.text.textCursor().selectedText() == "Harbour")
        await press(Qt.Key.Key_Escape)
        await type_text("Mole")
        await until(lambda: workspace.state_words.startswith("Unsaved"))
        await press(Qt.Key.Key_4, ALT)
        rows = workspace.comparison.model
        await until(
            lambda: (
                [row.sentence for row in rows.rows]
                == ['setting.primaryLocation changed from "Harbour" to "Mole"']
            )
        )
        await press(Qt.Key.Key_Escape)
        assert workspace.editing
        await press(Qt.Key.Key_S, CONTROL)
        await until(lambda: workspace.facts.startswith("version 3 · mia"))
        assert stored(attached, content.scene)[3]["setting"] == {"primaryLocation": "Mole"}
        await until(lambda: not editor.modified and workspace.history.model.current == 3)
        # The text has its version's number, and the way back goes beyond the save.
        assert json.loads(editor.text())["version"] == 3
        await press(Qt.Key.Key_2, ALT)
        assert QApplication.focusWidget() is workspace.history.list
        await press(Qt.Key.Key_Down)
        await press(Qt.Key.Key_Return)
        await until(lambda: [row.sentence for row in rows.rows] == ["char_tomas: isActive added: true"])
        await press(Qt.Key.Key_2, ALT)
        await press(Qt.Key.Key_R)
        await until(lambda: workspace.facts.startswith("version 4 · mia"))
        assert stored(attached, content.scene)[4]["setting"] == {"primaryLocation": "Harbour"}
        await press(Qt.Key.Key_3, ALT)
        await type_text("mia")
        await until(lambda: len(workspace.fields.model.fields) == 1)


async def test_an_event_is_beyond_the_last_segment_only_where_there_is_none(
    attached: Database, tmp_path: Path
) -> None:
    content = add_content(attached)
    events = [{"segmentNumber": number, "event": "She waits."} for number in (1, 2, 3, 4)]
    with attached.connect() as c:
        add_flag(c, "idea", content.idea, "spam")
        add_segments(c, content, {2: "hidden", 3: "active"})
        job_saves(c, content.scene, None, bible(timeline={"majorEvents": events}))
    async with window(attached, tmp_path) as session:
        workspace, editor = parts(session)
        session.window.open_at(BIBLES, Subject("scene", content.scene))
        await until(lambda: workspace.editing)
        marks = editor.findings.findings
        await until(
            lambda: [mark.message for mark in marks.marks] == ["segment 4 is beyond the last, 3"],
            f"{marks.marks}",
        )
        # A segment comes, and the canon that was made for it: the open text is checked against both.
        with attached.connect() as c:
            add_segments(c, content, {4: "active"})
            job_saves(c, content.scene, None, bible(timeline={"majorEvents": events}, version=2))
        await until(lambda: marks.marks == (), f"{marks.marks}")


async def test_the_feed_brings_a_colleagues_save_at_once(attached: Database, tmp_path: Path) -> None:
    content = begun(attached)
    async with window(attached, tmp_path) as session:
        workspace, _ = parts(session)
        session.window.open_at(BIBLES, Subject("scene", content.scene))
        await until(lambda: workspace.editing)
        with attached.connect("max") as c:
            person_saves(c, content.scene, 2, bible(characters=[MIRA]))
        await until(lambda: workspace.banner.text == "Max saved version 3: 1 change.")


async def test_what_was_merged_stands_in_the_editor_even_while_it_loads(
    attached: Database, tmp_path: Path
) -> None:
    content = add_content(attached)
    long = "She waits. " * 20_000
    with attached.connect() as c:
        add_flag(c, "idea", content.idea, "spam")
        job_saves(c, content.scene, None, bible(plotThreads=[{"title": long}]))
    async with window(attached, tmp_path) as session:
        workspace, editor = parts(session)
        session.window.open_at(BIBLES, Subject("scene", content.scene))
        await until(lambda: workspace.editing)
        # The editor takes no change at the moment; another's version is shown all the same.
        editor.pane.text.lock(True)
        with attached.connect("max") as c:
            person_saves(c, content.scene, 1, bible(characters=[MIRA]))
        await until(lambda: "Show it" in workspace.banner.deeds)
        workspace.banner.press("Show it")
        await until(lambda: json.loads(editor.text())["characters"] == [MIRA])
        editor.pane.text.lock(False)
