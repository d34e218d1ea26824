"""The platform's own services write as before: the console follows, and its failures are its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.content import Content, add_content, add_flag, add_idea, claim, decide, item, one
from tests.support.databases import Database

SERVICE = "test_service"


@pytest.fixture
def served(attached: Database) -> Iterator[Database]:
    """The attached database with a login of the platform's own services."""
    with attached.connect() as owner:
        owner.execute(
            f"CREATE ROLE {SERVICE} LOGIN PASSWORD 'service'; GRANT SELECT, INSERT, UPDATE, DELETE"
            f" ON ALL TABLES IN SCHEMA public TO {SERVICE}".encode()
        )
        attached.passwords[SERVICE] = "service"
        yield attached
        owner.execute(f"DROP OWNED BY {SERVICE}; DROP ROLE {SERVICE}".encode())


def subject(connection: Any, kind: str, id: object) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(
        "SELECT open_flags, first_flag_at, last_flag_at, reasons, escalated_at IS NOT NULL"
        " FROM greenroom.subjects WHERE kind = %s AND id = %s",
        [kind, id],
    ).fetchone()
    return row


def counted(connection: Any, kind: str, id: object) -> tuple[Any, ...] | None:
    """What `subject` should say, from the flags themselves."""
    row: tuple[Any, ...] | None = connection.execute(
        "SELECT count(*), min(created_at), max(created_at),"
        " coalesce(array_agg(DISTINCT reason::text ORDER BY reason::text), '{}'),"
        " coalesce(bool_or(status = 'reviewing'), false)"
        " FROM moderation_flags WHERE target_type = %s AND target_id = %s"
        " AND status IN ('pending', 'reviewing')",
        [kind, id],
    ).fetchone()
    return row


def test_subjects_follow_every_way_a_flag_changes(served: Database) -> None:
    content = add_content(served)
    with served.connect(SERVICE) as service, served.connect() as owner:
        steps: tuple[str, ...] = (
            "INSERT INTO moderation_flags (target_type, target_id, reason, created_at) VALUES"
            " ('idea', %(id)s, 'spam', '2026-01-02'), ('idea', %(id)s, 'hate', '2026-01-01'),"
            " ('idea', %(id)s, 'spam', '2026-01-03'), ('idea', %(id)s, 'old', '2025-01-01')",
            "UPDATE moderation_flags SET status = 'dismissed' WHERE reason = 'old'",
            "UPDATE moderation_flags SET status = 'reviewing' WHERE reason = 'hate'",
            "UPDATE moderation_flags SET notes = 'nothing that counts'",
            "INSERT INTO moderation_flags (target_type, target_id, reason, status)"
            " VALUES ('idea', %(id)s, 'spam', 'resolved')",
            "UPDATE moderation_flags SET status = 'pending' WHERE reason = 'hate'",
            "DELETE FROM moderation_flags WHERE created_at = '2026-01-03'",
            "UPDATE moderation_flags SET reason = 'violence' WHERE reason = 'spam'",
            "UPDATE moderation_flags SET status = 'resolved'",
            "DELETE FROM moderation_flags",
        )
        for step in steps:
            service.execute(step.encode(), {"id": content.idea})
            assert subject(owner, "idea", content.idea) == counted(owner, "idea", content.idea), step


def test_a_flag_that_moves_to_another_target_leaves_the_first(served: Database) -> None:
    content = add_content(served)
    with served.connect(SERVICE) as service, served.connect() as owner:
        flag = add_flag(service, "idea", content.idea)
        service.execute(
            "UPDATE moderation_flags SET target_type = 'segment', target_id = %s WHERE id = %s",
            [content.segment, flag],
        )
        for kind, id in (("idea", content.idea), ("segment", content.segment)):
            assert subject(owner, kind, id) == counted(owner, kind, id)
        partition = one(owner, "SELECT partition_key FROM greenroom.subjects WHERE id = %s", content.segment)
        assert partition == content.segment_created_at


def test_a_new_segment_is_due_for_review(served: Database) -> None:
    content = add_content(served)
    with served.connect() as owner:
        due, partition = owner.execute(
            "SELECT review_due_at, partition_key FROM greenroom.subjects WHERE id = %s", [content.segment]
        ).fetchone() or (None, None)
    assert due == partition == content.segment_created_at


def hold(connection: Any, content: Content) -> None:
    connection.execute("BEGIN")
    decide(connection, "scenes.flags", "dismiss", [
        item(claim(connection, "user", content.author), flags=[str(one(
            connection, "SELECT id FROM moderation_flags WHERE target_id = %s", content.author))])
    ])  # fmt: skip


