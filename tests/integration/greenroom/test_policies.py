"""Policies and what breaking one leads to: versions, strikes, sanctions, and who is told of a decision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.content import (
    Connection,
    Content,
    add_content,
    add_flag,
    add_idea,
    claim,
    decide,
    item,
    one,
    undo,
)
from tests.support.databases import Database

STATEMENT = "Your {kind} “{item}” was {action} under “{policy}”."
RAISE = "SELECT greenroom.raise_flag(%s, %s, %s, %s, %s, %s, 'tests')"


def save(connection: Connection, key: str | None, base: int | None, **more: Any) -> dict[str, Any]:
    """A new version of a policy; what is not named is as good as anything."""
    values = {
        "id": uuid4(),
        "title": "Spam",
        "severity": 2,
        "dsa": None,
        "statement": STATEMENT,
        "points": 1,
        "days": 90,
        "active": True,
    } | more
    answer: dict[str, Any] = one(
        connection,
        "SELECT greenroom.save_policy(%s, %s, %s, %s, 'Conduct', %s, 'Help', '', %s, %s, %s, %s, %s,"
        " 'tests')",
        values["id"],
        key,
        base,
        values["title"],
        values["severity"],
        values["dsa"],
        values["statement"],
        values["points"],
        values["days"],
        values["active"],
    )
    return answer


def refused(call: Any, *arguments: Any, **named: Any) -> str | None:
    with pytest.raises(psycopg.Error) as error:
        call(*arguments, **named)
    return error.value.sqlstate


def reject(mia: Connection, idea: UUID, policy: str = "spam") -> UUID:
    made = decide(
        mia, "scenes.ideas", "reject", [item(claim(mia, "idea", idea), title="A tide")], policy=policy
    )
    return UUID(made["decision_id"])


def told(connection: Connection, event: str) -> list[dict[str, Any]]:
    query = "SELECT payload FROM greenroom.outbox WHERE event = %s ORDER BY outbox_id"
    return [row[0] for row in connection.execute(query, [event]).fetchall()]


def consequence(connection: Connection, content: Content, policy: str) -> dict[str, Any]:
    answer: dict[str, Any] = one(
        connection, "SELECT greenroom.consequence('idea', %s, NULL, %s)", content.idea, policy
    )
    return answer


def test_a_policy_gets_a_new_version_and_decisions_keep_the_one_they_used(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        assert refused(save, mia, "spam", 1) == "42501"
        reject(mia, content.idea)
        id = uuid4()
        assert save(ada, "spam", 1, title="Unwanted advertising", id=id) == {"version": 2, "repeated": False}
        assert save(ada, "spam", 1, title="Unwanted advertising", id=id) == {"version": 2, "repeated": True}
        assert one(ada, "SELECT greenroom.applied(%s)", [id]) == [id]
        assert refused(save, ada, "hate", 1, id=id) == "GR007"
        assert refused(save, ada, "spam", 1, title="Too late") == "GR003"
        assert one(c, "SELECT policy_version FROM greenroom.decisions") == 1
        titles = "SELECT array_agg(title ORDER BY version) FROM greenroom.policies WHERE policy_key = 'spam'"
        assert one(c, titles) == ["Spam", "Unwanted advertising"]
        assert save(ada, "teasers", None)["version"] == 1
        actions = c.execute("SELECT action FROM greenroom.audit").fetchall()
        assert {row[0] for row in actions} == {"scenes.ideas.reject", "policy.save"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "Teasers"},
        {"key": "x" * 51},
        {"key": None},
        {"severity": 6},
        {"statement": " "},
        {"statement": "Written by {note}"},
        {"statement": "{Item}"},
        {"points": -1},
        {"days": 0},
    ],
)
def test_a_policy_that_would_tell_or_cost_nonsense_is_refused(
    attached: Database, wrong: dict[str, Any]
) -> None:
    add_content(attached)
    with attached.connect("ada") as ada:
        assert refused(save, ada, **({"key": "teasers", "base": None} | wrong)) == "GR007"


def test_a_retired_policy_is_no_reason_any_more(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia:
        save(ada, "spam", 1, active=False)
        with pytest.raises(psycopg.Error, match="needs a reason that is in force"):
            reject(mia, content.idea)
        flag = [uuid4(), "idea", content.idea, None, "spam", ""]
        assert refused(mia.execute, RAISE, flag) == "GR007"


def test_two_admins_at_one_policy_make_one_version(attached: Database) -> None:
    def one_more(_: int) -> bool:
        with attached.connect("ada") as ada:
            try:
                save(ada, "spam", 1)
            except psycopg.Error as error:
                if error.sqlstate != "GR003":
                    raise
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_more, range(4))) == 1


def test_the_author_gets_a_statement_in_which_a_title_is_only_text(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        save(ada, "spam", 1, title="No ads", dsa="SCAMS_AND_FRAUD")
        held = item(claim(mia, "idea", content.idea), title="{policy} {nothing} <b>{")
        decide(mia, "scenes.ideas", "reject", [held], policy="spam", note="for us alone")
        (statement,) = told(c, "statement")
        assert statement["text"] == "Your idea “{policy} {nothing} <b>{” was rejected under “No ads”."
        assert (statement["recipient"], statement["policy_version"]) == (str(content.author), 2)
        assert statement["dsa_category"] == "SCAMS_AND_FRAUD"
        assert "for us alone" not in str(statement)
        # What is found harmless is told to nobody.
        other = add_idea(c, content.author, content.topic)
        decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", other))])
        assert len(told(c, "statement")) == 1


def test_each_reporter_hears_what_became_of_their_own_flag(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect("mia") as mia, attached.connect() as c:
        mine = uuid4()
        rey.execute(RAISE, [mine, "idea", content.idea, None, "spam", ""])
        detected = add_flag(c, "idea", content.idea)
        c.execute("UPDATE moderation_flags SET reporter_id = NULL WHERE id = %s", [detected])
        flags = [str(mine), str(detected)]
        decide(mia, "scenes.flags", "dismiss", [item(claim(mia, "idea", content.idea), flags=flags)])
        (report,) = told(c, "report")
        reporter = one(c, "SELECT reporter_id FROM moderation_flags WHERE id = %s", mine)
        assert (report["flag"], report["recipient"], report["outcome"]) == (
            str(mine),
            str(reporter),
            "not agreed",
        )
        second = uuid4()
        rey.execute(RAISE, [second, "idea", content.idea, None, "spam", ""])
        held = item(claim(mia, "idea", content.idea), flags=[str(second)])
        made = decide(mia, "scenes.flags", "hide", [held], policy="spam")
        assert told(c, "report")[1]["outcome"] == "agreed"
        undo(mia, made["decision_id"])
        assert len(told(c, "report")) == 1


def test_points_add_up_to_the_sanction_that_was_foretold(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        save(ada, "spam", 1, points=4)
        foretold = consequence(mia, content, "spam")
        assert foretold == {"held": 0, "adds": 4, "days": 90, "sanction": "restrict", "sanction_days": 7}
        reject(mia, content.idea)
        assert [(s["sanction"], s["points"]) for s in told(c, "sanction")] == [("restrict", 4)]
        assert consequence(mia, content, "spam")["sanction"] == "suspend"
        assert consequence(mia, content, "duplicate")["sanction"] is None
        c.execute("UPDATE greenroom.strikes SET expires_at = clock_timestamp()")
        assert consequence(mia, content, "spam")["held"] == 0


def test_one_decision_on_many_items_is_one_strike_for_their_author(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic) for _ in range(3)]
        items = [item(claim(mia, "idea", idea)) for idea in ideas]
        decide(mia, "scenes.ideas", "reject", items, policy="spam")
        assert one(c, "SELECT count(*) FROM greenroom.strikes") == 1
        assert len(told(c, "statement")) == 3


def test_undo_takes_the_strike_back_and_lifts_what_followed_only_because_of_it(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        save(ada, "spam", 1, points=2)
        second = add_idea(c, content.author, content.topic)
        first_decision = reject(mia, content.idea)
        second_decision = reject(mia, second)
        assert [s["sanction"] for s in told(c, "sanction")] == ["warn", "restrict"]
        c.execute("UPDATE greenroom.outbox SET consumed_at = now()")
        undo(mia, first_decision)
        (lifted,) = told(c, "sanction_lifted")
        assert (lifted["sanction"], lifted["followed_from"]) == ("restrict", str(second_decision))
        assert consequence(mia, content, "spam")["held"] == 2
        undone = "SELECT array_agg(payload ->> 'sanction') FROM greenroom.outbox WHERE event = 'undo'"
        assert "warn" in one(c, undone)


def test_of_many_decisions_at_once_none_misses_the_others_points(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic) for _ in range(8)]

    def one_more(idea: UUID) -> None:
        with attached.connect("mia" if ideas.index(idea) % 2 else "max") as person:
            reject(person, idea)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one_more, ideas))
    with attached.connect() as c:
        assert sorted(s["points"] for s in told(c, "sanction")) == list(range(1, 9))


def test_nobody_writes_strikes_or_the_ladder_by_hand(attached: Database) -> None:
    add_content(attached)
    for login in ("rey", "mia", "ada"):
        with attached.connect(login) as connection:
            for statement in (
                "UPDATE greenroom.policies SET severity = 1",
                "UPDATE greenroom.ladder SET points = 100",
                "DELETE FROM greenroom.strikes",
                "SELECT greenroom.live_points(gen_random_uuid())",
            ):
                assert refused(connection.execute, statement) == "42501"
