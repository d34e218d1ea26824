"""What the workspace needs of a player; times are seconds from the beginning of what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QImage

FRAME_SECONDS = 0.04
"""Of a medium that does not tell how long a picture stands."""


class PlayerKey(Protocol):
    """A key of the player's own."""

    @property
    def title(self) -> str:
        """What it does."""

    @property
    def keys(self) -> tuple[str, ...]:
        """As Qt spells them."""

    @property
    def run(self) -> Callable[[], None]:
        """Does it."""

    @property
    def repeats(self) -> bool:
        """Whether a key that is held goes on."""


class Playing(Protocol):
    """A player of one medium at a time, with the next one at hand."""

    @property
    def position(self) -> float:
        """Where it is."""

    @property
    def frame_seconds(self) -> float:
        """How long one picture stands; 0 while that is not known."""

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""

    @property
    def position_changed(self) -> SignalInstance:
        """`(float)`: it is somewhere else."""

    @property
    def duration_changed(self) -> SignalInstance:
        """`(float)`: it is known how long the medium lasts."""

    @property
    def duration(self) -> float:
        """How long the medium lasts; 0 while that is not known."""

    @property
    def first_frame(self) -> SignalInstance:
        """`(float)`: the first picture of what was opened is shown."""

    @property
    def ended(self) -> SignalInstance:
        """It played to the end."""

    def open(self, url: str, *, start: float = 0.0, play: bool = False) -> None:
        """Open a medium in place of the one before."""

    def prepare(self, url: str) -> None:
        """Have ready what is likely to be opened next."""

    def toggle(self) -> None:
        """Go on, or stand still."""

    def close(self) -> None:
        """Let go of what is open."""

    def seek(self, seconds: float) -> None:
        """Go to a moment."""

    def snapshot(self) -> QImage:
        """The picture that stands; null when there is none."""

    def step(self, frames: int) -> None:
        """Stand still, so many pictures further on (or back)."""
