"""How a connection is protected on its way: TLS that names the server, and SCRAM alone."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


def encrypted(conninfo: str) -> str:
    """`conninfo` (or URL) with `sslmode=verify-full` for any server that is not at a local socket.

    What the URL says itself stands: `sslmode=disable` for a network that is trusted, `sslrootcert` for an
    authority of one's own. Without either that or libpq's own file, the system's authorities count.
    """
    parts = {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    hosts = (parts.get("hostaddr") or parts.get("host") or os.environ.get("PGHOST", "")).split(",")
    if "sslmode" in parts or "service" in parts or all(_local(host) for host in hosts):
        return conninfo
    more = {"sslmode": "verify-full"}
    if not ("sslrootcert" in parts or "PGSSLROOTCERT" in os.environ or _libpq_file().exists()):
        more["sslrootcert"] = "system"
    return make_conninfo(conninfo, **more)


def scram_only(conninfo: str) -> str:
    """`conninfo` for a person's login: a server that asks for the password itself does not get it."""
    return make_conninfo(encrypted(conninfo), require_auth="scram-sha-256")


def never_typed(conninfo: str) -> str:
    """`conninfo` for an owner, whom the server may know otherwise: no password goes out as it was typed."""
    return make_conninfo(encrypted(conninfo), require_auth="!password,!md5")


def _local(host: str) -> bool:
    return host == "" or host.startswith(("/", "@"))


def _libpq_file() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "")) / "postgresql" / "root.crt"
    return Path.home() / ".postgresql" / "root.crt"
