"""Tells other consoles that something was written: a hint, sent behind the person's back."""

from __future__ import annotations

import asyncio
import logging

from console.domain.errors import GreenroomError
from db.routing import Servers

GAP_SECONDS = 0.02
"""Whatever is written within this time is announced at once."""

_log = logging.getLogger(__name__)


class Announcer:
    """Announces in a transaction of its own, after the one that wrote."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._wanted = asyncio.Event()

    def soon(self) -> None:
        """Something was written and committed."""
        self._wanted.set()

    async def run(self) -> None:
        """Announce what is wanted, until cancelled. A hint that is lost costs its readers some seconds."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._servers.call("SELECT greenroom.announce()", {})
            except GreenroomError as error:
                _log.info("not announced: %s", error)
            await asyncio.sleep(GAP_SECONDS)
