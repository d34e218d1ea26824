"""Whether a platform's own counters say what there is. They are its own business: nothing is mended."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

PATIENCE_SECONDS = 120
"""Every row is counted: on a very large platform that may take longer than anybody waits."""


def drift(connection: Connection, seconds: int = PATIENCE_SECONDS) -> list[str]:
    """A sentence for each counter that differs, with an example. Only reads, on a transaction of its own."""
    query = (files("db.platforms.scenes") / "counters.sql").read_text(encoding="utf-8").rstrip(";\n")
    connection.execute(text("SET TRANSACTION READ ONLY"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{seconds:d}s'"))
    try:
        rows = connection.exec_driver_sql(query).all()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != "57014":
            raise
        return [f"Counters were not compared: counting took more than {seconds} s"]
    return [
        f"{row.counter}: {row.wrong_rows:,} of {row.counted_rows:,} rows do not say what is counted"
        f" ({row.example} says {row.says or 'nothing'}, counted {row.counted or 'nothing'});"
        " the platform counts by itself, so it is left as it is"
        for row in rows
    ]
