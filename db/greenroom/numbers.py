"""The numbers of a period, as `greenroom.count_numbers()` keeps them (the port `NumbersReads`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.numbers import Line, Numbers, QueueLength, Tally, Waits
from db.answering import Answering

_DECISIONS = """
    SELECT {key}, sum(decided)::bigint, sum(taken_back)::bigint, sum(overturned)::bigint
    FROM greenroom.daily_decisions
    WHERE day BETWEEN :first AND :last AND (CAST(:scope AS text) IS NULL OR scope = :scope) GROUP BY 1
"""
_WAITS = """
    SELECT {key}, measure, bucket, sum(items)::bigint FROM greenroom.daily_waits
    WHERE day BETWEEN :first AND :last AND (CAST(:scope AS text) IS NULL OR scope = :scope) GROUP BY 1, 2, 3
"""
_BY_DAY = text(_DECISIONS.format(key="day")), text(_WAITS.format(key="day"))
_BY_POLICY = text(_DECISIONS.format(key="policy_key")), text(_WAITS.format(key="policy_key"))
_LENGTHS = text("""
    SELECT hour, scope, waiting, oldest_at FROM greenroom.hourly_queues
    WHERE hour >= :first AND hour < :after AND (CAST(:scope AS text) IS NULL OR scope = :scope) ORDER BY 1, 2
""")
_AT = text("SELECT at FROM greenroom.numbers_counted WHERE at > '-infinity'")


class NumbersReader(Answering):
    """Reads go to a replica where one is near enough."""

    async def numbers(self, first: date, last: date, scope: str | None) -> Numbers:
        """Of these days, of all queues or of one."""
        given = {"first": first, "last": last, "after": last + timedelta(days=1), "scope": scope}

        async def read(connection: AsyncConnection) -> list[Any]:
            statements = (*_BY_DAY, *_BY_POLICY, _LENGTHS, _AT)
            return [(await connection.execute(each, given)).all() for each in statements]

        answers = await self._read(read)
        found: dict[date, Line] = _lines(answers[0], answers[1])
        policies: dict[str, Line] = _lines(answers[2], answers[3])
        days = {first + timedelta(days=number): Line() for number in range((last - first).days + 1)}
        lengths = tuple(QueueLength(*row) for row in answers[4])
        at = answers[5][0][0] if answers[5] else None
        return Numbers(first, last, days | found, policies, lengths, at)


def _lines(decisions: Sequence[Any], waits: Sequence[Any]) -> dict[Any, Line]:
    buckets: dict[tuple[Any, str], dict[int, int]] = defaultdict(dict)
    for key, measure, bucket, items in waits:
        buckets[key, measure][bucket] = items
    tallies = {key: Tally(*counts) for key, *counts in decisions}
    keys = tallies.keys() | {key for key, _ in buckets}
    return {
        key: Line(tallies.get(key, Tally()), Waits(buckets[key, "look"]), Waits(buckets[key, "decision"]))
        for key in keys
    }
