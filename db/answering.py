"""Reads that remember which server answered, so that every view can say who did and how fresh that is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.servers import Served
from db.routing import Servers

T = TypeVar("T")


class Answering:
    """Attributes: `served`, who answered the read before. Whoever awaited that finds it here at once."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.served: Served | None = None

    async def _read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run a read on the server that is right for it. Raises Unavailable."""
        value, self.served = await self._servers.read(work)
        return value
