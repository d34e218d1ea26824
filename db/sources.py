"""A queue's source: one SELECT and its keyset orders. A platform declares them; the reader runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import FromClause

from console.domain.queues import CellType, Column, Cursor, View
from console.domain.terms import AnyOf, Bound, Range, Words
from db.greenroom.tables import claims


@dataclass(frozen=True, slots=True)
class KeysetOrder:
    """Columns that an index holds in this order, all ascending or all descending; the last is unique."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False

    def place(self, cursor: Cursor) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The row's own place and that of the cursor, to be compared."""
        there = (literal(v, c.type) for v, c in zip(cursor.values, self.columns, strict=True))
        return tuple_(*self.columns), tuple_(*there)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a queue's items come from.

    `kind`, `id`, `partition_key`, `version` and `title` are expressions; `cells` has one for each
    column of the queue, in order. `pending` is what makes a row stand in the queue. `asked` has one for each
    of the columns that only filters name; `text` says whether a row's full text matches a query;
    without an index for that (`text_indexed`) each row's text is taken apart.
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
    text: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    filters: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    asked: tuple[ColumnElement[Any], ...] = ()
    text_indexed: bool = False

    def page(
        self,
        view: View,
        after: Cursor | None,
        limit: int,
        columns: Sequence[Column] = (),
        last: Cursor | None = None,
    ) -> Select[Any]:
        """The SELECT of one page: five fixed columns, three of a holder, the cells, the cursor.

        `columns` are those of the queue, shown and asked, that its terms name. With `last` nothing behind
        that place is looked at.
        """
        order, filters = view.order, view.filters
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
        named = {
            column.key: (value, column.type)
            for column, value in zip(columns, (*self.cells, *self.asked), strict=False)
        }
        for term in view.terms:
            if isinstance(term.test, Words):
                asked = self._words(term.test)
            else:
                asked = condition(*named[term.column], term.test)
            statement = statement.where(~func.coalesce(asked, false()) if term.negated else asked)
        if last is not None:
            here, there = keyset.place(last)
            statement = statement.where(here >= there if keyset.descending else here <= there)
        return _behind(statement, keyset, after)

    def reach(self, order: str, after: Cursor | None, rows: int) -> Select[Any]:
        """The place of the pending row that comes `rows` after `after`, if there are so many."""
        keyset = self.orders[order]
        statement = (
            select(*keyset.columns)
            .select_from(self.counted)
            .where(self.pending)
            .order_by(*(c.desc() if keyset.descending else c.asc() for c in keyset.columns))
            .offset(rows - 1)
            .limit(1)
        )
        return _behind(_with_constants(statement), keyset, after)

    def _words(self, words: Words) -> ColumnElement[bool]:
        make = func.phraseto_tsquery if words.phrase else func.plainto_tsquery
        return self.text(make(literal_column("'simple'::regconfig"), literal(words.text)))

    def count(self, limit: int) -> Select[Any]:
        """How many rows are pending, counting no further than `limit`."""
        rows = select(literal(1)).select_from(self.counted).where(self.pending)
        bounded = _with_constants(rows.limit(bindparam(None, limit, Integer)))
        return select(func.count()).select_from(bounded.subquery())


def _behind(statement: Select[Any], keyset: KeysetOrder, after: Cursor | None) -> Select[Any]:
    """What comes after a place, or all of it."""
    if after is None:
        return statement
    here, there = keyset.place(after)
    return statement.where(here < there if keyset.descending else here > there)


def condition(value: ColumnElement[Any], type: CellType, test: AnyOf | Range) -> ColumnElement[bool]:
    """Whether an expression of a declared type passes a test; every value of it is a parameter."""
    if isinstance(test, AnyOf):
        if type in (CellType.REASON, CellType.TAGS):
            return value.op("&&", is_comparison=True)(
                cast(literal(list(test.values), ARRAY(Text)), value.type)
            )
        if type is CellType.TEXT:
            return or_(*(value.icontains(each, autoescape=True) for each in test.values))
        return func.lower(cast(value, Text)).in_([each.lower() for each in test.values])
    least, most = test.least, test.most
    asked: list[ColumnElement[bool]] = []
    if least is not None:
        asked.append(_beyond(value, least, above=True))
    if most is not None:
        asked.append(_beyond(value, most, above=False))
    return and_(*asked)


def _beyond(value: ColumnElement[Any], bound: Bound, *, above: bool) -> ColumnElement[bool]:
    """Whether a value lies above or below a bound. What is older came earlier: an age turns that round."""
    there: ColumnElement[Any]
    if isinstance(bound.value, timedelta):
        there, above = func.now() - literal(bound.value), not above
    elif isinstance(bound.value, datetime):
        there = literal(bound.value, TIMESTAMP(timezone=True))
    else:
        there = literal(bound.value)
    if above:
        return value >= there if bound.closed else value > there
    return value <= there if bound.closed else value < there


def _with_constants(statement: Select[Any]) -> Select[Any]:
    """The statement with what its declaration fixed written into it, as literals.

    The server keeps one plan for a statement that comes often. Were "pending" or the limit a parameter, that
    plan could use no partial index and would reckon with a tenth of the table.
    """

    def inline(parameter: BindParameter[Any]) -> None:
        parameter.literal_execute = True

    return visitors.cloned_traverse(statement, {}, {"bindparam": inline})
