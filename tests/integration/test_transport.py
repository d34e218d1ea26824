"""A password goes to nobody but the server that the profile names, and never as it was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from console.domain.errors import Unavailable
from db.administration import Owner
from db.routing import Servers, SignIn
from db.transport import encrypted
from db.writer import GreenroomWriter
from tests.support.databases import Database
from tests.support.pgbouncer import certificate_of, pgbouncer


@pytest.mark.parametrize(
    ("conninfo", "mode"),
    [
        ("postgresql://db.example.org/scenes", "verify-full"),
        ("postgresql://db1.example.org,db2.example.org/scenes", "verify-full"),
        ("postgresql://127.0.0.1/scenes", "verify-full"),
        ("host=/var/run/postgresql dbname=scenes", None),
        ("host=/var/run/postgresql,db.example.org dbname=scenes", "verify-full"),
        ("dbname=scenes", None),
        ("postgresql://db.example.org/scenes?sslmode=disable", "disable"),
        ("postgresql://db.example.org/scenes?sslmode=verify-ca&sslrootcert=/ca.pem", "verify-ca"),
    ],
)
def test_whatever_is_not_a_local_socket_is_verified(
    conninfo: str, mode: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PGSSLROOTCERT", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    parts = conninfo_to_dict(encrypted(conninfo))
    assert parts.get("sslmode") == mode
    assert parts.get("sslrootcert") == {"verify-full": "system", "verify-ca": "/ca.pem"}.get(str(mode))


async def role(conninfo: str, database: Database) -> str:
    """Sign in as mia there, as the console does."""
    servers = Servers(conninfo, (), SignIn("mia", database.passwords["mia"]), pooled=True)
    try:
        return (await GreenroomWriter(servers).person()).role.title
    finally:
        await servers.close()


async def test_the_server_of_the_profile_is_reached_by_tls_and_an_impostor_is_not(
    attached: Database, tmp_path: Path
) -> None:
    certificate = certificate_of("db.example.org", tmp_path)
    with pgbouncer(attached, certificate=certificate) as listening:
        there = make_conninfo(listening, host="db.example.org", hostaddr="127.0.0.1")
        trusted = make_conninfo(there, sslrootcert=str(certificate))
        assert await role(trusted, attached) == "moderator"
        for conninfo, says in (
            (there, "certificate verify failed"),
            (make_conninfo(trusted, host="elsewhere.example.org"), "does not match host name"),
            (make_conninfo(trusted, sslmode="disable"), "SSL required"),
        ):
            with pytest.raises(Unavailable, match=says):
                await role(conninfo, attached)


async def test_a_server_without_tls_is_refused_and_may_be_allowed(attached: Database) -> None:
    with pgbouncer(attached) as plain:
        assert await role(plain, attached) == "moderator"
        with pytest.raises(Unavailable, match=r"not be safe.*SSL") as refused:
            await role(make_conninfo(plain, sslmode="verify-full", sslrootcert="system"), attached)
        assert "sslmode=disable is for a network that you trust" in refused.value.remedy


async def test_a_server_that_asks_for_the_password_as_it_was_typed_does_not_get_it(
    attached: Database,
) -> None:
    with (
        pgbouncer(attached, asks="plain") as listening,
        pytest.raises(Unavailable, match="authentication method requirement"),
    ):
        await role(listening, attached)
    with (
        pgbouncer(attached, asks="plain") as listening,
        pytest.raises(Unavailable, match="authentication method requirement"),
    ):
        Owner(listening, "mia", attached.passwords["mia"]).connect()


def test_a_host_from_the_environment_is_verified_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.org")
    assert conninfo_to_dict(encrypted("dbname=scenes"))["sslmode"] == "verify-full"
    monkeypatch.setenv("PGHOST", "/run/postgresql")
    assert "sslmode" not in conninfo_to_dict(encrypted("dbname=scenes"))
