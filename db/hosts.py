"""Which of several hosts is the primary: the one that takes writes on the highest timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from console.domain.errors import Unavailable
from db.errors import translate

Connection = psycopg.AsyncConnection[Any]

# The control file tells the old timeline for a while after a promotion; the name of the WAL file does not.
_TIMELINE = (
    b"SELECT CASE WHEN pg_is_in_recovery() THEN 0"
    b" ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer END"
)


def each_host(conninfo: str) -> tuple[str, ...]:
    """One connection string for each host that `conninfo` (or URL) names; itself where it is one.

    `target_session_attrs` and `load_balance_hosts` go: every host is asked here, and the choice is ours.
    """
    parts = {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    hosts, addresses = parts.pop("host", "").split(","), parts.pop("hostaddr", "").split(",")
    count = max(len(hosts), len(addresses))
    if count == 1:
        return (conninfo,)
    ports = parts.pop("port", "").split(",")
    for key in ("target_session_attrs", "load_balance_hosts"):
        parts.pop(key, None)
    return tuple(
        make_conninfo(
            **parts,
            **{
                key: values[place if len(values) > 1 else 0]
                for key, values in (("host", hosts), ("hostaddr", addresses), ("port", ports))
                if values[place if len(values) > 1 else 0]
            },
        )
        for place in range(count)
    )


async def newest_primary(
    hosts: Sequence[str], connect: Callable[[str], Awaitable[Connection]], seen: int
) -> tuple[Connection, int]:
    """A connection to the host that takes writes on the highest timeline, and that timeline.

    All are asked at once; `connect` gives up by itself. Two hosts may take writes when an old primary came
    back: what it is told would be lost. Raises Unavailable when none takes writes, or when the best is of a
    timeline older than `seen`; SignInFailed when that is what a host said.
    """
    asked = await asyncio.gather(*(_ask(connect, host) for host in hosts), return_exceptions=True)
    found = [answer for answer in asked if not isinstance(answer, BaseException)]
    best = max(found, key=lambda answer: answer[1], default=None)
    for connection, _ in found:
        if best is None or connection is not best[0] or best[1] < max(seen, 1):
            await connection.close()
    if best is None:
        failures = [answer for answer in asked if isinstance(answer, psycopg.Error)]
        raise translate(failures[0]) if failures else Unavailable("No host of the profile's URL answered")
    if best[1] == 0:
        raise Unavailable("No host of the profile's URL takes writes", "One of them is to be promoted.")
    if best[1] < seen:
        raise Unavailable(
            "Only a server that was the primary before can be reached",
            "What it is told would be lost; the newer primary is waited for.",
        )
    return best


async def _ask(connect: Callable[[str], Awaitable[Connection]], host: str) -> tuple[Connection, int]:
    connection = await connect(host)
    try:
        row = await (await connection.execute(_TIMELINE)).fetchone()
    except BaseException:
        await connection.close()
        raise
    return connection, int(row[0]) if row is not None else 0
