"""Roles are ranks, named as the database names them."""

from __future__ import annotations

from uuid import UUID

from console.domain.staff import Person, Role


def test_each_rank_includes_the_ones_below() -> None:
    person = Person("mo", Role.MODERATOR, UUID(int=1), "Mo")
    assert person.may(Role.REVIEWER)
    assert person.may(Role.MODERATOR)
    assert not person.may(Role.ADMIN)


def test_roles_carry_the_names_of_the_group_roles() -> None:
    assert [role.database_role for role in Role] == [
        "greenroom_reviewer",
        "greenroom_moderator",
        "greenroom_admin",
    ]
    assert Role.ADMIN.title == "admin"
