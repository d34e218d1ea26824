"""Every right that a role has in a database, as lines of text that can be reviewed."""

from __future__ import annotations

from typing import Any

import psycopg

_RIGHTS = """
WITH scopes AS (
    SELECT c.oid, c.relkind, format('%%s.%%s', n.nspname, c.relname) AS name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'greenroom') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND c.relname !~ '_[0-9]{4}_[0-9]{2}$' AND c.relname <> 'alembic_version'
)
SELECT p.privilege || ' ' || s.name || ' (' || string_agg(a.attname, ', ' ORDER BY a.attname) || ')'
FROM scopes AS s JOIN pg_attribute AS a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p (privilege)
WHERE s.relkind <> 'S' AND has_column_privilege(%(role)s, s.oid, a.attnum, p.privilege)
GROUP BY p.privilege, s.name
UNION ALL
SELECT p.privilege || ' ' || s.name
FROM scopes AS s CROSS JOIN unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS p (privilege)
WHERE s.relkind <> 'S' AND has_table_privilege(%(role)s, s.oid, p.privilege)
UNION ALL
SELECT p.privilege || ' ' || s.name
FROM scopes AS s CROSS JOIN unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p (privilege)
WHERE s.relkind = 'S' AND has_sequence_privilege(%(role)s, s.oid, p.privilege)
UNION ALL
SELECT 'EXECUTE ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname IN ('public', 'greenroom') AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')
UNION ALL
SELECT p.privilege || ' SCHEMA ' || n.nspname
FROM pg_namespace AS n CROSS JOIN unnest(ARRAY['USAGE', 'CREATE']) AS p (privilege)
WHERE n.nspname IN ('public', 'greenroom') AND has_schema_privilege(%(role)s, n.oid, p.privilege)
UNION ALL
SELECT p.privilege || ' DATABASE' FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMP']) AS p (privilege)
WHERE has_database_privilege(%(role)s, current_database(), p.privilege)
ORDER BY 1
"""


def rights(connection: psycopg.Connection[tuple[Any, ...]], role: str) -> list[str]:
    """What `role` may do, be it through a group or PUBLIC, on everything but monthly partitions."""
    return [str(row[0]) for row in connection.execute(_RIGHTS, {"role": role})]


def reviewed(connection: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    """The rights of each rank beyond the one below, then what the functions' owner holds on the platform."""
    lines: list[str] = []
    below: set[str] = set()
    for role in ("greenroom_reviewer", "greenroom_moderator", "greenroom_admin"):
        own = rights(connection, role)
        lines += [f"{role} {line}" for line in own if line not in below]
        below.update(own)
    owner = rights(connection, "greenroom_owner")
    return lines + [f"greenroom_owner {line}" for line in owner if " greenroom" not in line]
