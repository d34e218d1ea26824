"""Staff as admins change it, each as their own login, and what those may not who would raise themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from console.domain.staff import Role
from console.services.scram import verifier
from tests.support.content import add_content, claim, decide, item, one, undo
from tests.support.databases import Database
from tests.support.staff import add_staff, user_id
from tests.support.waiting import wait_until

PASSWORD = "made-made-made-made"


@pytest.fixture
def staffed(attached: Database) -> Iterator[Database]:
    """Two admins, and logins of this test alone, since roles are the whole server's."""
    add_staff(attached, "zoe", Role.ADMIN)
    with attached.connect() as owner:
        owner.execute(
            "INSERT INTO users (id, email, username) VALUES (%s, 'nia@example.org', 'nia')", [user_id("nia")]
        )
    yield attached
    with attached.connect() as owner:
        for login in ("zoe", "nia", "nia.second"):
            owner.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(login)))


def grant(
    connection: Any,
    login: str = "nia",
    rank: int = 2,
    password: str | None = PASSWORD,
    id: UUID | None = None,
) -> Any:
    return one(
        connection,
        "SELECT greenroom.grant_login(%s, %s, %s, %s, %s, 'test')",
        id or uuid4(),
        login,
        rank,
        user_id("nia"),
        None if password is None else verifier(password),
    )


def ask(connection: Any, login: str = "nia") -> UUID:
    request = uuid4()
    connection.execute("SELECT greenroom.ask_admin(%s, %s, 'test')", [request, login])
    return request


def answer(connection: Any, request: UUID, *, granted: bool = True) -> None:
    connection.execute("SELECT greenroom.answer_admin(%s, %s, %s, 'test')", [uuid4(), request, granted])


