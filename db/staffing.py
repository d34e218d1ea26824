"""Who is staff, and what one admin asked for that another has to grant (the port `Staffing`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.staff import Role
from console.domain.staffing import AdminRequest, Member
from db.answering import Answering


class GreenroomStaff(Answering):
    """From the primary: a standby does not know the sessions there, and rights are never shown late."""

    async def members(self) -> Sequence[Member]:
        """Every login, ended ones last."""
        return [
            Member(row[0], row[1], row[2], Role(row[4]) if row[4] else None, row[5], row[6])
            for row in await self._rows(_MEMBERS)
        ]

    async def requests(self) -> Sequence[AdminRequest]:
        """What waits for an answer, oldest first."""
        return [AdminRequest(*row) for row in await self._rows(_REQUESTS)]

    async def people(self, beginning: str) -> Sequence[tuple[UUID, str, str]]:
        """Active accounts by the beginning of their name: id, username, display name; 20 at most."""
        prefix = beginning.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return [(row[0], row[1], row[2]) for row in await self._rows(_PEOPLE, prefix=f"{prefix}%")]

    async def _rows(self, query: Executable, **values: Any) -> Sequence[Any]:
        async def read(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.execute(query, values)).all()

        return await self._servers.read_primary(read)


_MEMBERS = text(
    "SELECT login, user_id, display_name, active, rank, sessions, created_at FROM greenroom.staff_list()"
)
_REQUESTS = text(
    "SELECT r.request_id, r.login, coalesce(r.user_id, s.user_id), coalesce(r.login, u.username),"
    " r.asked_by, r.asked_at"
    " FROM greenroom.admin_requests AS r LEFT JOIN greenroom.staff AS s ON s.login = r.login"
    " LEFT JOIN users AS u ON u.id = r.user_id WHERE r.answered_at IS NULL ORDER BY r.asked_at, r.request_id"
)
_PEOPLE = text(
    "SELECT id, username, coalesce(display_name, '') FROM users"
    " WHERE lower(username) LIKE :prefix AND is_active ORDER BY lower(username), id LIMIT 20"
)
