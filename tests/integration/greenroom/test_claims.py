"""Leases: one holder, an end, a cap, and time that a caller cannot bend."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.content import add_content, add_idea, claim, decide, item, one
from tests.support.databases import Database


def refused(call: Any, *arguments: Any, **named: Any) -> str | None:
    with pytest.raises(psycopg.Error) as error:
        call(*arguments, **named)
    return error.value.sqlstate


def short_leases(database: Database, seconds: float = 0.3) -> None:
    with database.connect() as c:
        c.execute("UPDATE greenroom.settings SET lease = make_interval(secs => %s)", [seconds])


def leave(database: Database, seconds: float) -> None:
    """As if every lease had so much left and no more."""
    with database.connect() as c:
        c.execute(
            "UPDATE greenroom.claims SET expires_at = clock_timestamp() + make_interval(secs => %s)",
            [seconds],
        )


def test_an_expired_claim_decides_nothing_even_in_an_old_transaction(attached: Database) -> None:
    content = add_content(attached)
    short_leases(attached)
    with attached.connect("mia") as mia:
        for isolation in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
            held = claim(mia, "idea", content.idea)
            mia.execute(f"BEGIN ISOLATION LEVEL {isolation}".encode())
            mia.execute("SELECT greenroom.me()")
            time.sleep(0.35)
            assert refused(decide, mia, "scenes.ideas", "approve", [item(held)]) == "GR004"
            mia.execute("ROLLBACK")


def test_a_claim_lost_after_the_snapshot_decides_nothing(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect("mia") as second, attached.connect("max") as other:
        held = claim(mia, "idea", content.idea)
        mia.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        assert one(mia, "SELECT holder FROM greenroom.claims WHERE id = %s", content.idea) == "mia"
        second.execute("SELECT greenroom.release(%s)", [[held["token"]]])
        claim(other, "idea", content.idea)
        assert refused(decide, mia, "scenes.ideas", "approve", [item(held)]) in {"40001", "GR004", "GR005"}
        mia.execute("ROLLBACK")
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM greenroom.decisions") == 0


def test_an_expired_claim_goes_to_whoever_asks(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia, attached.connect("max") as other:
        first = claim(mia, "idea", content.idea)
        assert refused(claim, other, "idea", content.idea) == "GR005"
        leave(attached, seconds=-0.001)
        taken = claim(other, "idea", content.idea)
        assert taken["token"] != first["token"]
        assert one(mia, "SELECT greenroom.renew(%s)", [first["token"]]) == []
        assert refused(decide, mia, "scenes.ideas", "approve", [item(first)]) == "GR005"


def test_a_renewed_claim_lives_on_with_its_token(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        held = claim(mia, "idea", content.idea)
        query = "SELECT expires_at > clock_timestamp() + interval '60 seconds' FROM greenroom.claims"
        for _ in range(3):
            leave(attached, seconds=50)
            assert one(mia, query) is False
            assert [str(token) for token in one(mia, "SELECT greenroom.renew(%s)", [held["token"]])] == [
                held["token"]
            ]
            assert one(mia, query) is True
        assert claim(mia, "idea", content.idea)["token"] == held["token"]
        decide(mia, "scenes.ideas", "approve", [item(held)])


def test_the_cap_holds_against_eight_connections_at_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic) for _ in range(40)]

    def grab(part: int) -> int:
        got = 0
        with attached.connect("mia") as mia:
            for idea in ideas[part::8]:
                try:
                    claim(mia, "idea", idea)
                except psycopg.Error as error:
                    assert error.sqlstate == "GR006"  # noqa: PT017
                else:
                    got += 1
        return got

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(grab, range(8))) == 5
    with attached.connect("mia") as mia:
        # The next one of a decision counts too: none is handed out beyond the cap.
        assert one(mia, "SELECT greenroom.claim_next('scenes.ideas', %s)", Jsonb([])) is None


def test_expired_claims_of_ones_own_do_not_pass_the_cap(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia:
        ideas = [add_idea(c, content.author, content.topic) for _ in range(6)]
        claim(mia, "idea", ideas[5])
        c.execute("UPDATE greenroom.claims SET expires_at = clock_timestamp() - interval '1 minute'")
        for idea in ideas[:5]:
            claim(mia, "idea", idea)
        assert refused(claim, mia, "idea", ideas[5]) == "GR006"
        assert claim(mia, "idea", ideas[0])["id"] == str(ideas[0])


def test_sixteen_connections_take_each_subject_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        c.execute("UPDATE greenroom.staff SET claim_cap = 1000")
        for n in range(500):
            add_idea(c, content.author, content.topic, f"Idea {n}")
        candidates = [
            {"kind": "idea", "id": str(id), "version": version}
            for id, version in c.execute(
                "SELECT id, greenroom.idea_version(title, prompt, tags, topic_id, category_id, status,"
                " moderation_status) FROM ideas WHERE title LIKE 'Idea %' ORDER BY created_at, id"
            )
        ]

    def work(login: str) -> list[str]:
        mine: list[str] = []
        with attached.connect(login) as connection:
            for start in range(0, 500, 50):
                while held := one(
                    connection,
                    "SELECT greenroom.claim_next('scenes.ideas', %s)",
                    Jsonb(candidates[start : start + 50]),
                ):
                    decide(connection, "scenes.ideas", "approve", [item(held)])
                    mine.append(held["id"])
        return mine

    with ThreadPoolExecutor(16) as pool:
        decided = [id for ids in pool.map(work, ("mia", "max") * 8) for id in ids]
    assert len(decided) == len(set(decided))
    with attached.connect() as c:
        # What was locked by others at the moment it was looked at may be left, but nothing else.
        left = one(
            c, "SELECT count(*) FROM ideas WHERE title LIKE 'Idea %%' AND moderation_status = 'pending'"
        )
        assert len(decided) + left == 500
        assert one(c, "SELECT count(*) FROM greenroom.decision_items") == len(decided)
        assert one(c, "SELECT count(*) FROM greenroom.claims WHERE holder IS NOT NULL") == 0


def test_candidates_that_are_stale_decided_or_claimed_are_passed_over(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia, attached.connect("max") as other:
        ideas = [add_idea(c, content.author, content.topic, f"Idea {n}") for n in range(4)]
        versions = dict(
            c.execute(
                "SELECT id, greenroom.idea_version(title, prompt, tags, topic_id, category_id, status,"
                " moderation_status) FROM ideas"
            ).fetchall()
        )
        c.execute("UPDATE ideas SET title = 'Edited' WHERE id = %s", [ideas[0]])
        c.execute("UPDATE ideas SET moderation_status = 'approved' WHERE id = %s", [ideas[1]])
        claim(other, "idea", ideas[2])
        candidates = [{"kind": "idea", "id": str(id), "version": versions[id]} for id in ideas]
        held = one(mia, "SELECT greenroom.claim_next('scenes.ideas', %s)", Jsonb(candidates))
        assert held["id"] == str(ideas[3])


def test_malformed_candidates_are_refused(attached: Database) -> None:
    malformed: tuple[object, ...] = (
        {},
        "text",
        [1],
        [{"kind": "idea", "id": "no uuid"}],
        [{"partition_key": "yesterday-ish"}],
    )
    with attached.connect("mia") as mia:
        for each in malformed:
            query = "SELECT greenroom.claim_next('scenes.ideas', %s)"
            assert refused(mia.execute, query, [Jsonb(each)]) == "GR007", each
        assert refused(mia.execute, "SELECT greenroom.claim_next('scenes.nothing', '[]')") == "GR007"


def test_claims_on_nothing_leave_nothing(attached: Database) -> None:
    with attached.connect("mia") as mia, attached.connect() as c:
        for kind in ("user", "topic", "idea", "scene"):
            assert refused(claim, mia, kind, "00000000-0000-0000-0000-000000000001") == "GR009"
        ghosts = [
            {"kind": "user", "id": f"00000000-0000-0000-0000-{n:012}", "version": "x"} for n in range(9)
        ]
        assert one(mia, "SELECT greenroom.claim_next('scenes.flags', %s)", Jsonb(ghosts)) is None
        assert refused(claim, mia, "spaceship", "00000000-0000-0000-0000-000000000001") == "GR007"
        assert one(c, "SELECT count(*) FROM greenroom.subjects") == 0
