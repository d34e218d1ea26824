"""The audit's seals: the newest one seen from this machine, and the whole chain held against its rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from console.domain.audit import AuditHead
from console.domain.errors import ConfigurationError
from console.services.sealing import told
from db.greenroom import limits

BATCH = 100
"""Seals verified in one call: some seconds at most, so that progress is seen and Ctrl+C answers."""
_FILE = "audit-seen.json"
_AGAIN = "Nothing was changed. Verify again when the server has less to do."


class SeenSeal:
    """The port `AuditMemory` in a file of the journal's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    async def seen(self) -> AuditHead | None:
        """The newest seal that was seen from here."""
        return await asyncio.to_thread(read_seen, self._path)

    async def remember(self, head: AuditHead) -> None:
        """Keep it, in place of the one before."""
        await asyncio.to_thread(_write, self._path, head)

    async def contradicted(self, head: AuditHead) -> None:
        """Keep a seal that is not in the database any more beside the newest one."""
        beside = self._path.with_stem(f"{self._path.stem}-{head.seal}")
        await asyncio.to_thread(_write, beside, head)


def _write(path: Path, head: AuditHead) -> None:
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(asdict(head)), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"The newest seal of the audit cannot be remembered in {path}: {error}",
            "Free disk space or check the rights of its folder.",
        ) from error


def read_seen(path: Path) -> AuditHead | None:
    """What a file remembers, None where there is none; ConfigurationError when it is not such a file."""
    try:
        return AuditHead(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(
            f"The seal seen last cannot be read from {path}: {error}", "Check the file's owner and mode."
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} does not hold a seal of the audit: {error}",
            "Move it away; the newest seal is remembered anew.",
        ) from error


def seen_here(journals: Path, prefix: str) -> dict[str, AuditHead]:
    """The seals that the consoles of this machine hold on to, by the file's path, in folders of a prefix."""
    files = journals.glob(f"{prefix}*/{Path(_FILE).stem}*.json")
    heads = {path: read_seen(path) for path in sorted(files)}
    return {str(path): head for path, head in heads.items() if head is not None}


def verify(
    connection: psycopg.Connection[Any],
    seen: Mapping[str, AuditHead],
    progress: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """Hold every seal against the rows it is about, and the seals against those seen before.

    `connection` is an owner's or an admin's. `progress` is called with the number of the seal reached.
    Returns what is wrong, a sentence each, in the order of the seals; nothing when the audit is whole.
    Raises Busy when the audit is locked, or when the rows of one seal take too long.
    """
    problems: list[str] = []
    wanted = {head.seal for head in seen.values()}
    digests: dict[int, str] = {}
    last = 0
    while rows := _held_against_rows(connection, last):
        for number, at, digest, sealed, found, chained, intact in rows:
            when = f"seal {number} of {at:%Y-%m-%d %H:%M:%S} UTC"
            if not chained:
                problems.append(f"Seals {last + 1} to {number - 1} are missing before {when}")
            elif found != sealed:
                what = f"{sealed - found} missing" if found < sealed else f"{found - sealed} added"
                problems.append(f"Of the {sealed} rows under {when}, {what}")
            elif not intact:
                problems.append(
                    f"Among the {sealed} rows under {when}, or in the seal itself, something was changed"
                )
            if number in wanted:
                digests[number] = digest
            last = number
        progress(last)
    for path, head in seen.items():
        problem = told(head, digests.get(head.seal)) if head.seal > 0 else None
        if problem is not None:
            problems.append(f"{problem} ({path})")
    with limits.giving_up("Looking for rows without a seal", _AGAIN):
        ((unsealed,),) = _limited(connection, "SELECT greenroom.unsealed_audit()", [])
    if unsealed:
        problems.append(f"{unsealed} rows have waited for a seal for more than a minute")
    return problems


def _held_against_rows(connection: psycopg.Connection[Any], after: int) -> list[tuple[Any, ...]]:
    """The next seals with what their rows give. Where many take too long, one is asked for alone."""
    query = "SELECT * FROM greenroom.verify_audit(%s, %s)"
    with limits.giving_up(f"Holding the seal after {after} against its rows", _AGAIN):
        try:
            return _limited(connection, query, [after, BATCH])
        except psycopg.errors.QueryCanceled:
            return _limited(connection, query, [after, 1])


def _limited(
    connection: psycopg.Connection[Any], query: LiteralString, values: list[int]
) -> list[tuple[Any, ...]]:
    limit = limits.SHORT
    with connection.transaction():
        connection.execute(
            limits.SET.format("%s", "%s", "true").encode(),
            [limits.milliseconds(limit.lock), limits.milliseconds(limit.statement)],
        )
        return connection.execute(query, values).fetchall()