def test_the_platform_does_not_wait_for_an_open_decision_and_nothing_is_lost(served: Database) -> None:
    content = add_content(served)
    with served.connect(SERVICE) as service, served.connect() as owner, served.connect("mia") as mia:
        add_flag(service, "user", content.author)
        hold(mia, content)
        began = time.monotonic()
        add_flag(service, "user", content.author, "hate")
        assert time.monotonic() - began < 10
        assert one(owner, "SELECT count(*) FROM greenroom.missed") == 1
        mia.execute("COMMIT")
        assert one(owner, "SELECT greenroom.mend()") == 1
        assert subject(owner, "user", content.author) == counted(owner, "user", content.author)
        assert one(owner, "SELECT count(*) FROM greenroom.missed") == 0


def test_every_console_mends_with_its_watchdog_call(served: Database) -> None:
    content = add_content(served)
    with served.connect() as owner, served.connect("rey") as console:
        owner.execute("ALTER TABLE moderation_flags DISABLE TRIGGER greenroom_flags_added")
        add_flag(owner, "idea", content.idea)
        owner.execute("ALTER TABLE moderation_flags ENABLE TRIGGER greenroom_flags_added")
        assert subject(owner, "idea", content.idea) is None
        owner.execute("INSERT INTO greenroom.missed (kind, id) VALUES ('idea', %s)", [content.idea])
        console.execute("SELECT greenroom.end_stale_sessions()")
        assert subject(owner, "idea", content.idea) == counted(owner, "idea", content.idea)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE greenroom.subjects CASCADE",
        "DROP TABLE greenroom.subjects CASCADE; DROP TABLE greenroom.missed CASCADE",
        "REVOKE ALL ON ALL TABLES IN SCHEMA greenroom FROM greenroom_owner",
        "REVOKE USAGE ON SCHEMA greenroom FROM greenroom_owner",
        "REVOKE SELECT ON segments FROM greenroom_owner",
        "DROP FUNCTION greenroom.recount_flags(text, uuid); DROP FUNCTION greenroom.segment_partition(uuid)",
        "ALTER TABLE greenroom.subjects ADD CONSTRAINT never CHECK (false) NOT VALID",
    ],
)
def test_whatever_is_broken_in_the_console_the_platform_writes_on(served: Database, damage: str) -> None:
    content = add_content(served)
    with served.connect() as owner, served.connect(SERVICE) as service:
        owner.execute(damage.encode())
        flag = add_flag(service, "segment", content.segment)
        service.execute("UPDATE moderation_flags SET status = 'resolved' WHERE id = %s", [flag])
        service.execute("DELETE FROM moderation_flags WHERE id = %s", [flag])
        service.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version)"
            " SELECT scene_id, user_id, job_id, 2, '', '', '', 1, 1 FROM segments"
        )
        assert one(owner, "SELECT count(*) FROM segments") == 2


def test_reconcile_mends_whatever_was_missed(served: Database) -> None:
    content = add_content(served)
    with served.connect() as owner, served.connect("ada") as ada:
        ideas = [add_idea(owner, content.author, content.topic) for _ in range(3)]
        add_flag(owner, "idea", ideas[0])
        settled = add_flag(owner, "idea", ideas[1])
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE moderation_flags SET status = 'dismissed' WHERE id = %s", [settled])
        add_flag(owner, "idea", ideas[0], "hate")
        add_flag(owner, "idea", ideas[2])
        add_flag(owner, "segment", content.segment)
        owner.execute("RESET session_replication_role")
        assert one(ada, "SELECT greenroom.reconcile()") == 4
        assert one(ada, "SELECT greenroom.reconcile()") == 0
        for kind, id in (*(("idea", idea) for idea in ideas), ("segment", content.segment)):
            assert subject(owner, kind, id) == counted(owner, kind, id)


def test_reconcile_takes_a_hundred_thousand_flags_in_seconds(attached: Database) -> None:
    with attached.connect() as owner, attached.connect("ada") as ada:
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            "INSERT INTO moderation_flags (target_type, target_id, reason) SELECT 'idea',"
            " ('00000000-0000-0000-0000-' || lpad((n %% 50000)::text, 12, '0'))::uuid, 'spam'"
            " FROM generate_series(1, 100000) AS n".replace("%%", "%").encode()
        )
        began = time.monotonic()
        assert one(ada, "SELECT greenroom.reconcile()") == 50000
        assert time.monotonic() - began < 20


def test_a_platform_transaction_that_holds_a_subject_is_never_sacrificed(served: Database) -> None:
    """It flags an idea, then edits it, while a decision wants both in the other order."""
    content = add_content(served)
    with served.connect(SERVICE) as service, served.connect("mia") as mia:
        flag = str(add_flag(service, "idea", content.idea))
        held = claim(mia, "idea", content.idea)
        service.execute("BEGIN")
        add_flag(service, "idea", content.idea)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            decide(mia, "scenes.flags", "dismiss", [item(held, flags=[flag])])
        service.execute("UPDATE ideas SET title = title WHERE id = %s", [content.idea])
        service.execute("COMMIT")
        decide(mia, "scenes.flags", "dismiss", [item(held, flags=[flag])])
        with served.connect() as owner:
            assert subject(owner, "idea", content.idea) == counted(owner, "idea", content.idea)
