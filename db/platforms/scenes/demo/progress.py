"""How the making of a demo is told and stopped."""

from __future__ import annotations

from collections.abc import Callable

from console.domain.errors import GreenroomError

Progress = Callable[[str, int, int], None]
"""What is being made, how much of it is done, and how much there is in all (0: unknown)."""


class Cancelled(GreenroomError):
    """Somebody stopped it; nothing half-made is left."""

    def __init__(self) -> None:
        super().__init__("Making the demo was stopped", "Start it again: it begins afresh.")


def never() -> bool:
    """The answer of nobody who could cancel."""
    return False