def refused(connection: Any, query: str, *arguments: object) -> str:
    """The SQLSTATE that a call ends with."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        connection.execute(query, arguments)
    return str(caught.value.sqlstate)


def rank_of(connection: Any) -> Any:
    return one(connection, "SELECT greenroom.me() ->> 'role'")


def test_an_admin_makes_a_login_that_signs_in_by_scram_and_changes_its_role(staffed: Database) -> None:
    id = uuid4()
    with staffed.connect("ada") as ada, staffed.connect() as owner:
        assert grant(ada, id=id) == {"repeated": False}
        assert grant(ada, id=id) == {"repeated": True}
        stored = one(owner, "SELECT rolpassword FROM pg_authid WHERE rolname = 'nia'")
        assert stored.startswith("SCRAM-SHA-256$4096:")
        assert PASSWORD not in stored
        assert one(owner, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'nia'") == 8
        staffed.passwords["nia"] = PASSWORD
        with staffed.connect("nia") as nia:
            assert rank_of(nia) == "moderator"
            assert one(nia, "SHOW lock_timeout") == "3s"
            grant(ada, rank=1, password=None)
            assert rank_of(nia) == "reviewer"
        audit = owner.execute(
            "SELECT login, changed FROM greenroom.audit WHERE action = 'staff.grant' ORDER BY audit_id"
        ).fetchall()
    assert audit == [
        ("ada", {"login": "nia", "role": "moderator", "password": True}),
        ("ada", {"login": "nia", "role": "reviewer", "password": False}),
    ]


def test_a_login_that_is_revoked_loses_its_sessions_its_claims_and_its_rights(staffed: Database) -> None:
    content = add_content(staffed)
    staffed.passwords["nia"] = PASSWORD
    with staffed.connect("ada") as ada, staffed.connect() as owner:
        grant(ada)
        nia = staffed.connect("nia")
        claim(nia, "idea", content.idea)
        answered = one(ada, "SELECT greenroom.revoke_login(%s, 'nia', 'test')", uuid4())
        assert answered == {"repeated": False, "ended": 1}
        wait_until(lambda: one(owner, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'nia'") == 0)
        with pytest.raises(psycopg.OperationalError):
            nia.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            staffed.connect("nia")
        assert one(owner, "SELECT count(*) FROM greenroom.claims WHERE holder = 'nia'") == 0
        assert not one(owner, "SELECT pg_has_role('nia', 'greenroom_reviewer', 'MEMBER')")
        with staffed.connect("mia") as mia:
            claim(mia, "idea", content.idea)  # it is free at once
        grant(ada, rank=1)
        with staffed.connect("nia") as nia:
            assert rank_of(nia) == "reviewer"


def test_making_an_admin_takes_two_who_are_not_them(staffed: Database) -> None:
    staffed.passwords["nia"] = PASSWORD
    with staffed.connect("ada") as ada, staffed.connect("zoe") as zoe, staffed.connect() as owner:
        grant(ada)
        request = ask(ada)
        answering = "SELECT greenroom.answer_admin(%s, %s, true, 'test')"
        assert refused(ada, answering, uuid4(), request) == "GR002"
        with staffed.connect("nia") as nia:
            assert refused(nia, answering, uuid4(), request) == "42501"
        # Another login of whoever asked is the same person.
        owner.execute("UPDATE greenroom.staff SET user_id = %s WHERE login = 'zoe'", [user_id("ada")])
        assert refused(zoe, answering, uuid4(), request) == "GR002"
        # And of whoever it is for.
        owner.execute("UPDATE greenroom.staff SET user_id = %s WHERE login = 'zoe'", [user_id("nia")])
        assert refused(zoe, answering, uuid4(), request) == "GR002"
        owner.execute("UPDATE greenroom.staff SET user_id = %s WHERE login = 'zoe'", [user_id("zoe")])
        owner.execute("UPDATE greenroom.admin_requests SET asked_at = asked_at - interval '8 days'")
        assert refused(zoe, answering, uuid4(), request) == "GR003"
        owner.execute("UPDATE greenroom.admin_requests SET asked_at = clock_timestamp()")
        answer(zoe, request)
        assert refused(zoe, answering, uuid4(), request) == "GR003"  # answered
        with staffed.connect("nia") as nia:
            assert rank_of(nia) == "admin"
        # Their password is theirs now: who set it could sign in as them.
        with pytest.raises(psycopg.Error, match="password is not set by another admin"):
            grant(ada)
        grant(ada, rank=2, password=None)
        with staffed.connect("nia") as nia:
            assert rank_of(nia) == "moderator"


def test_nobody_raises_themselves_and_what_is_no_staff_is_left_alone(staffed: Database) -> None:
    known, request = uuid4(), uuid4()
    calls = (
        ("SELECT greenroom.grant_login(%s, 'x', 2, %s, NULL, 't')", (known, user_id("nia"))),
        ("SELECT greenroom.revoke_login(%s, 'rey', 't')", (known,)),
        ("SELECT greenroom.ask_admin(%s, 'rey', 't')", (known,)),
        ("SELECT greenroom.answer_admin(%s, %s, true, 't')", (known, request)),
        ("SELECT greenroom.staff_list()", ()),
        ("SELECT asked_by FROM greenroom.admin_requests", ()),
    )
    for login in ("rey", "mia"):
        with staffed.connect(login) as low:
            for query, arguments in calls:
                assert refused(low, query, *arguments) == "42501", (login, query)
    making = "SELECT greenroom.grant_login(%s, %s, %s, %s, %s, 't')"
    with staffed.connect("ada") as ada:
        for query in (
            "SELECT greenroom.lay_login('ada', 3, NULL)",
            "SELECT greenroom.close_login('zoe')",
            "SET ROLE greenroom_staffing",
            "CREATE ROLE mine",
            "ALTER ROLE mia PASSWORD 'x'",
            "GRANT greenroom_admin TO mia",
        ):
            assert refused(ada, query) == "42501", query
        good = verifier(PASSWORD)
        for login, rank, held in (
            ("nia", 3, good),  # alone
            ("ada", 2, None),  # herself
            ("postgres", 2, good),
            ("greenroom_owner", 2, good),
            ("Nia", 2, good),
            ("nia; DROP TABLE users", 2, good),
            ("nia", 0, good),
            ("nia", None, good),
            ("nia", 2, None),
            ("nia", 2, "plain"),
            ("nia", 2, "md5" + "0" * 32),
            ("nia", 2, good + "'"),
            ("zoe", 2, good),  # an admin's password
            ("mia", 2, good),  # another person's login
        ):
            code = refused(ada, making, uuid4(), login, rank, user_id("nia"), held)
            assert code in {"GR002", "GR007"}, (login, rank, held, code)
        assert refused(ada, making, uuid4(), "nia", 2, uuid4(), good) == "GR009"
        assert refused(ada, "SELECT greenroom.revoke_login(%s, 'ada', 't')", uuid4()) == "GR002"
        assert refused(ada, "SELECT greenroom.revoke_login(%s, 'postgres', 't')", uuid4()) == "GR009"
        assert rank_of(ada) == "admin"


def test_accounts_are_changed_like_content_and_made_admins_by_two(staffed: Database) -> None:
    content = add_content(staffed)

    def judge(connection: Any, verb: str, who: UUID = content.author, policy: str | None = None) -> UUID:
        id = uuid4()
        decide(connection, "scenes.user", verb, [item(claim(connection, "user", who))], policy=policy, id=id)
        return id

    def account() -> Any:
        return owner.execute("SELECT role, is_active FROM users WHERE id = %s", [content.author]).fetchone()

    with staffed.connect("ada") as ada, staffed.connect("zoe") as zoe, staffed.connect() as owner:
        off = judge(ada, "deactivate", policy="spam")
        assert account() == ("user", False)
        undo(ada, off)
        assert account() == ("user", True)
        judge(ada, "make_moderator")
        request = judge(ada, "ask_admin")
        assert refused(ada, "SELECT greenroom.answer_admin(%s, %s, true, 't')", uuid4(), request) == "GR002"
        answer(zoe, request)
        assert account() == ("admin", True)
        down = judge(zoe, "make_user")
        assert account() == ("user", True)
        with pytest.raises(psycopg.Error, match="takes two"):
            undo(zoe, down)
        with pytest.raises(psycopg.Error, match="their own account"):
            judge(ada, "make_moderator", user_id("ada"))
        with staffed.connect("mia") as mia, pytest.raises(psycopg.Error, match="is for admins"):
            judge(mia, "make_moderator")
