"""Monthly partitions of an attached platform, made by its owner."""

from __future__ import annotations

from sqlalchemy import Connection, text

from db.greenroom.months import missing_months


def make_missing_months(connection: Connection) -> list[str]:
    """Make this and the next month (UTC) where no partition holds them; tells each ("segments 2026-12").

    Uses the platform's own function, so the connection belongs to the owner of its tables.
    """
    missing = [each for each in missing_months(connection) if each[0] in {"segments", "jobs"}]
    for table, month in missing:
        year, number = month.split("-")
        connection.execute(_MAKE, {"table": table, "year": int(year), "month": int(number)})
    return [f"{table} {month}" for table, month in missing]


_MAKE = text("SELECT create_monthly_partition(:table, :year, :month)")
