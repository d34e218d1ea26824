"""SQL that stands in files: whole scripts, sent as they are."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path

import psycopg
from sqlalchemy import Connection


def execute_script(connection: Connection, script: Path | Traversable) -> None:
    """Run every statement of `script` in the connection's transaction.

    The script goes past SQLAlchemy's parameters, since `%` is an ordinary character in it.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"{driver!r} is not a psycopg connection")
    driver.execute(script.read_bytes())
