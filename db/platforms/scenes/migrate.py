"""Bring a database of our own to the platform's newest schema, or back to nothing.

Only for databases that Greenroom itself keeps (demo, tests): a platform's own database is attached to,
never migrated.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate up to `revision`, then keep this and the next three months' partitions."""
    command.upgrade(_config(connection), revision)
    keep_months_ahead(connection)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Migrate down to `revision`."""
    command.downgrade(_config(connection), revision)


def keep_months_ahead(connection: Connection, months: int = 3) -> None:
    """Make the partitions of the current and the next `months` months where they are missing."""
    connection.execute(
        text(
            "SELECT ensure_monthly_partitions((now() AT TIME ZONE 'UTC')::date,"
            " ((now() AT TIME ZONE 'UTC') + make_interval(months => :months))::date)"
        ),
        {"months": months},
    )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config
