"""The real window on a real database, worked by key events."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.blocks import HistoryBlock
from console.domain.links import linked
from console.ui.deciding.reasons import ReasonPanel
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.keyboard import click, press, type_text
from console.ui.scene.workspace import SceneWorkspace
from console.ui.theme.theme import Choice
from console.ui.widgets.buttons import KeyButton
from db.greenroom.ledger import decisions
from db.routing import SignIn
from tests.support.content import add_content, add_flag, add_idea, claim, decide, item, one
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until

CONTROL = Qt.KeyboardModifier.ControlModifier
Part = TypeVar("Part", bound=QWidget)


async def bring_to_front(window: QWidget) -> None:
    """Show a window and wait until it has the keyboard: the one of the test before may be on its way out."""
    window.show()

    def active() -> bool:
        if QApplication.activeWindow() is not window:
            window.activateWindow()
        return QApplication.activeWindow() is window

    await until(active)


@asynccontextmanager
async def moderator(
    attached: Database, tmp_path: Path, primary: str | None = None, replica: str | None = None
) -> AsyncIterator[Session]:
    """A moderator's window on a queue of ideas, two of them flagged, by other ways to its servers.

    Not a fixture: between a fixture and its test Qt's events are processed outside the loop.
    """
    content = add_content(attached)
    with attached.connect() as c:
        for number in range(4):
            idea = add_idea(c, content.author, content.topic, f"Idea {number}")
            if number < 2:
                add_flag(c, "idea", idea, "spam")
    wait_for_replay(attached.cluster)
    app = application(Directories.of_user(tmp_path), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", primary or attached.primary, (replica or attached.replica,))
    opened = await open_session(app, profile, SignIn("mia", attached.passwords["mia"]))
    problems: list[str] = []
    opened.notices.posted.connect(lambda notice: problems.append(f"{notice.text} {notice.details}"))
    await bring_to_front(opened.window)
    await until(lambda: opened.desk.ready)
    try:
        yield opened
    finally:
        await opened.close()
    assert not [problem for problem in problems if "mistake" in problem]


def offered(session: Session) -> list[QPushButton]:
    """The buttons that take something back."""
    buttons = session.window.findChildren(QPushButton)
    return [button for button in buttons if button.text() == "Undo" and button.isVisible()]


def of_desk(session: Session, kind: type[Part]) -> Part | None:
    """The desk's own: other screens decide with such parts too."""
    found = [part for part in session.window.findChildren(kind) if not within_a_scene(part)]
    return found[0] if found else None


def within_a_scene(part: QWidget) -> bool:
    above = part.parentWidget()
    while above is not None and not isinstance(above, SceneWorkspace):
        above = above.parentWidget()
    return above is not None


def shows(session: Session, queue: str) -> bool:
    return session.desk.scope == queue and session.desk.ready


async def decided(session: Session, count: int) -> None:
    await until(lambda: session.window.status.tally.sent >= count)


async def test_a_typed_filter_narrows_the_list_and_what_is_selected_there_is_inverted(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: shows(session, "scenes.ideas"))
        pane = of_desk(session, ListPane)
        assert pane is not None

        def listed() -> list[str]:
            return [item.title for item in pane.model.items]

        await press(Qt.Key.Key_Slash)
        await type_text('idea:"idea ')
        await press(Qt.Key.Key_Return)
        assert "no partner" in pane.filter.wrong.text()
        await press(Qt.Key.Key_Escape)
        await press(Qt.Key.Key_Slash)
        await type_text('idea:"idea 2","idea 3"')
        await press(Qt.Key.Key_Return)
        await until(lambda: listed() == ["Idea 2", "Idea 3"])
        await until(lambda: session.desk.item is not None and session.desk.item.title == "Idea 2")
        session.desk.save_filter(False)
        await until(lambda: len(tuple(pane.filter.saved)) == 1)
        await press(Qt.Key.Key_I, CONTROL)
        await until(lambda: [item.title for item in pane.chosen()] == ["Idea 3"])
        await press(Qt.Key.Key_A, CONTROL)
        await until(lambda: len(pane.chosen()) == 2)
        await press(Qt.Key.Key_Slash)
        await type_text("nowhere")
        await press(Qt.Key.Key_Return)
        await until(lambda: pane.state.title == "Nothing here matches the filter")
        await session.desk.poll()
        assert pane.model.rowCount() == 0
        pane.widen()
        await until(lambda: len(listed()) > 2)
        # What is kept is two keys away, wherever the keyboard is.
        await press(Qt.Key.Key_Slash)
        await press(Qt.Key.Key_Down)
        await press(Qt.Key.Key_Return)
        await until(lambda: listed() == ["Idea 2", "Idea 3"])


async def test_a_link_opens_its_item_whatever_is_being_read(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: shows(session, "scenes.ideas"))
        await press(Qt.Key.Key_L, CONTROL)
        copied = QApplication.clipboard().text()
        shown = session.desk.item
        assert shown is not None
        assert linked(copied) == shown.subject
        await press(Qt.Key.Key_J)
        await until(lambda: session.desk.item not in (None, shown))
        session.desk.open_queue(session.data.reader.platform.queue("scenes.flags"))
        session.window.open_subject(linked(copied))
        await until(lambda: shows(session, "scenes.idea"))
        assert session.desk.item is not None
        assert session.desk.item.subject == shown.subject


