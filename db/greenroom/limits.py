"""How long an owner's commands wait for others and work themselves, and what is said when one gives up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text

from console.domain.errors import Busy, TooSlow
from db.errors import translated


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds that one statement may wait for a lock, and take in all."""

    lock: float
    statement: float


SHORT = Limit(5, 60)
"""For what reads little. Whoever waits for a lock on the platform's tables has all of the platform wait
behind them."""
LONG = Limit(5, 600)
"""For what goes through whole tables."""
INDEX = Limit(60, 3600)
"""For an index that is made beside the platform's work: it waits for every transaction begun before it, and
hinders none."""

SET = "SELECT set_config('lock_timeout', {0}, {2}), set_config('statement_timeout', {1}, {2})"


def in_force(connection: Connection, limit: Limit, *, local: bool = True) -> None:
    """Keep to `limit` in this transaction, or else for as long as the connection lasts."""
    connection.execute(
        text(SET.format(":lock", ":statement", ":local")),
        {"lock": milliseconds(limit.lock), "statement": milliseconds(limit.statement), "local": local},
    )


def milliseconds(seconds: float) -> str:
    """As the server takes it."""
    return f"{seconds * 1000:.0f}ms"


@contextmanager
def giving_up(what: str, remedy: str) -> Iterator[None]:
    """Say what was given up: unlike a console's calls, nobody tries it again by itself."""
    try:
        with translated():
            yield
    except TooSlow as error:
        raise TooSlow(f"{what} took longer than it may, and the server has ended it", remedy) from error
    except Busy as error:
        raise Busy(f"{what} was kept waiting by a transaction of somebody else", remedy) from error
