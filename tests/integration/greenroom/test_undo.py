"""Undo gives back exactly what its decision took, or says who changed what since."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.content import Connection, add_content, add_flag, add_idea, claim, decide, item, one, undo
from tests.support.databases import Database


def refusal(call: Any, *arguments: Any, **named: Any) -> tuple[str | None, dict[str, Any]]:
    """The SQLSTATE and DETAIL that a call is refused with."""
    with pytest.raises(psycopg.Error) as error:
        call(*arguments, **named)
    return error.value.sqlstate, json.loads(error.value.diag.message_detail or "{}")


def add_user_topic(connection: Any, author: UUID, name: str = "Tide pools") -> UUID:
    made: UUID = one(
        connection,
        "INSERT INTO user_topics (user_id, name, description) VALUES (%s, %s, 'Small seas') RETURNING id",
        author,
        name,
    )
    return made


def rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that verbs can write, as it stands."""
    return {
        table: connection.execute(
            f"SELECT to_jsonb(t) - 'updated_at' FROM {table} AS t ORDER BY t.id".encode()
        ).fetchall()
        for table in ("ideas", "user_topics", "topics", "scenes", "segments", "moderation_flags")
    }


VERBS = (
    ("idea", "scenes.ideas", "approve"),
    ("idea", "scenes.ideas", "reject"),
    ("idea", "scenes.idea", "hide"),
    ("idea", "scenes.idea", "remove"),
    ("idea", "scenes.flags", "hide"),
    ("idea", "scenes.flags", "escalate"),
    ("idea", "scenes.flags", "dismiss"),
    ("scene", "scenes.scene", "lock"),
    ("scene", "scenes.flags", "remove"),
    ("segment", "scenes.segments", "pass"),
    ("segment", "scenes.segments", "hide"),
    ("user_topic", "scenes.user_topics", "approve"),
    ("user_topic", "scenes.user_topics", "reject"),
    ("user_topic", "scenes.user_topics", "promote"),
    ("user", "scenes.flags", "uphold"),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    picked=st.lists(st.sampled_from(VERBS), min_size=1, max_size=4),
    note=st.text(max_size=20).map(lambda s: s.replace("\0", "")),
)
def test_whatever_was_decided_undo_gives_back_exactly(
    attached: Database, picked: list[tuple[str, str, str]], note: str
) -> None:
    with attached.connect() as owner, attached.connect("ada") as ada:
        content = add_content(attached)
        ids = {
            "idea": content.idea,
            "scene": content.scene,
            "segment": content.segment,
            "user": content.author,
            "user_topic": add_user_topic(owner, content.author),
        }
        flags = {
            kind: [str(add_flag(owner, kind, ids[kind])) for _ in range(2)]
            for kind in ("idea", "scene", "user")
        }
        before = rows(owner)
        subjects = owner.execute("SELECT * FROM greenroom.subjects ORDER BY kind, id").fetchall()
        made = []
        for kind, scope, verb in picked:
            held = claim(ada, kind, ids[kind], content.segment_created_at if kind == "segment" else None)
            try:
                answer = decide(
                    ada, scope, verb, [item(held, flags=flags.get(kind, []))], policy="spam", note=note
                )
            except psycopg.Error as error:
                assert error.sqlstate == "GR003", error  # noqa: PT017
                ada.execute("SELECT greenroom.release(%s)", [[held["token"]]])
            else:
                made.append(answer["decision_id"])
        for decision in reversed(made):
            undo(ada, decision)
        assert rows(owner) == before
        assert owner.execute("SELECT * FROM greenroom.subjects ORDER BY kind, id").fetchall() == subjects
        assert one(owner, "SELECT count(*) FROM greenroom.outbox") == 0


