"""The demo: an embedded primary and replica with the platform `scenes`, its staff, and pending work."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import sqlalchemy as sa

from console.domain.staff import Role
from db.embedded import SUPERUSER, EmbeddedCluster
from db.greenroom.attach import attach
from db.greenroom.staff import grant_staff
from db.leases import Lease
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.demo import MediaLibrary, MediaServer, Size, seed
from db.platforms.scenes.demo.progress import Progress, never

DATABASE = "scenes"
LOGINS = {role.title: role for role in Role}


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo. `passwords` has one for each login: reviewer, moderator, admin."""

    cluster: EmbeddedCluster
    lease: Lease
    media: MediaServer
    passwords: dict[str, str]

    @property
    def primary(self) -> str:
        """The libpq connection string of the platform on the primary."""
        return self.cluster.addresses.primary(DATABASE)

    @property
    def replica(self) -> str:
        """The same on the replica."""
        return self.cluster.addresses.replica(DATABASE)

    def urls(self) -> dict[str, Any]:
        """The servers as URLs: primary and replica as the owner, and one for each login."""
        at, owner = self.cluster.addresses, (SUPERUSER, self.cluster.password)
        return {
            "primary": _url(at.primary_host, at.primary_port, *owner),
            "replica": _url(at.replica_host, at.replica_port, *owner),
            "logins": {
                login: _url(at.primary_host, at.primary_port, login, password)
                for login, password in sorted(self.passwords.items())
                if login in LOGINS
            },
        }

    def close(self) -> None:
        """Let go of the servers; they stop when nobody else holds them."""
        self.media.stop()
        self.cluster.detach(self.lease)


def start_demo(
    data: Path,
    size: str,
    progress: Progress,
    *,
    reset: bool = False,
    forget: Sequence[Path] = (),
    cancelled: Callable[[], bool] = never,
) -> Demo:
    """Start the demo under `data`, making it first where it is missing. Blocks: run it in a thread.

    With `reset` it is thrown away first, and with it what is to `forget`: local records of the demo that was.
    Raises Unavailable when the servers do not start, or when another console holds a demo to be reset, and
    Cancelled soon after `cancelled` says so; what is half made is thrown away then.
    """
    cluster = EmbeddedCluster(data)
    if reset:
        cluster.destroy()
        for left in (data / "demo.json", data / "media", *forget):
            _remove(left)
    progress("Starting the servers", 0, 0)
    lease = cluster.attach(lambda what: progress(what, 0, 0))
    try:
        made = data / "demo.json"
        passwords = json.loads(made.read_text(encoding="utf-8")) if made.exists() else None
        if passwords is None:
            passwords = _make(cluster, data, size, progress, cancelled)
            _write_private(made, json.dumps(passwords))
        else:
            _keep_current(cluster)
        media = MediaServer(data / "media")
        media.start()
    except BaseException:
        cluster.detach(lease)
        raise
    return Demo(cluster, lease, media, passwords)


def _make(
    cluster: EmbeddedCluster,
    data: Path,
    size: str,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> dict[str, str]:
    media = MediaLibrary(data / "media")
    media.make(progress, cancelled)
    with cluster.superuser("postgres") as connection:
        # Whatever an interrupted run left is thrown away: the demo is made whole or not at all.
        # Staff have no business in the server's own databases: locks taken there fill the same memory.
        connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        connection.execute(b'DROP DATABASE IF EXISTS "scenes" WITH (FORCE)')
    cluster.create_database(DATABASE)
    engine = _engine(cluster)
    try:
        progress("Creating the platform's tables", 0, 0)
        with engine.begin() as connection:
            migrate.upgrade(connection)
        attach(engine, SCENES)
    finally:
        engine.dispose()
    with cluster.superuser(DATABASE) as connection:
        seed(connection, Size(size), datetime.now(UTC), media, progress, cancelled)
        passwords = {login: _make_login(connection, login, role) for login, role in LOGINS.items()} | {
            "moderator2": _make_login(connection, "moderator2", Role.MODERATOR)
        }
        with connection.transaction():
            connection.execute((files("db.platforms.scenes.demo") / "history.sql").read_bytes())
        return passwords


def _make_login(connection: psycopg.Connection[Any], login: str, role: Role) -> str:
    password = secrets.token_urlsafe(18)
    names = {"admin": "Ada Fern", "moderator": "Mo Alder", "moderator2": "Mila Birch"}
    row = connection.execute(
        "INSERT INTO users (email, username, display_name, role, email_verified)"
        " VALUES (%s, %s, %s, %s, true) ON CONFLICT (username) DO UPDATE SET updated_at = now() RETURNING id",
        [
            f"{login}@staff.example",
            f"staff_{login}",
            names.get(login, "Rey Hazel"),
            "admin" if role is Role.ADMIN else "moderator",
        ],
    ).fetchone()
    if row is None:
        raise RuntimeError("the staff account was not written")
    grant_staff(connection, login, role, row[0], names.get(login, "Rey Hazel"), password)
    return password


def _keep_current(cluster: EmbeddedCluster) -> None:
    """A demo that was made by an earlier version, or last month, is brought up to date."""
    engine = _engine(cluster)
    try:
        with engine.begin() as connection:
            migrate.upgrade(connection)
        attach(engine, SCENES)
    finally:
        engine.dispose()


def _engine(cluster: EmbeddedCluster) -> sa.Engine:
    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(
            cluster.addresses.primary(DATABASE), user=SUPERUSER, password=cluster.password
        ),
        poolclass=sa.NullPool,
    )


def _url(host: str, port: int, login: str, password: str) -> str:
    query = urlencode({"host": host, "port": port})
    return f"postgresql://{quote(login)}:{quote(password)}@/{DATABASE}?{query}"


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
