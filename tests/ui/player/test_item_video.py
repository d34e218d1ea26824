"""An item's video on the desk: the real window, a real database, real videos and keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.media import MediaRules
from console.ui.keyboard import press
from console.ui.player.item_video import ItemVideo
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.support.content import add_content
from tests.support.databases import Database, wait_for_replay
from tests.support.media import MediaServer, make_stream
from tests.support.player import code_of
from tests.support.waiting import until
from tests.ui.test_desk import bring_to_front

SEGMENTS = 3


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    """A video of a second for each segment, whose pictures carry its number, and its still."""
    folder = tmp_path_factory.mktemp("streams")
    for number in range(1, SEGMENTS + 1):
        make_stream(folder, f"s{number}", 2.0, number=number, fmp4=True)
        still = QImage(64, 36, QImage.Format.Format_RGB32)
        still.fill(Qt.GlobalColor.red)
        still.save(str(folder / f"s{number}" / "still.png"))
    with MediaServer(folder) as server:
        yield server


@asynccontextmanager
async def at_the_segments(attached: Database, streams: MediaServer, folder: Path) -> AsyncIterator[Session]:
    add_content(attached)
    with attached.connect() as c:
        c.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version, created_at)"
            " SELECT scene_id, user_id, job_id, n, 'typed ' || n, 'written ' || n, video_url, 1, n,"
            " created_at + n * interval '1 millisecond' FROM segments, generate_series(2, %s) AS n",
            [SEGMENTS],
        )
        c.execute(
            "UPDATE segments SET duration = 2, video_url = %s || sequence || '/index.m3u8',"
            " thumbnail_url = %s || sequence || '/still.png'",
            [streams.url("s"), streams.url("s")],
        )
    wait_for_replay(attached.cluster)
    app = application(Directories.of_user(folder), Choice.LIGHT)
    media = MediaRules((f"127.0.0.1:{streams.port}",))
    profile = Profile("test", "Test", "scenes", attached.primary, (attached.replica,), media=media)
    session = await open_session(app, profile, SignIn("rey", attached.passwords["rey"]))
    problems: list[str] = []
    session.notices.posted.connect(lambda notice: problems.append(f"{notice.text} {notice.details}"))
    try:
        await bring_to_front(session.window)
        await until(lambda: session.desk.scope == "scenes.segments" and session.desk.ready)
        yield session
    finally:
        session.window.hide()
        await session.close()
    assert problems == []


def video(session: Session) -> ItemVideo | None:
    found = session.window.findChildren(ItemVideo)
    return next((each for each in found if each.isVisible()), None)


def number(session: Session) -> int | None:
    """The segment whose picture the desk's player has."""
    code = code_of(session.desk_player.picture)
    return None if code is None else code[0]


async def test_each_item_shows_its_video_with_care_and_the_next_one_is_there_at_once(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with at_the_segments(attached, streams, tmp_path) as session:
        player = session.desk_player
        firsts: list[float] = []
        player.first_frame.connect(firsts.append)
        await until(lambda: number(session) == SEGMENTS)
        shown = video(session)
        assert shown is not None
        assert shown.view.picture.concealing
        assert player.muted
        assert not player.playing
        # The same item laid out anew, as after a filter: what the player has already is concealed again.
        session.desk.open_queue(session.data.reader.platform.queue("scenes.segments"))
        await until(lambda: video(session) not in (None, shown))
        shown = video(session)
        assert shown is not None
        assert shown.view.picture.concealing
        # The next item's page is laid out, and its video opened, while this one is looked at.
        await until(lambda: player.ahead is not None)
        streams.requests.clear()
        firsts.clear()
        await press(Qt.Key.Key_J)
        await until(lambda: number(session) == SEGMENTS - 1 and bool(firsts))
        assert firsts[0] < 0.09
        assert video(session) is not shown


async def test_keys_are_the_players_while_it_has_the_keyboard(
    attached: Database, streams: MediaServer, tmp_path: Path
) -> None:
    async with at_the_segments(attached, streams, tmp_path) as session:
        player = session.desk_player
        await until(lambda: number(session) == SEGMENTS)
        shown = video(session)
        assert shown is not None
        shown.view.setFocus()
        await press(Qt.Key.Key_Period)
        await until(lambda: (code_of(player.picture) or (0, 0))[1] > 0)
        await press(Qt.Key.Key_L)
        await until(lambda: player.position > 0.4)
        await press(Qt.Key.Key_K)
        assert not player.playing
        await press(Qt.Key.Key_M)
        assert not player.muted
        assert session.desk.item is not None
        assert number(session) == SEGMENTS
        assert not session.desk.asking
        await press(Qt.Key.Key_Escape)
        await until(lambda: not shown.view.hasFocus())
        await press(Qt.Key.Key_J)
        await until(lambda: number(session) == SEGMENTS - 1)
        # What was muted by care is muted again for the next one.
        assert player.muted
