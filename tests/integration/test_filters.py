"""What a filter's line finds in the database is what it says, in every queue, in steps that are bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from console.domain.errors import GreenroomError
from console.domain.filtering import Fields, parse
from console.domain.queues import CellType, Queue, View
from console.domain.saved_filters import FilterSave, SavedFilter
from console.domain.staff import Role
from db import reader as reading
from db.platforms.scenes.declaration import SCENES
from tests.support.console import SignedIn, signed_in
from tests.support.content import add_content, add_flag, add_idea, one
from tests.support.databases import Database, wait_for_replay


def view(queue: str, line: str, order: str = "oldest") -> View:
    declared = SCENES.queue(queue)
    return View(queue, order, terms=parse(line, Fields((*declared.columns, *declared.asked))))


async def titles(of: SignedIn, line: str, queue: str = "scenes.ideas") -> list[str]:
    page = await of.reader.page(view(queue, line), None, 50)
    assert not page.more
    return [item.title for item in page.items]


async def test_a_line_finds_what_it_says_and_nothing_else(attached: Database) -> None:
    content = add_content(attached)
    now = datetime.now(UTC)
    told: tuple[tuple[str, str, list[str], int, int], ...] = (
        ("Harbour", "The sea waits.", ["sea"], 3, 0),
        ("Lantern", "A lost key, and a harbour.", ["night", "o'clock"], 30, 5),
        ("50% off_\\", "Key lost.", [], 300, 10),
    )
    with attached.connect() as c:
        c.execute("UPDATE ideas SET moderation_status = 'approved'")
        for title, prompt, tags, likes, age in told:
            idea = add_idea(c, content.author, content.topic, title)
            c.execute(
                "UPDATE ideas SET prompt = %s, tags = %s, like_count = %s, created_at = %s WHERE id = %s",
                [prompt, tags, likes, now - timedelta(days=age, minutes=1), idea],
            )
        author = one(c, "SELECT username FROM users WHERE id = %s", content.author)
    wait_for_replay(attached.cluster)
    off, lantern, harbour = "50% off_\\", "Lantern", "Harbour"
    async with signed_in(attached) as mia:
        found = {
            "": [off, lantern, harbour],
            "harbour": [lantern, harbour],
            "HARBOUR": [lantern, harbour],
            "-harbour": [off],
            "lost key": [off, lantern],
            '"lost key"': [lantern],
            "idea:%": [off],
            "idea:_\\": [off],
            "idea:lant,harb": [lantern, harbour],
            "tag:sea,night": [lantern, harbour],
            "tag:o'clock": [lantern],
            "-tag:sea": [off, lantern],
            "likes:30": [lantern],
            "likes:>3 likes:<300": [lantern],
            "-likes:3..30": [off],
            "older:2d": [off, lantern],
            "older:2d newer:1w": [lantern],
            "age:6d..3w": [off],
            f"age:<{now - timedelta(days=7):%Y-%m-%d}": [off],
            f"author:{author.upper()}": [off, lantern, harbour],
            "author:nobody": [],
        }
        assert {line: await titles(mia, line) for line in found} == found


async def test_flags_are_found_by_who_reported_and_what_the_subject_says(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        idea = add_idea(c, content.author, content.topic, "Zephyr")
        other = add_idea(c, content.author, content.topic, "Quartz")
        add_flag(c, "idea", idea, "violence")
        add_flag(c, "idea", idea, "spam")
        add_flag(c, "idea", other, "spam")
        c.execute(
            "UPDATE moderation_flags SET reporter_id = %s WHERE target_id = %s", [content.author, other]
        )
        reporter = one(c, "SELECT username FROM users WHERE id = %s", content.author)
    wait_for_replay(attached.cluster)
    async with signed_in(attached) as mia:
        found = {
            "zephyr": ["Zephyr"],
            "tag:sea -zephyr": ["Quartz"],
            "reason:violence": ["Zephyr"],
            "tag:sea -reason:violence": ["Quartz"],
            "flags:>1": ["Zephyr"],
            f"reporter:{reporter}": ["Quartz"],
            "subject:quartz": ["Quartz"],
        }
        assert {line: await titles(mia, line, "scenes.flags") for line in found} == found


def _line(queue: Queue) -> str:
    """A line that names every column of the queue, and text."""
    values: dict[CellType, str] = {CellType.TIME: "<2d", CellType.NUMBER: ">=0", CellType.DURATION: ">=0"}
    fields = Fields((*queue.columns, *queue.asked))
    terms = [f"{c.key}:{values.get(c.type, 'x')}" for c in fields.columns]
    return " ".join(("word", '-"two words"', *terms, *(f"-{term}" for term in terms)))


@pytest.mark.parametrize("queue", SCENES.queues, ids=lambda queue: queue.key)
async def test_every_declared_column_can_be_asked(attached: Database, queue: Queue) -> None:
    login = "ada" if queue.role is Role.ADMIN else "mia"
    async with signed_in(attached, login) as person:
        for order in queue.orders:
            page = await person.reader.page(view(queue.key, _line(queue), order.key), None, 10)
            assert page.items == ()


async def test_a_page_reads_so_many_rows_and_is_continued_where_it_stopped(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ", 3)
    content = add_content(attached)
    with attached.connect() as c:
        c.execute("UPDATE ideas SET moderation_status = 'approved'")
        for number in range(8):
            add_idea(c, content.author, content.topic, f"{'Odd' if number % 4 else 'Even'} {number}")
    wait_for_replay(attached.cluster)
    async with signed_in(attached) as mia:
        after: Any = None
        read = []
        while True:
            page = await mia.reader.page(view("scenes.ideas", "even"), after, 10)
            read.append([item.title for item in page.items])
            if page.reached is None:
                break
            assert page.more
            after = page.reached
        assert read == [["Even 0"], ["Even 4"], []]
        full = await mia.reader.page(view("scenes.ideas", "odd"), None, 1)
        assert (full.more, full.reached) == (True, None)


async def test_a_filter_is_kept_for_oneself_or_shared_and_forgotten(attached: Database) -> None:
    queue = "scenes.ideas"
    own, team = SavedFilter("tag:own", "mia", False), SavedFilter("tag:team", "mia", True)
    async with (
        signed_in(attached) as mia,
        signed_in(attached, "rey") as rey,
        signed_in(attached, "ada") as ada,
    ):
        await mia.writer.send(FilterSave(uuid4(), queue, team.line, shared=True))
        await mia.writer.send(FilterSave(uuid4(), queue, own.line, shared=False))
        assert list(await mia.reader.saved_filters(queue)) == [own, team]
        assert list(await mia.reader.saved_filters("scenes.flags")) == []
        wait_for_replay(attached.cluster)
        # What is somebody's own is nobody else's, on the replica too.
        assert list(await rey.reader.saved_filters(queue)) == [team]
        await rey.writer.send(FilterSave(uuid4(), queue, team.line, shared=None))
        assert list(await rey.reader.saved_filters(queue)) == [team]
        await ada.writer.send(FilterSave(uuid4(), queue, own.line, shared=None))
        await ada.writer.send(FilterSave(uuid4(), queue, team.line, shared=None))
        wait_for_replay(attached.cluster)
        assert list(await mia.reader.saved_filters(queue)) == [own]
        for line, scope in (("", queue), ("x" * 1001, queue), ("x", "scenes.nowhere")):
            with pytest.raises(GreenroomError, match="A filter has"):
                await mia.writer.send(FilterSave(uuid4(), scope, line, shared=False))
