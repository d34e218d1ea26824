"""A lease on a scene covers its segments: many are decided at once, by one person, and undone at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.content import Connection, Content, add_content, claim, decide, one, undo
from tests.support.databases import Database

COUNTS = "SELECT segment_count, total_duration FROM scenes WHERE id = %s"


def add_segments(c: Connection, content: Content, last: int) -> None:
    c.execute(
        "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script, video_url,"
        " duration, bible_version) SELECT %s, %s, gen_random_uuid(), n, 'go on', 'INT.',"
        " 'http://127.0.0.1/x', 8, 1 FROM generate_series(2, %s) AS n",
        [content.scene, content.author, last],
    )


def items(c: Connection, scene: UUID, token: str, first: int = 1) -> list[dict[str, Any]]:
    """The scene's segments from the place `first` on, under the scene's lease."""
    rows = c.execute(
        "SELECT id, created_at, greenroom.segment_version(input_text, expanded_script, video_url,"
        " hls_playlist_url, status) FROM segments WHERE scene_id = %s AND sequence >= %s",
        [scene, first],
    ).fetchall()
    return [
        {
            "kind": "segment",
            "id": str(id),
            "partition_key": created.isoformat(),
            "version": version,
            "token": token,
            "title": "A segment",
        }
        for id, created, version in rows
    ]


def hide(connection: Connection, many: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return decide(connection, "scenes.segment", "hide", many, policy="violence", **more)


def statuses(c: Connection) -> list[tuple[Any, ...]]:
    return c.execute("SELECT sequence, status FROM segments ORDER BY sequence").fetchall()


def test_the_rest_of_a_scene_is_one_decision_and_one_undo(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect() as c:
        add_segments(c, content, 12)
        held = claim(rey, "scene", content.scene)
        decided = hide(rey, items(c, content.scene, held["token"], 3))
        assert statuses(c) == [(n, "active" if n < 3 else "hidden") for n in range(1, 13)]
        assert c.execute(COUNTS, [content.scene]).fetchone() == (2, 16)
        assert one(c, "SELECT count(*) FROM greenroom.decision_items") == 10
        # The scene's lease is spent, like any other.
        assert one(c, "SELECT count(*) FROM greenroom.claims WHERE holder IS NOT NULL") == 0
        events = c.execute("SELECT kind, event, count(*) FROM greenroom.change_log GROUP BY 1, 2").fetchall()
        assert set(events) == {("scene", "claimed", 1), ("segment", "decided", 10), ("scene", "released", 1)}
        undo(rey, decided["decision_id"])
        assert {status for _, status in statuses(c)} == {"active"}
        assert c.execute(COUNTS, [content.scene]).fetchone() == (12, 96)


def test_what_somebody_else_holds_is_not_covered_and_nothing_is_hidden(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect("max") as max_, attached.connect() as c:
        add_segments(c, content, 3)
        third = c.execute("SELECT id, created_at FROM segments WHERE sequence = 3").fetchone()
        assert third is not None
        held = claim(rey, "scene", content.scene)
        claim(max_, "segment", *third)
        with pytest.raises(psycopg.Error) as error:
            hide(rey, items(c, content.scene, held["token"]))
        assert error.value.sqlstate == "GR005"
        assert {status for _, status in statuses(c)} == {"active"}
        assert one(c, "SELECT count(*) FROM greenroom.decisions") == 0


@pytest.mark.parametrize(
    "case", ["forged", "not its token", "another scene", "expired", "released", "of a colleague"]
)
def test_only_a_live_lease_of_ones_own_on_its_scene_covers_a_segment(attached: Database, case: str) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect("max") as max_, attached.connect() as c:
        token = str(uuid4())
        if case == "another scene":
            token = claim(rey, "scene", add_content(attached).scene)["token"]
        elif case == "of a colleague":
            token = claim(max_, "scene", content.scene)["token"]
        elif case == "not its token":
            claim(rey, "scene", content.scene)
        elif case != "forged":
            token = claim(rey, "scene", content.scene)["token"]
        if case == "expired":
            c.execute("UPDATE greenroom.claims SET expires_at = now() - interval '1 second'")
        elif case == "released":
            rey.execute("SELECT greenroom.release(ARRAY[%s]::uuid[])", [token])
        with pytest.raises(psycopg.Error) as error:
            hide(rey, items(c, content.scene, token))
        assert error.value.sqlstate == "GR004"
        assert {status for _, status in statuses(c)} == {"active"}


def test_a_segment_that_changed_meanwhile_refuses_all(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect() as c:
        add_segments(c, content, 3)
        held = claim(rey, "scene", content.scene)
        many = items(c, content.scene, held["token"])
        c.execute("UPDATE segments SET expanded_script = 'INT. CAVE' WHERE sequence = 2")
        with pytest.raises(psycopg.Error) as error:
            hide(rey, many)
        assert error.value.sqlstate == "GR003"
        assert {status for _, status in statuses(c)} == {"active"}


def test_a_scene_and_one_of_its_segments_at_once_end_with_one_of_the_two(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect("max") as max_, attached.connect() as c:
        add_segments(c, content, 6)

        def whole(_: int) -> str:
            try:
                held = claim(rey, "scene", content.scene)
                hide(rey, items(c, content.scene, held["token"]))
            except psycopg.Error as error:
                return str(error.sqlstate)
            return "hidden"

        def single(_: int) -> str:
            key = content.segment, content.segment_created_at
            try:
                held = claim(max_, "segment", *key)
                more = {"token": held["token"], "version": held["version"], "title": "A segment"}
                decide(
                    max_,
                    "scenes.segment",
                    "remove",
                    [{"kind": "segment", "id": str(key[0]), "partition_key": key[1].isoformat()} | more],
                    policy="violence",
                )
            except psycopg.Error as error:
                return str(error.sqlstate)
            return "removed"

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.submit(whole, 0), pool.submit(single, 0)
            outcome = {first.result(), second.result()}
        done = outcome & {"hidden", "removed"}
        assert done
        assert outcome - done <= {"GR003", "GR005"}
        final = dict(statuses(c))
        assert final[1] in done
        counted = c.execute(COUNTS, [content.scene]).fetchone()
        assert counted == (
            sum(s == "active" for s in final.values()),
            8 * list(final.values()).count("active"),
        )


def test_reviewers_hide_and_restore_and_do_not_remove(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect() as c:
        held = claim(rey, "scene", content.scene)
        many = items(c, content.scene, held["token"])
        with pytest.raises(psycopg.Error) as error:
            decide(rey, "scenes.segment", "remove", many, policy="violence")
        assert error.value.sqlstate == "GR002"
        with pytest.raises(psycopg.Error) as error:
            decide(
                rey,
                "scenes.scene",
                "lock",
                [
                    {
                        "kind": "scene",
                        "id": str(content.scene),
                        "token": held["token"],
                        "version": held["version"],
                    }
                ],
                policy="violence",
            )
        assert error.value.sqlstate == "GR002"
        hide(rey, many)
        held = claim(rey, "scene", content.scene)
        decide(rey, "scenes.segment", "restore", items(c, content.scene, held["token"]))
        assert statuses(c) == [(1, "active")]
