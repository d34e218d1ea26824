"""An attached platform counts by itself: what it got wrong is told, and left alone."""

from __future__ import annotations

import pytest

from db.administration import Owner, attach_platform
from db.embedded import SUPERUSER
from db.platforms.scenes.counters import drift
from tests.support.content import Content, add_content, one
from tests.support.databases import Database

TRIGGERS = ("count_inserted", "count_updated", "count_deleted")


@pytest.fixture
def content(scenes_database: Database) -> Content:
    """A platform as others keep it, without our triggers."""
    made = add_content(scenes_database)
    with scenes_database.connect() as c:
        for table in ("segments", "scenes", "likes"):
            for trigger in TRIGGERS:
                c.execute(f"DROP TRIGGER {trigger} ON {table}".encode())
        c.execute("DROP TRIGGER count_views ON scene_views")
    return made


def told(database: Database) -> list[str]:
    with database.engine() as engine, engine.begin() as connection:
        return drift(connection)


def test_counters_that_are_right_are_not_mentioned(scenes_database: Database, content: Content) -> None:
    assert told(scenes_database) == []


def test_every_counter_that_drifted_is_named_with_an_example(
    scenes_database: Database, content: Content
) -> None:
    with scenes_database.connect() as c:
        for kind, liked in (("scene", content.scene), ("idea", content.idea)):
            c.execute(
                "INSERT INTO likes (user_id, target_type, target_id) VALUES (%s, %s, %s)",
                [content.author, kind, liked],
            )
        c.execute("INSERT INTO scene_views (scene_id) VALUES (%s), (%s)", [content.scene, content.scene])
        c.execute("UPDATE segments SET status = 'hidden'")
        c.execute("UPDATE scenes SET status = 'removed'")
        segments = one(c, "SELECT segment_count FROM scenes WHERE id = %s", content.scene)
    sentences = told(scenes_database)
    assert [sentence.partition(":")[0] for sentence in sentences] == [
        "ideas.like_count", "ideas.scene_count", "ideas.view_count",
        "scenes.contributor_count", "scenes.last_segment_at", "scenes.like_count", "scenes.segment_count",
        "scenes.total_duration", "scenes.view_count", "topics.scene_count",
    ]  # fmt: skip
    assert f"({content.scene} says {segments}, counted 0)" in sentences[6]
    assert f"({content.scene} says 0, counted 2)" in sentences[8]
    assert "1 of 1 rows do not say what is counted" in sentences[6]


def test_attach_tells_it_and_mends_nothing(scenes_database: Database, content: Content) -> None:
    with scenes_database.connect() as c:
        c.execute("UPDATE scenes SET segment_count = 77")
    owner = Owner(scenes_database.primary, SUPERUSER, scenes_database.cluster.password)
    assert [
        line for line in attach_platform("scenes", owner) if line.startswith("scenes.segment_count: 1 of 1")
    ]
    with scenes_database.connect() as c:
        assert one(c, "SELECT segment_count FROM scenes") == 77


def test_it_is_not_counted_for_ever(scenes_database: Database, content: Content) -> None:
    with scenes_database.connect() as blocker, scenes_database.engine() as engine:
        blocker.execute("BEGIN")
        blocker.execute("LOCK TABLE likes")
        with engine.begin() as connection:
            assert drift(connection, seconds=1) == ["Counters were not compared: counting took more than 1 s"]
