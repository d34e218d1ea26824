"""What a deck was given to play, what is known of it by now, and what can go wrong with it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from PySide6.QtGui import QImage

from console.domain.errors import MediaProblem
from console.media.allowlist import shown
from console.media.inspection import Inspection
from console.media.medium import Medium
from console.ui.player.protocol import Described


@dataclass(slots=True, eq=False)
class Loaded:
    """What a deck was given. `opened` is when it was asked for, in the clock of `perf_counter`."""

    url: str
    medium: Medium | None
    turn: int
    start: float
    opened: float
    inspection: Inspection | None = None
    described: Described | None = None
    problem: MediaProblem | None = None
    image: QImage = field(default_factory=QImage)
    position: float = 0.0
    pictures: int = 0
    heard: float = 0.0
    ended: bool = False
    first_told: bool = False
    hopeless: bool = False
    shown: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def audio_only(self) -> bool:
        """Whether there is sound and no picture."""
        return self.inspection is not None and self.inspection.audio_only

    @property
    def duration(self) -> float:
        """Seconds; 0 while they are not known. The playlist's own sum is exact, VLC's is an estimate."""
        found = self.inspection
        if found is not None and found.durations and not found.live:
            return sum(found.durations)
        return self.described.duration if self.described is not None else 0.0


def undecodable(loaded: Loaded) -> MediaProblem:
    """VLC shows nothing of it."""
    return MediaProblem(
        "undecodable",
        f"{shown(loaded.url)} cannot be shown: VLC found no picture in it.",
        "Decide without it, or try again.",
        url=shown(loaded.url),
    )


def stopped(why: str, deaths: int) -> MediaProblem:
    """The process ended at it so many times."""
    return MediaProblem(
        "player",
        f"The player stopped {deaths} times at this video: {why}.",
        "Decide without it, or try again.",
    )


def no_vlc(why: str) -> MediaProblem:
    """There is no VLC."""
    return MediaProblem(
        "no_vlc",
        f"VLC is not installed, so videos cannot be played ({why}).",
        "On Debian and Ubuntu: sudo apt-get install vlc-plugin-base libvlc5",
    )
