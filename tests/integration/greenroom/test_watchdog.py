"""Sessions of staff that keep the platform's rows locked are ended, and no others."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.content import add_content, claim, one
from tests.support.databases import Database


def test_a_transaction_of_ten_seconds_is_stale(attached: Database) -> None:
    with attached.connect() as c:
        assert one(c, "SELECT stale_transaction = interval '10 seconds' FROM greenroom.settings") is True


def test_a_held_transaction_of_staff_is_ended_and_frees_its_rows(closed: Database) -> None:
    content = add_content(closed)
    with closed.connect() as owner:
        owner.execute("UPDATE greenroom.settings SET stale_transaction = '0.3 seconds'")
    with (
        closed.connect("mia") as hostile,
        closed.connect("rey") as idle,
        closed.connect() as platform,
        closed.connect("max") as watcher,
    ):
        hostile.execute("BEGIN")
        claim(hostile, "idea", content.idea)
        platform.execute("BEGIN")
        platform.execute("SELECT 1")
        platform.execute("SELECT pg_sleep(0.4)")
        assert one(watcher, "SELECT greenroom.end_stale_sessions()") == 1
        with pytest.raises(psycopg.OperationalError):
            hostile.execute("SELECT 1")
        assert idle.execute("SELECT 1").fetchone() == (1,)
        # The platform's own long transaction goes on, and what it could not write before it can now.
        platform.execute("UPDATE ideas SET title = 'Free again' WHERE id = %s", [content.idea])
        platform.execute("COMMIT")
        assert one(watcher, "SELECT count(*) FROM greenroom.claims WHERE holder = 'mia'") == 0


def test_a_listener_idle_in_a_transaction_is_ended_too(closed: Database) -> None:
    with closed.connect() as owner:
        owner.execute("UPDATE greenroom.settings SET stale_transaction = '0.2 seconds'")
        with closed.connect("rey") as listener, closed.connect("mia") as watcher:
            listener.execute("LISTEN anything")
            listener.execute("BEGIN")
            owner.execute("SELECT pg_sleep(0.3)")
            assert one(watcher, "SELECT greenroom.end_stale_sessions()") == 1
            with pytest.raises(psycopg.OperationalError):
                listener.execute("SELECT 1")


def test_a_member_of_staff_who_became_superuser_does_not_stop_the_watchdog(closed: Database) -> None:
    with closed.connect() as owner:
        owner.execute("UPDATE greenroom.settings SET stale_transaction = '0.2 seconds'")
        owner.execute(
            "INSERT INTO greenroom.staff (login, user_id, display_name)"
            " VALUES ('postgres', gen_random_uuid(), 'Root')"
        )
        with closed.connect() as root, closed.connect("mia") as watcher:
            root.execute("BEGIN")
            root.execute("SELECT 1")
            owner.execute("SELECT pg_sleep(0.3)")
            assert one(watcher, "SELECT greenroom.end_stale_sessions()") == 0
            assert root.execute("SELECT 1").fetchone() == (1,)


def test_it_runs_on_the_standby_too(closed: Database) -> None:
    with closed.connect("mia", replica=True) as watcher:
        assert one(watcher, "SELECT greenroom.end_stale_sessions()") == 0
