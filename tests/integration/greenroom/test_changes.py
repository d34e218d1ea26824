"""The change log: what is written down, who may read it, and that nobody misses a row or reads it twice."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.content import add_content, add_idea, claim, decide, item, one, undo
from tests.support.databases import Database, wait_for_replay

WRITERS = 6
READ = "SELECT greenroom.changes(%s::pg_snapshot, %s, %s)"


def read(connection: Any, since: str | None = None, at: object = None, limit: int = 10_000) -> dict[str, Any]:
    answer: dict[str, Any] = one(connection, READ, since, at, limit)
    return answer


def events(answer: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(each["event"], each["login"], each["past"]) for each in answer["changes"]]


def test_every_call_leaves_its_rows_and_a_refused_one_leaves_none(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia, attached.connect("rey") as rey:
        idea = add_idea(c, content.author, content.topic)
        begun = read(rey)
        assert begun["changes"] == []
        held = claim(mia, "idea", content.idea)
        claim(mia, "idea", content.idea)
        with pytest.raises(psycopg.Error):
            claim(rey, "idea", content.idea)
        candidate = {"kind": "idea", "id": str(idea), "version": claim(mia, "idea", idea)["version"]}
        tokens = [row[0] for row in c.execute("SELECT token FROM greenroom.claims WHERE id = %s", [idea])]
        mia.execute("SELECT greenroom.release(%s)", [tokens])
        made = decide(mia, "scenes.ideas", "approve", [item(held)], candidates=[candidate])
        undo(mia, made["decision_id"])
        rey.execute(
            "SELECT greenroom.save_bible(%s, %s, 0, %s, NULL, 'tests')",
            [uuid4(), content.scene, Jsonb({"title": "Harbour"})],
        )
        policy = one(c, "SELECT policy_key FROM greenroom.policies LIMIT 1")
        rey.execute(
            "SELECT greenroom.raise_flag(%s, 'scene', %s, NULL, %s, '', 'tests')",
            [uuid4(), content.scene, policy],
        )
        answer = read(rey, begun["snapshot"], begun["at"])
        past = one(c, "SELECT past FROM greenroom.verbs WHERE (scope, verb) = ('scenes.ideas', 'approve')")
    assert events(answer) == [
        ("claimed", "mia", None),
        ("claimed", "mia", None),
        ("released", "mia", None),
        ("decided", "mia", past),
        ("claimed", "mia", None),
        ("undone", "mia", None),
        ("saved", "rey", None),
        ("flagged", "rey", None),
    ]
    ids = [each["id"] for each in answer["changes"]]
    assert (
        ids
        == [str(each) for each in (content.idea, idea, idea, content.idea, idea, content.idea)]
        + [str(content.scene)] * 2
    )
    assert answer["changes"][3]["decision_id"] == made["decision_id"]
    assert answer["complete"] is True


def test_writers_that_commit_in_any_order_are_each_read_exactly_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic) for _ in range(WRITERS * 15)]
        c.execute("UPDATE greenroom.staff SET claim_cap = 1000")
    reader = attached.connect("rey")
    answer = read(reader)
    ended = threading.Event()

    def write(number: int) -> None:
        dice = random.Random(number)
        with attached.connect() as connection:
            for idea in ideas[number::WRITERS]:
                # As claim() writes it, without the lock of a person that would put the writers in a row.
                with connection.transaction(force_rollback=dice.random() < 0.2):
                    for _ in range(dice.randint(1, 3)):
                        connection.execute(
                            "INSERT INTO greenroom.change_log (kind, id, event, login)"
                            " VALUES ('idea', %s, 'claimed', 'mia')",
                            [idea],
                        )
                        time.sleep(dice.random() * 0.01)

    def follow() -> list[int]:
        nonlocal answer
        found: list[int] = []
        while True:
            last = ended.is_set()
            answer = read(reader, answer["snapshot"], answer["at"])
            assert answer["complete"]
            found += [each["change_id"] for each in answer["changes"]]
            if last:
                return found

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        following = pool.submit(follow)
        for done in [pool.submit(write, number) for number in range(WRITERS)]:
            done.result()
        ended.set()
        found = following.result()
    reader.close()
    with attached.connect() as c:
        written = [row[0] for row in c.execute("SELECT change_id FROM greenroom.change_log")]
    assert len(written) > WRITERS * 15
    assert sorted(found) == sorted(written)
    # What the snapshot is for: numbers did come out of order.
    assert found != sorted(found)


def test_a_commit_that_comes_late_is_read(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia, attached.connect("max") as quick:
        idea = add_idea(c, content.author, content.topic)
        with mia.transaction():
            claim(mia, "idea", content.idea)
            begun = read(quick)
            claim(quick, "idea", idea)
            first = read(quick, begun["snapshot"], begun["at"])
            assert [each["login"] for each in first["changes"]] == ["max"]
        second = read(quick, first["snapshot"], first["at"])
        assert [each["login"] for each in second["changes"]] == ["mia"]
        assert read(quick, second["snapshot"], second["at"])["changes"] == []


def test_more_than_was_asked_for_or_kept_is_told_as_incomplete(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia:
        begun = read(mia)
        for idea in [add_idea(c, content.author, content.topic) for _ in range(3)]:
            claim(mia, "idea", idea)
        assert read(mia, begun["snapshot"], begun["at"], 3)["complete"] is True
        short = read(mia, begun["snapshot"], begun["at"], 2)
        assert (short["complete"], short["changes"]) == (False, [])
        long_ago = one(c, "SELECT now() - interval '118 minutes'")
        assert read(mia, begun["snapshot"], long_ago)["complete"] is False
        with pytest.raises(psycopg.Error) as refused:
            read(mia, None, None, 10_001)
        assert refused.value.sqlstate == "GR007"


def test_the_log_is_pruned_and_young_rows_stay(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia:
        claim(mia, "idea", content.idea)
        c.execute(
            "INSERT INTO greenroom.change_log (at, kind, id, event, login)"
            " SELECT now() - n * interval '1 hour', 'idea', gen_random_uuid(), 'claimed', 'mia'"
            " FROM generate_series(1, 4) AS n"
        )
        mia.execute("SELECT greenroom.end_stale_sessions()")
        assert one(c, "SELECT count(*) FROM greenroom.change_log") == 2


def test_a_standby_reads_by_time_and_says_how_far_it_is(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        begun = read(mia)
        claim(mia, "idea", content.idea)
        written = read(mia)
    wait_for_replay(attached.cluster)
    with attached.connect("max", replica=True) as standby:
        answer = read(standby, None, begun["at"])
        assert [UUID(each["id"]) for each in answer["changes"]] == [content.idea]
        assert (answer["system_id"], answer["timeline"]) == (written["system_id"], written["timeline"])


def test_only_staff_read_and_announce_and_nobody_touches_the_table(attached: Database) -> None:
    with attached.connect() as c:
        c.execute("CREATE ROLE stranger LOGIN")
    try:
        for login, allowed in (("rey", True), ("stranger", False)):
            with attached.connect() as c:
                c.execute(f"SET SESSION AUTHORIZATION {login}".encode())
                for call in ("SELECT greenroom.changes(NULL, NULL, 1)", "SELECT greenroom.announce()"):
                    if allowed:
                        c.execute(call.encode())
                    else:
                        with pytest.raises(psycopg.errors.InsufficientPrivilege):
                            c.execute(call.encode())
                for statement in ("SELECT xid FROM greenroom.change_log", "DELETE FROM greenroom.change_log"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        c.execute(statement.encode())
    finally:
        with attached.connect() as c:
            c.execute("DROP ROLE stranger")


def test_announcing_wakes_who_listens_with_nothing_in_it(attached: Database) -> None:
    with attached.connect("max") as listener, attached.connect("mia") as mia:
        listener.execute("LISTEN greenroom_changes")
        mia.execute("SELECT greenroom.announce()")
        heard = list(listener.notifies(timeout=60, stop_after=1))
        assert [(each.channel, each.payload) for each in heard] == [("greenroom_changes", "")]
        # The wish not to wait for the disk ends with that transaction.
        assert one(mia, "SHOW synchronous_commit") == one(listener, "SHOW synchronous_commit")
