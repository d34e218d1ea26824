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

CONNECTION_LIMIT = 8
"""Connections a login may hold: two windows, and not the whole server."""
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
    with connection.transaction():
        _limit(connection)
        if found is None:
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN INHERIT CONNECTION LIMIT {}").format(
                name, sql.Literal(CONNECTION_LIMIT)
            )
        )
        for setting, value in LIMITS.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
            )
        if password is not None:
            verifier = connection.pgconn.encrypt_password(
                password.encode(), login.encode(), b"scram-sha-256"
            ).decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(verifier)))
        for each in Role:
            group = sql.Identifier(each.database_role)
            change = sql.SQL("GRANT {} TO {}") if each is role else sql.SQL("REVOKE {} FROM {}")
            connection.execute(change.format(group, name))
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
        for role in Role:
            connection.execute(
                sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(role.database_role), sql.Identifier(login))
            )
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(login)))


def _limit(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Rather give up than stand in a row behind somebody's long transaction, with the platform behind us."""
    for setting, value in LIMITS.items():
        connection.execute("SELECT set_config(%s, %s, true)", [setting, value])
