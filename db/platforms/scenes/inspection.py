"""Holds a platform's database against the models, before anything is added to it.

Only the catalogue is read. Extra tables, columns and indexes are no difference: the platform may have more
than the console needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Connection, Table, UniqueConstraint, text
from sqlalchemy.dialects import postgresql

from db.platforms.scenes.models import Base

_NOT_NEEDED = {"job_idempotency_keys"}
"""Made by our own migrations only; a platform may keep its keys unique in another way."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a table is not as the models say. What the console reads or writes is `blocking`."""

    relation: str
    column: str | None
    expected: str
    found: str
    blocking: bool

    @property
    def message(self) -> str:
        """The difference as a sentence."""
        where = f"{self.relation}.{self.column}" if self.column else self.relation
        return f"{where}: expected {self.expected}, found {self.found}"


def inspect(connection: Connection) -> list[Difference]:
    """Every difference, table by table; and the months that have no partition."""
    found = list(_tables(connection))
    if not any(difference.blocking for difference in found):
        found.extend(_months(connection))
    return found


def _tables(connection: Connection) -> Iterator[Difference]:
    for table in Base.metadata.sorted_tables:
        if table.name in _NOT_NEEDED:
            continue
        kind = connection.scalar(_KIND, {"table": table.name})
        if kind is None:
            yield Difference(table.name, None, "a table", "none", blocking=True)
            continue
        yield from _columns(connection, table)
        yield from _constraints(connection, table)
        wanted = table.dialect_options["postgresql"]["partition_by"]
        key = connection.scalar(_PARTITIONED, {"table": table.name})
        if wanted and key != wanted:
            yield Difference(
                table.name, None, f"partitions by {wanted}", key or "no partitions", blocking=True
            )


def _columns(connection: Connection, table: Table) -> Iterator[Difference]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    present = {row.name: row for row in connection.execute(_COLUMNS, {"table": table.name})}
    for column in table.columns:
        has = present.get(column.name)
        if has is None:
            yield Difference(table.name, column.name, "a column", "none", blocking=True)
            continue
        wanted = column.type.compile(dialect).lower()
        spelt = wanted.replace("varchar", "character varying")
        if spelt != has.type:
            yield Difference(table.name, column.name, spelt, has.type, blocking=True)
        if column.nullable != (not has.required):
            words = ("null allowed", "NOT NULL")
            expected, actual = words if column.nullable else words[::-1]
            yield Difference(table.name, column.name, expected, actual, blocking=False)


def _constraints(connection: Connection, table: Table) -> Iterator[Difference]:
    rows = connection.execute(_CONSTRAINTS, {"table": table.name}).all()
    keys = {(row.kind, tuple(row.columns)) for row in rows if row.kind in {"p", "u"}}
    primary = tuple(column.name for column in table.primary_key)
    if not any(kind == "p" and set(columns) == set(primary) for kind, columns in keys):
        yield Difference(
            table.name, None, f"primary key ({', '.join(primary)})", "another or none", blocking=True
        )
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            columns = tuple(column.name for column in constraint.columns)
            if not any(set(columns) == set(each) for _, each in keys):
                yield Difference(table.name, None, f"unique ({', '.join(columns)})", "none", blocking=False)
        elif isinstance(constraint, CheckConstraint):
            column = str(constraint.sqltext).split(" ", 1)[0]
            wanted = _literals(str(constraint.sqltext))
            allowed = [
                _literals(row.definition) for row in rows if row.kind == "c" and row.columns == [column]
            ]
            # A platform that allows fewer values would refuse a verb; one that allows more is fine.
            if allowed and not any(wanted <= values for values in allowed):
                yield Difference(
                    table.name,
                    column,
                    f"the values {', '.join(sorted(wanted))}",
                    "; ".join(", ".join(sorted(values)) for values in allowed),
                    blocking=True,
                )


def _months(connection: Connection) -> Iterator[Difference]:
    for row in connection.execute(_MISSING_MONTHS):
        yield Difference(
            row.relation, None, f"a partition for {row.month}", "none: an admin can make it", blocking=False
        )


def _literals(definition: str) -> frozenset[str]:
    return frozenset(re.findall(r"'([^']*)'", definition))


_KIND = text("SELECT relkind FROM pg_class WHERE oid = to_regclass('public.' || quote_ident(:table))")
_PARTITIONED = text("SELECT pg_get_partkeydef(to_regclass('public.' || quote_ident(:table)))")
_COLUMNS = text(
    "SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required"
    " FROM pg_attribute WHERE attrelid = to_regclass('public.' || quote_ident(:table))"
    " AND attnum > 0 AND NOT attisdropped"
)
_CONSTRAINTS = text(
    "SELECT c.contype::text AS kind, pg_get_constraintdef(c.oid) AS definition,"
    " ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)"
    "  JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns"
    " FROM pg_constraint AS c WHERE c.conrelid = to_regclass('public.' || quote_ident(:table))"
)
_MISSING_MONTHS = text(
    "SELECT t.relation, to_char(m.start, 'YYYY-MM') AS month"
    " FROM (VALUES ('segments'), ('jobs')) AS t (relation),"
    " generate_series(date_trunc('month', now()), date_trunc('month', now()) + interval '1 month',"
    "  interval '1 month') AS m (start)"
    " WHERE NOT EXISTS (SELECT FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhrelid"
    "  WHERE i.inhparent = to_regclass('public.' || t.relation)"
    "  AND pg_get_expr(p.relpartbound, p.oid) LIKE '%FROM (''' || to_char(m.start, 'YYYY-MM-DD') || '%')"
)
