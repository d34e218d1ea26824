"""Browsing scenes: what the list can be narrowed by, what stands behind one, and its counters."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from console.domain.blocks import FactsBlock, RelatedBlock, TextBlock
from console.domain.filtering import Fields, parse
from console.domain.queues import View
from console.domain.subjects import Subject
from db.platforms.scenes.declaration import SCENES
from tests.support.console import signed_in
from tests.support.content import add_content, add_flag, add_segments, claim, decide, item, one, undo
from tests.support.databases import Database, wait_for_replay

QUEUE = SCENES.queue("scenes.scenes")


def view(line: str = "", **filters: str) -> View:
    return View("scenes.scenes", "newest", filters, parse(line, Fields((*QUEUE.columns, *QUEUE.asked))))


async def test_scenes_are_narrowed_by_status_topic_owner_date_flags_and_what_is_hidden(
    attached: Database,
) -> None:
    first, second = add_content(attached), add_content(attached)
    with attached.connect() as c:
        c.execute(
            "UPDATE scenes SET title = 'Zephyr', status = 'locked', created_at = now() - interval '9 days'"
            " WHERE id = %s",
            [first.scene],
        )
        c.execute("UPDATE scenes SET title = 'Quartz' WHERE id = %s", [second.scene])
        c.execute("UPDATE topics SET name = 'Sky' WHERE id = %s", [second.topic])
        add_flag(c, "scene", first.scene)
        add_segments(c, second, {2: "hidden"})
        c.execute(
            "INSERT INTO jobs (scene_id, user_id, input_text, bible_version, status, stage, error_code)"
            " VALUES (%s, %s, 'x', 1, 'failed', 'error', 'TIMEOUT')",
            [second.scene, second.author],
        )
        owner = one(c, "SELECT username FROM users WHERE id = %s", first.author)
    wait_for_replay(attached.cluster)
    found = {
        "": ["Quartz", "Zephyr"],
        "status:locked": ["Zephyr"],
        "topic:sky": ["Quartz"],
        f"owner:{owner}": ["Zephyr"],
        "begun:>7d": ["Zephyr"],
        "flags:>0": ["Zephyr"],
        "hidden:>0": ["Quartz"],
        "failed:>0": ["Quartz"],
        "-status:locked zephyr": [],
    }
    async with signed_in(attached, "ada") as ada:
        read = {line: await ada.reader.page(view(line), None, 10) for line in found}
        assert {line: [each.title for each in page.items] for line, page in read.items()} == found
        page = await ada.reader.page(view(status="locked"), None, 10)
        assert [each.title for each in page.items] == ["Zephyr"]
        rest = await ada.reader.page(view(), read[""].items[0].cursor, 1)
        assert [each.title for each in rest.items] == ["Zephyr"]


async def test_summaries_and_jobs_stand_behind_a_scene_and_reports_behind_a_person(
    attached: Database,
) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        c.execute(
            "INSERT INTO scene_summaries (scene_id, summary, segments_covered)"
            " VALUES (%(id)s, 'They part.', '{4,5}'), (%(id)s, 'They meet.', '{1,2,3}')",
            {"id": content.scene},
        )
        c.execute(
            "INSERT INTO jobs (scene_id, user_id, input_text, bible_version, status, stage, retry_count,"
            " error_code, error_message)"
            " VALUES (%s, %s, 'x', 1, 'failed', 'error', 2, 'TIMEOUT', 'No answer')",
            [content.scene, content.author],
        )
        c.execute(
            "INSERT INTO moderation_flags (target_type, target_id, reporter_id, reason, description)"
            " VALUES ('segment', %s, %s, 'spam', 'Again'), ('user', %s, NULL, 'harassment', 'Rude')",
            [content.segment, content.author, content.author],
        )
    wait_for_replay(attached.cluster)
    scene = Subject("scene", content.scene)
    async with signed_in(attached, "ada") as ada:
        summaries = await ada.reader.block(scene, "summaries")
        assert summaries == TextBlock("Segments 1 to 3\nThey meet.\n\nSegments 4 to 5\nThey part.")
        jobs = await ada.reader.block(scene, "jobs")
        assert isinstance(jobs, FactsBlock)
        assert jobs.facts[0].label == "Continuation"
        assert jobs.facts[0].value == "failed · retried 2 of 3 times · TIMEOUT: No answer"
        about = await ada.reader.block(Subject("user", content.author), "about")
        assert isinstance(about, RelatedBlock)
        assert [(each.title, each.detail) for each in about.items] == [("harassment", "Rude")]
        reported = await ada.reader.block(Subject("user", content.author), "reported")
        assert isinstance(reported, RelatedBlock)
        assert [each.subject for each in reported.items] == [
            Subject("segment", content.segment, content.segment_created_at)
        ]


async def test_counters_are_shown_with_what_is_wrong_and_recomputed_with_undo(attached: Database) -> None:
    content = add_content(attached)

    def counters() -> Any:
        return c.execute(
            "SELECT segment_count, total_duration, like_count, view_count FROM scenes WHERE id = %s",
            [content.scene],
        ).fetchone()

    def recount(connection: Any) -> Any:
        id = uuid4()
        decide(connection, "scenes.scenes", "recount", [item(held)], id=id)
        return id

    with attached.connect() as c, attached.connect("ada") as ada, attached.connect("mia") as mia:
        c.execute(
            "INSERT INTO likes (user_id, target_type, target_id) VALUES (%s, 'scene', %s)",
            [content.author, content.scene],
        )
        true = counters()
        held = claim(ada, "scene", content.scene)
        with pytest.raises(psycopg.Error, match="says what there is"):
            recount(ada)
        c.execute("UPDATE scenes SET segment_count = 40, like_count = 0 WHERE id = %s", [content.scene])
        wrong = counters()
        wait_for_replay(attached.cluster)
        async with signed_in(attached, "mia") as reader:
            block = await reader.reader.block(Subject("scene", content.scene), "counters")
        assert isinstance(block, FactsBlock)
        told = {fact.label: fact.value for fact in block.facts}
        assert told["Segments"] == "says 40, there are 1"
        assert told["Likes"] == "says 0, there are 1"
        assert told["Contributors"] == 1
        with pytest.raises(psycopg.Error, match="is for admins"):
            recount(mia)
        done = recount(ada)
        assert counters() == true
        audit = one(c, "SELECT changed FROM greenroom.audit WHERE decision_id = %s", done)
        assert audit == {
            "counters": [{"like_count": 0, "segment_count": 40}, {"like_count": 1, "segment_count": 1}]
        }
        undo(ada, done)
        assert counters() == wrong