def test_a_column_that_changed_since_stops_it_and_is_named(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia, attached.connect("max") as other:
        topic = add_user_topic(owner, content.author)
        made = decide(
            mia, "scenes.user_topics", "reject", [item(claim(mia, "user_topic", topic))], policy="spam"
        )["decision_id"]
        owner.execute("UPDATE user_topics SET rejection_reason = 'by the platform' WHERE id = %s", [topic])
        state, detail = refusal(undo, mia, made)
        assert state == "GR008"
        assert (detail["columns"], detail["by"], detail["at"]) == (["rejection_reason"], "the platform", None)
        assert one(owner, "SELECT status FROM user_topics WHERE id = %s", topic) == "rejected"

        first = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])[
            "decision_id"
        ]
        decide(other, "scenes.idea", "reject", [item(claim(other, "idea", content.idea))], policy="hate")
        state, detail = refusal(undo, mia, first)
        assert (state, detail["columns"], detail["by"]) == ("GR008", ["moderation_status"], "max")
        assert detail["at"] is not None
        # A column that the decision did not write stops nothing.
        second = add_idea(owner, content.author, content.topic)
        third = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", second))])["decision_id"]
        owner.execute("UPDATE ideas SET title = 'New', status = 'hidden' WHERE id = %s", [second])
        undo(mia, third)
        assert owner.execute(
            "SELECT title, status, moderation_status FROM ideas WHERE id = %s", [second]
        ).fetchone() == (
            "New",
            "hidden",
            "pending",
        )


def test_it_is_all_or_nothing(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        ideas = [add_idea(owner, content.author, content.topic) for _ in range(3)]
        made = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", idea)) for idea in ideas])
        owner.execute("UPDATE ideas SET moderation_status = 'rejected' WHERE id = %s", [ideas[1]])
        assert refusal(undo, mia, made["decision_id"])[0] == "GR008"
        statuses = [one(owner, "SELECT moderation_status FROM ideas WHERE id = %s", idea) for idea in ideas]
        assert statuses == ["approved", "rejected", "approved"]


def test_flags_settled_anew_stop_it(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        flags = [str(add_flag(owner, "user", content.author)) for _ in range(3)]
        made = decide(mia, "scenes.flags", "dismiss", [item(claim(mia, "user", content.author), flags=flags)])
        owner.execute("UPDATE moderation_flags SET notes = 'seen' WHERE id = %s", [flags[2]])
        state, detail = refusal(undo, mia, made["decision_id"])
        assert (state, detail["relation"], detail["id"], detail["columns"]) == (
            "GR008",
            "flag",
            flags[2],
            ["notes"],
        )
        owner.execute("DELETE FROM moderation_flags WHERE id = %s", [flags[2]])
        assert refusal(undo, mia, made["decision_id"])[0] == "GR008"


def test_who_may_undo(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect("max") as peer, attached.connect("ada") as admin:
        made = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])["decision_id"]
        assert refusal(undo, peer, made)[0] == "GR002"
        claim(peer, "idea", content.idea)
        state, detail = refusal(undo, mia, made)
        assert (state, detail["by"]) == ("GR008", "max")
        peer.execute("SELECT greenroom.release(ARRAY(SELECT gen_random_uuid()))")
        with attached.connect() as owner:
            owner.execute("UPDATE greenroom.claims SET holder = NULL, token = NULL, expires_at = '-infinity'")
        id = uuid4()
        assert undo(admin, made, id)["repeated"] is False
        assert undo(admin, made, id)["repeated"] is True
        state, detail = refusal(undo, mia, made)
        assert (state, detail["by"]) == ("GR008", "ada")
        assert refusal(undo, admin, str(id))[0] == "GR008"
        assert refusal(undo, admin, str(uuid4()))[0] == "GR009"


def test_two_undos_at_once_count_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        made = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])["decision_id"]

    def attempt(_: int) -> str | None:
        with attached.connect("mia") as mia:
            try:
                undo(mia, made)
            except psycopg.Error as error:
                return error.sqlstate
            return None

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(attempt, range(6)))
    assert sorted(answers, key=str) == ["GR008"] * 5 + [None]


