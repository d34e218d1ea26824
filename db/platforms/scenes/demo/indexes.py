"""Indexes rest while a table is filled, and are built afterwards in one go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

_FIND = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = %s::regclass AND NOT i.indisunique AND i.indpred IS NULL ORDER BY 1
"""


@contextmanager
def resting(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Drop the table's indexes that enforce nothing, and make them again, as they were, when the block ends.

    Partial ones stay: they are small, and PostgreSQL does not write their predicates back as it read them.
    Needs a transaction around it: when the block fails, that gives the indexes back.
    """
    found: list[tuple[str, str]] = connection.execute(_FIND, [table]).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    yield
    for _, definition in found:
        # The parent of a partitioned table says ONLY; made without it, each partition gets its own again.
        connection.execute(definition.replace(" ON ONLY ", " ON ", 1).encode())
