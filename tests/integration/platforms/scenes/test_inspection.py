"""Attach looks before it adds: each kind of difference is named, and what we need missing stops it."""

from __future__ import annotations

import pytest

from console.domain.errors import ConfigurationError
from db.greenroom.attach import attach, version
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.inspection import inspect
from tests.support.databases import Database


def found(database: Database) -> list[tuple[str, bool]]:
    with database.engine() as engine, engine.connect() as connection:
        return [(difference.message, difference.blocking) for difference in inspect(connection)]


def test_our_own_migrations_differ_in_nothing(scenes_database: Database) -> None:
    assert found(scenes_database) == []


@pytest.mark.parametrize(
    ("change", "message", "blocking"),
    [
        ("DROP TABLE likes", "likes: expected a table, found none", True),
        ("ALTER TABLE ideas DROP COLUMN tags", "ideas.tags: expected a column, found none", True),
        (
            "ALTER TABLE ideas ALTER COLUMN title TYPE text",
            "ideas.title: expected character varying(200), found text",
            True,
        ),
        (
            "ALTER TABLE users ALTER COLUMN username DROP NOT NULL",
            "users.username: expected NOT NULL, found null allowed",
            False,
        ),
        (
            "ALTER TABLE topics DROP CONSTRAINT topics_slug_key",
            "topics: expected unique (slug), found none",
            False,
        ),
        (
            "ALTER TABLE scenes DROP CONSTRAINT scenes_status_check,"
            " ADD CHECK (status IN ('active', 'hidden', 'removed'))",
            "scenes.status: expected the values active, hidden, locked, removed,"
            " found active, hidden, removed",
            True,
        ),
        (
            "ALTER TABLE scene_views DROP CONSTRAINT scene_views_pkey",
            "scene_views: expected primary key (id), found another or none",
            True,
        ),
        (
            "ALTER TABLE scene_summaries RENAME TO kept; CREATE VIEW scene_summaries AS SELECT * FROM kept",
            "scene_summaries: expected a table, found something else of that name",
            True,
        ),
        (
            "ALTER TABLE scene_bibles DROP CONSTRAINT scene_bibles_scene_id_fkey,"
            " ADD FOREIGN KEY (scene_id) REFERENCES scenes",
            "scene_bibles: expected a foreign key (scene_id) to scenes ON DELETE CASCADE,"
            " found another or none",
            False,
        ),
        (
            "DROP INDEX idx_moderation_target",
            "moderation_flags: expected an index on (target_type, target_id), found none",
            False,
        ),
        (
            "DROP INDEX idx_ideas_tags; CREATE INDEX other ON ideas (tags)",
            "ideas: expected an index on (tags) using gin, found none",
            False,
        ),
        (
            "ALTER TABLE moderation_flags ALTER COLUMN status SET DEFAULT 'reviewing'",
            "moderation_flags.status: expected the default 'pending', found 'reviewing'::character varying",
            False,
        ),
        (
            "ALTER TABLE ideas ALTER COLUMN id DROP DEFAULT",
            "ideas.id: expected the default gen_random_uuid(), found none",
            False,
        ),
    ],
)
def test_each_kind_of_difference_is_named(
    scenes_database: Database, change: str, message: str, blocking: bool
) -> None:
    with scenes_database.connect() as connection:
        connection.execute(change.encode())
    assert found(scenes_database) == [(message, blocking)]


def test_what_the_platform_has_beyond_is_no_difference(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        connection.execute("ALTER TABLE ideas ADD COLUMN mood text")
        connection.execute("CREATE TABLE extra (id int)")
        # By another name, over more columns, the other way round, for all rows: it serves.
        connection.execute("DROP INDEX idx_ideas_created_at, idx_ideas_status")
        connection.execute("CREATE INDEX made_otherwise ON ideas (created_at, id)")
        connection.execute("CREATE INDEX for_all ON ideas (status)")
        connection.execute("ALTER TABLE ideas ALTER COLUMN created_at SET DEFAULT CURRENT_TIMESTAMP")
    assert found(scenes_database) == []


def test_a_missing_month_is_a_warning(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        row = connection.execute("SELECT to_char(now(), 'YYYY_MM')").fetchone()
        assert row is not None
        connection.execute(f"DROP TABLE segments_{row[0]}".encode())
    month = row[0].replace("_", "-")
    assert found(scenes_database) == [
        (f"segments: expected a partition for {month}, found none: `greenroom months` makes it", False)
    ]


def test_a_platform_may_cut_its_partitions_otherwise(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        for table in ("segments", "jobs"):
            for statement in (
                f"ALTER TABLE {table} RENAME TO was_{table}",
                f"CREATE TABLE {table} (LIKE was_{table} INCLUDING ALL) PARTITION BY RANGE (created_at)",
                f"CREATE TABLE {table}_all PARTITION OF {table}"
                " FOR VALUES FROM ('2020-01-01') TO ('2099-01-01')",
            ):
                connection.execute(statement.encode())
    assert found(scenes_database) == []


def test_attach_refuses_and_adds_nothing(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        connection.execute("ALTER TABLE ideas DROP COLUMN tags")
        connection.execute("DROP TABLE likes")
        connection.execute("ALTER TABLE topics DROP CONSTRAINT topics_slug_key")
    with scenes_database.engine() as engine:
        with pytest.raises(ConfigurationError, match=r"likes.*ideas\.tags.*no obstacle: topics: expected"):
            attach(engine, SCENES, inspect)
        with engine.connect() as connection:
            assert version(connection) == 0
