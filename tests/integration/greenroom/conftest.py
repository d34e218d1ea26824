"""A database as attach leaves it: a clone does not take the rights on the database itself along."""

from __future__ import annotations

import pytest
from psycopg import sql

from tests.support.databases import Database


@pytest.fixture
def closed(attached: Database) -> Database:
    """The attached database with TEMP taken from PUBLIC again."""
    with attached.connect() as connection:
        connection.execute(
            sql.SQL("REVOKE TEMP ON DATABASE {} FROM PUBLIC").format(sql.Identifier(attached.name))
        )
    return attached
