"""The numbers count each decision once, however late its transaction ends, and say how long things waited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from console.domain.numbers import Tally
from db.greenroom.numbers import NumbersReader
from tests.support.console import signed_in
from tests.support.content import add_content, add_flag, add_idea, claim, decide, item, one
from tests.support.databases import Database


def counted(database: Database) -> list[tuple[Any, ...]]:
    with database.connect("mia") as mia:
        while one(mia, "SELECT greenroom.count_numbers()"):
            continue
        return mia.execute(
            "SELECT scope, policy_key, decided, taken_back, overturned FROM greenroom.daily_decisions"
            " ORDER BY scope, policy_key"
        ).fetchall()


def waits(database: Database) -> dict[tuple[str, str], int]:
    """(scope, measure) → bucket of the waits that were counted, one each."""
    with database.connect("mia") as mia:
        rows = mia.execute("SELECT scope, measure, bucket, items FROM greenroom.daily_waits").fetchall()
    assert all(row[3] == 1 for row in rows)
    return {(row[0], row[1]): row[2] for row in rows}


def test_decisions_are_counted_once_with_their_policy_and_their_fate(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect("ada") as ada, attached.connect() as owner:
        assert counted(attached) == []
        flag = add_flag(owner, "idea", content.idea)
        decide(
            mia,
            "scenes.flags",
            "dismiss",
            [item(claim(mia, "idea", content.idea), flags=[str(flag)])],
        )
        made = decide(mia, "scenes.ideas", "reject", [item(claim(mia, "idea", content.idea))], policy="spam")
        assert counted(attached) == [
            ("scenes.flags", "", 1, 0, 0),
            ("scenes.ideas", "spam", 1, 0, 0),
        ]
        assert counted(attached) == counted(attached)
        mia.execute("SELECT greenroom.undo(%s, %s, 'tests')", [uuid4(), made["decision_id"]])
        again = decide(mia, "scenes.ideas", "reject", [item(claim(mia, "idea", content.idea))], policy="spam")
        ada.execute("SELECT greenroom.undo(%s, %s, 'tests')", [uuid4(), again["decision_id"]])
        assert counted(attached)[1] == ("scenes.ideas", "spam", 2, 1, 1)


def test_a_decision_that_is_still_on_its_way_is_counted_when_it_is_there(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as slow:
        held = claim(slow, "idea", content.idea)
        with slow.transaction():
            decide(slow, "scenes.ideas", "approve", [item(held)])
            with attached.connect("max") as quick, attached.connect() as owner:
                other = add_idea(owner, content.author, content.topic, "Another")
                decide(quick, "scenes.ideas", "approve", [item(claim(quick, "idea", other))])
            assert counted(attached) == []
    assert counted(attached) == [("scenes.ideas", "", 2, 0, 0)]


def test_waits_are_told_from_the_first_flag_and_from_the_first_look(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        flags = [add_flag(owner, "idea", content.idea) for _ in range(2)]
        owner.execute(
            "UPDATE moderation_flags SET created_at = now() - interval '100 hours' WHERE id = %s", [flags[0]]
        )
        owner.execute(
            "UPDATE ideas SET created_at = now() - interval '1000 hours' WHERE id = %s", [content.idea]
        )
        held = claim(mia, "idea", content.idea)
        # It was looked at an hour ago, and nobody decided.
        owner.execute(
            "UPDATE greenroom.change_log SET at = now() - interval '1 hour' WHERE event = 'claimed'"
        )
        counted(attached)
        decide(mia, "scenes.flags", "dismiss", [item(held, flags=[str(flag) for flag in flags])])
        counted(attached)
    assert waits(attached) == {("scenes.flags", "decision"): 36, ("scenes.flags", "look"): 36}
    with attached.connect() as owner:
        assert one(owner, "SELECT count(*) FROM greenroom.first_looks") == 0


def test_what_waits_is_noted_once_an_hour(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner:
        add_flag(owner, "scene", content.scene)
        for _ in range(2):
            counted(attached)
        rows = owner.execute("SELECT scope, waiting FROM greenroom.hourly_queues ORDER BY 1").fetchall()
    assert rows == [
        ("scenes.escalated", 0),
        ("scenes.flags", 1),
        ("scenes.ideas", 1),
        ("scenes.segments", 1),
        ("scenes.user_topics", 0),
    ]


def test_a_restored_database_goes_on_from_where_its_transactions_begin(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        owner.execute("UPDATE greenroom.numbers_counted SET horizon = '900000000000'")
        assert counted(attached) == []
        decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
    assert counted(attached) == [("scenes.ideas", "", 1, 0, 0)]


async def test_a_period_is_read_by_day_and_by_policy(attached: Database) -> None:
    content = add_content(attached)
    today = datetime.now(UTC).date()
    with attached.connect("mia") as mia:
        decide(mia, "scenes.ideas", "reject", [item(claim(mia, "idea", content.idea))], policy="spam")
    counted(attached)
    async with signed_in(attached) as mia_s:
        reader = NumbersReader(mia_s.servers)
        numbers = await reader.numbers(today - timedelta(days=6), today, "scenes.ideas")
        none = await reader.numbers(today, today, "scenes.segments")
    assert len(numbers.days) == 7
    assert numbers.days[today].tally == numbers.policies["spam"].tally == Tally(1)
    assert numbers.days[today - timedelta(days=1)].tally == Tally()
    assert numbers.days[today].wait.items == numbers.whole.wait.items == 1
    assert [length.waiting for length in numbers.lengths] == [0]
    assert numbers.at is not None
    assert none.whole.tally == Tally()
    assert none.policies == {}