async def test_a_key_decides_goes_on_at_once_and_undo_gives_back(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        first = session.desk.item
        assert first is not None
        await press(Qt.Key.Key_D)
        second = session.desk.item
        assert second is not None
        assert second.subject != first.subject
        await decided(session, 1)
        await press(Qt.Key.Key_Z, CONTROL)
        await decided(session, 2)
        await until(lambda: session.desk.item is not None and session.desk.item.subject == first.subject)
        with attached.connect() as c:
            assert [(e.login, e.verb, e.undone) for e in decisions(c)] == [
                ("mia", "dismiss", True),
                ("mia", "undo", False),
            ]
            assert one(c, "SELECT count(*) FROM moderation_flags WHERE status = 'pending'") == 2


async def test_a_journal_that_fails_after_the_answer_is_told(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(f"{notice.text} {notice.remedy}"))
        folder = tmp_path / "journals" / "test-mia"
        await press(Qt.Key.Key_D)
        await decided(session, 1)
        with closing(sqlite3.connect(folder / "journal.sqlite3", isolation_level=None)) as journal:
            journal.execute(
                "CREATE TRIGGER t BEFORE UPDATE ON entries BEGIN SELECT raise(ABORT, 'full'); END"
            )
        await press(Qt.Key.Key_D)
        await decided(session, 2)
        assert [each for each in told if "journal" in each and "full" in each]


async def test_what_came_waits_behind_a_pill_and_moves_nothing(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: session.desk.scope == "scenes.ideas" and session.desk.ready)
        await press(Qt.Key.Key_J)
        looked_at = session.desk.item
        assert looked_at is not None
        with attached.connect() as c:
            author, topic = (
                one(c, "SELECT user_id FROM ideas LIMIT 1"),
                one(c, "SELECT id FROM topics LIMIT 1"),
            )
            late = add_idea(c, author, topic, "An idea that came late")
            c.execute("UPDATE ideas SET created_at = created_at - interval '1 day' WHERE id = %s", [late])
        wait_for_replay(attached.cluster)
        pane = session.window.findChild(ListPane)
        assert pane is not None
        await session.desk.poll()
        assert pane.news == "1 new"
        assert session.desk.item == looked_at
        before = pane.row()
        await press(Qt.Key.Key_F5)
        await until(lambda: pane.news == "")
        assert pane.row() == before + 1
        assert session.desk.item == looked_at


async def test_an_item_that_somebody_else_decided_says_by_whom(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        upcoming = session.desk.upcoming
        with attached.connect("max") as rival:
            held = claim(rival, upcoming.subject.kind, upcoming.subject.id, upcoming.subject.partition_key)
            await press(Qt.Key.Key_J)
            flags = [
                row[0]
                for row in rival.execute(
                    "SELECT id FROM moderation_flags WHERE target_id = %s", [upcoming.subject.id]
                )
            ]
            decide(rival, "scenes.flags", "dismiss", [item(held, flags=[str(flag) for flag in flags])])
        wait_for_replay(attached.cluster)
        await session.desk.poll()
        await until(lambda: "by max" in session.desk.banner)
        assert session.desk.item is not None
        assert session.desk.item.subject == upcoming.subject


async def test_enter_goes_into_the_item_and_escape_back(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        pane, inspector = session.window.findChild(ListPane), session.window.findChild(Inspector)
        assert pane is not None
        assert inspector is not None
        await press(Qt.Key.Key_Return)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert inspector.isAncestorOf(focused)
        await press(Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is pane.rows


async def test_a_flag_of_ones_own_is_raised_and_taken_back(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        shown = session.desk.item
        assert shown is not None
        await press(Qt.Key.Key_F)
        await type_text("hate")
        await press(Qt.Key.Key_Return)
        query = "SELECT status FROM moderation_flags WHERE reason = 'hate' AND target_id = %s"
        with attached.connect() as c:
            await until(lambda: c.execute(query, [shown.subject.id]).fetchone() == ("pending",))
            await until(lambda: bool(offered(session)))
            offered(session)[0].click()
            await until(lambda: c.execute(query, [shown.subject.id]).fetchone() == ("dismissed",))


async def test_a_note_is_written_and_stands_in_the_history(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        shown = session.desk.item
        assert shown is not None
        await press(Qt.Key.Key_N)
        # Nothing to confirm yet: a note needs words.
        await press(Qt.Key.Key_Return)
        assert session.desk.asking
        await type_text("Seen before")
        await press(Qt.Key.Key_Return)
        with attached.connect() as c:
            await until(lambda: one(c, "SELECT count(*) FROM greenroom.notes") == 1)
            assert c.execute("SELECT login, id, body FROM greenroom.notes").fetchall() == [
                ("mia", shown.subject.id, "Seen before")
            ]
        wait_for_replay(attached.cluster)
        block = await session.data.reader.block(shown.subject, "history")
        assert isinstance(block, HistoryBlock)
        assert [(event.what, event.who, event.note) for event in block.events] == [
            ("Note", "mia", "Seen before")
        ]


async def test_hostile_titles_are_shown_as_typed(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        title = '<img src="file:///etc/passwd"> \u202egpj'
        with attached.connect() as c:
            c.execute("UPDATE ideas SET title = %s", [title])
        await press(Qt.Key.Key_2, CONTROL)
        await until(lambda: session.desk.scope == "scenes.ideas" and session.desk.ready)
        await press(Qt.Key.Key_F5)
        await until(lambda: session.desk.item is not None and session.desk.item.title == title)
        inspector = session.window.findChild(Inspector)
        assert inspector is not None
        assert inspector.shown_title == '<img src="file:///etc/passwd"> ⟨U+202E⟩gpj'


async def test_the_list_is_a_well_behaved_model(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        pane = session.window.findChild(ListPane)
        assert pane is not None
        tester = QAbstractItemModelTester(pane.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        await press(Qt.Key.Key_D)
        await decided(session, 1)
        await press(Qt.Key.Key_Z, CONTROL)
        await decided(session, 2)
        assert tester.model() is pane.model


async def test_older_segments_come_when_they_are_asked_for(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        with attached.connect() as c:
            c.execute(
                "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
                " video_url, duration, bible_version, created_at)"
                " SELECT scene_id, user_id, job_id, 2, 'older', 'INT.', video_url, 8, 1,"
                " (SELECT attached_at FROM greenroom.settings) - interval '1 second' FROM segments"
            )
            c.execute(
                "DELETE FROM greenroom.subjects"
                " WHERE partition_key < (SELECT attached_at FROM greenroom.settings)"
            )
        await press(Qt.Key.Key_4, CONTROL)
        await until(lambda: session.desk.scope == "scenes.segments" and session.desk.ready)
        pane = session.window.findChild(ListPane)
        assert pane is not None
        assert pane.model.rowCount() == 1
        bring = next(c for c in session.window.commands.all if c.title == "Bring in older segments")
        bring.run()
        await until(lambda: pane.model.rowCount() == 2)
        assert [item.title for item in pane.model.items] == ["Segment 1 of Harbour", "Segment 2 of Harbour"]


async def test_undo_belongs_first_to_the_field_that_is_typed_in(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        await press(Qt.Key.Key_D)
        await decided(session, 1)
        await press(Qt.Key.Key_N)
        panel = of_desk(session, ReasonPanel)
        assert panel is not None
        await type_text("typed")
        for _ in range(3):
            # Also when there is nothing left to take back in the field.
            await press(Qt.Key.Key_Z, CONTROL)
        assert panel.note.text() == ""
        await press(Qt.Key.Key_Escape)
        with attached.connect() as c:
            assert [entry.undone for entry in decisions(c)] == [False]
        await press(Qt.Key.Key_Z, CONTROL)
        with attached.connect() as c:
            await until(lambda: [entry.undone for entry in decisions(c)] == [True, False])


async def test_what_comes_into_an_empty_queue_is_shown_by_itself_and_takes_no_keyboard(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        content = add_content(attached)
        await press(Qt.Key.Key_3, CONTROL)
        pane = of_desk(session, ListPane)
        assert pane is not None
        await until(lambda: session.desk.scope == "scenes.user_topics" and pane.state.isVisible())
        await press(Qt.Key.Key_F, CONTROL)
        finder = QApplication.focusWidget()
        with attached.connect() as c:
            c.execute("INSERT INTO user_topics (user_id, name) VALUES (%s, 'New')", [content.author])
        await until(lambda: session.desk.item is not None and session.desk.item.title == "New")
        assert QApplication.focusWidget() is finder
        await press(Qt.Key.Key_Escape)


async def test_a_verb_that_is_clicked_or_tabbed_to_gives_the_keyboard_back_to_the_list(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        with attached.connect() as c:
            add_flag(c, "user", one(c, "SELECT user_id FROM ideas LIMIT 1"), "spam")
        wait_for_replay(attached.cluster)
        for queue, key in (("scenes.ideas", Qt.Key.Key_2), ("scenes.flags", Qt.Key.Key_1)):
            await press(key, CONTROL)
            await until(partial(shows, session, queue))
        pane = of_desk(session, ListPane)
        assert pane is not None
        assert pane.model.rowCount() == 3

        def button(name: str) -> KeyButton:
            found = session.window.findChildren(KeyButton)
            return next(each for each in found if each.isVisible() and each.accessibleName().startswith(name))

        assert pane.rows.hasFocus()
        await click(button("Dismiss"))
        await decided(session, 1)
        assert pane.rows.hasFocus()
        # Tabbed to, it has the keyboard until what is shown next does not offer it.
        hide = button("Hide")
        hide.setFocus(Qt.FocusReason.TabFocusReason)
        assert hide.hasFocus()
        await press(Qt.Key.Key_J)
        await until(lambda: session.desk.item is not None and session.desk.item.subject.kind == "user")
        assert not hide.isVisible()
        assert pane.rows.hasFocus()
