"""Marks: whose they are, once each, and the flags that carry their time."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.content import Connection, Content, add_content, one
from tests.support.databases import Database

SAVE = "SELECT greenroom.save_mark(gen_random_uuid(), %s, 'segment', %s, %s, %s, %s, %s, %s, 'tests')"
REMOVE = "SELECT greenroom.remove_mark(gen_random_uuid(), %s, %s, 'tests')"
FLAG = "SELECT greenroom.flag_mark(%s, %s, 'tests')"


def refused(connection: Connection, query: str, *arguments: object) -> str | None:
    with pytest.raises(psycopg.Error) as error:
        connection.execute(query.encode(), arguments)
    return error.value.sqlstate


def mark(connection: Connection, content: Content, begins: int = 12_400, ends: int | None = 15_000) -> UUID:
    id = uuid4()
    one(
        connection,
        SAVE,
        id,
        content.segment,
        content.segment_created_at,
        begins,
        ends,
        "violence",
        "The knife",
    )
    return id


def test_a_mark_is_set_once_moved_by_its_owner_and_seen_by_all(attached: Database) -> None:
    content = add_content(attached)
    place = content.segment, content.segment_created_at
    with attached.connect("rey") as rey, attached.connect("max") as max_, attached.connect() as c:
        id = mark(rey, content)
        assert one(rey, SAVE, id, *place, 12_400, 15_000, "violence", " The knife ")["repeated"] is True
        assert one(rey, SAVE, id, *place, 12_440, None, "hate", "")["repeated"] is False
        assert refused(max_, SAVE, id, *place, 0, None, "hate", "") == "GR007"
        query = "SELECT login, begins_ms, ends_ms, policy_key, note FROM greenroom.marks"
        assert max_.execute(query).fetchall() == [("rey", 12_440, None, "hate", None)]
        assert c.execute("SELECT action, login FROM greenroom.audit ORDER BY audit_id").fetchall() == [
            ("mark.save", "rey"),
            ("mark.save", "rey"),
        ]
        assert one(c, "SELECT count(*) FROM greenroom.change_log WHERE event = 'marked'") == 2


@pytest.mark.parametrize(
    ("begins", "ends", "policy", "note"),
    [
        (-1, None, "violence", ""),
        (None, None, "violence", ""),
        (10, 9, "violence", ""),
        (0, 86_400_001, "violence", ""),
        (0, None, "no such policy", ""),
        (0, None, None, ""),
        (0, None, "violence", "x" * 2_001),
    ],
)
def test_what_is_no_mark_is_refused(
    attached: Database, begins: Any, ends: Any, policy: str | None, note: str
) -> None:
    content = add_content(attached)
    place = content.segment, content.segment_created_at
    with attached.connect("rey") as rey:
        assert refused(rey, SAVE, uuid4(), *place, begins, ends, policy, note) == "GR007"


def test_a_mark_is_on_something_that_exists(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey:
        rest = content.segment_created_at, 0, None, "violence", ""
        assert refused(rey, SAVE, uuid4(), uuid4(), *rest) == "GR009"


def test_only_its_owner_or_an_admin_removes_a_mark_and_puts_it_back(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey, attached.connect("mia") as mia, attached.connect("ada") as ada:
        id = mark(rey, content)
        assert refused(mia, REMOVE, id, True) == "GR002"
        rey.execute(REMOVE, [id, True])
        rey.execute(REMOVE, [id, True])
        place = content.segment, content.segment_created_at
        assert refused(rey, SAVE, id, *place, 0, None, "hate", "") == "GR009"
        rey.execute(REMOVE, [id, False])
        ada.execute(REMOVE, [id, True])
        assert one(mia, "SELECT removed_at IS NOT NULL FROM greenroom.marks") is True
        assert refused(rey, REMOVE, uuid4(), True) == "GR009"


def test_a_flag_from_a_mark_carries_its_time_and_reason(attached: Database) -> None:
    content = add_content(attached)
    flag = uuid4()
    with attached.connect("rey") as rey, attached.connect("mia") as mia, attached.connect() as c:
        id = mark(rey, content, 3_723_005, None)
        assert refused(mia, FLAG, uuid4(), id) == "GR009"
        assert one(rey, FLAG, flag, id)["repeated"] is False
        assert one(rey, FLAG, flag, id)["repeated"] is True
        row = c.execute("SELECT target_id, reason, description, status FROM moderation_flags").fetchall()
        assert row == [(content.segment, "violence", "At 1:02:03.005: The knife", "pending")]
        assert one(rey, "SELECT flag_id FROM greenroom.marks") == flag
        # What the flag says stays what the mark says.
        place = content.segment, content.segment_created_at
        assert refused(rey, SAVE, id, *place, 0, None, "violence", "The knife") == "GR007"
        assert one(c, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.segment) == 1


def test_a_refused_flag_leaves_the_mark_as_it_was(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("rey") as rey:
        first, second = mark(rey, content), mark(rey, content, 1_000, 2_000)
        rey.execute(FLAG, [uuid4(), first])
        assert refused(rey, FLAG, uuid4(), second) == "GR007"
        assert one(rey, "SELECT flag_id FROM greenroom.marks WHERE mark_id = %s", second) is None
        text = one(rey, "SELECT description FROM moderation_flags")
        assert text == "At 0:12.400–0:15.000: The knife"


def test_one_person_sets_no_more_than_two_hundred(attached: Database) -> None:
    content = add_content(attached)
    place = content.segment, content.segment_created_at
    with attached.connect("rey") as rey, attached.connect("mia") as mia, attached.connect() as c:
        c.execute(
            "INSERT INTO greenroom.marks (mark_id, kind, id, login, begins_ms, policy_key)"
            " SELECT gen_random_uuid(), 'segment', %s, 'rey', n, 'spam' FROM generate_series(1, 200) AS n",
            [content.segment],
        )
        assert refused(rey, SAVE, uuid4(), *place, 0, None, "spam", "") == "GR007"
        one(mia, SAVE, uuid4(), *place, 0, None, "spam", "")


def test_nobody_writes_marks_by_hand(attached: Database) -> None:
    content = add_content(attached)
    for login in ("rey", "mia", "ada"):
        with attached.connect(login) as connection:
            mark(connection, content)
            assert refused(connection, "UPDATE greenroom.marks SET begins_ms = 0") == "42501"
            assert refused(connection, "DELETE FROM greenroom.marks") == "42501"