def test_what_was_consumed_is_compensated_and_what_was_not_is_withdrawn(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        ideas = [add_idea(owner, content.author, content.topic) for _ in range(2)]
        made = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", idea)) for idea in ideas])
        owner.execute(
            "UPDATE greenroom.outbox SET consumed_at = now() WHERE payload ->> 'id' = %s", [str(ideas[0])]
        )
        undo(mia, made["decision_id"])
        left = owner.execute(
            "SELECT event, payload ->> 'id', consumed_at IS NULL, compensates IS NOT NULL"
            " FROM greenroom.outbox ORDER BY outbox_id"
        ).fetchall()
        consumed = str(ideas[0])
        assert left == [("decision", consumed, False, False), ("undo", consumed, True, True)]


def test_a_promoted_topic_is_made_and_taken_back_unless_it_is_in_use(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("ada") as ada, attached.connect("mia") as mia:
        owner.execute("INSERT INTO topics (name, slug, display_order) VALUES ('Old', 'tide-pools', 7)")
        suggested = add_user_topic(owner, content.author, "Tide  Pools!")
        held = claim(mia, "user_topic", suggested)
        assert refusal(decide, mia, "scenes.user_topics", "promote", [item(held)])[0] == "GR002"
        mia.execute("SELECT greenroom.release(%s)", [[held["token"]]])
        made = decide(ada, "scenes.user_topics", "promote", [item(claim(ada, "user_topic", suggested))])
        promoted = one(owner, "SELECT promoted_to_topic_id FROM user_topics WHERE id = %s", suggested)
        assert owner.execute(
            "SELECT slug, display_order FROM topics WHERE id = %s", [promoted]
        ).fetchone() == (
            "tide-pools-2",
            8,
        )
        idea = add_idea(owner, content.author, promoted)
        state, detail = refusal(undo, ada, made["decision_id"])
        assert (state, detail["relation"], detail["id"]) == ("GR008", "topics", str(promoted))
        assert one(owner, "SELECT status FROM user_topics WHERE id = %s", suggested) == "approved"
        owner.execute("DELETE FROM ideas WHERE id = %s", [idea])
        owner.execute("UPDATE topics SET description = 'Edited by hand' WHERE id = %s", [promoted])
        assert refusal(undo, ada, made["decision_id"])[0] == "GR008"
        owner.execute("UPDATE topics SET description = 'Small seas' WHERE id = %s", [promoted])
        undo(ada, made["decision_id"])
        assert one(owner, "SELECT count(*) FROM topics WHERE id = %s", promoted) == 0
        assert owner.execute(
            "SELECT status, reviewed_by, promoted_to_topic_id FROM user_topics WHERE id = %s", [suggested]
        ).fetchone() == ("pending", None, None)


def test_names_that_make_no_slug_and_many_of_one_name(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("ada") as ada:
        for name in ("潮だまり", "🌊", "Tide", "tide", "x" * 100):
            suggested = add_user_topic(owner, content.author, name)
            decide(ada, "scenes.user_topics", "promote", [item(claim(ada, "user_topic", suggested))])
        slugs = {row[0] for row in owner.execute("SELECT slug FROM topics")}
        assert {"topic", "topic-2", "tide", "tide-2", "x" * 90} <= slugs


def test_a_thousand_flags_are_settled_and_given_back_at_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        owner.execute(
            "INSERT INTO moderation_flags (target_type, target_id, reason)"
            " SELECT 'idea', %s, 'spam' FROM generate_series(1, 3000)",
            [content.idea],
        )
        flags = [str(row[0]) for row in owner.execute("SELECT id FROM moderation_flags")]
        made = decide(mia, "scenes.flags", "dismiss", [item(claim(mia, "idea", content.idea), flags=flags)])
        assert one(owner, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.idea) == 0
        undo(mia, made["decision_id"])
        assert one(owner, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.idea) == 3000


def test_a_repeat_is_answered_even_when_verb_and_policy_are_gone(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner, attached.connect("mia") as mia:
        held, id = claim(mia, "idea", content.idea), uuid4()
        decide(mia, "scenes.ideas", "reject", [item(held)], policy="spam", id=id)
        owner.execute("UPDATE greenroom.policies SET active = false")
        owner.execute("DELETE FROM greenroom.verbs WHERE scope = 'scenes.ideas'")
        assert decide(mia, "scenes.ideas", "reject", [item(held)], policy="spam", id=id)["repeated"] is True
