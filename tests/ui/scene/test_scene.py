"""The scene workspace in the real window: a real database, real videos, real keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.media import MediaRules
from console.domain.subjects import Subject
from console.ui.keyboard import press, type_text
from console.ui.scene.presenter import ScenePresenter
from console.ui.scene.workspace import SceneWorkspace
from console.ui.theme.theme import Choice
from console.ui.widgets.buttons import KeyButton
from db.greenroom.ledger import decisions
from db.routing import SignIn
from tests.support.content import Connection, add_content, claim, one
from tests.support.databases import Database, wait_for_replay
from tests.support.media import MediaServer, make_stream
from tests.support.player import code_of
from tests.support.waiting import until
from tests.ui.test_desk import bring_to_front

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SEGMENTS = 4
PATIENCE = 40.0


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    """A video of one second for each segment, whose pictures carry its number."""
    folder = tmp_path_factory.mktemp("streams")
    for number in range(1, SEGMENTS + 1):
        make_stream(folder, f"s{number}", 1.0, number=number)
    with MediaServer(folder) as server:
        yield server


@dataclass
class Review:
    """A person at a scene of four segments."""

    session: Session
    scene: ScenePresenter
    view: SceneWorkspace
    id: UUID
    c: Connection
    database: Database

    @property
    def seen(self) -> list[tuple[int, str]]:
        """What the strip shows: place and status."""
        return [(segment.sequence, segment.status) for segment in self.view.model.shown]

    @property
    def stored(self) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return self.c.execute("SELECT sequence, status FROM segments ORDER BY sequence").fetchall()

    @property
    def counted(self) -> int:
        """What the platform counts for the scene."""
        counted: int = one(self.c, "SELECT segment_count FROM scenes WHERE id = %s", self.id)
        return counted

    async def at(self, sequence: int) -> None:
        """Go to a segment, and wait until its picture is there."""
        self.view.go_to(sequence - 1)
        await until(lambda: self.shows == sequence)

    @property
    def shows(self) -> int | None:
        """The segment that the picture carries."""
        code = code_of(self.session.player.snapshot())
        return None if code is None else code[0]

    def reopen(self) -> None:
        """Open the scene as the test has written it by now."""
        wait_for_replay(self.database.cluster)
        self.scene.open(Subject("scene", self.id))

    async def answered(self, count: int) -> None:
        await until(lambda: self.session.window.status.tally.sent >= count)


@asynccontextmanager
async def reviewing(
    attached: Database, streams: MediaServer, tmp_path: Path, login: str = "rey"
) -> AsyncIterator[Review]:
    """The workspace, opened by O from the queue of segments, at the newest."""
    content = add_content(attached)
    with attached.connect() as c:
        c.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version, created_at)"
            " SELECT scene_id, user_id, job_id, n, 'typed ' || n, 'written ' || n, video_url, 1, n,"
            " created_at + n * interval '1 millisecond' FROM segments, generate_series(2, %s) AS n",
            [SEGMENTS],
        )
        c.execute(
            "UPDATE segments SET duration = 1, video_url = %s || sequence || '/index.m3u8'",
            [streams.url("s")],
        )
        wait_for_replay(attached.cluster)
        app = application(Directories.of_user(tmp_path), Choice.LIGHT)
        media = MediaRules((f"127.0.0.1:{streams.port}",))
        profile = Profile("test", "Test", "scenes", attached.primary, (attached.replica,), media=media)
        session = await open_session(app, profile, SignIn(login, attached.passwords[login]))
        problems: list[str] = []
        session.notices.posted.connect(lambda notice: problems.append(f"{notice.text} {notice.details}"))
        scene, view = session.scene, session.window.findChild(SceneWorkspace)
        assert scene is not None
        assert view is not None
        try:
            await bring_to_front(session.window)
            if login != "rey":
                await press(Qt.Key.Key_4, CONTROL)
            await until(lambda: session.desk.scope == "scenes.segments" and session.desk.ready)
            await press(Qt.Key.Key_O)
            await until(lambda: scene.segment is not None)
            assert view.isVisible()
            yield Review(session, scene, view, content.scene, c, attached)
        finally:
            await session.close()
    assert not [problem for problem in problems if "mistake" in problem]


async def test_a_segment_is_hidden_by_key_seen_so_at_once_and_given_back(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        assert review.scene.segment is not None
        assert review.scene.segment.sequence == SEGMENTS
        assert "viewers see 4 of 4 segments" in review.view.facts
        await press(Qt.Key.Key_H)
        await type_text("viol")
        await press(Qt.Key.Key_Return)
        # Before any answer.
        assert review.seen == [(1, "active"), (2, "active"), (3, "active"), (4, "hidden")]
        assert "viewers see 3 of 4 segments" in review.view.facts
        await review.answered(1)
        assert review.stored == review.seen
        assert review.counted == 3
        assert [(e.login, e.scope, e.verb, e.policy) for e in decisions(review.c)] == [
            ("rey", "scenes.segment", "hide", "violence")
        ]
        await press(Qt.Key.Key_Z, CONTROL)
        await review.answered(2)
        await until(lambda: review.seen[3] == (4, "active"))
        assert review.stored == review.seen
        assert review.counted == 4


async def test_the_rest_of_a_scene_is_hidden_by_one_decision_and_comes_back_by_one_undo(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        review.view.go_to(1)
        await press(Qt.Key.Key_H, SHIFT)
        assert review.view.reasons.reach == "Hides 3 segments from here on: 2 to 4"
        await type_text("viol")
        await press(Qt.Key.Key_Return)
        assert [status for _, status in review.seen] == ["active", "hidden", "hidden", "hidden"]
        await review.answered(1)
        assert review.stored == review.seen
        assert review.counted == 1
        assert [(e.verb, e.items) for e in decisions(review.c)] == [("hide", 3)]
        await press(Qt.Key.Key_Z, CONTROL)
        await review.answered(2)
        await until(lambda: {status for _, status in review.seen} == {"active"})
        assert review.stored == review.seen
        assert review.counted == 4


async def test_a_refusal_puts_back_what_viewers_see(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        with attached.connect("max") as rival:
            row = review.c.execute("SELECT id, created_at FROM segments WHERE sequence = 3").fetchone()
            assert row is not None
            claim(rival, "segment", *row)
            review.view.go_to(2)
            await until(lambda: "max" in review.view.banner)
            await press(Qt.Key.Key_H)
            await type_text("viol")
            await press(Qt.Key.Key_Return)
            assert review.seen[2] == (3, "hidden")
            await until(lambda: review.seen[2] == (3, "active"))
        assert decisions(review.c) == []


async def test_a_hidden_segment_is_restored_and_a_pass_goes_on_to_the_next(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        review.c.execute("UPDATE segments SET status = 'hidden' WHERE sequence = 1")
        review.reopen()
        await until(lambda: review.view.row == 0 and review.seen[0] == (1, "hidden"))
        await press(Qt.Key.Key_T)
        assert review.seen[0] == (1, "active")
        await press(Qt.Key.Key_P)
        await until(lambda: review.view.row == 1)
        await review.answered(2)
        assert [(e.verb, e.items) for e in decisions(review.c)] == [("restore", 1), ("pass", 1)]
        assert review.counted == 4


async def test_as_viewers_see_it_plays_what_they_see_and_nothing_else(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        review.c.execute("UPDATE segments SET status = 'hidden' WHERE sequence IN (2, 4)")
        review.reopen()
        await until(lambda: review.shows == 1)
        await press(Qt.Key.Key_W)
        assert [place for place, _ in review.seen] == [1, 3]
        shown: list[int] = []
        review.session.player.picture_changed.connect(lambda: shown.append(review.shows or 0))
        await press(Qt.Key.Key_Space)
        await until(lambda: 3 in shown and not review.session.player.playing)
        assert [place for place in dict.fromkeys(shown) if place] == [1, 3]
        await press(Qt.Key.Key_W)
        assert [place for place, _ in review.seen] == [1, 2, 3, 4]
        assert review.view.row == 2


async def test_a_mark_is_set_by_keys_nudged_and_flagged_from(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        await review.at(2)
        player = review.session.player
        player.seek(0.2)
        await press(Qt.Key.Key_I)
        player.seek(0.6)
        await press(Qt.Key.Key_O)
        await press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        draft = review.scene.marking.draft
        assert draft is not None
        assert (draft.begins, draft.ends) == (200, 640)
        await press(Qt.Key.Key_M)
        await type_text("viol")
        await press(Qt.Key.Key_Return)
        query = "SELECT login, begins_ms, ends_ms, policy_key, flag_id IS NOT NULL FROM greenroom.marks"
        await until(lambda: review.c.execute(query).fetchall() == [("rey", 200, 640, "violence", False)])
        await until(lambda: review.view.moments.list.count() == 1)
        assert review.scene.marking.draft is None
        review.view.moments.list.setCurrentRow(0)
        await press(Qt.Key.Key_F)
        await until(lambda: review.c.execute(query).fetchall() == [("rey", 200, 640, "violence", True)])
        assert one(review.c, "SELECT description FROM moderation_flags") == "At 0:00.200–0:00.640"
        await until(lambda: review.view.moments.list.count() == 2)
        # The moment that was flagged is one key away, from any other segment.
        await review.at(4)
        await press(Qt.Key.Key_G)
        await until(lambda: review.shows == 2 and abs(player.position - 0.2) < 0.05)


async def test_a_mark_that_is_being_set_survives_its_window(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        await review.at(1)
        review.session.player.seek(0.4)
        await press(Qt.Key.Key_I)
        draft = review.scene.marking.draft
        await review.at(2)
        assert review.scene.marking.draft is None
        await review.at(1)
        await until(lambda: review.scene.marking.draft == draft)
        # Escape forgets it first, and leads back to the desk afterwards.
        await press(Qt.Key.Key_Escape)
        assert review.scene.marking.draft is None
        assert review.view.isVisible()
        await press(Qt.Key.Key_Escape)
        assert not review.view.isVisible()
        assert review.session.desk.scope == "scenes.segments"
        assert review.session.player.url is None


async def test_a_reviewer_neither_locks_nor_removes(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        for key, modifier in ((Qt.Key.Key_L, SHIFT), (Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier)):
            await press(key, modifier)
            assert review.view.reasons.isHidden()
        buttons = review.view.findChildren(KeyButton)
        why = {b.accessibleDescription() for b in buttons if b.isVisible() and not b.isEnabled()}
        assert why == {"“Lock” is for moderators", "“Remove” is for moderators"}


async def test_a_moderator_locks_and_unlocks_the_scene(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path, "mia") as review:
        query = "SELECT status FROM scenes"
        await press(Qt.Key.Key_L, SHIFT)
        await type_text("spam")
        await press(Qt.Key.Key_Return)
        assert review.view.facts.startswith("Locked")
        await review.answered(1)
        assert one(review.c, query) == "locked"
        # Its answer is hardly here: the key is not lost, and acts on what is there then.
        await press(Qt.Key.Key_L, SHIFT)
        await review.answered(2)
        assert one(review.c, query) == "active"
        assert review.view.facts.startswith("Active")


async def test_what_a_colleague_decides_is_on_the_strip_at_once(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        with attached.connect("max") as rival:
            row = review.c.execute("SELECT id, created_at FROM segments WHERE sequence = 1").fetchone()
            assert row is not None
            held = claim(rival, "segment", *row)
            one(
                rival,
                "SELECT greenroom.decide(gen_random_uuid(), 'scenes.segment', 'hide', 'spam', NULL,"
                " jsonb_build_array(%s::jsonb), '[]', 'tests')",
                f'{{"kind": "segment", "id": "{row[0]}", "partition_key": "{row[1].isoformat()}",'
                f' "token": "{held["token"]}", "version": "{held["version"]}", "title": "A segment"}}',
            )
            rival.execute("SELECT greenroom.announce()")
        await until(lambda: review.seen[0] == (1, "hidden"))


async def test_what_cannot_be_opened_says_why_and_can_be_tried_again(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        gone = Subject("scene", UUID(int=7))
        review.scene.open(gone)
        await until(lambda: review.view.state == "There is no such scene")
        review.reopen()
        await until(lambda: review.view.state == "" and review.view.row == 0)
        review.c.execute("DELETE FROM segments")
        review.reopen()
        await until(lambda: review.view.state == "“Harbour” has no segments yet")


async def test_script_and_bible_version_stand_beside_the_picture(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        title = '<img src="file:///etc/passwd"> \u202egpj'
        review.c.execute("UPDATE scenes SET title = %s, bible_version = 5", [title])
        review.c.execute("UPDATE segments SET expanded_script = %s WHERE sequence = 3", [title])
        review.reopen()
        await until(lambda: review.view.row == 0)
        review.view.go_to(2)
        await until(lambda: review.view.script[1] == '<img src="file:///etc/passwd"> ⟨U+202E⟩gpj')
        made, _, typed = review.view.script
        assert made.startswith("Segment 3, made under bible version 3 (now 5)")
        assert typed == "typed 3"
        assert review.view.title == '<img src="file:///etc/passwd"> ⟨U+202E⟩gpj'


async def test_the_strip_is_a_well_behaved_model_and_speaks(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        model = review.view.model
        tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        first = [segment.subject for segment in model.shown][:2]
        model.decide(first, "hidden")
        model.only_viewers(on=True)
        model.take_back(first)
        model.only_viewers(on=False)
        assert tester.model() is model
        spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
        assert spoken == "Segment 1, 0:01, active, not reviewed"
        assert QApplication.focusWidget() is review.view.cards


async def test_what_lies_over_the_scene_and_buttons_keep_their_keys(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        await press(Qt.Key.Key_K, CONTROL)
        await type_text("hide")
        await press(Qt.Key.Key_Escape)
        assert review.view.isVisible()
        assert review.view.reasons.isHidden()
        assert decisions(review.c) == []
        # Space presses the button that Tab led to; it does not play.
        button = next(b for b in review.view.findChildren(KeyButton) if b.accessibleName() == "Hide, key H")
        button.setFocus()
        await press(Qt.Key.Key_Space)
        assert review.view.reasons.isVisible()
        assert not review.session.player.playing
        await press(Qt.Key.Key_Escape)
        assert review.view.reasons.isHidden()
        assert review.view.isVisible()


async def test_whatever_takes_the_keyboard_in_the_scene_has_a_name(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with reviewing(attached, streams, tmp_path) as review:
        await review.at(2)
        await press(Qt.Key.Key_I)
        reached: list[QWidget] = []
        for _ in range(60):
            focused = QApplication.focusWidget()
            assert focused is not None
            if focused in reached:
                break
            reached.append(focused)
            await press(Qt.Key.Key_Tab)
        within = [widget for widget in reached if review.view.isAncestorOf(widget)]
        names = [QAccessible.queryAccessibleInterface(w).text(QAccessible.Text.Name) for w in within]
        assert all(names), list(zip(within, names, strict=True))
        assert {"Segments of the scene", "Script", "Hide from here on, key Shift+H", "In, key I"} <= set(
            names
        )
