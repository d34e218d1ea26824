"""A queue's source: one SELECT and its keyset orders. A platform declares them; the reader runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import FromClause

from console.domain.queues import Cursor
from db.greenroom.tables import claims


@dataclass(frozen=True, slots=True)
class KeysetOrder:
    """Columns that an index holds in this order, all ascending or all descending; the last is unique."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a queue's items come from.

    `kind`, `id`, `partition_key`, `version` and `title` are expressions; `cells` has one for each
    column of the queue, in order. `pending` is what makes a row stand in the queue.
    """

    kind: ColumnElement[str]
    id: ColumnElement[Any]
    version: ColumnElement[str]
    title: ColumnElement[str]
    cells: tuple[ColumnElement[Any], ...]
    rows: FromClause
    counted: FromClause
    pending: ColumnElement[bool]
    orders: Mapping[str, KeysetOrder]
    partition_key: ColumnElement[Any]
    filters: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)

    def page(self, order: str, filters: Mapping[str, str], after: Cursor | None, limit: int) -> Select[Any]:
        """The SELECT of one page: five fixed columns, three of a holder, the cells, the cursor."""
        keyset = self.orders[order]
        others = and_(
            claims.c.kind == self.kind,
            claims.c.id == self.id,
            claims.c.holder != func.session_user(),
            claims.c.expires_at > func.clock_timestamp(),
        )
        statement = (
            select(
                self.kind,
                self.id,
                self.partition_key,
                func.coalesce(self.version, ""),
                func.coalesce(self.title, "(deleted)"),
                claims.c.holder,
                claims.c.acquired_at,
                claims.c.expires_at,
                *self.cells,
                *keyset.columns,
            )
            .select_from(self.rows.outerjoin(claims, others))
            .where(self.pending)
            .order_by(*(c.desc() if keyset.descending else c.asc() for c in keyset.columns))
            .limit(bindparam(None, limit, Integer))
        )
        statement = _with_constants(statement)
        for key, value in filters.items():
            statement = statement.where(self.filters[key] == value)
        if after is not None:
            here = tuple_(*keyset.columns)
            there = tuple_(*(literal(v, c.type) for v, c in zip(after.values, keyset.columns, strict=True)))
            statement = statement.where(here < there if keyset.descending else here > there)
        return statement

    def count(self, limit: int) -> Select[Any]:
        """How many rows are pending, counting no further than `limit`."""
        rows = select(literal(1)).select_from(self.counted).where(self.pending)
        bounded = _with_constants(rows.limit(bindparam(None, limit, Integer)))
        return select(func.count()).select_from(bounded.subquery())


def _with_constants(statement: Select[Any]) -> Select[Any]:
    """The statement with what its declaration fixed written into it, as literals.

    The server keeps one plan for a statement that comes often. Were "pending" or the limit a parameter, that
    plan could use no partial index and would reckon with a tenth of the table.
    """

    def inline(parameter: BindParameter[Any]) -> None:
        parameter.literal_execute = True

    return visitors.cloned_traverse(statement, {}, {"bindparam": inline})
