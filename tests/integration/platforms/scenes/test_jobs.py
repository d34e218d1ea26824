"""`jobs.idempotency_key` is unique over all months, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.content import one
from tests.support.databases import Database

MONTHS = [datetime(2030, month, 9, tzinfo=UTC) for month in range(1, 9)]


@pytest.fixture
def database(scenes_database: Database) -> Database:
    """With eight months."""
    with scenes_database.connect() as connection:
        connection.execute("SELECT ensure_monthly_partitions('2030-01-01', '2030-08-31')")
    return scenes_database


def add_job(connection: Any, key: str | None, at: datetime = MONTHS[0]) -> UUID:
    made: UUID = one(
        connection,
        "INSERT INTO jobs (scene_id, user_id, input_text, bible_version, idempotency_key, created_at)"
        " VALUES (%s, %s, 'go on', 1, %s, %s) RETURNING id",
        uuid4(),
        uuid4(),
        key,
        at,
    )
    return made


def keys(connection: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT idempotency_key, job_id, job_created_at FROM job_idempotency_keys ORDER BY 1"
    ).fetchall()
    return rows


def test_one_of_eight_wins_in_every_race(database: Database) -> None:
    rounds = 10
    barrier = Barrier(8)

    def race(at: datetime) -> list[bool]:
        with database.connect() as connection:
            won = []
            for number in range(rounds):
                barrier.wait()
                try:
                    add_job(connection, f"key {number}", at)
                except psycopg.errors.UniqueViolation:
                    won.append(False)
                else:
                    won.append(True)
            return won

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(race, MONTHS))
    assert [sum(each) for each in zip(*results, strict=True)] == [1] * rounds
    with database.connect() as connection:
        assert one(connection, "SELECT count(*) FROM jobs") == rounds
        assert [key for key, *_ in keys(connection)] == [f"key {number}" for number in range(rounds)]


def test_a_key_counts_in_every_month(database: Database) -> None:
    with database.connect() as connection:
        add_job(connection, "once", MONTHS[0])
        for at in MONTHS[:2]:
            with pytest.raises(psycopg.errors.UniqueViolation):
                add_job(connection, "once", at)
        add_job(connection, None)
        add_job(connection, None)
        assert one(connection, "SELECT count(*) FROM jobs") == 3


def test_a_key_that_is_given_up_is_free(database: Database) -> None:
    with database.connect() as connection:
        first = add_job(connection, "deleted")
        connection.execute("DELETE FROM jobs WHERE id = %s", [first])
        second = add_job(connection, "deleted")
        connection.execute("UPDATE jobs SET idempotency_key = 'changed' WHERE id = %s", [second])
        add_job(connection, "deleted", MONTHS[1])
        with pytest.raises(psycopg.errors.UniqueViolation):
            add_job(connection, "changed", MONTHS[1])
        connection.execute("UPDATE jobs SET idempotency_key = NULL WHERE id = %s", [second])
        add_job(connection, "changed", MONTHS[1])


def test_a_key_is_not_taken_from_another_job(database: Database) -> None:
    with database.connect() as connection:
        add_job(connection, "held")
        second = add_job(connection, "other")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("UPDATE jobs SET idempotency_key = 'held' WHERE id = %s", [second])
        assert [key for key, *_ in keys(connection)] == ["held", "other"]


def test_the_key_follows_a_job_into_another_month(database: Database) -> None:
    with database.connect() as connection:
        job = add_job(connection, "moves")
        for at in (MONTHS[0].replace(day=20), MONTHS[3]):
            connection.execute("UPDATE jobs SET created_at = %s WHERE id = %s", [at, job])
            assert keys(connection) == [("moves", job, at)]
            with pytest.raises(psycopg.errors.UniqueViolation):
                add_job(connection, "moves", MONTHS[5])


def test_other_changes_of_a_job_leave_its_key_alone(database: Database) -> None:
    with database.connect() as connection:
        job = add_job(connection, "kept")
        before = keys(connection)
        connection.execute("UPDATE jobs SET status = 'failed', idempotency_key = 'kept' WHERE id = %s", [job])
        assert keys(connection) == before
