"""A real PgBouncer in transaction mode before the tests' primary."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from db.embedded import programs
from tests.support.databases import Database

SECONDS = 10
SERVER_CONNECTIONS = 2
"""Fewer than a console has of its own: transactions of different connections take turns on one."""


@contextmanager
def pgbouncer(
    database: Database,
    *,
    certificate: Path | None = None,
    asks: str = "scram-sha-256",
    host: Path | None = None,
) -> Iterator[str]:
    """The connection string that reaches the database through the pooler, without login and password.

    With `certificate` it speaks TLS, and nothing is said of it in the string. `asks` is how it asks people
    for their password: scram-sha-256, or plain (as it was typed). `host` is where it finds the server's
    socket, in place of where that is.
    """
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        raise RuntimeError("pgbouncer is missing: ./dev test installs it where there is apt")
    parts = psycopg.conninfo.conninfo_to_dict(database.primary)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="gr-pool-") as name:
        folder = Path(name)
        # The verifiers that the server keeps serve for both sides of the pooler: it knows no password.
        with database.connect() as connection:
            logins = connection.execute(
                "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = ANY (%s)",
                [list(database.passwords)],
            ).fetchall()
        if asks != "scram-sha-256":
            logins = list(database.passwords.items())
        users = "".join(f'"{login}" "{secret}"\n' for login, secret in logins)
        tls = ""
        if certificate is not None:
            key = certificate.with_suffix(".key")
            shutil.copy(certificate, folder / "server.crt")
            shutil.copy(key, folder / "server.key")
            tls = (
                "client_tls_sslmode = require\n"
                f"client_tls_cert_file = {folder / 'server.crt'}\n"
                f"client_tls_key_file = {folder / 'server.key'}\n"
            )
        (folder / "users.txt").write_text(users, encoding="ascii")
        (folder / "pgbouncer.ini").write_text(
            "[databases]\n"
            f"* = host={host or parts['host']} port={parts['port']}\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = {asks}\n{tls}auth_file = {folder / 'users.txt'}\n"
            f"pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\n"
            f"logfile = {folder / 'log'}\npidfile =\n",
            encoding="ascii",
        )
        for path in (folder, *folder.iterdir()):
            programs.give_to_server(path)
        user = programs.SERVER_USER if programs.AS_ROOT else None
        running = subprocess.Popen(
            [program, "-q", str(folder / "pgbouncer.ini")],
            user=user, group=user, extra_groups=[] if user else None, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _until_it_listens(port, running, folder / "log")
            more = {"sslmode": "disable"} if certificate is None else {}
            yield psycopg.conninfo.make_conninfo(database.primary, host="127.0.0.1", port=port, **more)
        finally:
            running.terminate()
            running.wait(SECONDS)


def certificate_of(name: str, folder: Path) -> Path:
    """A self-signed certificate of this host name, with its key beside it (.key)."""
    certificate = folder / f"{name}.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate


def _until_it_listens(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"pgbouncer does not listen: {log.read_text('utf-8') if log.exists() else 'no log'}")
