"""The embedded cluster: SCRAM, private sockets, a streaming standby, leases that end with their process."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.domain.errors import ConfigurationError, Unavailable
from db.embedded import SUPERUSER, EmbeddedCluster, programs
from db.embedded.files import make_private_in_public
from db.leases import Lease
from tests.support.waiting import wait_until

CONSOLE = """
import sys, time
from pathlib import Path
from db.embedded import EmbeddedCluster
lease = EmbeddedCluster(Path(sys.argv[1])).attach()
print("attached", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def own() -> Iterator[EmbeddedCluster]:
    """A cluster of this module's own: its servers are killed."""
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        cluster = EmbeddedCluster(Path(folder) / "data")
        try:
            yield cluster
        finally:
            cluster.stop()
            cluster.destroy()


def test_a_wrong_password_is_refused(own: EmbeddedCluster) -> None:
    with own.lease() as at:
        for url in (at.primary("postgres"), at.replica("postgres")):
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(url, user=SUPERUSER, password="wrong")
            psycopg.connect(url, user=SUPERUSER, password=own.password).close()


def test_sockets_and_secrets_are_private(own: EmbeddedCluster) -> None:
    with own.lease() as at:
        for folder in (Path(at.primary_host), Path(at.replica_host)):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for secret in (own.data / "secrets").iterdir():
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        with own.superuser("postgres") as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW max_prepared_transactions").fetchone() == ("0",)


def test_the_standby_streams_a_write(own: EmbeddedCluster) -> None:
    with own.lease():
        streams(own, "streamed")


def test_whoever_leaves_last_stops_the_servers(own: EmbeddedCluster) -> None:
    first, second = own.attach(), own.attach()
    own.detach(first)
    assert own.running("primary")
    own.detach(second)
    assert not own.running("primary")
    assert not own.running("standby")


def test_a_killed_console_leaves_the_servers_to_the_next(own: EmbeddedCluster) -> None:
    console = subprocess.Popen(
        [sys.executable, "-c", CONSOLE, str(own.data)], stdout=subprocess.PIPE, text=True
    )
    with console:
        assert console.stdout is not None
        assert console.stdout.readline() == "attached\n"
        with own.lease():
            pass
        assert own.running("primary"), "the other console still holds the servers"
        console.send_signal(signal.SIGKILL)
        console.wait()
    assert own.running("primary"), "the servers outlive a killed console"
    with own.lease():
        pass
    assert not own.running("primary"), "a killed console's lease holds nothing"


@pytest.mark.parametrize("server", ["primary", "standby"])
def test_a_killed_server_is_started_again(own: EmbeddedCluster, server: str) -> None:
    lease = own.attach()
    pid = int((own.home / server / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not own.running(server))
    again = own.attach()
    streams(own, f"after_{server}")
    own.detach(lease)
    own.detach(again)


def test_a_missing_standby_is_made_anew(own: EmbeddedCluster) -> None:
    with own.lease():
        pass
    (own.home / "standby" / "standby.signal").unlink()
    with own.lease():
        streams(own, "anew")


def test_destroy_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        cluster = EmbeddedCluster(Path(folder))
        with cluster.lease():
            pass
        cluster.destroy()
        assert list(Path(folder).iterdir()) == []
        assert not cluster.home.exists()


def test_destroy_spares_servers_that_another_console_uses(own: EmbeddedCluster) -> None:
    with own.lease():
        with pytest.raises(Unavailable, match="Another console"):
            own.destroy()
        assert own.running("primary")
        assert own.password


def test_a_failed_start_holds_nothing(own: EmbeddedCluster) -> None:
    with own.lease():
        pass
    control = own.home / "primary" / "global" / "pg_control"
    control.rename(control.with_name("away"))
    try:
        with pytest.raises(Unavailable, match="pg_control"):
            own.attach()
    finally:
        control.with_name("away").rename(control)
    assert not Lease.anyone(own.data / "leases")
    with own.lease():
        streams(own, "mended")


def test_a_standby_that_lost_the_primary_is_made_anew(own: EmbeddedCluster) -> None:
    with own.lease() as at:
        url = at.replica("postgres")
        with psycopg.connect(url, user=SUPERUSER, password=own.password, autocommit=True) as replica:
            replica.execute("ALTER SYSTEM SET primary_conninfo = 'host=/nowhere'")
    with own.lease():
        streams(own, "found_again")


def test_servers_inherit_nothing_of_the_session(
    own: EmbeddedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSION_TOKEN", "secret")
    monkeypatch.setenv("PGPORT", "1")
    with own.lease():
        pid = (own.home / "primary" / "postmaster.pid").read_text().split("\n", 1)[0]
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    names = {entry.partition(b"=")[0] for entry in environment.split(b"\0") if entry}
    assert b"PATH" in names
    assert not names & {b"SESSION_TOKEN", b"PGPORT"}


def test_statements_stay_out_of_the_logs(own: EmbeddedCluster) -> None:
    with own.lease(), own.superuser("postgres") as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 'what a person wrote', 1 / 0")

        def logged() -> str:
            return "".join(log.read_text() for log in (own.home / "logs").iterdir())

        wait_until(lambda: "division by zero" in logged())
        assert "what a person wrote" not in logged()


def test_old_and_large_logs_go_at_the_next_start(own: EmbeddedCluster) -> None:
    with own.lease():
        pass
    old, large = (own.home / "logs" / f"primary-{day}.log" for day in ("old", "large"))
    old.write_text("x")
    week_ago = time.time() - 7 * 86_400
    os.utime(old, (week_ago, week_ago))
    with large.open("w") as file:
        file.truncate(11_000_000)
    with own.lease():
        assert not old.exists()
        assert not large.exists()


def test_a_long_path_and_a_cleaned_socket_folder_are_no_obstacles() -> None:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        cluster = EmbeddedCluster(Path(folder) / ("ä long, 'odd' name " * 5).strip())
        try:
            with cluster.lease() as at:
                sockets = Path(at.primary_host).parent
                streams(cluster, "long")
            shutil.rmtree(sockets)
            with cluster.lease():
                assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
                streams(cluster, "cleaned")
        finally:
            cluster.destroy()
        assert not sockets.exists()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "theirs"
    elsewhere.mkdir()
    folder = tmp_path / "sockets"
    folder.symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="belongs to somebody else"):
        make_private_in_public(folder)
    folder.unlink()
    make_private_in_public(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def streams(cluster: EmbeddedCluster, table: str) -> None:
    """A write on the primary appears on the standby."""
    with cluster.superuser("postgres") as primary:
        primary.execute(f"CREATE TABLE {table} ()".encode())
    url = cluster.addresses.replica("postgres")
    with psycopg.connect(url, user=SUPERUSER, password=cluster.password, autocommit=True) as replica:

        def arrived() -> bool:
            return replica.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone() == (True,)

        wait_until(arrived)


def test_a_standby_that_was_promoted_is_kept_when_it_is_made_anew(own: EmbeddedCluster) -> None:
    before = set(own.home.glob("promoted-*"))
    with own.lease() as at:
        programs.run("pg_ctl", "-D", str(own.home / "standby"), "-w", "promote")
        with psycopg.connect(at.replica("postgres"), user=SUPERUSER, password=own.password) as promoted:
            promoted.execute("CREATE TABLE written_since (n int)")
    with own.lease():
        streams(own, "after_a_promotion")
    kept = set(own.home.glob("promoted-*")) - before
    assert [(folder / "PG_VERSION").exists() for folder in kept] == [True]
