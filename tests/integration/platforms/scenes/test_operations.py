"""What admins see of jobs, months, servers and the audit, and that nobody else does."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from console.domain.errors import GreenroomError
from console.domain.servers import Server
from db.platforms.scenes.operations import KINDS, ScenesOperations
from db.routing import Servers, SignIn
from tests.integration.platforms.scenes.test_job_steering import AT, STEER, add_jobs
from tests.support.content import one
from tests.support.databases import Database, wait_for_replay


def servers_of(database: Database, login: str) -> Servers:
    return Servers(database.primary, (database.replica,), SignIn(login, database.passwords[login]))


async def test_every_sheet_is_read_by_an_admin_from_where_it_says(attached: Database) -> None:
    with attached.connect() as c:
        (waits,), (failed,) = add_jobs(c, "processing"), add_jobs(c, "failed")
        # The months of the fixture lie ahead: this one was begun and failed lately.
        c.execute("SELECT ensure_monthly_partitions(current_date - 3, current_date)")
        c.execute("UPDATE jobs SET created_at = now() - interval '2 hours', started_at = NULL")
        # As the extension has it, which the servers of the tests lack.
        c.execute(
            "CREATE VIEW public.pg_stat_statements AS SELECT oid AS dbid, 'SELECT $1' AS query,"
            " 3::bigint AS calls, 2.5::float8 AS mean_exec_time, 7.5::float8 AS total_exec_time,"
            " 3::bigint AS rows FROM pg_database"
            " UNION ALL SELECT oid, 'CREATE ROLE x PASSWORD ''secret''', 1, 9, 9, 1 FROM pg_database"
        )
        c.execute("GRANT SELECT ON public.pg_stat_statements TO greenroom_owner")
        with attached.connect("ada") as ada:
            at = one(c, "SELECT created_at FROM jobs WHERE id = %s", failed)
            one(ada, STEER, uuid4(), failed, at, "retry", "failed")
            one(ada, "SELECT greenroom.seal_audit()")
        c.execute("UPDATE jobs SET status = 'failed', error_code = 'QUOTA' WHERE id = %s", [failed])
    wait_for_replay(attached.cluster)
    servers = servers_of(attached, "ada")
    operations = ScenesOperations(servers)
    try:
        sheets = {kind.key: await operations.sheet(kind.key) for kind in KINDS}
        for kind in KINDS:
            assert all(len(row) == len(kind.columns) for row in sheets[kind.key].rows), kind.key
        assert [row[0] for row in sheets["going"].rows] == [waits]
        assert [row[0] for row in sheets["stuck"].rows] == [waits]
        assert [(row[0], row[2], row[5], row[6]) for row in sheets["ended"].rows] == [
            (failed, "failed", "4 of 3", "QUOTA")
        ]
        assert [row[:3] for row in sheets["stages"].rows] == [("processing", "pending", 1)]
        month = f"{AT:%Y_%m}"
        assert f"jobs_{month}" in [row[1] for row in sheets["months"].rows]
        assert "jobs" not in [row[0] for row in sheets["tables"].rows]
        assert [row[2] for row in sheets["replicas"].rows] == ["streaming"]
        assert [row[2] for row in sheets["slots"].rows] == ["yes"]
        assert "ada" in [row[0] for row in sheets["connections"].rows]
        assert [row[:2] for row in sheets["statements"].rows] == [("SELECT $1", 3)]
        assert [row[2:4] for row in sheets["audit"].rows] == [("ada", "job.retry")]
        assert sheets["months"].served.server is Server.REPLICA
        assert sheets["slots"].served.server is Server.PRIMARY
    finally:
        await servers.close()


async def test_the_audit_is_verified_a_part_at_a_time(attached: Database) -> None:
    with attached.connect() as c, attached.connect("ada") as ada:
        for _ in range(2):
            (job,) = add_jobs(c, "failed")
            one(ada, STEER, uuid4(), job, AT, "retry", "failed")
            one(ada, "SELECT greenroom.seal_audit()")
        many = one(c, "SELECT count(*) FROM greenroom.audit_seals")
        assert many > 0
        servers = servers_of(attached, "ada")
        operations = ScenesOperations(servers)
        try:
            assert await operations.verify_audit(0) == (many, [])
            assert await operations.verify_audit(many) == (None, [])
            c.execute("ALTER TABLE greenroom.audit DISABLE TRIGGER USER")
            c.execute("UPDATE greenroom.audit SET login = 'max'")
            last, wrong = await operations.verify_audit(0)
            assert last == many
            assert len(wrong) == many
            assert "does not fit its rows" in wrong[0]
        finally:
            await servers.close()


@pytest.mark.parametrize("key", ["replicas", "connections", "statements", "audit"])
async def test_nobody_below_an_admin_sees_the_servers_or_the_audit(attached: Database, key: str) -> None:
    servers = servers_of(attached, "mia")
    try:
        with pytest.raises(GreenroomError):
            await ScenesOperations(servers).sheet(key)
    finally:
        await servers.close()


def test_the_months_of_these_tests_lie_ahead() -> None:
    assert datetime.now(UTC) < AT
