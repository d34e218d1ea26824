"""The primary and its standby together: made, held by leases, made anew, destroyed."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from console.domain.errors import ConfigurationError, Unavailable
from db.embedded import programs
from db.embedded.files import (
    make_private,
    make_private_for_server,
    make_private_in_public,
    write_for_server,
    write_private,
)
from db.embedded.server import Server
from db.leases import Lease, exclusive

SUPERUSER = "postgres"
REPLICATOR = "replicator"
SLOT = "standby"
SOCKET_PATH_LIMIT = 90
"""Unix socket paths end at 103 to 107 bytes by system; `.s.PGSQL.5432` takes 14 of them."""
STREAM_SECONDS = 5
# Not TMPDIR, which may differ between two consoles of one person; the folder's owner is checked.
_SHORT = Path("/tmp")  # noqa: S108

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers listen: `host` is a socket folder (or 127.0.0.1 on Windows)."""

    primary_host: str
    primary_port: int
    replica_host: str
    replica_port: int

    def primary(self, database: str) -> str:
        """The libpq connection string of a database on the primary, without login or password."""
        return _conninfo(self.primary_host, self.primary_port, database)

    def replica(self, database: str) -> str:
        """The same on the standby."""
        return _conninfo(self.replica_host, self.replica_port, database)


