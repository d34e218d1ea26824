"""Trying what verbs write, since no catalogue tells which rights a platform's own triggers want."""

from __future__ import annotations

from importlib.resources import files

import psycopg
from sqlalchemy import Connection

from console.domain.queues import Platform


def try_writes(connection: Connection, platform: Platform) -> list[str]:
    """Write as the console's functions do, a row for each kind of write, and roll it back.

    Returns a sentence for each write that is refused for want of a right: what refuses it, and the remedy.
    The connection is in a transaction and may act as greenroom_owner.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"{driver!r} is not a psycopg connection")
    script = files(f"db.platforms.{platform.key}") / "greenroom" / "trial.sql"
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
    refused: dict[str, None] = {}
    for statement in "\n".join(lines).split(";"):
        if not statement.strip():
            continue
        try:
            with driver.transaction(force_rollback=True):
                driver.execute("SET LOCAL ROLE greenroom_owner")
                driver.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege as error:
            refused[_told(statement, error)] = None
    return list(refused)


def _told(statement: str, error: psycopg.Error) -> str:
    write = " ".join(statement.split()[:4])
    # The last line of the context is the outermost function: the platform's trigger.
    context = (error.diag.context or "").splitlines()
    where = f" in {context[-1].removesuffix(' at SQL statement')}" if context else ""
    return (
        f'"{write} …" is refused: {error.diag.message_primary}{where}. Decisions that write this will fail:'
        " GRANT what it needs to greenroom_owner, or make the platform's function SECURITY DEFINER."
    )
