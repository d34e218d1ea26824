"""At which time the picture stands that VLC has just shown: it does not say so itself.

VLC's own time comes in steps of a third of a second and lags behind the picture: pictures are counted.
"""

from __future__ import annotations


class PictureClock:
    """Counts from where playing began, or was sought to. `frame_seconds` is 0 until it is known."""

    def __init__(self) -> None:
        self.frame_seconds = 0.0
        self._base = 0.0
        self._count = 0
        self._lost = 0

    def begin(self, position: float) -> None:
        """The next picture stands at `position` seconds."""
        self._base = position
        self._count = 0
        self._lost = 0

    def shown(self) -> float:
        """A picture was shown; at which second it stands."""
        position = self.position
        self._count += 1
        return position

    @property
    def position(self) -> float:
        """Where the next picture stands."""
        return self._base + (self._count + self._lost) * self.frame_seconds

    def missed(self, pictures: int) -> None:
        """So many pictures came too late to be shown."""
        self._lost += pictures
