"""Keeps the audit sealed, and remembers the newest seal: what was seen once must be there later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from console.domain.audit import AuditHead
from console.domain.errors import GreenroomError
from console.services.ports import AuditMemory, Writer

SEAL_SECONDS = 4.0
"""Rows are to be sealed within 5 s; a hundred consoles share the work, and whoever is second does nothing."""

_log = logging.getLogger(__name__)


async def keep_sealing(writer: Writer, memory: AuditMemory, tell: Callable[[str], None]) -> None:
    """Seal every few seconds until cancelled. `tell` is called with what an admin should look into."""
    while True:
        try:
            await seal(writer, memory, tell)
        except GreenroomError as error:
            # The next beat, or another console, does it.
            _log.warning("the audit was not sealed: %s", error)
        await asyncio.sleep(SEAL_SECONDS)


async def seal(writer: Writer, memory: AuditMemory, tell: Callable[[str], None]) -> None:
    """Seal once, hold the newest seal against the one seen last, and remember it."""
    seen, head = await memory.seen(), await writer.seal_audit()
    if seen is not None:
        problem = None
        if head.seal < seen.seal:
            problem = (
                f"The audit has lost its end: this console saw seal {seen.seal}, the newest is {head.seal}"
            )
        elif head.seal == seen.seal and head.digest != seen.digest:
            problem = f"The audit was changed: seal {head.seal} is not the one that this console saw"
        if problem is not None:
            await memory.contradicted(seen)
            tell(problem)
    if head != seen:
        await memory.remember(head)


def told(seen: AuditHead, digest: str | None) -> str | None:
    """What is wrong when the database holds `digest` (None: nothing) for the seal that was seen."""
    if digest is None:
        return f"The audit has lost its end: seal {seen.seal} was seen here and is gone"
    if digest != seen.digest:
        return f"Seal {seen.seal} is not the one that was seen here"
    return None
