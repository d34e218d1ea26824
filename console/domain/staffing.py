"""What admins do about staff: logins given and ended, and the two who make an admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from console.domain.staff import Role
from console.domain.subjects import Subject
from console.domain.work import Work


@dataclass(frozen=True, slots=True)
class Member:
    """A login of staff as the server has it. `role` None: it was ended. `user_id` is their account."""

    login: str
    user_id: UUID
    display_name: str
    role: Role | None
    sessions: int
    since: datetime


@dataclass(frozen=True, slots=True)
class AdminRequest:
    """One of the two has asked; `title` names the login or the account that is to be an admin's."""

    id: UUID
    login: str | None
    user_id: UUID
    title: str
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class LoginGrant(Work[None]):
    """Makes a reviewer's or moderator's login, or changes its role (1 or 2).

    `verifier` is the SCRAM verifier of a new password; None keeps the one it has.
    """

    login: str
    rank: int
    user_id: UUID
    verifier: str | None = field(repr=False)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The person."""
        return (Subject("user", self.user_id),)

    @property
    def words(self) -> str:
        """What it does."""
        return f"Let {self.login} sign in as a {Role(self.rank).title}"


@dataclass(frozen=True, slots=True)
class LoginRevoke(Work[None]):
    """Ends a login, its sessions and its claims."""

    login: str

    @property
    def words(self) -> str:
        """What it does."""
        return f"Revoke the login {self.login}"


@dataclass(frozen=True, slots=True)
class AdminAsk(Work[None]):
    """Asks for a login to be made an admin's: `id` is the request's."""

    login: str

    @property
    def words(self) -> str:
        """What it does."""
        return f"Ask to make {self.login} an admin"


@dataclass(frozen=True, slots=True)
class AdminAnswer(Work[None]):
    """Grants what another admin asked for, or declines it."""

    request: UUID
    title: str
    granted: bool

    @property
    def words(self) -> str:
        """What it does."""
        return f"{'Make' if self.granted else 'Decline to make'} {self.title} an admin"
