"""Months that no partition holds yet."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, text


def missing_months(connection: Connection) -> list[tuple[str, str]]:
    """Each table that is partitioned by time with a month ("2026-12", UTC) that no partition holds whole.

    This month and the next are looked at, however the partitions are cut. Sets the transaction's time zone.
    """
    connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))  # bounds without a zone are read as UTC
    query = (files("db.greenroom") / "sql" / "months.sql").read_text(encoding="utf-8")
    return [(str(table), str(month)) for table, month in connection.exec_driver_sql(query)]
