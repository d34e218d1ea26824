"""Logins of people: a PostgreSQL role with its group, and the platform account behind it.

The owner's tool: it needs CREATEROLE. Passwords reach the server only as SCRAM verifiers, so that they appear
in no log and no statement.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from console.domain.errors import ConfigurationError
from console.domain.staff import Role

LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "10s",
}
"""The console asks for these itself where it can; behind a transaction pooler only the role carries them."""


def grant_staff(
    connection: psycopg.Connection[tuple[Any, ...]],
    login: str,
    role: Role,
    user_id: UUID,
    display_name: str,
    password: str | None,
) -> None:
    """Make `login` a member of staff, or change its role. `password` None keeps the one it has.

    Raises ConfigurationError for a login that may not be staff: one with rights or tables of its own, or
    in a group of somebody else's.
    """
    found = connection.execute(
        "SELECT rolsuper OR rolreplication OR rolcreaterole OR rolcreatedb OR rolbypassrls"
        " OR EXISTS (SELECT FROM pg_class AS c WHERE c.relowner = r.oid)"
        " OR EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid"
        " AND m.roleid::regrole::text <> ALL (%s))"
        " FROM pg_roles AS r WHERE rolname = %s",
        [[role.database_role for role in Role], login],
    ).fetchone()
    if found is not None and found[0]:
        raise ConfigurationError(
            f"The role {login} has rights of its own that go beyond staff",
            "Make a login of its own for the console.",
        )
    name = sql.Identifier(login)
    verifier = None
    if password is not None:
        verifier = connection.pgconn.encrypt_password(
            password.encode(), login.encode(), b"scram-sha-256"
        ).decode()
    with connection.transaction():
        _limit(connection)
        if found is not None:
            # The console's admins may change it from now on: it is handed to the role that makes logins.
            connection.execute(sql.SQL("GRANT {} TO greenroom_staffing WITH ADMIN OPTION").format(name))
            _leave_groups(connection, login)
        connection.execute("SELECT greenroom.lay_login(%s, %s, %s)", [login, int(role), verifier])
        # As a role of the platform it may have been given what attach took from everyone.
        given = connection.execute(
            "SELECT privilege, CASE on_object WHEN 'DATABASE' THEN format('DATABASE %%I', current_database())"
            " ELSE on_object END FROM greenroom.taken_from_public WHERE %s = ANY (given_to)",
            [login],
        ).fetchall()
        for privilege, on_object in given:
            connection.execute(
                sql.SQL("REVOKE {} ON {} FROM {}").format(sql.SQL(privilege), sql.SQL(on_object), name)
            )
        connection.execute(
            "INSERT INTO greenroom.staff (login, user_id, display_name) VALUES (%s, %s, %s)"
            " ON CONFLICT (login) DO UPDATE SET user_id = excluded.user_id,"
            " display_name = excluded.display_name, active = true",
            [login, user_id, display_name],
        )


def revoke_staff(connection: psycopg.Connection[tuple[Any, ...]], login: str) -> None:
    """Take every right of staff from `login`; its history stays. Unknown logins are an error."""
    with connection.transaction():
        _limit(connection)
        done = connection.execute(
            "UPDATE greenroom.staff SET active = false WHERE login = %s", [login]
        ).rowcount
        if not done:
            raise ConfigurationError(f"{login} is not a member of staff", "")
        _leave_groups(connection, login)
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(login)))


def _leave_groups(connection: psycopg.Connection[tuple[Any, ...]], login: str) -> None:
    """Take the login out of every group of staff, whoever put it there: a grant is its grantor's."""
    held = connection.execute(
        "SELECT r.rolname, g.rolname FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid"
        " JOIN pg_roles AS g ON g.oid = m.grantor JOIN pg_roles AS l ON l.oid = m.member"
        " WHERE l.rolname = %s AND r.rolname = ANY (%s)",
        [login, [role.database_role for role in Role]],
    ).fetchall()
    for group, grantor in held:
        connection.execute(
            sql.SQL("REVOKE {} FROM {} GRANTED BY {}").format(*map(sql.Identifier, (group, login, grantor)))
        )


def _limit(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Rather give up than stand in a row behind somebody's long transaction, with the platform behind us."""
    for setting, value in LIMITS.items():
        connection.execute("SELECT set_config(%s, %s, true)", [setting, value])
