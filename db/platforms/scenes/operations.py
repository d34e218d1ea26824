"""Jobs, months, servers and the audit as admins see them (the port `Operations`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.operations import Column, Measure, Sheet, SheetKind
from console.domain.servers import Served, Server
from db.routing import Servers

MOST = 500
"""Rows of a sheet; the audit shows more."""
AUDITED = 2_000
STUCK = timedelta(hours=1)
"""A job that began so long ago and has not ended is stuck: the platform's take minutes."""
SEALS = 200
"""Seals held against their rows by one statement."""

_JOB_COLUMNS = (
    Column("Job"),
    Column("Made", Measure.MOMENT),
    Column("Status"),
    Column("Stage"),
    Column("Progress", Measure.NUMBER),
    Column("Retries"),
    Column("Error"),
    Column("Message"),
    Column("Scene"),
)
_JOB = (
    "SELECT j.id, j.created_at, j.status, j.stage, j.progress, j.retry_count || ' of ' || j.max_retries,"
    " j.error_code, coalesce(j.error_message, j.message), j.scene_id::text FROM jobs AS j"
)
_GOING = "j.status NOT IN ('final_ready', 'failed', 'cancelled')"

KINDS = (
    SheetKind(
        "going", "Unfinished jobs", "Jobs that wait or run, oldest first", "No job waits or runs.",
        _JOB_COLUMNS, jobs=True,
    ),
    SheetKind(
        "stuck", "Stuck jobs", "Begun, or made and not begun, over an hour ago, and not ended",
        "No job has been at it for over an hour.", _JOB_COLUMNS, jobs=True,
    ),
    SheetKind(
        "ended", "Failed jobs", "Failed or cancelled in the last 30 days, newest first",
        "No job failed or was cancelled in the last 30 days.", _JOB_COLUMNS, jobs=True,
    ),
    SheetKind(
        "stages", "Jobs by stage", "Unfinished jobs by status and stage", "No job waits or runs.",
        (
            Column("Status"), Column("Stage"), Column("Jobs", Measure.NUMBER),
            Column("Oldest made", Measure.MOMENT), Column("Most retries", Measure.NUMBER),
        ),
    ),
    SheetKind(
        "months", "Months", "Partitions with their sizes; “greenroom months” makes those that are missing",
        "No table is partitioned.",
        (
            Column("Table"), Column("Partition"), Column("Rows, about", Measure.NUMBER),
            Column("Size", Measure.BYTES), Column("Holds"),
        ),
    ),
    SheetKind(
        "tables", "Table sizes", "Tables with their indexes, largest first", "There are no tables.",
        (
            Column("Table"), Column("Rows, about", Measure.NUMBER), Column("Table size", Measure.BYTES),
            Column("Indexes", Measure.BYTES), Column("All", Measure.BYTES),
        ),
    ),
    SheetKind(
        "replicas", "Replicas", "What streams from the primary", "No replica streams from the primary.",
        (
            Column("Name"), Column("Address"), Column("State"), Column("Mode"),
            Column("Behind", Measure.BYTES), Column("Lag", Measure.SECONDS),
        ),
    ),
    SheetKind(
        "slots", "Replication slots", "Log that the primary keeps for each", "The primary keeps no slot.",
        (
            Column("Slot"), Column("Type"), Column("In use"), Column("Log kept"),
            Column("Kept", Measure.BYTES),
        ),
    ),
    SheetKind(
        "connections", "Connections", "To this database on the primary, by login and state",
        "Nobody is connected.",
        (
            Column("Login"), Column("State"), Column("Connections", Measure.NUMBER),
            Column("Wait for a lock", Measure.NUMBER), Column("Oldest transaction", Measure.MOMENT),
        ),
    ),
    SheetKind(
        "statements", "Slow statements", "By the time they took in all, on the primary",
        "The extension pg_stat_statements is not in this database, or nothing ran since it was reset.",
        (
            Column("Statement"), Column("Calls", Measure.NUMBER), Column("Mean", Measure.MILLISECONDS),
            Column("In all", Measure.MILLISECONDS), Column("Rows", Measure.NUMBER),
        ),
    ),
    SheetKind(
        "audit", "Audit", f"The newest {AUDITED:,} entries", "Nothing was done yet.",
        (
            Column("Entry", Measure.NUMBER), Column("When", Measure.MOMENT), Column("Login"), Column("Did"),
            Column("Kind"), Column("Id"), Column("Changed"), Column("Console"),
        ),
    ),
)  # fmt: skip


