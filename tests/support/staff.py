"""Staff of the tests: one login a role, each with an account on the platform."""

from __future__ import annotations

from uuid import UUID, uuid5

from console.domain.staff import Role
from db.greenroom.staff import grant_staff
from tests.support.databases import Database

NAMESPACE = UUID("6f2b0c52-5d0e-4c8e-9f5b-3d1f4f0a7a11")


def user_id(name: str) -> UUID:
    """The platform account of a test's login."""
    return uuid5(NAMESPACE, name)


def add_staff(database: Database, login: str, role: Role) -> None:
    """Make a platform account and a login of the same name; the password is `<login>-password`."""
    password = f"{login}-password"
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO users (id, email, username, password_hash) VALUES (%s, %s, %s, 'secret-hash')"
            " ON CONFLICT DO NOTHING",
            [user_id(login), f"{login}@example.org", login],
        )
        grant_staff(connection, login, role, user_id(login), login.title(), password)
    database.passwords[login] = password
