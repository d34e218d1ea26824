"""Holds a platform's database against the models, before anything is added to it.

Only the catalogue is read. Extra tables, columns and indexes are no difference: the platform may have more
than the console needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    DefaultClause,
    Index,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

from db.greenroom.months import missing_months
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
        if kind not in _TABLES:
            yield Difference(table.name, None, "a table", "something else of that name", blocking=True)
            continue
        yield from _columns(connection, table)
        yield from _constraints(connection, table)
        yield from _indexes(connection, table)
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
        default = _default(column)
        if default is not None and default != _plain(has.default_value or ""):
            found = has.default_value or "none"
            yield Difference(table.name, column.name, f"the default {default}", found, blocking=False)


def _constraints(connection: Connection, table: Table) -> Iterator[Difference]:
    rows = connection.execute(_CONSTRAINTS, {"table": table.name}).all()
    keys = {(row.kind, tuple(row.columns)) for row in rows if row.kind in {"p", "u"}}
    primary = tuple(column.name for column in table.primary_key)
    if not any(kind == "p" and set(columns) == set(primary) for kind, columns in keys):
        yield Difference(
            table.name, None, f"primary key ({', '.join(primary)})", "another or none", blocking=True
        )
    references = {(tuple(row.columns), row.target, row.cascades) for row in rows if row.kind == "f"}
    for key in table.foreign_key_constraints:
        columns, target = tuple(key.column_keys), key.referred_table.name
        if (columns, target, key.ondelete == "CASCADE") not in references:
            deleting = " ON DELETE CASCADE" if key.ondelete == "CASCADE" else ""
            expected = f"a foreign key ({', '.join(columns)}) to {target}{deleting}"
            yield Difference(table.name, None, expected, "another or none", blocking=False)
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


def _indexes(connection: Connection, table: Table) -> Iterator[Difference]:
    """Indexes by what they serve, whatever their names: one that begins with the columns is enough."""
    present = connection.execute(_INDEXES, {"table": table.name}).all()
    known = {row.name for row in connection.execute(_COLUMNS, {"table": table.name})}
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        columns, method, condition = _index(index)
        if known.issuperset(columns) and not any(
            tuple(row.columns[: len(columns)]) == columns
            and row.method == method
            and (row.condition is None or _literals(row.condition) == condition)
            for row in present
        ):
            using = "" if method == "btree" else f" using {method}"
            yield Difference(
                table.name, None, f"an index on ({', '.join(columns)}){using}", "none", blocking=False
            )


def _index(index: Index) -> tuple[tuple[str, ...], str, frozenset[str]]:
    """The columns of an index, its method, and the values that its condition names."""
    options = index.dialect_options["postgresql"]
    # A descending column is an expression here; PostgreSQL reads its index both ways.
    columns = tuple(str(each).removesuffix(" DESC").rpartition(".")[2] for each in index.expressions)
    return columns, options["using"] or "btree", _literals(str(options["where"]))


def _default(column: Column[object]) -> str | None:
    return (
        _plain(str(column.server_default.arg)) if isinstance(column.server_default, DefaultClause) else None
    )


def _plain(expression: str) -> str:
    """A default without the casts that PostgreSQL adds, and by one name where it has two."""
    bare = re.sub(r"::[a-z ]+(\(\d+\))?", "", expression)
    return "now()" if bare.upper() == "CURRENT_TIMESTAMP" else bare


def _months(connection: Connection) -> Iterator[Difference]:
    """This and the next month where no partition holds them whole, however they are cut."""
    for relation, month in missing_months(connection):
        if relation in {"segments", "jobs"}:
            yield Difference(
                relation,
                None,
                f"a partition for {month}",
                "none: `greenroom months` makes it",
                blocking=False,
            )


def _literals(definition: str) -> frozenset[str]:
    return frozenset(re.findall(r"'([^']*)'", definition))


_KIND = text("SELECT relkind FROM pg_class WHERE oid = to_regclass('public.' || quote_ident(:table))")
_TABLES = {"r", "p"}
_PARTITIONED = text("SELECT pg_get_partkeydef(to_regclass('public.' || quote_ident(:table)))")
_COLUMNS = text(
    "SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required,"
    " pg_get_expr(d.adbin, d.adrelid) AS default_value"
    " FROM pg_attribute LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (attrelid, attnum)"
    " WHERE attrelid = to_regclass('public.' || quote_ident(:table))"
    " AND attnum > 0 AND NOT attisdropped"
)
_CONSTRAINTS = text(
    "SELECT c.contype::text AS kind, pg_get_constraintdef(c.oid) AS definition,"
    " (SELECT relname FROM pg_class WHERE oid = c.confrelid) AS target, c.confdeltype = 'c' AS cascades,"
    " ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)"
    "  JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns"
    " FROM pg_constraint AS c WHERE c.conrelid = to_regclass('public.' || quote_ident(:table))"
)
_INDEXES = text(
    "SELECT ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::smallint[])"
    "  WITH ORDINALITY AS k (number, place)"
    "  LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number"
    "  WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS columns,"
    " m.amname AS method, pg_get_expr(i.indpred, i.indrelid) AS condition"
    " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS m ON m.oid = c.relam"
    " WHERE i.indrelid = to_regclass('public.' || quote_ident(:table)) AND i.indisvalid"
)
