"""Carries merges of topics out, a short transaction at a time, and takes up what another console left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from console.domain.errors import GreenroomError, Unavailable
from console.domain.merging import RUNNING, Carried
from console.services.ports import MergeWriter

SWEEP_SECONDS = 30.0
"""How often a console looks for what was left behind."""
REST_SECONDS = 0.02
"""Between two transactions: those who waited for a row go first."""
AGAIN_SECONDS = 0.5
"""Before the next try, where rows are held by others or no server answers."""

_log = logging.getLogger(__name__)


async def carry_out(writer: MergeWriter, merge: UUID, told: Callable[[Carried], None]) -> None:
    """Carry a merge, or its undo, on until it is at rest; `told` is called after each transaction."""
    while True:
        try:
            carried = await writer.carry_merge(merge)
        except Unavailable as error:
            _log.info("a merge waits: %s", error)
            carried = None
        if carried is not None:
            told(carried)
            if carried.state not in RUNNING:
                return
        await asyncio.sleep(REST_SECONDS if carried is not None and carried.touched else AGAIN_SECONDS)


async def keep_sweeping(writer: MergeWriter) -> None:
    """Take up what is left, until cancelled: merges whose console is gone, and what came after their end."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await sweep(writer)
        except GreenroomError as error:
            # The next beat, or another console, does it.
            _log.warning("merges were not carried on: %s", error)


async def sweep(writer: MergeWriter) -> None:
    """Carry on whatever is left of any merge, until nothing is."""
    carried = await writer.carry_merge(None)
    while carried is not None:
        await asyncio.sleep(REST_SECONDS if carried.touched else AGAIN_SECONDS)
        again = await writer.carry_merge(carried.id) if carried.state in RUNNING else None
        carried = again or await writer.carry_merge(None)
