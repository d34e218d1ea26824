"""Who is signed in and what their group role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID


class Role(IntEnum):
    """Group roles of the database, ordered: each includes the ones below it.

    The names are those of the roles `greenroom_reviewer`, `greenroom_moderator`, `greenroom_admin`.
    """

    REVIEWER = 1
    MODERATOR = 2
    ADMIN = 3

    @property
    def database_role(self) -> str:
        """The PostgreSQL group role that grants this rank."""
        return f"greenroom_{self.name.lower()}"

    @property
    def title(self) -> str:
        """The role's name as a person reads it, in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Person:
    """The member of staff a connection belongs to, as the database names them.

    `login` is the PostgreSQL login role, `user_id` the person's account on the platform (it fills
    columns such as `reviewed_by`).
    """

    login: str
    role: Role
    user_id: UUID
    display_name: str

    def may(self, role: Role) -> bool:
        """Whether the person's rank is at least `role`."""
        return self.role >= role
