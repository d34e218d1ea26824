"""Flags, notes and erasures of staff: whose they are, once each, and in the audit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.content import Connection, add_content, add_flag, claim, decide, item, one
from tests.support.databases import Database

RAISE = "SELECT greenroom.raise_flag(%s, %s, %s, %s, %s, %s, 'tests')"
NOTE = "SELECT greenroom.add_note(%s, 'idea', %s, %s, 'tests')"
ERASE = "SELECT greenroom.erase_evidence(%s, %s, 'tests')"


def refused(connection: Connection, query: str, *arguments: object) -> str | None:
    with pytest.raises(psycopg.Error) as error:
        connection.execute(query.encode(), arguments)
    return error.value.sqlstate


def actions(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT action, login FROM greenroom.audit ORDER BY audit_id").fetchall()


def test_a_reviewer_raises_a_flag_that_waits_like_any_other(attached: Database) -> None:
    content = add_content(attached)
    flag = uuid4()
    with attached.connect("rey") as rey, attached.connect() as c:
        arguments = (flag, "segment", content.segment, content.segment_created_at, "violence", "At 0:12")
        assert one(rey, RAISE, *arguments)["repeated"] is False
        assert one(rey, RAISE, *arguments)["repeated"] is True
        row = c.execute(
            "SELECT f.status, f.description, s.login FROM moderation_flags AS f"
            " JOIN greenroom.staff AS s ON s.user_id = f.reporter_id"
        ).fetchall()
        assert row == [("pending", "At 0:12", "rey")]
        assert one(c, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.segment) == 1
        assert actions(c) == [("scenes.flag.raise", "rey")]


def test_a_person_has_one_open_flag_on_a_subject_whatever_they_try(attached: Database) -> None:
    content = add_content(attached)

    def raise_one(_: int) -> bool:
        with attached.connect("rey") as rey:
            try:
                rey.execute(RAISE, [uuid4(), "idea", content.idea, None, "spam", ""])
            except psycopg.Error as error:
                if error.sqlstate != "GR007":
                    raise
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(raise_one, range(6))) == 1
    with attached.connect("mia") as mia:
        mia.execute(RAISE, [uuid4(), "idea", content.idea, None, "spam", ""])
    with attached.connect() as c:
        assert one(c, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.idea) == 2


def test_only_its_author_withdraws_a_flag_and_only_while_it_waits(attached: Database) -> None:
    content = add_content(attached)
    flag = uuid4()
    withdraw = "SELECT greenroom.withdraw_flag(gen_random_uuid(), %s, 'tests')"
    with attached.connect("rey") as rey, attached.connect("mia") as mia, attached.connect() as c:
        rey.execute(RAISE, [flag, "idea", content.idea, None, "spam", ""])
        assert refused(mia, withdraw, flag) == "GR009"
        assert one(rey, withdraw, flag)["repeated"] is False
        assert one(rey, withdraw, flag)["repeated"] is True
        assert one(c, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.idea) == 0
        second = uuid4()
        rey.execute(RAISE, [second, "idea", content.idea, None, "spam", ""])
        held = claim(mia, "idea", content.idea)
        decide(mia, "scenes.flags", "dismiss", [item(held, flags=[str(second)])])
        assert refused(rey, withdraw, second) == "GR008"


def test_what_is_no_flag_is_refused(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey:
        for kind, id, reason, text, state in (
            ("idea", content.idea, "no such policy", "", "GR007"),
            ("idea", content.idea, None, "", "GR007"),
            ("idea", content.idea, "spam", "x" * 2001, "GR007"),
            ("idea", uuid4(), "spam", "", "GR009"),
            ("house", content.idea, "spam", "", "GR007"),
        ):
            assert refused(rey, RAISE, uuid4(), kind, id, None, reason, text) == state
        assert refused(rey, RAISE, None, "idea", content.idea, None, "spam", "") == "GR007"
        with attached.connect() as c:
            others = add_flag(c, "idea", content.idea)
        assert refused(rey, RAISE, others, "idea", content.idea, None, "spam", "") == "GR007"


def test_a_note_is_written_once_and_taken_back_by_its_author_in_time(attached: Database) -> None:
    content = add_content(attached)
    note = uuid4()
    retract = "SELECT greenroom.retract_note(gen_random_uuid(), %s, 'tests')"
    with attached.connect("rey") as rey, attached.connect("mia") as mia, attached.connect() as c:
        assert one(rey, NOTE, note, content.idea, "Seen before")["repeated"] is False
        assert one(rey, NOTE, note, content.idea, "Seen before")["repeated"] is True
        assert refused(mia, NOTE, note, content.idea, "Mine") == "GR007"
        assert one(mia, "SELECT body FROM greenroom.notes") == "Seen before"
        assert refused(mia, retract, note) == "GR009"
        rey.execute(retract, [note])
        rey.execute(retract, [note])
        assert one(c, "SELECT body FROM greenroom.notes") == ""
        old = uuid4()
        rey.execute(NOTE, [old, content.idea, "Old"])
        c.execute("UPDATE greenroom.notes SET created_at = created_at - interval '11 minutes'")
        assert refused(rey, retract, old) == "GR008"
        for body in ("", "   ", None, "x" * 10_001):
            assert refused(rey, NOTE, uuid4(), content.idea, body) == "GR007"
        assert actions(c) == [("note.add", "rey"), ("note.retract", "rey"), ("note.add", "rey")]


def test_erased_evidence_is_gone_and_the_audit_says_who_and_why(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
        digest = one(mia, "SELECT digest FROM greenroom.evidence")
        assert refused(mia, ERASE, digest, "Asked by its author") == "42501"
        assert refused(ada, ERASE, digest, " ") == "GR007"
        assert refused(ada, ERASE, "no such digest", "Asked by its author") == "GR009"
        ada.execute(ERASE, [digest, "Asked by its author"])
        ada.execute(ERASE, [digest, "Asked by its author"])
        assert c.execute("SELECT content, erased_at IS NOT NULL FROM greenroom.evidence").fetchall() == [
            (None, True)
        ]
        kept = c.execute(
            "SELECT action, login, changed, evidence_digest FROM greenroom.audit ORDER BY audit_id"
        ).fetchall()
        assert kept[0][3] == digest
        assert kept[1:] == [("evidence.erase", "ada", {"reason": "Asked by its author"}, digest)]


def test_nobody_writes_these_tables_by_hand(attached: Database) -> None:
    add_content(attached)
    for login in ("rey", "mia", "ada"):
        with attached.connect(login) as connection:
            for statement in (
                "INSERT INTO greenroom.notes (note_id, kind, id, login, body) VALUES"
                f" ('{UUID(int=1)}', 'idea', '{UUID(int=2)}', 'ada', 'forged')",
                "UPDATE greenroom.policies SET severity = 1",
                "UPDATE greenroom.evidence SET content = '{}'",
                "INSERT INTO moderation_flags (target_type, target_id, reason)"
                " SELECT 'idea', id, 'spam' FROM ideas",
            ):
                assert refused(connection, statement) == "42501"
