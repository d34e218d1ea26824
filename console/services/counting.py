"""Keeps the numbers counted behind the person's back; a hundred consoles share the work."""

from __future__ import annotations

import asyncio
import logging

from console.domain.errors import GreenroomError
from console.services.ports import Writer

COUNT_SECONDS = 60.0
"""Numbers are about days: a minute late is soon enough."""

_log = logging.getLogger(__name__)


async def keep_counting(writer: Writer) -> None:
    """Count every minute until cancelled; whoever is second does nothing."""
    while True:
        await asyncio.sleep(COUNT_SECONDS)
        try:
            await count(writer)
        except GreenroomError as error:
            # The next beat, or another console, does it.
            _log.warning("the numbers were not counted: %s", error)


async def count(writer: Writer) -> None:
    """Count all that there is to count, some at a time."""
    more = True
    while more:
        more = await writer.count_numbers()
