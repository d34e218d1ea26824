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

from console.ui.player.frames import PIXEL, SLOTS, FrameMemory, fitting
from console.ui.player.libvlc import SetUp, lost_pictures, memcmp, tracks, video_of, visible
from console.ui.player.pictures import Pictures, Want
from console.ui.player.protocol import Broken, Described, Ended, Event, Frame, Load

_STEP_SECONDS = 0.12
"""VLC often shows the standing picture once more when it is asked for the next: ask again after this."""
_STEPS = 4
_FRAME_SECONDS = 0.04
"""Of a medium that does not tell how long a picture stands."""
_SEEK_SECONDS = 1.0
"""A seek that shows nothing for so long has ended somewhere else; the next one waits no longer."""
_REST_SECONDS = 0.5
_BUFFER_SECONDS, _END_SECONDS = 1.2, 0.15
"""So near the end VLC's buffer is never full while it stands: soon nothing more is heard of it."""
_REPEATS = 2
"""The picture that stands was shown so often again: nothing else is on the way."""
_STUCK_SECONDS = (0.3, 0.6, 1.2)
"""So long after its buffer was full, a seek that shows nothing is asked for again."""

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
        self._lock = threading.Lock()
        self._size = (0, 0)
        self._pictures = Pictures()
        self._hold, self._loaded, self._over = False, False, False
        # Of seeks: the one to be made, the one under way, and what is known of VLC's buffer since.
        self._goal: float | None = None
        self._only_checks = False
        self._landing: float | None = None
        self._target, self._asks = 0.0, 0
        self._asked, self._asked_at, self._goal_at = False, 0.0, 0.0
        self._filled_at: float | None = None
        self._buffered_at = 0.0
        self._rested, self._rest_from, self._hasty, self._unfilled = False, 0.0, False, False
        self._steps, self._stepped_at, self._steps_due = 0, 0.0, 0
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
        slot = self._pictures.slot
        self._memory.mark(self._number, slot, 0, 0, 0)
        planes[0] = self._memory.address(self._number, slot)
        return None

    def _displayed(self, *_: object) -> None:
        pictures, address = self._pictures, self._memory.address
        length = self._size[0] * self._size[1] * PIXEL
        with self._lock:
            now = time.monotonic()
            before = address(self._number, pictures.latest % SLOTS)
            same = not memcmp(address(self._number, pictures.slot), before, length)
            wanted = pictures.want is Want.STEPPED
            told = pictures.displayed(same=same, now=now)
            if told:
                self._shown_at.append(now)
                self._tell(pictures.latest)
            hold = self._hold and (told or not pictures.standing)
            self._hold = self._hold and not hold
            further = wanted and pictures.want is not Want.STEPPED and self._steps_due > 0
            if hold:
                pictures.stand()
                self._rested, self._rest_from, self._goal_at = False, now, now
        if hold:
            self._later(self._stand)
        elif further:
            self._later(self._step_on)

    def _tell(self, number: int) -> None:
        """Show a picture; the lock is held."""
        position = self._pictures.told()
        self._memory.mark(self._number, number % SLOTS, number, *self._size)
        self._emit(Frame(self._number, self._turn, number % SLOTS, number, position))

    def _buffered(self, event: Any) -> None:
        full = event.u.new_cache >= 100
        with self._lock:
            now = self._buffered_at = time.monotonic()
            if event.u.new_cache <= 0:
                # The seek has begun: what is filled from now on is what was sought.
                self._asked, self._filled_at = False, None
                self._pictures.still = 0
                return
            if self._landing is None:
                self._pictures.discarding = self._pictures.discarding and self._asked
            if full and not self._asked:
                self._filled_at = self._filled_at or now
            if full and self._landing is not None and self._goal is None:
                start, self._landing = self._landing, None
                self._later(lambda: self._ask(start))

    def _end(self, _: object) -> None:
        self._over = True
        ended = Ended(self._number, self._turn, self._pictures.shown)
        self._later(lambda: self._emit(ended))

    def _break(self, _: object) -> None:
        self._over = True
        broken = Broken(self._number, self._turn)
        self._later(lambda: self._emit(broken))

    # On the main thread

    def load(self, command: Load) -> None:
        """Leave what is loaded and begin another medium."""
        with self._lock:
            self._pictures.discarding = True
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
            self._described, self._lost = None, 0
            self._pictures.load(command.start)
            self._shown_at.clear()
            self._hold, self._loaded, self._over = not command.play, True, False
            # VLC begins with the part of the playlist that holds the time: the rest of the way is sought.
            self._landing = command.start if command.start > 0 else None
            # Where it is to stand, VLC may have left out the very first picture, being late.
            self._goal = None if command.play else command.start
            self._only_checks = command.start <= 0
            self._target, self._asks, self._steps, self._steps_due = command.start, 0, 0, 0
            self._asked, self._rested, self._hasty, self._filled_at = False, False, False, None
            self._asked_at = self._goal_at = self._buffered_at = self._rest_from = time.monotonic()
        medium.release()
        self.player.set_rate(command.rate)
        self.player.play()

    def go_on(self) -> None:
        """Play."""
        with self._lock:
            held, self._hold, self._rested, self._hasty = self._hold, False, False, False
            goal, self._goal = self._goal, None
            if self._only_checks:
                goal = None
            self._steps = self._steps_due = 0
            if self._pictures.want is Want.SOUGHT and self._pictures.still >= _REPEATS:
                self._tell(self._pictures.latest)
            self._pictures.go_on()
        if goal is not None and (not held or goal != self._landing):
            self._ask(goal)
        if not held:
            self.player.set_pause(0)

    def stand(self) -> None:
        """Pause, or once the first picture is there."""
        with self._lock:
            first = self._pictures.shown == 0 and not self._pictures.standing
            if first and not self._hold:
                self._hold = True
                # Where it began with a part of the playlist, the rest of the way is gone once it rests.
                self._goal, self._only_checks = self._landing, False
            if not first:
                self._pictures.stand()
        if not first:
            self._stand()

    def _stand(self) -> None:
        with self._lock:
            self._rested, self._rest_from = False, time.monotonic()
            self._goal_at = self._rest_from
        self.player.set_pause(1)

    def stop(self) -> None:
        """Let go of the medium."""
        with self._lock:
            self._pictures.discarding, self._loaded = True, False
        self.player.stop()

    def seek(self, seconds: float) -> None:
        """Go to a time; pictures that are still on the way are left out."""
        with self._lock:
            self._steps = self._steps_due = 0
            self._goal, self._goal_at, self._only_checks, self._asks = seconds, time.monotonic(), False, 0
            waits = self._hold or self._pictures.standing
        if waits:
            self._tend_seek()
        else:
            self._ask(seconds)

    def _ask(self, seconds: float) -> None:
        with self._lock:
            now = time.monotonic()
            self._hasty = self._pictures.standing and not self._rested
            if self._hasty:
                self._rest_from = now
            self._goal, self._landing, self._target = None, None, seconds
            self._unfilled = self._filled_at is None
            self._asked, self._asked_at, self._filled_at, self._asks = True, now, None, self._asks + 1
            # At rest nothing of before comes but the picture that stands.
            self._pictures.seek(seconds, discarding=not (self._pictures.standing and self._rested))
            self._shown_at.clear()
        # In the middle of a picture's time: VLC shows the first one that does not end before.
        half = (self._pictures.clock.frame_seconds or _FRAME_SECONDS) / 2
        self.player.set_time(round((seconds + half) * 1000) if seconds > 0 else 0)

    @property
    def _near_end(self) -> bool:
        """Whether less is left than VLC's buffer holds."""
        length = self._described.duration if self._described is not None else 0.0
        return 0 < length < self._target + _BUFFER_SECONDS

    def _quiet(self, now: float) -> bool:
        """Whether VLC's buffer is full, or nothing more comes into it."""
        wait = _END_SECONDS if self._near_end else _REST_SECONDS
        return self._filled_at is not None or now - max(self._buffered_at, self._asked_at) > wait

    def _resting(self, now: float) -> bool:
        """Whether VLC has come to rest.

        Asked for another place before, it takes a picture that it was busy with for the one that was sought.
        """
        still = self._pictures.still >= _REPEATS or now - self._rest_from > _REST_SECONDS
        self._rested = self._rested or (self._pictures.standing and self._quiet(now) and still)
        return self._rested

    def _tend_seek(self) -> None:
        """While it stands, VLC is asked for one place at a time, once it rests, again where it must be."""
        now = time.monotonic()
        again = play = False
        with self._lock:
            pictures, goal = self._pictures, self._goal
            if self._hold or not pictures.standing:
                return
            under_way = pictures.want is Want.SOUGHT
            if under_way and self._quiet(now):
                repeated = pictures.still >= _REPEATS
                full = self._filled_at is not None
                wait = _STUCK_SECONDS[min(self._asks, len(_STUCK_SECONDS)) - 1]
                stuck = repeated or now - (self._filled_at or now) > wait
                if repeated and (self._only_checks or self._asks > 1 or not (full or pictures.shown)):
                    # That is the picture, or looks like it.
                    self._tell(pictures.latest)
                    under_way = False
                elif not full:
                    # Asked before its buffer was full, VLC shows nothing until it is: at the end, never.
                    play, under_way = self._unfilled, False
                elif goal is not None:
                    under_way = not stuck
                elif stuck:
                    again = self._asks < len(_STUCK_SECONDS)
                    play = not again
            late = now - max(self._goal_at, self._asked_at) > _SEEK_SECONDS
            at_rest = self._resting(now) and self._quiet(now) and not under_way
            if goal is None and (again or (self._hasty and at_rest)):
                goal = self._target
            elif not (at_rest or (late and not self._only_checks)):
                goal = None
            if play:
                goal, self._asks, self._hold = None, 0, True
        if goal is not None:
            self._ask(goal)
        elif play:
            self.player.set_pause(0)

    def step(self) -> None:
        """Show the next picture."""
        with self._lock:
            pictures = self._pictures
            if pictures.want is Want.STEPPED:
                self._steps_due += 1
                return
            if self._goal is not None and not self._only_checks:
                place = self._goal + (pictures.clock.frame_seconds or _FRAME_SECONDS)
            elif pictures.want is not Want.NOTHING or self._hasty:
                place = self._target + (pictures.clock.frame_seconds or _FRAME_SECONDS)
            elif pictures.passed or (not pictures.ahead and self._near_end and self._filled_at is None):
                # There are too many pictures on, or VLC waits for more of them, and gives none.
                place = pictures.clock.position
            else:
                self._goal = None
                number = pictures.step()
                if number is not None:
                    self._tell(number)
                    return
                self._steps, self._stepped_at = _STEPS, time.monotonic()
                place = None
        if place is not None:
            self.seek(place)
        else:
            self._next()

    def _next(self) -> None:
        with self._lock:
            # VLC decodes one more than it shows.
            self._rested, self._rest_from = False, time.monotonic()
        self.player.next_frame()

    def _step_on(self) -> None:
        """The next of several steps that were asked for."""
        with self._lock:
            due, self._steps_due = self._steps_due, 0
            self._steps = 0
        for _ in range(due):
            self.step()

    def _tend_steps(self) -> None:
        now = time.monotonic()
        again, place = False, None
        with self._lock:
            if self._pictures.want is not Want.STEPPED:
                self._steps = 0
            if self._steps:
                waited = now - self._stepped_at
                again = waited > _STEP_SECONDS and (self._pictures.still > 0 or waited > _REST_SECONDS)
            if again:
                self._steps, self._stepped_at, self._pictures.still = self._steps - 1, now, 0
                if not self._steps:
                    self._pictures.want, place = Want.NOTHING, self._pictures.clock.position
        length = self._described.duration if self._described is not None else 0.0
        if place is not None and 0 < length <= place:
            # There is none.
            return
        if place is not None:
            self.seek(place)
        elif again:
            self._next()

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
        with self._lock:
            pictures = self._pictures
            if self._landing is None and time.monotonic() - self._asked_at > _SEEK_SECONDS:
                pictures.discarding = False
        self._tend_seek()
        self._tend_steps()
        self._count_lost()
        self._describe()

    @property
    def hurried(self) -> bool:
        """Whether it should be tended sooner than at the next beat."""
        with self._lock:
            return self._loaded and (
                self._steps > 0 or self._goal is not None or self._pictures.want is Want.SOUGHT
            )

    def _count_lost(self) -> None:
        lost = lost_pictures(self._vlc, self.player)
        with self._lock:
            more = lost - self._lost
            if more > 0:
                self._lost += more
                if not self._pictures.standing:
                    self._pictures.clock.missed(more)

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
            self._pictures.clock.frame_seconds = frame_seconds or self._pictures.clock.frame_seconds
            turn, known = self._turn, self._pictures.clock.frame_seconds
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
