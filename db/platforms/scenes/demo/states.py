"""What the platform's rows say of the things that queues are about, counted: the proof beside the ledger."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg

from console.domain.subjects import Subject

States = Counter[tuple[str, str]]
"""How many rows of a relation are in a state, by (relation, state)."""

_ALL = (
    "SELECT 'ideas', status || ' ' || moderation_status, count(*) FROM ideas GROUP BY 2"
    " UNION ALL SELECT 'user_topics', status, count(*) FROM user_topics GROUP BY 2"
    " UNION ALL SELECT 'flags', status, count(*) FROM moderation_flags GROUP BY 2"
    " UNION ALL SELECT 'segments', status, count(*) FROM segments GROUP BY 2"
    " UNION ALL SELECT 'scenes', status, count(*) FROM scenes GROUP BY 2"
    " UNION ALL SELECT 'reviews', 'due', count(*) FROM greenroom.subjects WHERE review_due_at IS NOT NULL"
)
_ONE = (
    "SELECT 'ideas', status || ' ' || moderation_status, count(*) FROM ideas WHERE id = %(id)s GROUP BY 2"
    " UNION ALL SELECT 'user_topics', status, count(*) FROM user_topics WHERE id = %(id)s GROUP BY 2"
    " UNION ALL SELECT 'flags', status, count(*) FROM moderation_flags"
    " WHERE target_type = %(kind)s AND target_id = %(id)s GROUP BY 2"
    " UNION ALL SELECT 'segments', status, count(*) FROM segments WHERE id = %(id)s GROUP BY 2"
    " UNION ALL SELECT 'scenes', status, count(*) FROM scenes WHERE id = %(id)s GROUP BY 2"
    " UNION ALL SELECT 'reviews', 'due', count(*) FROM greenroom.subjects"
    " WHERE kind = %(kind)s AND id = %(id)s AND review_due_at IS NOT NULL"
)


def states(connection: psycopg.Connection[Any], subject: Subject | None = None) -> States:
    """The states of everything, or of one subject with its flags and its review; read as the owner."""
    if subject is None:
        rows = connection.execute(_ALL).fetchall()
    else:
        rows = connection.execute(_ONE, {"kind": subject.kind, "id": subject.id}).fetchall()
    return Counter({(relation, state): count for relation, state, count in rows if count})
