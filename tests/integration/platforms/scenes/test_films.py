"""A scene read as one film: order, status, flags with their times, marks; and what partitions are read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from console.domain.errors import NotFound
from console.domain.scenes import Scene
from console.domain.subjects import Subject
from db.platforms.scenes import films
from db.platforms.scenes.films import SceneFilms
from tests.support.console import signed_in
from tests.support.content import Connection, Content, add_content, add_flag, claim, decide, item, one
from tests.support.databases import Database, wait_for_replay


def add_segments(c: Connection, content: Content, count: int, *, months: int = 0) -> None:
    """Segments 2 to `count`, each a month before the one before where `months` are asked for."""
    if months:
        c.execute(
            "SELECT ensure_monthly_partitions((now() - make_interval(months => %s))::date, now()::date)",
            [months],
        )
    c.execute(
        "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script, video_url,"
        " hls_playlist_url, thumbnail_url, duration, bible_version, created_at)"
        " SELECT %s, %s, gen_random_uuid(), n, 'typed ' || n, 'written ' || n, 'http://127.0.0.1/' || n,"
        " CASE WHEN n = 2 THEN 'http://127.0.0.1/2.m3u8' END, 'http://127.0.0.1/' || n || '.png', 8, 3,"
        " now() - make_interval(months => CASE WHEN %s > 0 THEN n - 1 ELSE 0 END)"
        " FROM generate_series(2, %s) AS n",
        [content.scene, content.author, months, count],
    )


async def film(database: Database, scene: UUID) -> Scene:
    wait_for_replay(database.cluster)
    async with signed_in(database, "rey") as rey:
        return await SceneFilms(rey.servers).film(Subject("scene", scene))


async def test_segments_stand_in_sequence_with_all_that_the_strip_shows(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        add_segments(c, content, 3)
        c.execute("UPDATE segments SET status = 'hidden' WHERE sequence = 3")
    read = await film(attached, content.scene)
    assert (read.title, read.status, read.bible_version, read.more) == ("Harbour", "active", 1, False)
    assert [(s.sequence, s.status, s.seen, s.duration, s.due) for s in read.segments] == [
        (1, "active", True, 8, True),
        (2, "active", True, 8, True),
        (3, "hidden", False, 8, True),
    ]
    assert [s.stream_url for s in read.segments] == [
        "http://127.0.0.1/x",
        "http://127.0.0.1/2.m3u8",
        "http://127.0.0.1/3",
    ]
    assert read.segments[0].thumbnail_url is None
    assert read.segments[1].bible_version == 3
    first = read.segments[0]
    assert first.subject == Subject("segment", content.segment, content.segment_created_at)


async def test_flags_stand_at_the_times_they_name_or_were_raised_from(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("rey") as rey:
        settled, named = (add_flag(c, "segment", content.segment) for _ in range(2))
        c.execute("UPDATE moderation_flags SET status = 'dismissed' WHERE id = %s", [settled])
        c.execute("UPDATE moderation_flags SET description = 'See 0:04, not 59:00' WHERE id = %s", [named])
        mark, flag = uuid4(), uuid4()
        rey.execute(
            "SELECT greenroom.save_mark(gen_random_uuid(), %s, 'segment', %s, %s, 2500, 3000, 'hate',"
            " 'from 0:01', 'tests')",
            [mark, content.segment, content.segment_created_at],
        )
        rey.execute("SELECT greenroom.flag_mark(%s, %s, 'tests')", [flag, mark])
    segment = (await film(attached, content.scene)).segments[0]
    assert [(r.flag_id, r.reason, r.reporter, r.times) for r in segment.reports] == [
        (named, "spam", None, (4_000,)),
        (flag, "hate", "rey", (2_500,)),
    ]
    assert [(m.id, m.begins, m.ends, m.note, m.login, m.flag_id) for m in segment.marks] == [
        (mark, 2_500, 3_000, "from 0:01", "rey", flag)
    ]


async def test_a_scene_that_is_too_long_says_that_it_goes_on(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        add_segments(c, content, 4)
    monkeypatch.setattr(films, "SEGMENTS_SHOWN", 3)
    read = await film(attached, content.scene)
    assert [s.sequence for s in read.segments] == [1, 2, 3]
    assert read.more


async def test_script_and_scene_of_a_segment(attached: Database) -> None:
    content = add_content(attached)
    subject = Subject("segment", content.segment, content.segment_created_at)
    gone = Subject("segment", content.segment, content.segment_created_at + timedelta(microseconds=1))
    wait_for_replay(attached.cluster)
    async with signed_in(attached, "rey") as rey:
        reads = SceneFilms(rey.servers)
        script = await reads.script(subject)
        assert (script.typed, script.written, script.bible_version) == ("go on", "INT. HARBOUR", 1)
        assert await reads.scene_of(subject) == Subject("scene", content.scene)
        for read in (reads.script(gone), reads.scene_of(gone), reads.film(Subject("scene", uuid4()))):
            with pytest.raises(NotFound):
                await read


def partitions(c: Connection) -> set[str]:
    """Months of segments that were read in this transaction."""
    return {
        row[0]
        for row in c.execute(
            "SELECT relname FROM pg_stat_xact_user_tables WHERE relname LIKE 'segments_%'"
            " AND seq_scan + idx_scan > 0"
        )
    }


def fifth(database: Database) -> tuple[UUID, datetime]:
    """A segment of four months ago, in a scene of seven months."""
    content = add_content(database)
    with database.connect() as c:
        add_segments(c, content, 7, months=7)
        row = c.execute("SELECT id, created_at FROM segments WHERE sequence = 5").fetchone()
        assert row is not None
        return row[0], row[1]


@pytest.mark.parametrize("statement", [films.SCENE_OF, films.SCRIPT], ids=["scene_of", "script"])
def test_opening_a_segment_reads_one_partition(attached: Database, statement: object) -> None:
    id, created = fifth(attached)
    query = str(statement).replace(":id", "%s").replace(":created_at", "%s")
    with attached.connect("rey") as rey:
        plan = one(rey, f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", id, created)[0]["Plan"]
        assert plan["Relation Name"] == f"segments_{created:%Y_%m}"
        assert "Plans" not in plan


def test_claiming_deciding_and_undoing_a_segment_read_one_partition(attached: Database) -> None:
    id, created = fifth(attached)
    month = {f"segments_{created:%Y_%m}"}
    with attached.connect("rey") as rey:
        with rey.transaction():
            held = claim(rey, "segment", id, created)
            assert partitions(rey) == month
        with rey.transaction():
            # A pass writes no content: the platform's counters, which read the scene, have nothing to do.
            decided = decide(rey, "scenes.segment", "pass", [item(held)])
            assert partitions(rey) == month
        with rey.transaction():
            one(rey, "SELECT greenroom.undo(%s, %s, 'tests')", uuid4(), decided["decision_id"])
            assert partitions(rey) == month
