"""Two consoles side by side: what one does, the other shows, by the feed alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.changes import ChangeBatch, Event
from console.domain.queues import Item
from console.runtime.bus import ChangeBus
from console.ui.deciding.holding import CLAIM_MILLISECONDS
from console.ui.deciding.reasons import ReasonPanel
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.keyboard import press, type_text
from console.ui.shell import window
from console.ui.theme.theme import Choice
from db import feed
from db.routing import SignIn
from tests.support.content import add_content, add_flag, add_idea, claim, decide, item, one, undo
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until
from tests.ui.test_desk import of_desk


@pytest.fixture(autouse=True)
def _no_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists are read once, and what changes later is known from the feed or not at all."""
    monkeypatch.setattr(window, "POLL_SECONDS", 3600.0)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[ChangeBatch]:
    """What came over any bus."""
    batches: list[ChangeBatch] = []
    hear = ChangeBus.hear

    def listen(bus: ChangeBus, batch: ChangeBatch) -> None:
        hear(bus, batch)
        batches.append(batch)

    monkeypatch.setattr(ChangeBus, "hear", listen)
    return batches


def fill(database: Database) -> None:
    """Three flagged ideas."""
    content = add_content(database)
    with database.connect() as c:
        for number in range(3):
            add_flag(c, "idea", add_idea(c, content.author, content.topic, f"Idea {number}"), "spam")
    wait_for_replay(database.cluster)


@asynccontextmanager
async def consoles(
    database: Database, folder: Path, *logins: str, pooled: bool = False
) -> AsyncIterator[list[Session]]:
    """A window each, all on the queue of flags; the first holds its first item."""
    fill(database)
    profile = Profile("test", "Test", "scenes", database.primary, (database.replica,), pooled=pooled)
    async with AsyncExitStack() as stack:
        opened = []
        for login in logins:
            app = application(Directories.of_user(folder / login), Choice.LIGHT)
            session = await open_session(app, profile, SignIn(login, database.passwords[login]))
            stack.push_async_callback(session.close)
            opened.append(session)
            await front(session)
            await ready(session)
            if len(opened) == 1:
                await until(lambda: opened[0].desk.claimed)
        yield opened


async def ready(session: Session) -> None:
    await until(lambda: session.desk.ready)


async def front(session: Session) -> None:
    """Give this window the keyboard."""
    session.window.show()
    session.window.activateWindow()
    await until(session.window.isActiveWindow)


def part(session: Session, kind: type[Any]) -> Any:
    return of_desk(session, kind)


def rival_decides(database: Database, shown: Item, login: str = "max") -> str:
    """Another login dismisses the reports, outside any console of ours."""
    with database.connect(login) as rival:
        held = claim(rival, shown.subject.kind, shown.subject.id, shown.subject.partition_key)
        query = "SELECT id FROM moderation_flags WHERE target_id = %s"
        flags = [str(row[0]) for row in rival.execute(query, [shown.subject.id])]
        made = decide(rival, "scenes.flags", "dismiss", [item(held, flags=flags)])
        rival.execute("SELECT greenroom.announce()")
    return str(made["decision_id"])


async def test_what_another_decides_greys_the_open_card_and_keeps_what_is_typed(
    attached: Database, tmp_path: Path
) -> None:
    async with consoles(attached, tmp_path, "max", "mia") as (other, mine):
        inspector, panel = part(mine, Inspector), part(mine, ReasonPanel)
        rows = part(mine, ListPane).model
        shown = mine.desk.item
        assert shown is not None
        assert other.desk.item is not None
        assert shown.subject == other.desk.item.subject
        await until(lambda: mine.desk.banner.startswith("Claimed by max, "))
        assert inspector.faded
        await press(Qt.Key.Key_X)
        await until(lambda: mine.desk.asking)
        while not panel.note.hasFocus():
            await press(Qt.Key.Key_Tab)
        await type_text("seen before")
        await front(other)
        await press(Qt.Key.Key_D)
        await until(lambda: mine.desk.banner.startswith("Dismissed by max, "))
        assert mine.desk.banner.endswith(" s ago")
        assert inspector.faded
        assert mine.desk.item == shown
        assert mine.desk.asking
        assert panel.note.text() == "seen before"
        settled = rows.settled(shown.subject)
        assert settled is not None
        assert settled.words == "Dismissed by max"


