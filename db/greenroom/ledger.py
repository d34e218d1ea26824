"""What the database says was decided: the proof that a run of the console did what it showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision with its first item. `audited` counts its audit rows, `items` its items."""

    login: str
    scope: str
    verb: str
    policy: str | None
    note: str | None
    title: str
    undone: bool
    items: int
    audited: int


def decisions(connection: psycopg.Connection[Any]) -> list[Entry]:
    """Every decision and undo, oldest first, read as the owner."""
    rows = connection.execute(
        "SELECT d.login, d.scope, d.verb, d.policy_key, d.note, i.title, d.undone_by IS NOT NULL,"
        " (SELECT count(*) FROM greenroom.decision_items n WHERE n.decision_id = d.decision_id),"
        " (SELECT count(*) FROM greenroom.audit a WHERE a.decision_id = d.decision_id)"
        " FROM greenroom.decisions d JOIN greenroom.decision_items i"
        " ON i.decision_id = d.decision_id AND i.ordinal = 0 ORDER BY d.decided_at"
    ).fetchall()
    return [Entry(*row) for row in rows]


def live_claims(connection: psycopg.Connection[Any]) -> int:
    """How many claims are held at this moment."""
    row = connection.execute(
        "SELECT count(*) FROM greenroom.claims WHERE holder IS NOT NULL AND expires_at > clock_timestamp()"
    ).fetchone()
    return 0 if row is None else int(row[0])
