"""Months of segments and jobs: made ahead, once, at midnight UTC; rows find theirs and their scene."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from db.platforms.scenes import migrate
from tests.support.content import Content, add_content, one
from tests.support.databases import Database

BOUNDS = """
SELECT c.relname::text, pg_get_expr(c.relpartbound, c.oid)
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = %s::regclass ORDER BY 1
"""

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def months(connection: Any, table: str) -> dict[str, str]:
    connection.execute("SET TimeZone = 'UTC'")
    return dict(connection.execute(BOUNDS, [table]).fetchall())


def add_segment(connection: Any, content: Content, at: datetime, scene: UUID | None = None) -> UUID:
    made: UUID = one(
        connection,
        "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script, video_url,"
        " duration, bible_version, created_at) VALUES (%s, %s, %s, 2, 'i', 's', 'u', 8, 1, %s) RETURNING id",
        scene or content.scene,
        content.author,
        uuid4(),
        at,
    )
    return made


def test_this_month_and_three_more_are_there(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        now = datetime.now(UTC)
        expected = [
            f"{(now.year * 12 + now.month - 1 + n) // 12}_{(now.month - 1 + n) % 12 + 1:02}" for n in range(4)
        ]
        for table in ("segments", "jobs"):
            assert list(months(connection, table)) == [f"{table}_{month}" for month in expected]


def test_months_are_kept_ahead_as_time_goes_on(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        before = months(connection, "jobs")
    with scenes_database.engine() as engine, engine.begin() as sa_connection:
        migrate.keep_months_ahead(sa_connection, 5)
    with scenes_database.connect() as connection:
        after = months(connection, "jobs")
    assert len(after) == len(before) + 2
    assert after.items() >= before.items()


def test_months_begin_at_midnight_utc_wherever_they_are_made(scenes_database: Database) -> None:
    with scenes_database.connect() as connection:
        for zone, year, month in (("Pacific/Auckland", 2031, 12), ("America/Los_Angeles", 2032, 1)):
            connection.execute(f"SET TimeZone = '{zone}'".encode())
            connection.execute("SELECT create_monthly_partition('segments', %s, %s)", [year, month])
        found = months(connection, "segments")
    assert found["segments_2031_12"] == (
        "FOR VALUES FROM ('2031-12-01 00:00:00+00') TO ('2032-01-01 00:00:00+00')"
    )
    assert found["segments_2032_01"] == (
        "FOR VALUES FROM ('2032-01-01 00:00:00+00') TO ('2032-02-01 00:00:00+00')"
    )


def test_a_month_made_twice_stays_as_it_is(scenes_database: Database) -> None:
    content = add_content(scenes_database)
    with scenes_database.connect() as connection:
        connection.execute("SELECT create_monthly_partition('segments', 2030, 5)")
        kept = add_segment(connection, content, datetime(2030, 5, 9, tzinfo=UTC))
        connection.execute("SELECT create_monthly_partition('segments', 2030, 5)")
        assert one(connection, "SELECT count(*) FROM segments WHERE id = %s", kept) == 1


def test_eight_make_the_same_month_at_once(scenes_database: Database) -> None:
    barrier = Barrier(8)

    def make() -> None:
        with scenes_database.connect() as connection:
            barrier.wait()
            for month in range(1, 7):
                connection.execute("SELECT create_monthly_partition('jobs', 2033, %s)", [month])

    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(make) for _ in range(8)]:
            each.result()
    with scenes_database.connect() as connection:
        assert len([name for name in months(connection, "jobs") if name.startswith("jobs_2033")]) == 6


@pytest.mark.parametrize("table", ["ideas", "segments; DROP TABLE likes", "pg_class"])
def test_other_tables_have_no_months(scenes_database: Database, table: str) -> None:
    with (
        scenes_database.connect() as connection,
        pytest.raises(psycopg.errors.RaiseException, match="is not partitioned by month"),
    ):
        connection.execute("SELECT create_monthly_partition(%s, 2030, 1)", [table])


def test_rows_go_to_their_month(scenes_database: Database) -> None:
    content = add_content(scenes_database)
    with scenes_database.connect() as connection:
        connection.execute("SELECT ensure_monthly_partitions('2030-01-15', '2030-03-01')")
        for at, home in (
            (datetime(2030, 1, 31, 23, 59, 59, 999999, tzinfo=UTC), "segments_2030_01"),
            (datetime(2030, 2, 1, tzinfo=UTC), "segments_2030_02"),
            (datetime(2030, 3, 31, 23, 59, 59, tzinfo=UTC), "segments_2030_03"),
        ):
            id = add_segment(connection, content, at)
            assert one(connection, "SELECT tableoid::regclass::text FROM segments WHERE id = %s", id) == home
        connection.execute(
            "UPDATE segments SET created_at = '2030-02-10 00:00+00' WHERE created_at = '2030-02-01 00:00+00'"
        )
        connection.execute(
            "UPDATE segments SET created_at = '2030-01-10 00:00+00' WHERE created_at = '2030-02-10 00:00+00'"
        )
        assert one(connection, "SELECT count(*) FROM segments_2030_01") == 2
        with pytest.raises(psycopg.errors.CheckViolation, match="no partition of relation"):
            add_segment(connection, content, datetime(2030, 4, 1, tzinfo=UTC))


def test_a_segment_needs_its_scene(scenes_database: Database) -> None:
    content = add_content(scenes_database)
    now = datetime.now(UTC)
    with scenes_database.connect() as connection:
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="does not exist"):
            add_segment(connection, content, now, scene=uuid4())
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="does not exist"):
            connection.execute("UPDATE segments SET scene_id = gen_random_uuid()")
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="still has segments"):
            connection.execute("DELETE FROM scenes WHERE id = %s", [content.scene])
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="still has segments"):
            connection.execute("UPDATE scenes SET id = gen_random_uuid() WHERE id = %s", [content.scene])
        connection.execute("DELETE FROM segments")
        connection.execute("DELETE FROM scenes WHERE id = %s", [content.scene])


def test_a_scene_does_not_go_under_a_segment_that_is_being_added(scenes_database: Database) -> None:
    content = add_content(scenes_database)
    with scenes_database.connect() as connection:
        connection.execute("DELETE FROM segments")

    def delete() -> None:
        with scenes_database.connect() as other:
            other.execute("DELETE FROM scenes WHERE id = %s", [content.scene])

    with (
        ThreadPoolExecutor(1) as pool,
        scenes_database.connect() as watcher,
        scenes_database.connect() as connection,
    ):
        with connection.transaction():
            add_segment(connection, content, datetime.now(UTC))
            deleting = pool.submit(delete)
            while not one(watcher, WAITING):
                assert not deleting.done(), deleting.exception()
                sleep(0.01)
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="still has segments"):
            deleting.result()
