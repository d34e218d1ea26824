"""One decision, one transaction: what it checks, what it writes, and that it counts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.content import add_content, add_flag, add_idea, claim, decide, item, one
from tests.support.databases import Database
from tests.support.staff import user_id


def refusal(error: pytest.ExceptionInfo[psycopg.Error]) -> str | None:
    return error.value.sqlstate


def test_a_decision_writes_content_record_audit_evidence_and_outbox_at_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        held = claim(mia, "idea", content.idea)
        answer = decide(mia, "scenes.ideas", "reject", [item(held)], policy="spam", note="sells boats")
    with attached.connect() as c:
        assert one(c, "SELECT moderation_status FROM ideas WHERE id = %s", content.idea) == "rejected"
        decision = answer["decision_id"]
        assert one(c, "SELECT login || note FROM greenroom.decisions WHERE decision_id = %s", decision) == (
            "miasells boats"
        )
        changed = one(c, "SELECT changed FROM greenroom.audit WHERE decision_id = %s", decision)
        assert changed == {"content": [{"moderation_status": "pending"}, {"moderation_status": "rejected"}]}
        evidence = one(
            c,
            "SELECT content FROM greenroom.evidence JOIN greenroom.audit ON digest = evidence_digest"
            " WHERE decision_id = %s",
            decision,
        )
        assert evidence["prompt"] == "The sea waits."
        events = "SELECT array_agg(event ORDER BY event) FROM greenroom.outbox WHERE decision_id = %s"
        assert one(c, events, decision) == ["decision", "sanction", "statement"]
        assert one(c, "SELECT count(*) FROM greenroom.claims WHERE holder IS NOT NULL") == 0


def test_without_a_live_claim_nothing_is_decided(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect("max") as other:
        held = claim(mia, "idea", content.idea)
        for login, token, code in ((mia, str(uuid4()), "GR004"), (other, held["token"], "GR005")):
            with pytest.raises(psycopg.Error) as error:
                decide(login, "scenes.ideas", "approve", [item(held) | {"token": token}])
            assert refusal(error) == code
        mia.execute("SELECT greenroom.release(%s)", [[held["token"]]])
        with pytest.raises(psycopg.Error) as error:
            decide(mia, "scenes.ideas", "approve", [item(held)])
        assert refusal(error) == "GR004"
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM greenroom.decisions") == 0


def test_an_edit_makes_a_decision_stale_and_a_like_does_not(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect() as platform:
        held = claim(mia, "idea", content.idea)
        platform.execute(
            "INSERT INTO likes (user_id, target_type, target_id) VALUES (%s, 'idea', %s)",
            [content.author, content.idea],
        )
        platform.execute("UPDATE ideas SET title = 'Edited' WHERE id = %s", [content.idea])
        with pytest.raises(psycopg.Error) as error:
            decide(mia, "scenes.ideas", "approve", [item(held)])
        assert refusal(error) == "GR003"
        platform.execute("UPDATE ideas SET title = 'A tide that stays' WHERE id = %s", [content.idea])
        decide(mia, "scenes.ideas", "approve", [item(held)])


def test_sent_five_times_it_counts_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        held = claim(mia, "idea", content.idea)
        id = uuid4()
        answers = [decide(mia, "scenes.ideas", "approve", [item(held)], id=id) for _ in range(5)]
        assert [answer["repeated"] for answer in answers] == [False, True, True, True, True]
        assert len({answer["decided_at"] for answer in answers}) == 1
        with pytest.raises(psycopg.Error) as error:
            decide(mia, "scenes.ideas", "reject", [item(held)], policy="spam", id=id)
        assert refusal(error) == "GR007"
    with attached.connect("max") as other, pytest.raises(psycopg.Error) as error:
        decide(other, "scenes.ideas", "approve", [item(held)], id=id)
    assert refusal(error) == "GR007"
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM greenroom.audit") == 1


def test_a_role_decides_only_what_the_table_says(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as reviewer:
        held = claim(reviewer, "segment", content.segment, content.segment_created_at)
        with pytest.raises(psycopg.Error) as error:
            decide(reviewer, "scenes.segments", "remove", [item(held)], policy="violence")
        assert refusal(error) == "GR002"
        decide(reviewer, "scenes.segments", "hide", [item(held)], policy="violence")
    with attached.connect() as c:
        assert one(c, "SELECT status FROM segments WHERE id = %s", content.segment) == "hidden"
        assert one(c, "SELECT segment_count FROM scenes WHERE id = %s", content.scene) == 0
        assert one(c, "SELECT count(*) FROM greenroom.subjects WHERE review_due_at IS NOT NULL") == 0


def test_a_reason_is_asked_for_by_the_database_too(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        held = claim(mia, "idea", content.idea)
        for policy in (None, "no-such-policy"):
            with pytest.raises(psycopg.Error) as error:
                decide(mia, "scenes.ideas", "reject", [item(held)], policy=policy)
            assert refusal(error) == "GR007"


def test_exactly_the_flags_that_were_shown_are_settled(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as platform, attached.connect("mia") as mia:
        shown = [add_flag(platform, "idea", content.idea) for _ in range(2)]
        held = claim(mia, "idea", content.idea)
        late = add_flag(platform, "idea", content.idea, "hate")
        shown_ids = [str(flag) for flag in shown]
        with pytest.raises(psycopg.Error) as error:
            decide(mia, "scenes.flags", "dismiss", [item(held, flags=[str(uuid4())])])
        assert refusal(error) == "GR007"
        decide(mia, "scenes.flags", "hide", [item(held, flags=shown_ids)], policy="spam", note="n")
        assert one(platform, "SELECT reviewed_by FROM moderation_flags WHERE id = %s", shown[0]) == user_id(
            "mia"
        )
        assert one(platform, "SELECT status FROM ideas WHERE id = %s", content.idea) == "hidden"
        assert platform.execute(
            "SELECT open_flags, reasons FROM greenroom.subjects WHERE id = %s", [content.idea]
        ).fetchone() == (1, ["hate"])
        statuses = dict(
            platform.execute(
                "SELECT id, status || coalesce(action_taken, '') FROM moderation_flags"
            ).fetchall()
        )
        assert statuses == {shown[0]: "resolvedhide", shown[1]: "resolvedhide", late: "pending"}


def test_escalation_moves_a_subject_to_the_admins(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as platform, attached.connect("mia") as mia, attached.connect("ada") as ada:
        flag = str(add_flag(platform, "user", content.author))
        held = claim(mia, "user", content.author)
        decide(mia, "scenes.flags", "escalate", [item(held, flags=[flag])])
        again = claim(mia, "user", content.author)
        with pytest.raises(psycopg.Error) as error:
            decide(mia, "scenes.flags", "dismiss", [item(again, flags=[flag])])
        assert refusal(error) == "GR003"
        mia.execute("SELECT greenroom.release(%s)", [[again["token"]]])
        own = claim(ada, "user", content.author)
        decide(ada, "scenes.escalated", "dismiss", [item(own, flags=[flag])])
        assert one(platform, "SELECT status FROM moderation_flags") == "dismissed"


def test_many_people_at_one_queue_decide_each_item_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic, f"Idea {n}") for n in range(200)]
        versions = dict(
            c.execute(
                "SELECT id, greenroom.idea_version(title, prompt, tags, topic_id, category_id, status,"
                " moderation_status) FROM ideas"
            ).fetchall()
        )
    candidates: list[dict[str, Any]] = [
        {"kind": "idea", "id": str(id), "version": versions[id]} for id in ideas
    ]

    def work(login: str) -> None:
        left = list(candidates)
        with attached.connect(login) as connection:
            while left:
                held = one(connection, "SELECT greenroom.claim_next('scenes.ideas', %s)", Jsonb(left[:64]))
                while held:
                    answer = decide(connection, "scenes.ideas", "approve", [item(held)], candidates=left[:64])
                    held = answer["next"]
                left = left[64:]

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, login) for login in ("mia", "max") * 4]:
            done.result()
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM ideas WHERE moderation_status = 'pending'") == 1
        assert c.execute("SELECT count(*), count(DISTINCT id) FROM greenroom.decision_items").fetchone() == (
            200,
            200,
        )


def test_a_decision_costs_no_more_after_many_than_on_empty_tables(attached: Database) -> None:
    """Plans made while the tables are small are kept by a session that goes on all day."""
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic, f"Idea {n}") for n in range(120)]
        versions = dict(
            c.execute(
                "SELECT i.id, greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id,"
                " i.status, i.moderation_status) FROM ideas AS i"
            ).fetchall()
        )
        c.execute("VACUUM (ANALYZE)")

    def rows_read(mia: psycopg.Connection[Any]) -> int:
        mia.execute("SELECT pg_stat_force_next_flush()")
        with attached.connect() as c:
            return int(
                one(
                    c,
                    "SELECT sum(t.seq_tup_read) + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes"
                    "  WHERE schemaname = 'greenroom')"
                    " FROM pg_stat_user_tables AS t WHERE t.schemaname = 'greenroom'",
                )
            )

    read: list[int] = [0]
    with attached.connect("mia") as mia:
        held = claim(mia, "idea", ideas[0])
        for number in range(1, 100):
            following = [
                {"kind": "idea", "id": str(id), "version": versions[id]} for id in ideas[number : number + 20]
            ]
            held = decide(mia, "scenes.ideas", "approve", [item(held)], candidates=following)["next"]
            if number % 33 == 0:
                read.append(rows_read(mia))
    first, last = read[1] - read[0], read[3] - read[2]
    assert last < first + 33 * 5
