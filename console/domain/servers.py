"""Servers of a platform: how far one has come, and which one answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Server(StrEnum):
    """Which kind of server answered a read."""

    PRIMARY = "primary"
    REPLICA = "replica"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a server has come (`lsn` in bytes of its log). Those of different histories do not compare."""

    system_id: str
    timeline: int
    lsn: int

    @property
    def history(self) -> tuple[str, int]:
        """What a promotion or a restored backup begins anew."""
        return self.system_id, self.timeline

    def reached(self, wanted: Position) -> bool:
        """Whether a server at this position shows all that was written up to `wanted`."""
        return self.history == wanted.history and self.lsn >= wanted.lsn


@dataclass(frozen=True, slots=True)
class Served:
    """Who answered a read, and how fresh that is.

    `title` is what a person calls the server ("primary", "replica 2"); `lag` is how many seconds it was
    behind at most when it was last asked, None on the primary and where it is not known. With `alone` the
    primary is out of reach, and what was written last may be missing.
    """

    server: Server
    title: str
    lag: float | None = None
    alone: bool = False
