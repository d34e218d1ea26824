"""Segments from before attach wait when they are asked for: newest first, a page at a time, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.content import add_content, claim, decide, item, one
from tests.support.databases import Database

BRING = "SELECT greenroom.bring_older(%s, %s, 'tests')"
WAITING = (
    "SELECT count(*) FROM greenroom.subjects WHERE kind = 'segment' AND review_due_at IS NOT NULL"
    " AND review_due_at < (SELECT attached_at FROM greenroom.settings)"
)


def add_older(database: Database, count: int) -> None:
    """Segments as they were before attach, one a minute, the last one hidden."""
    content = add_content(database)
    with database.connect() as c:
        c.execute("SELECT ensure_monthly_partitions((now() - interval '2 months')::date, now()::date)")
        c.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version, status, created_at)"
            " SELECT %s, %s, gen_random_uuid(), n, 'go on', 'INT.', 'http://127.0.0.1/x', 8, 1,"
            " CASE WHEN n = %s THEN 'hidden' ELSE 'active' END,"
            " (SELECT attached_at FROM greenroom.settings) - n * interval '1 minute'"
            " FROM generate_series(1, %s) AS n",
            [content.scene, content.author, count, count],
        )
        c.execute(
            "DELETE FROM greenroom.subjects"
            " WHERE partition_key < (SELECT attached_at FROM greenroom.settings)"
        )


def test_pages_go_back_until_the_first_segment(attached: Database) -> None:
    add_older(attached, 5)
    with attached.connect("rey") as rey, attached.connect() as c:
        answers = [one(rey, BRING, "scenes.segments", 2) for _ in range(4)]
        assert [(each["brought"], each["more"]) for each in answers] == [
            (2, True),
            (2, True),
            (0, False),  # the hidden one waits for nobody
            (0, False),
        ]
        assert one(c, WAITING) == 4
        actions = c.execute("SELECT DISTINCT action, login FROM greenroom.audit").fetchall()
        assert actions == [("scenes.segments.older", "rey")]


def test_segments_of_one_moment_come_together(attached: Database) -> None:
    add_older(attached, 4)
    with attached.connect("rey") as rey, attached.connect() as c:
        c.execute(
            "UPDATE segments SET created_at = (SELECT max(created_at) FROM segments WHERE sequence > 1)"
            " WHERE sequence IN (2, 3)"
        )
        assert one(rey, BRING, "scenes.segments", 2)["brought"] == 3


def test_what_was_reviewed_does_not_come_back(attached: Database) -> None:
    add_older(attached, 3)
    with attached.connect("rey") as rey, attached.connect() as c:
        id, created = (
            c.execute("SELECT id, created_at FROM segments ORDER BY created_at LIMIT 1").fetchone() or ()
        )
        c.execute("UPDATE segments SET status = 'active'")
        held = claim(rey, "segment", id, created)
        decide(rey, "scenes.segment", "pass", [item(held)])
        assert one(rey, BRING, "scenes.segments", 10)["brought"] == 2


def test_two_who_ask_at_once_get_two_pages(attached: Database) -> None:
    add_older(attached, 9)

    def bring(_: int) -> int:
        with attached.connect("rey") as rey:
            brought: int = one(rey, BRING, "scenes.segments", 2)["brought"]
            return brought

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(bring, range(4))) == 8
    with attached.connect() as c:
        assert one(c, WAITING) == 8


@pytest.mark.parametrize(("scope", "limit"), [("scenes.ideas", 10), ("scenes.segments", 501), (None, 1)])
def test_what_is_no_page_is_refused(attached: Database, scope: str | None, limit: int) -> None:
    with attached.connect("rey") as rey, pytest.raises(psycopg.Error) as error:
        rey.execute(BRING, [scope, limit])
    assert error.value.sqlstate == "GR007"


def test_a_page_reads_its_own_segments_and_no_others(attached: Database) -> None:
    add_older(attached, 2_000)
    with attached.connect("rey") as rey, rey.transaction():
        assert one(rey, BRING, "scenes.segments", 50)["brought"] == 50
        scans, fetched = rey.execute(
            "SELECT sum(seq_scan), sum(idx_tup_fetch) FROM pg_stat_xact_user_tables"
            " WHERE relname LIKE 'segments%'"
        ).fetchone() or (None, None)
        assert scans == 0
        assert fetched is not None
        assert fetched <= 4 * 50