class EmbeddedCluster:
    """A primary and a standby under `data`. Calls block: run them in a thread.

    Attributes: `data` (the user's folder), `home` (where the servers' files are; for root it lies
    elsewhere, and `cluster` in the data folder is a link to it).

    `throwaway` is for tests: quick servers that lose their data when the machine stops. Root's lie under
    `data` too, which the servers' user must be able to enter.
    """

    def __init__(self, data: Path, *, throwaway: bool = False) -> None:
        self.data = data.absolute()
        self._throwaway = throwaway
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        elsewhere = programs.AS_ROOT and not throwaway
        self.home = programs.ROOT_HOME / digest if elsewhere else self.data / "cluster"
        short = len(os.fsencode(self.home / "run" / "standby")) <= SOCKET_PATH_LIMIT
        self._run = self.home / "run" if short else _SHORT / f"greenroom-{digest}"
        self._leases = self.data / "leases"
        self._lock = self.data / "start.lock"

    @property
    def password(self) -> str:
        """The superuser's password, from the private file in the data folder."""
        return self._secret(SUPERUSER)

    @property
    def addresses(self) -> Addresses:
        """Where the servers listen once they are started."""
        if sys.platform == "win32":
            ports = [int(p) for p in (self.home / "ports").read_text(encoding="ascii").split()]
            return Addresses("127.0.0.1", ports[0], "127.0.0.1", ports[1])
        return Addresses(str(self._run / "primary"), 5432, str(self._run / "standby"), 5432)

    @contextmanager
    def lease(self, progress: Progress = lambda _: None) -> Iterator[Addresses]:
        """Start the servers if need be and hold them; whoever leaves last stops them."""
        lease = self.attach(progress)
        try:
            yield self.addresses
        finally:
            self.detach(lease)

    def attach(self, progress: Progress = lambda _: None) -> Lease:
        """Hold the servers for this process; the lease ends with the process, even by SIGKILL.

        Servers that were killed are started again. Raises Unavailable when they do not start.
        """
        make_private(self.data)
        with exclusive(self._lock):
            lease = Lease.take(self._leases)
            try:
                self._start(progress)
            except BaseException:
                self._let_go(lease)
                raise
        return lease

    def detach(self, lease: Lease) -> None:
        """Give the hold back and stop the servers when nobody else holds them."""
        with exclusive(self._lock):
            self._let_go(lease)

    def running(self, server: str = "primary") -> bool:
        """Whether `primary` or `standby` accepts connections."""
        return (self.home / server).exists() and self._server(server).running()

    def stop(self) -> None:
        """Stop both servers (fast shutdown)."""
        for server in ("standby", "primary"):
            if (self.home / server).exists():
                self._server(server).stop()

    def destroy(self) -> None:
        """Stop the servers and delete everything that they and their secrets left.

        Raises Unavailable while a console, here or in another process, holds the servers.
        """
        if not self.data.exists():
            return
        with exclusive(self._lock):
            if Lease.anyone(self._leases):
                raise Unavailable(f"Another console uses the servers in {self.data}", "Close it first.")
            self.stop()
            for folder in (self.home, self._run, self.data / "secrets", self._leases):
                shutil.rmtree(folder, ignore_errors=True)
            if self.home.parent != self.data:
                (self.data / "cluster").unlink(missing_ok=True)
            with suppress(PermissionError):  # Windows keeps a file that is open.
                self._lock.unlink()

    def create_database(self, name: str, template: str = "template0") -> None:
        """Create a database unless it exists."""
        with self.superuser("postgres") as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )

    def superuser(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """An autocommit connection of the superuser on the primary."""
        return self._superuser(self.addresses.primary(database))

    def _superuser(self, conninfo: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(conninfo, user=SUPERUSER, password=self.password, autocommit=True)

    def _let_go(self, lease: Lease) -> None:
        lease.give_back()
        if not Lease.anyone(self._leases):
            self.stop()

    def _start(self, progress: Progress) -> None:
        self._make_folders()
        if not (self.home / "primary" / "PG_VERSION").exists():
            progress("Creating the database server")
            self._create_primary()
        self._server("primary").start()
        if not (self.home / "standby" / "standby.signal").exists():
            progress("Creating the read replica")
            self._create_standby()
        if not self._standby_streams():
            progress("Making the read replica anew")
            self._create_standby()
            if not self._standby_streams():
                raise Unavailable(
                    "The embedded read replica does not follow the primary",
                    f"See the logs in {self.home / 'logs'}.",
                )

    def _create_primary(self) -> None:
        made, password_file = self.home / "primary.new", self.home / "initial-password"
        shutil.rmtree(made, ignore_errors=True)
        make_private(self.data / "secrets")
        password = secrets.token_urlsafe(24)
        write_private(self.data / "secrets" / SUPERUSER, password)
        write_private(self.data / "secrets" / REPLICATOR, secrets.token_urlsafe(24))
        write_for_server(password_file, password)
        try:
            programs.run(
                "initdb", "-D", str(made), "-U", SUPERUSER, "--auth=scram-sha-256",
                f"--pwfile={password_file}", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums",
                *self._hurry(),
            )  # fmt: skip
        finally:
            password_file.unlink()
        shutil.rmtree(self.home / "primary", ignore_errors=True)
        made.rename(self.home / "primary")

    def _create_standby(self) -> None:
        standby, made = self.home / "standby", self.home / "standby.new"
        self._server("standby").stop("immediate")
        if (standby / "PG_VERSION").exists() and not (standby / "standby.signal").exists():
            # Somebody promoted it: what was written to it since stands nowhere else.
            standby.rename(self.home / f"promoted-{secrets.token_hex(4)}")
        for folder in (standby, made):
            shutil.rmtree(folder, ignore_errors=True)
        self._allow_replication()
        passfile = self.home / "replicator.pgpass"
        write_for_server(passfile, f"*:*:*:{REPLICATOR}:{self._secret(REPLICATOR)}\n")
        at = self.addresses
        source = psycopg.conninfo.make_conninfo(
            host=at.primary_host, port=at.primary_port, user=REPLICATOR, passfile=str(passfile)
        )
        programs.run(
            "pg_basebackup", "-D", str(made), "-d", source,
            "-R", "-X", "stream", "-C", "-S", SLOT, "-c", "fast",
            *self._hurry(),
        )  # fmt: skip
        made.rename(standby)

    def _allow_replication(self) -> None:
        """The role the standby signs in as, and no slot left of a standby before it."""
        role = sql.Identifier(REPLICATOR)
        with self.superuser("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [REPLICATOR]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN REPLICATION").format(role))
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(self._secret(REPLICATOR)))
            )
            slot = "FROM pg_replication_slots WHERE slot_name = %s"
            connection.execute(
                f"SELECT pg_terminate_backend(active_pid, 5000) {slot} AND active".encode(), [SLOT]
            )
            connection.execute(f"SELECT pg_drop_replication_slot(slot_name) {slot}".encode(), [SLOT])

    def _standby_streams(self) -> bool:
        """Start the standby; whether it follows the primary. It may take its time while it replays."""
        try:
            self._server("standby").start()
        except Unavailable:
            return False
        with self._superuser(self.addresses.replica("postgres")) as connection:
            replayed: object = None
            deadline = time.monotonic() + STREAM_SECONDS
            while time.monotonic() < deadline:
                streams, now = connection.execute(
                    "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),"
                    " pg_last_wal_replay_lsn()"
                ).fetchone() or (False, None)
                if streams:
                    return True
                if now != replayed:
                    replayed, deadline = now, time.monotonic() + STREAM_SECONDS
                time.sleep(0.02)
        return False

    def _server(self, name: str) -> Server:
        at = self.addresses
        host, port = (
            (at.primary_host, at.primary_port) if name == "primary" else (at.replica_host, at.replica_port)
        )
        return Server(name, self.home / name, host, port, self.home / "logs", self._throwaway)

    def _hurry(self) -> list[str]:
        return ["--no-sync"] if self._throwaway else []

    def _make_folders(self) -> None:
        """Everything but the servers' own files; what a cleaner of temporary files took is made again."""
        programs.install()
        for folder in (self.home, self.home / "logs"):
            make_private_for_server(folder)
        if self._run.parent == _SHORT:
            make_private_in_public(self._run)
        for folder in (self._run, self._run / "primary", self._run / "standby"):
            make_private_for_server(folder)
        if self.home.parent != self.data:
            link = self.data / "cluster"
            link.unlink(missing_ok=True)
            link.symlink_to(self.home)
        if sys.platform == "win32" and not (self.home / "ports").exists():
            with socket.socket() as one, socket.socket() as two:
                one.bind(("127.0.0.1", 0))
                two.bind(("127.0.0.1", 0))
                ports = f"{one.getsockname()[1]} {two.getsockname()[1]}"
            (self.home / "ports").write_text(ports, encoding="ascii")

    def _secret(self, name: str) -> str:
        path = self.data / "secrets" / name
        try:
            return path.read_text(encoding="ascii")
        except OSError as error:
            raise ConfigurationError(
                f"The servers' password cannot be read from {path}: {error.strerror}",
                "Put the file back, or make the demo anew: greenroom demo --reset.",
            ) from error


def _conninfo(host: str, port: int, database: str) -> str:
    # On Windows the servers listen on the loopback address, and have no certificate.
    more = {} if host.startswith("/") else {"sslmode": "disable"}
    return psycopg.conninfo.make_conninfo(host=host, port=port, dbname=database, **more)
