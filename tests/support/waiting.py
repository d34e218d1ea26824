"""Waiting for what has no event to wait for: a widget, another process, a server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE_SECONDS = 60.0
"""Generous: a machine that is busy with other tests is late."""


async def until(
    holds: Callable[[], object],
    what: str | Callable[[], str] = "what was waited for",
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """Return as soon as `holds`; AssertionError says `what` did not come about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, _missed(what, seconds)
        await asyncio.sleep(0.01)


def wait_until(
    holds: Callable[[], object],
    what: str | Callable[[], str] = "what was waited for",
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """The same where there is no event loop."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, _missed(what, seconds)
        time.sleep(0.01)


def _missed(what: str | Callable[[], str], seconds: float) -> str:
    return f"within {seconds:.0f} s not: {what if isinstance(what, str) else what()}"