class ScenesOperations:
    """Each read goes to a replica where it may, and to the primary where it is about the primary."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.kinds: Sequence[SheetKind] = KINDS

    async def sheet(self, key: str) -> Sheet:
        """Read one."""

        async def read(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.execute(_QUERIES[key], _LIMITS)).all()

        if key in _OF_THE_PRIMARY:
            rows, served = await self._servers.read_primary(read), Served(Server.PRIMARY, "primary")
        else:
            rows, served = await self._servers.read(read)
        return Sheet(tuple(tuple(row) for row in rows), served)

    async def verify_audit(self, after: int) -> tuple[int | None, Sequence[str]]:
        """The next SEALS of them."""

        async def read(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.execute(_VERIFY, {"after": after, "limit": SEALS})).all()

        rows = await self._servers.read_primary(read)
        wrong = [
            f"Seal {row.seal_id:,} does not fit "
            + ("its rows" if row.chained else "the one before it: seals are missing")
            for row in rows
            if not (row.chained and row.intact)
        ]
        return (rows[-1].seal_id if rows else None), wrong


_OF_THE_PRIMARY = frozenset({"replicas", "slots", "connections", "statements"})

_QUERIES: Mapping[str, Executable] = {
    key: text(query)
    for key, query in {
        "going": f"{_JOB} WHERE {_GOING} ORDER BY j.created_at, j.id LIMIT :most",
        "stuck": f"{_JOB} WHERE {_GOING}"
        " AND coalesce(j.started_at, j.created_at) < now() - CAST(:stuck AS interval)"
        " ORDER BY j.created_at, j.id LIMIT :most",
        "ended": f"{_JOB} WHERE j.status IN ('failed', 'cancelled')"
        " AND j.created_at > now() - interval '30 days' ORDER BY j.created_at DESC, j.id LIMIT :most",
        "stages": "SELECT j.status, j.stage, count(*), min(j.created_at), max(j.retry_count) FROM jobs AS j"
        " WHERE j.status NOT IN ('final_ready', 'failed', 'cancelled') GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        "months": "SELECT i.inhparent::regclass::text, c.relname, greatest(c.reltuples, 0)::bigint,"
        " pg_total_relation_size(c.oid), pg_get_expr(c.relpartbound, c.oid)"
        " FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
        " WHERE c.relispartition AND c.relkind = 'r' ORDER BY 1, 2 DESC",
        "tables": "SELECT c.oid::regclass::text, greatest(c.reltuples, 0)::bigint, pg_table_size(c.oid),"
        " pg_indexes_size(c.oid), pg_total_relation_size(c.oid)"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        " ORDER BY 5 DESC, 1 LIMIT :most",
        "replicas": "SELECT * FROM greenroom.server_replicas()",
        "slots": "SELECT s.slot_name, s.slot_type, CASE WHEN s.active THEN 'yes' ELSE 'no' END, s.wal_status,"
        " pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint"
        " FROM pg_replication_slots AS s ORDER BY 1",
        "connections": "SELECT * FROM greenroom.server_connections()",
        "statements": "SELECT * FROM greenroom.server_statements()",
        "audit": "SELECT a.audit_id, a.at, a.login, a.action, a.kind, a.id::text,"
        " left(a.changed::text, 500), a.client"
        " FROM greenroom.audit AS a ORDER BY a.audit_id DESC LIMIT :audited",
    }.items()
}
_LIMITS = {"most": MOST, "audited": AUDITED, "stuck": STUCK}
_VERIFY = text(
    "SELECT seal_id, chained, intact AND found = rows AS intact FROM greenroom.verify_audit(:after, :limit)"
)
