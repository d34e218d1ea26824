"""Which of the pictures that VLC shows are the ones to show, and at which second each stands.

Nothing here knows VLC. VLC shows the picture that stands again some sixteen times a second, shows what was on
its way for a while after it was paused, and may show one of before a seek after it.
"""

from __future__ import annotations

from enum import Enum, auto

from console.ui.player.clock import PictureClock
from console.ui.player.frames import SLOTS

_SETTLE_SECONDS = 0.03
"""While it plays, the first one after a seek may be one that was on the way; the right one follows."""
_REPEAT_SECONDS = 0.05
"""VLC shows a picture again only when no other came for longer: sooner, it is another that looks the same."""


class Want(Enum):
    """What the next new picture will be, while not every one is to be shown."""

    NOTHING = auto()
    FIRST = auto()
    SOUGHT = auto()
    STEPPED = auto()


class Pictures:
    """Told of each picture that VLC shows, it says which to show. Pictures are numbered; a number has a slot.

    `latest` is the number of the newest, `still` how often it was shown again since anything was asked,
    `shown` how many of the medium's were to be shown. `standing`: only what is wanted is shown; others wait
    in their slots for a step. `discarding`: what comes is still of before.
    """

    def __init__(self) -> None:
        self.clock = PictureClock()
        self.latest, self.shown, self.still = 0, 0, 0
        self.standing, self.discarding = False, True
        self.want = Want.NOTHING
        self.ahead = 0
        self._target = 0.0
        self._landed: float | None = None
        self._displayed = 0.0

    @property
    def slot(self) -> int:
        """Where VLC writes the next one."""
        return (self.latest + 1) % SLOTS

    def load(self, start: float) -> None:
        """Another medium begins, at `start` seconds."""
        self.clock = PictureClock()
        self._begin(start, Want.FIRST)
        self.shown, self.standing = 0, False
        self.discarding = start > 0

    def seek(self, seconds: float, *, discarding: bool) -> None:
        """The next picture, once `discarding` has ended, is the one at `seconds`."""
        self._begin(seconds, Want.SOUGHT)
        self.discarding = discarding

    def _begin(self, seconds: float, want: Want) -> None:
        self.clock.begin(seconds)
        self.want, self._target, self._landed = want, seconds, None
        self.ahead, self.still = 0, 0

    def stand(self) -> None:
        """Show nothing but what is wanted."""
        self.standing, self.still = True, 0

    def go_on(self) -> None:
        """Show every picture."""
        self.clock.missed(self.ahead)
        self.standing, self.ahead = False, 0

    def told(self) -> float:
        """A picture is shown, also one that looks like the one before; at which second it stands."""
        self.shown += 1
        self.want = Want.NOTHING
        return self.clock.shown()

    def step(self) -> int | None:
        """The number of the next picture where VLC has shown it already; else the next new one is wanted."""
        if not 0 < self.ahead < SLOTS:
            self.want, self._landed, self.still = Want.STEPPED, None, 0
            return None
        number = self.latest - self.ahead + 1
        self.ahead -= 1
        return number

    @property
    def passed(self) -> bool:
        """Whether VLC is further on than its slots can tell."""
        return self.ahead >= SLOTS

    def displayed(self, *, same: bool, now: float) -> bool:
        """Whether the picture that VLC shows at `now` is to be `told`, as number `latest`.

        `same`: it looks like the one before.
        """
        since, self._displayed = now - self._displayed, now
        first = self.want is Want.FIRST or (self.want is Want.SOUGHT and not self.standing)
        if same and not (first and not self.discarding) and (self.standing or since > _REPEAT_SECONDS):
            self.still += 1
            return False
        self.latest += 1
        self.still = 0
        if self.discarding:
            return False
        if self.want is Want.NOTHING and self.standing:
            self.ahead += 1
            return False
        if self._landed is not None and now - self._landed < _SETTLE_SECONDS:
            # The one before was still of where it came from.
            self.clock.begin(self._target)
        elif self.want is Want.SOUGHT and not self.standing:
            self._landed = now
        return True