async def test_a_claim_shows_on_the_others_row_and_goes_with_it(attached: Database, tmp_path: Path) -> None:
    async with consoles(attached, tmp_path, "max", "mia") as (other, mine):
        rows = part(other, ListPane).model
        await press(Qt.Key.Key_J)
        shown = mine.desk.item
        assert shown is not None
        await until(lambda: rows.holder(shown.subject) is not None)
        holder = rows.holder(shown.subject)
        assert holder is not None
        assert holder.login == "mia"
        await press(Qt.Key.Key_J)
        await until(lambda: rows.holder(shown.subject) is None)


async def test_what_another_lets_go_of_is_claimed_by_who_looks_at_it(
    attached: Database, tmp_path: Path
) -> None:
    async with consoles(attached, tmp_path, "max", "mia") as (other, mine):
        # What is looked at for the first time is claimed after a moment: that was refused by now.
        await asyncio.sleep(2 * CLAIM_MILLISECONDS / 1000)
        await until(lambda: mine.desk.banner.startswith("Claimed by max, "))
        await front(other)
        await press(Qt.Key.Key_J)
        await until(lambda: mine.desk.claimed)
        assert mine.desk.banner == ""
        assert not part(mine, Inspector).faded


async def test_what_another_takes_back_waits_again(attached: Database, tmp_path: Path) -> None:
    async with consoles(attached, tmp_path, "mia") as (mine,):
        rows, upcoming = part(mine, ListPane).model, mine.desk.upcoming
        made = rival_decides(attached, upcoming)
        await until(lambda: rows.settled(upcoming.subject) is not None)
        await press(Qt.Key.Key_J)
        await until(lambda: mine.desk.banner.startswith("Dismissed by max, "))
        with attached.connect("max") as rival:
            undo(rival, made)
            rival.execute("SELECT greenroom.announce()")
        await until(lambda: rows.settled(upcoming.subject) is None)
        await until(lambda: mine.desk.banner.startswith("Undone by max, "))
        assert not part(mine, Inspector).faded


async def test_ones_own_echo_changes_nothing(
    attached: Database, tmp_path: Path, heard: list[ChangeBatch]
) -> None:
    async with consoles(attached, tmp_path, "mia") as (mine,):
        rows, shown = part(mine, ListPane).model, mine.desk.item
        assert shown is not None
        await press(Qt.Key.Key_D)
        await press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        events = {Event.DECIDED, Event.UNDONE}
        await until(lambda: events <= {change.event for batch in heard for change in batch.changes})
        await until(lambda: mine.desk.item is not None and mine.desk.item.subject == shown.subject)
        assert rows.settled(shown.subject) is None
        assert mine.desk.banner == ""
        assert rows.holder(shown.subject) is None


async def test_a_decision_in_another_queue_is_looked_up(
    attached: Database, tmp_path: Path, heard: list[ChangeBatch]
) -> None:
    async with consoles(attached, tmp_path, "mia") as (mine,):
        rows, upcoming = part(mine, ListPane).model, mine.desk.upcoming
        with attached.connect("max") as rival:
            held = claim(rival, "idea", upcoming.subject.id)
            decide(rival, "scenes.ideas", "approve", [item(held)])
            rival.execute("SELECT greenroom.announce()")
            await until(lambda: any(c.event is Event.DECIDED for batch in heard for c in batch.changes))
            assert rows.holder(upcoming.subject) is None
            # Approved as an idea, its reports wait all the same.
            assert rows.settled(upcoming.subject) is None
        with attached.connect() as c:
            assert one(c, "SELECT count(*) FROM moderation_flags WHERE status = 'pending'") == 3


async def test_when_the_feed_lost_count_the_list_is_compared(
    attached: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: list[ChangeBatch]
) -> None:
    async with consoles(attached, tmp_path, "mia") as (mine,):
        rows, upcoming = part(mine, ListPane).model, mine.desk.upcoming
        monkeypatch.setattr(feed, "LIMIT", 1)
        with attached.connect("max") as rival, rival.transaction():
            for row in (1, 2):
                claim(rival, "idea", rows.items[row].subject.id)
            rival.execute("SELECT greenroom.announce()")
        await until(lambda: any(not batch.complete for batch in heard))
        await until(lambda: rows.holder(upcoming.subject) is not None)


async def test_behind_a_pooler_nobody_needs_to_announce(
    attached: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(feed, "IDLE_SECONDS", 3600.0)
    async with consoles(attached, tmp_path, "mia", pooled=True) as (mine,):
        rows, upcoming = part(mine, ListPane).model, mine.desk.upcoming
        with attached.connect("max") as rival:
            claim(rival, "idea", upcoming.subject.id)
        await until(lambda: rows.holder(upcoming.subject) is not None)
