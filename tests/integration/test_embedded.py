"""The embedded cluster: SCRAM, private sockets, a streaming standby, leases that end with their process."""

from __future__ import annotations

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

from db.embedded import SUPERUSER, EmbeddedCluster

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


def streams(cluster: EmbeddedCluster, table: str) -> None:
    """A write on the primary appears on the standby."""
    with cluster.superuser("postgres") as primary:
        primary.execute(f"CREATE TABLE {table} ()".encode())
    url = cluster.addresses.replica("postgres")
    with psycopg.connect(url, user=SUPERUSER, password=cluster.password, autocommit=True) as replica:

        def arrived() -> bool:
            return replica.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone() == (True,)

        wait_until(arrived)


def wait_until(condition: object) -> None:
    deadline = time.monotonic() + 20
    while not (callable(condition) and condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
