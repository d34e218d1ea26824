"""Write a demo into an empty database of the platform, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from db.platforms.scenes.demo.bibles import bibles
from db.platforms.scenes.demo.indexes import resting
from db.platforms.scenes.demo.jobs import jobs
from db.platforms.scenes.demo.media import MediaLibrary
from db.platforms.scenes.demo.people import people
from db.platforms.scenes.demo.plan import Size
from db.platforms.scenes.demo.progress import Cancelled, Progress, never
from db.platforms.scenes.demo.reports import reports
from db.platforms.scenes.demo.rows import Rows
from db.platforms.scenes.demo.stories import stories
from db.platforms.scenes.demo.world import DAY, World, at, build

Connection = psycopg.Connection[Any]
_STEP = 5_000


@dataclass(frozen=True, slots=True)
class SeedReport:
    """`rows` and `seconds` by table (and by step, for what comes after the tables)."""

    rows: Mapping[str, int]
    seconds: Mapping[str, float]
    review_due: int


def seed(
    connection: Connection,
    size: Size,
    now: datetime,
    media: MediaLibrary,
    progress: Progress,
    cancelled: Callable[[], bool] = never,
) -> SeedReport:
    """Fill the migrated, empty database behind `connection` (a superuser's, in autocommit).

    The same size on the same day (UTC) gives the same rows. Where the schema `greenroom` is attached, its
    subjects are brought in line. Raises Cancelled, and leaves nothing, when `cancelled` says so.
    """
    world = build(size.plan, now)
    rows: dict[str, int] = {}
    seconds: dict[str, float] = {}
    due = 0
    begun = time.monotonic()

    def lap(step: str) -> None:
        nonlocal begun
        ended = time.monotonic()
        seconds[step], begun = ended - begun, ended

    with connection.transaction():
        connection.execute(
            "SELECT ensure_monthly_partitions(%s, %s)", [at(world.start - DAY).date(), at(world.today).date()]
        )
        # Counters and subjects are written right at once; triggers and foreign keys rest meanwhile.
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for table in _tables(world, media.base):
            with resting(connection, table.table):
                rows[table.table] = _copy(connection, table, progress, cancelled)
            lap(table.table)
        connection.execute(
            "INSERT INTO job_idempotency_keys SELECT idempotency_key, id, created_at FROM jobs"
            " WHERE idempotency_key IS NOT NULL"
        )
        lap("job_idempotency_keys")
        connection.execute("SET LOCAL session_replication_role = origin")
        connection.execute("ANALYZE moderation_flags, segments")
        lap("analyze")
        if connection.execute("SELECT to_regclass('greenroom.subjects') IS NOT NULL").fetchone() == (True,):
            progress("Filling the queues", 0, 0)
            connection.execute("SELECT greenroom.reconcile()")
            due = mark_review_due(connection, size.plan.review_due)
            _spread_escalations(connection, at(world.today))
            lap("greenroom")
        if cancelled():
            raise Cancelled
    progress("Tidying up", 0, 0)
    connection.execute("VACUUM (ANALYZE)")
    lap("vacuum")
    return SeedReport(rows, seconds, due)


def mark_review_due(connection: Connection, limit: int) -> int:
    """Put the newest `limit` active segments into the review queue; returns how many.

    For demos: in a platform's own database only segments made since `attach` are due.
    """
    return connection.execute(
        "INSERT INTO greenroom.subjects AS s (kind, id, partition_key, review_due_at)"
        " SELECT 'segment', id, created_at, created_at FROM segments WHERE status = 'active'"
        " ORDER BY created_at DESC, id LIMIT %s"
        " ON CONFLICT (kind, id) DO UPDATE SET review_due_at = excluded.review_due_at,"
        " partition_key = excluded.partition_key",
        [limit],
    ).rowcount


def _spread_escalations(connection: Connection, latest: datetime) -> None:
    # They were not all escalated at the moment of seeding.
    connection.execute(
        "UPDATE greenroom.subjects SET escalated_at = least(last_flag_at + interval '90 minutes', %s)"
        " WHERE escalated_at IS NOT NULL",
        [latest],
    )


def _tables(world: World, media: str) -> list[Rows]:
    return [*people(world, media), *stories(world, media), jobs(world), bibles(world), *reports(world)]


def _copy(connection: Connection, rows: Rows, progress: Progress, cancelled: Callable[[], bool]) -> int:
    what = f"Writing {rows.table.replace('_', ' ')}"
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(rows.table), sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    )
    written = 0
    progress(what, 0, rows.count)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows.make():
            copy.write_row(row)
            written += 1
            if written % _STEP == 0:
                progress(what, written, rows.count)
                if cancelled():
                    raise Cancelled
    progress(what, written, rows.count)
    return written
