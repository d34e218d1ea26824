"""A deck of the player's process: one VLC player, and which of its pictures are the ones to show.

VLC calls back on threads of its own, where calling into VLC can lock up for ever: callbacks only take notes.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any

from console.ui.player.clock import PictureClock
from console.ui.player.frames import PIXEL, SLOTS, FrameMemory, fitting
from console.ui.player.libvlc import SetUp, lost_pictures, memcmp, tracks, video_of, visible
from console.ui.player.protocol import Broken, Described, Ended, Event, Frame, Load

_STEP_SECONDS = 0.12
"""VLC often shows the standing picture once more when it is asked for the next: ask again after this."""
_STEPS = 4
_FRAME_SECONDS = 0.04
"""Of a medium that does not tell how long a picture stands."""
_SETTLE_SECONDS, _SETTLE_STANDING = 0.03, 0.5
"""After a seek VLC may still show a picture that was on the way; the one that was sought follows at once."""
_SEEK_SECONDS = 1.0
"""A seek that shows nothing for so long has ended somewhere else."""

Emit = Callable[[Event], None]
Later = Callable[[Callable[[], None]], None]


class Deck:
    """One VLC player. `emit` writes an event from any thread, `later` runs something on the main one."""

    def __init__(
        self, vlc: Any, instance: Any, number: int, memory: FrameMemory, emit: Emit, later: Later
    ) -> None:
        self._vlc, self._instance = vlc, instance
        self._number, self._memory = number, memory
        self._emit, self._later = emit, later
        self._turn = 0
        self._clock = PictureClock()
        self._lock = threading.Lock()
        self._size = (0, 0)
        self._published, self._pictures, self._seen = 0, 0, 0
        self._forced, self._discarding = True, False
        self._hold, self._loaded, self._standing, self._over = False, False, False, False
        self._discarded_since = 0.0
        self._landing: float | None = None
        self._asked = False
        self._position, self._unseen = 0.0, False
        self._landed: float | None = None
        self._sought = False
        self._target = 0.0
        self._steps, self._stepped = 0, 0.0
        self._shown_at: deque[float] = deque(maxlen=9)
        self._rate = 1.0
        self._lost = 0
        self._described: Described | None = None
        self.player = instance.media_player_new()
        self._keep = self._hook()

    def _hook(self) -> tuple[Any, ...]:
        types = self._vlc.CallbackDecorators
        setup = SetUp(self._set_up)
        hooks = (
            setup,
            ctypes.cast(setup, types.VideoFormatCb),
            types.VideoCleanupCb(lambda _: None),
            types.VideoLockCb(self._locked),
            types.VideoUnlockCb(lambda *_: None),
            types.VideoDisplayCb(self._displayed),
        )
        self.player.video_set_format_callbacks(hooks[1], hooks[2])
        self.player.video_set_callbacks(hooks[3], hooks[4], hooks[5], None)
        events = self.player.event_manager()
        kinds = self._vlc.EventType
        events.event_attach(kinds.MediaPlayerBuffering, self._buffered)
        # The turn is read when the event is told, not when it is worked on.
        events.event_attach(kinds.MediaPlayerEndReached, self._end)
        events.event_attach(kinds.MediaPlayerEncounteredError, self._break)
        return hooks

    # On VLC's threads

    def _set_up(self, _: object, chroma: int, width: Any, height: Any, pitches: Any, lines: Any) -> int:
        ctypes.memmove(chroma, b"RV32", 4)
        self._size = fitting(*visible(width, height))
        width[0], height[0] = self._size
        pitches[0], lines[0] = self._size[0] * PIXEL, self._size[1]
        return 1

    def _locked(self, _: object, planes: Any) -> int | None:
        slot = (self._published + 1) % SLOTS
        self._memory.mark(self._number, slot, 0, 0, 0)
        planes[0] = self._memory.address(self._number, slot)
        return None

    def _displayed(self, *_: object) -> None:
        slot = (self._published + 1) % SLOTS
        length = self._size[0] * self._size[1] * PIXEL
        with self._lock:
            if self._discarding:
                return
            address = self._memory.address
            if not self._forced and not memcmp(
                address(self._number, slot), address(self._number, self._published % SLOTS), length
            ):
                # VLC shows a standing picture sixteen times a second.
                return
            now = time.monotonic()
            settle = _SETTLE_STANDING if self._standing else _SETTLE_SECONDS
            if self._landed is not None and not self._steps and now - self._landed < settle:
                # The one before was still of where it came from.
                self._clock.begin(self._target)
            elif self._standing and not self._forced and not self._steps:
                # What was decoded already runs on for a while after some seeks.
                self._clock.shown()
                self._unseen = True
                return
            if self._forced and self._sought:
                self._landed = now
            self._forced = False
            self._published += 1
            self._pictures += 1
            self._shown_at.append(now)
            position = self._position = self._clock.shown()
            self._unseen = False
            self._steps = 0
            turn, number, hold = self._turn, self._published, self._hold
            self._hold = False
            self._standing = self._standing or hold
        self._memory.mark(self._number, slot, number, *self._size)
        self._emit(Frame(self._number, turn, slot, number, position))
        if hold:
            self._later(self._stand)

    def _buffered(self, event: Any) -> None:
        with self._lock:
            if event.u.new_cache <= 0:
                # The seek has begun: what is filled from now on is what was sought.
                self._asked = False
            elif self._landing is None:
                self._discarding = self._discarding and self._asked
            elif event.u.new_cache >= 100:
                start, self._landing = self._landing, None
                self._later(lambda: self.seek(start))

    def _end(self, _: object) -> None:
        self._over = True
        ended = Ended(self._number, self._turn, self._pictures)
        self._later(lambda: self._emit(ended))

    def _break(self, _: object) -> None:
        self._over = True
        broken = Broken(self._number, self._turn)
        self._later(lambda: self._emit(broken))

    # On the main thread

    def load(self, command: Load) -> None:
        """Leave what is loaded and begin another medium."""
        with self._lock:
            self._discarding = True
        options = [f":start-time={command.start:.3f}"] if command.start > 0 else []
        if command.lines:
            # The highest of those that are low enough. Left to itself VLC begins with the lowest, and
            # leaves out pictures where it changes over.
            options += [
                ":adaptive-logic=highest",
                f":adaptive-maxheight={command.lines}",
                ":adaptive-maxwidth=16384",
            ]
        medium = self._instance.media_new(command.url, *options)
        self.player.set_media(medium)
        with self._lock:
            self._turn, self._rate = command.turn, command.rate
            self._clock = PictureClock()
            self._clock.begin(command.start)
            self._described, self._lost, self._pictures = None, 0, 0
            self._shown_at.clear()
            self._sought = False
            # VLC begins with the part of the playlist that holds the time: the rest of the way is sought.
            self._landing = command.start if command.start > 0 else None
            self._discarding, self._discarded_since = self._landing is not None, time.monotonic()
            self._forced, self._landed, self._target, self._steps = True, None, command.start, 0
            self._hold, self._loaded = not command.play, True
            self._standing = self._over = False
        medium.release()
        self.player.set_rate(command.rate)
        self.player.play()

    def go_on(self) -> None:
        """Play."""
        with self._lock:
            held, self._hold, self._standing = self._hold, False, False
        if not held:
            self.player.set_pause(0)

    def stand(self) -> None:
        """Pause, or once the first picture is there."""
        with self._lock:
            first = self._pictures == 0
            self._hold = first
        if not first:
            self._stand()

    def _stand(self) -> None:
        with self._lock:
            self._standing = True
        self.player.set_pause(1)

    def stop(self) -> None:
        """Let go of the medium."""
        with self._lock:
            self._discarding, self._loaded = True, False
        self.player.stop()

    def seek(self, seconds: float) -> None:
        """Go to a time; pictures that are still on the way are left out."""
        with self._lock:
            self._discarding, self._asked, self._discarded_since = True, True, time.monotonic()
            self._forced, self._landed, self._steps = True, None, 0
            self._target, self._sought = seconds, True
            self._clock.begin(seconds)
            self._unseen = False
            self._shown_at.clear()
        # In the middle of a picture's time: VLC shows the first one that does not end before.
        half = (self._clock.frame_seconds or _FRAME_SECONDS) / 2
        self.player.set_time(round((seconds + half) * 1000))

    def step(self) -> None:
        """Show the next picture."""
        if self._unseen:
            # VLC is further on than what is shown.
            self._seek_on()
            return
        with self._lock:
            self._steps, self._stepped = _STEPS, time.monotonic()
        self.player.next_frame()

    def _seek_on(self) -> None:
        self.seek(self._position + (self._clock.frame_seconds or _FRAME_SECONDS))

    def set_rate(self, rate: float) -> None:
        """Play so many times as fast."""
        self._rate = rate
        self.player.set_rate(rate)

    def choose(self, kind: str, track: int) -> None:
        """Take another track."""
        if kind == "audio":
            self.player.audio_set_track(track)
        else:
            self.player.video_set_spu(track)

    def set_sound(self, volume: int, *, muted: bool) -> None:
        """How loud."""
        self.player.audio_set_volume(volume)
        self.player.audio_set_mute(muted)

    @property
    def time(self) -> float:
        """VLC's own time in seconds."""
        return max(0, self.player.get_time()) / 1000 if self._loaded else 0.0

    @property
    def lost(self) -> int:
        """How many pictures came too late since the medium was loaded."""
        return self._lost

    def tend(self) -> None:
        """Whatever has to be looked after from time to time."""
        if not self._loaded or self._over:
            return
        now = time.monotonic()
        with self._lock:
            if self._discarding and self._landing is None and now - self._discarded_since > _SEEK_SECONDS:
                self._discarding = False
            again = self._steps > 0 and now - self._stepped > _STEP_SECONDS
            if again:
                self._steps, self._stepped = self._steps - 1, now
        if again and self._steps:
            self.player.next_frame()
        elif again:
            self._seek_on()
        self._count_lost()
        self._describe()

    @property
    def hurried(self) -> bool:
        """Whether it should be tended sooner than at the next beat."""
        return self._steps > 0

    def _count_lost(self) -> None:
        lost = lost_pictures(self._vlc, self.player)
        with self._lock:
            more = lost - self._lost
            if more > 0:
                self._lost += more
                self._clock.missed(more)

    def _describe(self) -> None:
        frame_seconds, aspect = video_of(self._vlc, self.player)
        if not frame_seconds:
            # A medium that stands at its first picture may never get to tell its tracks.
            rate = self.player.get_fps()
            frame_seconds = 1 / rate if rate > 0 else 0.0
        with self._lock:
            if not frame_seconds and len(self._shown_at) == self._shown_at.maxlen:
                times = list(self._shown_at)
                frame_seconds = median(b - a for a, b in pairwise(times)) * self._rate
            self._clock.frame_seconds = frame_seconds or self._clock.frame_seconds
            turn, known = self._turn, self._clock.frame_seconds
        found = Described(
            self._number,
            turn,
            max(0, self.player.get_length()) / 1000,
            known,
            aspect,
            tracks(self.player.audio_get_track_description()),
            tracks(self.player.video_get_spu_description()),
            self.player.audio_get_track(),
            self.player.video_get_spu(),
        )
        if found != self._described and (known or found.audio_tracks):
            self._described = found
            self._emit(found)
