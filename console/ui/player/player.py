"""The player's presenter: what is open, what opens ahead, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import platformdirs
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from console.domain.errors import MediaProblem
from console.media.allowlist import shown
from console.media.inspection import Inspection
from console.media.medium import Medium, OnProblem
from console.runtime.tasks import Tasks
from console.ui.player.choices import Choice, qualities, tracks
from console.ui.player.process import PlayerProcess
from console.ui.player.protocol import (
    DECKS,
    Beat,
    Broken,
    Choose,
    Described,
    Ended,
    Frame,
    Load,
    Missing,
    Pause,
    Play,
    Rate,
    Seek,
    Sound,
    Step,
    Stop,
)

SLOWEST, FASTEST = 0.25, 4.0
BEST_LINES = 720
"""The quality chosen unless another one is: the highest up to so many picture lines."""
_DEATHS, _DEATHS_SECONDS = 3, 30.0
"""A medium at which the process ends so often in so short a time is given up."""
_LOOK_SECONDS = 0.4
"""A medium that shows nothing for so long is looked at for what is wrong with it."""
_SILENT_SECONDS = 4.0
"""VLC plays for so long and shows no picture: it cannot decode it."""


class Source(Protocol):
    """Who opens media: the loopback server."""

    def open(self, url: str, on_problem: OnProblem | None = None) -> Medium:
        """A medium whose `url` VLC may be given; raises MediaRefused."""

    def close(self, medium: Medium) -> None:
        """Forget a medium."""

    async def inspect(self, medium: Medium) -> Inspection:
        """What it is, and what is wrong with it."""

    async def prefetch(self, inspection: Inspection, parts: int = 2) -> int:
        """Bring its first parts to the disk."""


@dataclass(slots=True, eq=False)
class _Loaded:
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


class Player(QObject):
    """Plays one medium at a time, and opens the next one ahead. No call waits.

    Signals: `position_changed(float)` and `duration_changed(float)` in seconds, `playing_changed(bool)`,
    `ended()`, `failed(MediaProblem)`, `first_frame(float)` with the seconds since `open`, `tracks_changed()`,
    `picture_changed()` for each new picture, `opened()` when another medium is begun or let go,
    `settings_changed()` when speed, sound or loop are others.
    """

    position_changed = Signal(float)
    duration_changed = Signal(float)
    playing_changed = Signal(bool)
    ended = Signal()
    failed = Signal(object)
    first_frame = Signal(float)
    tracks_changed = Signal()
    picture_changed = Signal()
    opened = Signal()
    settings_changed = Signal()

    def __init__(
        self,
        source: Source,
        tasks: Tasks,
        *,
        modules: Path | None = None,
        options: tuple[str, ...] = (),
        parent: QObject | None = None,
    ) -> None:
        """`modules` is a folder for VLC's chosen modules (else the user's cache has it), `options` its."""
        super().__init__(parent)
        self._source, self._tasks, self._options = source, tasks, options
        self._modules = modules or Path(platformdirs.user_cache_dir("greenroom", appauthor=False)) / "vlc"
        self._process: PlayerProcess | None = None
        self._decks: list[_Loaded | None] = [None] * DECKS
        self._current = 0
        self._turn = 0
        self._playing = False
        self._speed, self._volume, self._muted = 1.0, 100, False
        self._loop = False
        self._from: float | None = None
        self._to: float | None = None
        self._lines = BEST_LINES
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._missing: MediaProblem | None = None
        self.lost = 0

    # What is so

    @property
    def url(self) -> str | None:
        """The address that is open."""
        loaded = self._loaded
        return loaded.url if loaded else None

    @property
    def picture(self) -> QImage:
        """The picture that stands; null before the first. Do not keep it: it is painted over."""
        loaded = self._loaded
        return loaded.image if loaded else QImage()

    @property
    def position(self) -> float:
        """Where the picture stands, in seconds."""
        loaded = self._loaded
        return loaded.position if loaded else 0.0

    @property
    def duration(self) -> float:
        """How long the medium is, in seconds; 0 while it is not known."""
        loaded = self._loaded
        return _duration(loaded) if loaded else 0.0

    @property
    def playing(self) -> bool:
        """Whether it plays, or will as soon as it can."""
        return self._playing

    @property
    def speed(self) -> float:
        """How many times as fast it plays."""
        return self._speed

    @property
    def frame_seconds(self) -> float:
        """Seconds of one picture; 0 while they are not known."""
        loaded = self._loaded
        return loaded.described.frame_seconds if loaded and loaded.described else 0.0

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel by its height."""
        loaded = self._loaded
        return loaded.described.aspect if loaded and loaded.described else 1.0

    @property
    def problem(self) -> MediaProblem | None:
        """What is wrong with the medium that is open."""
        loaded = self._loaded
        return self._missing or (loaded.problem if loaded else None)

    @property
    def audio_only(self) -> bool:
        """Whether there is sound and no picture."""
        loaded = self._loaded
        return bool(loaded and loaded.inspection and loaded.inspection.audio_only)

    @property
    def volume(self) -> int:
        """How loud, 0 to 100."""
        return self._volume

    @property
    def muted(self) -> bool:
        """Whether there is no sound."""
        return self._muted

    @property
    def loop(self) -> bool:
        """Whether it begins again at its end."""
        return self._loop

    @property
    def ab(self) -> tuple[float | None, float | None]:
        """The seconds between which it goes round."""
        return self._from, self._to

    @property
    def qualities(self) -> tuple[Choice, ...]:
        """What can be asked of `choose_quality`."""
        loaded = self._loaded
        inspection = loaded.inspection if loaded else None
        return qualities(inspection.qualities, self._lines) if inspection else ()

    @property
    def audio_tracks(self) -> tuple[Choice, ...]:
        """What can be asked of `choose_audio`."""
        loaded = self._loaded
        told = loaded.described if loaded else None
        return tracks(told.audio_tracks, told.audio, "No sound") if told else ()

    @property
    def subtitle_tracks(self) -> tuple[Choice, ...]:
        """What can be asked of `choose_subtitle`."""
        loaded = self._loaded
        told = loaded.described if loaded else None
        return tracks(told.subtitle_tracks, told.subtitle, "No subtitles") if told else ()

    @property
    def ahead(self) -> str | None:
        """The address that was opened ahead, once its first picture is there."""
        loaded = self._decks[1 - self._current]
        return loaded.url if loaded is not None and loaded.pictures else None

    @property
    def process_number(self) -> int:
        """The number of VLC's process; 0 while there is none."""
        return self._process.number if self._process else 0

    # What can be asked

    def warm(self) -> None:
        """Start VLC, so that the first medium does not wait for it."""
        if self._process is None:
            self._start()

    def open(self, url: str, *, start: float = 0.0, play: bool = True) -> None:
        """Show the medium at an address of the platform's, from `start` seconds on."""
        begun = time.perf_counter()
        ahead = self._decks[1 - self._current]
        self._set_ab(None, None)
        if ahead is not None and ahead.url == url and ahead.start == start and ahead.problem is None:
            self._let_go(self._current)
            self._current = 1 - self._current
            ahead.opened = begun
            self._say(Rate(self._current, self._speed))
            if play:
                self._say(Play(self._current))
            self._set_playing(play)
            self.opened.emit()
            self._tell_all(ahead)
            return
        self._let_go(self._current)
        self._set_playing(play)
        self._begin(self._current, url, start, play=play)
        self.opened.emit()
        self._report(self._current)

    def prepare(self, url: str, *, start: float = 0.0) -> None:
        """Open a medium ahead: `open` of the same address shows its first picture at once."""
        other = 1 - self._current
        ahead = self._decks[other]
        if ahead is not None and (ahead.url, ahead.start) == (url, start) and ahead.problem is None:
            return
        self._let_go(other)
        self._begin(other, url, start, play=False)

    def retry(self) -> None:
        """Open again what failed, where it stood."""
        loaded, play = self._loaded, self._playing or self.problem is not None
        if self._missing is not None:
            self._missing = None
            self._end_process()
        if loaded is not None:
            self.open(loaded.url, start=loaded.position, play=play)

    def close(self) -> None:
        """Let go of the medium; VLC stays ready."""
        for deck in range(DECKS):
            self._let_go(deck)
        self._set_playing(False)
        self.opened.emit()
        self.picture_changed.emit()

    def end(self) -> None:
        """Let go of everything and end VLC's process."""
        self.blockSignals(True)
        for deck in range(DECKS):
            self._let_go(deck)
        self._end_process()

    async def aclose(self) -> None:
        """End, and wait until VLC's process is gone."""
        process = self._process
        self.end()
        if process is not None:
            await process.gone_for_good()

    def play(self) -> None:
        """Go on, from the beginning after the end."""
        loaded = self._loaded
        if loaded is None or (loaded.problem is not None and not loaded.pictures):
            return
        if loaded.ended:
            self._reload(self._from or 0.0, play=True)
        else:
            self._say(Play(self._current))
        self._set_playing(True)

    def pause(self) -> None:
        """Stand still."""
        if self._loaded is not None:
            self._say(Pause(self._current))
        self._set_playing(False)

    def toggle(self) -> None:
        """Play or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def stop(self) -> None:
        """Stand still at the beginning."""
        self.pause()
        self.seek(0.0)

    def seek(self, seconds: float) -> None:
        """Go to a time."""
        loaded = self._loaded
        if loaded is None:
            return
        last = self.duration - (self.frame_seconds or 0.04) if self.duration else seconds
        seconds = max(0.0, min(seconds, last))
        if loaded.ended:
            self._reload(seconds, play=self._playing)
        else:
            self._say(Seek(self._current, seconds))
        loaded.position = seconds
        self.position_changed.emit(seconds)

    def step(self, frames: int) -> None:
        """Go so many pictures on, or back, and stand."""
        loaded = self._loaded
        if loaded is None:
            return
        if self._playing:
            self.pause()
        if frames == 1 and not loaded.ended:
            self._say(Step(self._current))
        elif frames:
            self.seek(loaded.position + frames * (self.frame_seconds or 0.04))

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast, 0.25 to 4."""
        self._speed = max(SLOWEST, min(FASTEST, speed))
        self._say(Rate(self._current, self._speed))
        self.settings_changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Begin again at the end, or not."""
        self._loop = loop
        self.settings_changed.emit()

    def set_ab(self, a: float | None, b: float | None) -> None:
        """Go round between two times; None for no bound."""
        if a is not None and b is not None and b < a:
            a, b = b, a
        self._set_ab(a, b)

    def set_volume(self, volume: int) -> None:
        """How loud, 0 to 100."""
        self._volume = max(0, min(100, volume))
        self._say_sound()

    def set_muted(self, muted: bool) -> None:
        """With sound or without."""
        self._muted = muted
        self._say_sound()

    def choose_quality(self, id: str) -> None:
        """One of `qualities`; goes on where it stands."""
        self._lines = int(id)
        loaded = self._loaded
        if loaded is not None:
            self._reload(loaded.position, play=self._playing)
        self.tracks_changed.emit()

    def choose_audio(self, id: str) -> None:
        """One of `audio_tracks`."""
        self._say(Choose(self._current, "audio", int(id)))

    def choose_subtitle(self, id: str) -> None:
        """One of `subtitle_tracks`."""
        self._say(Choose(self._current, "subtitle", int(id)))

    def snapshot(self) -> QImage:
        """The picture that stands, in its right shape; null when there is none."""
        picture = self.picture
        if picture.isNull() or self.pixel_aspect == 1.0:
            return picture.copy()
        return picture.scaled(round(picture.width() * self.pixel_aspect), picture.height())

    # How it is done

    @property
    def _loaded(self) -> _Loaded | None:
        return self._decks[self._current]

    def _begin(self, deck: int, url: str, start: float, *, play: bool) -> None:
        """Give a deck something to play; a refusal is kept as its problem."""
        self._turn += 1
        turn = self._turn
        begun = time.perf_counter()
        try:
            medium = self._source.open(url, lambda problem: self._spoiled(turn, problem))
        except MediaProblem as problem:
            self._refused(deck, url, start, turn, problem)
            return
        loaded = _Loaded(url, medium, turn, start, begun, position=start)
        self._decks[deck] = loaded
        self._load(deck, loaded, medium, start, play=play)
        self._tasks.spawn(self._inspect(loaded, medium), "look at a video", self)

    def _refused(self, deck: int, url: str, start: float, turn: int, problem: MediaProblem) -> None:
        loaded = _Loaded(url, None, turn, start, time.perf_counter(), position=start)
        loaded.problem = problem
        self._decks[deck] = loaded

    def _load(self, deck: int, loaded: _Loaded, medium: Medium, start: float, *, play: bool) -> None:
        if self._process is None:
            self._start()
        self._say(Load(deck, loaded.turn, medium.url, start, play, self._speed, self._lines))

    def _reload(self, start: float, *, play: bool) -> None:
        """Give the deck the same medium again: from its end, VLC goes nowhere."""
        loaded = self._loaded
        if loaded is None or loaded.medium is None:
            return
        self._turn += 1
        loaded.turn, loaded.ended, loaded.position, loaded.heard = self._turn, False, start, 0.0
        self._load(self._current, loaded, loaded.medium, start, play=play)

    async def _inspect(self, loaded: _Loaded, medium: Medium) -> None:
        # The first picture comes sooner when nobody else asks for the same parts meanwhile.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await loaded.shown.wait()
        found = await self._source.inspect(medium)
        loaded.inspection = found
        if loaded.hopeless and loaded in self._decks:
            self._despair(self._decks.index(loaded), loaded)
        if loaded is not self._loaded and found.problem is None:
            await self._source.prefetch(found)
        if loaded is self._loaded:
            self.duration_changed.emit(_duration(loaded))
            self.tracks_changed.emit()

    def _spoiled(self, turn: int, problem: MediaProblem) -> None:
        """Something is wrong with the medium that was given as `turn`."""
        for deck, loaded in enumerate(self._decks):
            if loaded is not None and loaded.turn == turn and problem.kind != "audio_only":
                self._fail(deck, loaded, problem)

    def _fail(self, deck: int, loaded: _Loaded, problem: MediaProblem) -> None:
        if loaded.problem is None:
            loaded.problem = problem
            if not loaded.pictures:
                self._say(Stop(deck))
            self._report(deck)

    def _despair(self, deck: int, loaded: _Loaded) -> None:
        """VLC shows nothing: what a look at the medium finds says more than that."""
        loaded.hopeless = True
        loaded.shown.set()
        found = loaded.inspection
        if found is not None and not found.audio_only and not loaded.pictures:
            self._fail(deck, loaded, _undecodable(loaded))

    def _report(self, deck: int) -> None:
        loaded = self._decks[deck]
        if deck != self._current or loaded is None:
            return
        problem = self.problem
        if problem is not None:
            if not loaded.pictures:
                self._set_playing(False)
            self.failed.emit(problem)

    def _let_go(self, deck: int) -> None:
        loaded = self._decks[deck]
        self._decks[deck] = None
        if loaded is not None and loaded.medium is not None:
            self._say(Stop(deck))
            self._source.close(loaded.medium)

    def _tell_all(self, loaded: _Loaded) -> None:
        """Say all that is known of a medium that was opened ahead."""
        self.duration_changed.emit(_duration(loaded))
        self.tracks_changed.emit()
        self.position_changed.emit(loaded.position)
        self.picture_changed.emit()
        self._tell_first(loaded)
        self._report(self._current)

    def _tell_first(self, loaded: _Loaded) -> None:
        if loaded.pictures and not loaded.first_told:
            loaded.first_told = True
            self.first_frame.emit(time.perf_counter() - loaded.opened)

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    def _set_ab(self, a: float | None, b: float | None) -> None:
        self._from, self._to = a, b
        self.settings_changed.emit()

    def _say(self, command: Load | Play | Pause | Stop | Seek | Step | Rate | Sound | Choose) -> None:
        if self._process is not None:
            self._process.say(command)

    def _say_sound(self) -> None:
        self._say(Sound(self._volume, self._muted))
        self.settings_changed.emit()

    # The process

    def _start(self) -> None:
        self._process = PlayerProcess(self._modules, self._options, self)
        self._process.told.connect(self._hear)
        self._process.gone.connect(self._restart)
        self._say(Sound(self._volume, self._muted))

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _restart(self, why: str) -> None:
        """The process is gone: begin another one where this one stood."""
        self._end_process()
        now = time.monotonic()
        self._deaths.append(now)
        loaded = self._loaded
        if self._missing is not None:
            return
        if len(self._deaths) == _DEATHS and now - self._deaths[0] < _DEATHS_SECONDS:
            self._deaths.clear()
            for deck, each in enumerate(self._decks):
                if each is not None:
                    self._fail(deck, each, _stopped(why))
            self._set_playing(False)
            return
        if loaded is not None and not loaded.ended and (loaded.problem is None or loaded.pictures):
            self._reload(loaded.position, play=self._playing)
        ahead = self._decks[1 - self._current]
        if ahead is not None and ahead.medium is not None and ahead.problem is None:
            self._turn += 1
            ahead.turn = self._turn
            self._load(1 - self._current, ahead, ahead.medium, ahead.start, play=False)

    def _hear(self, event: object) -> None:
        match event:
            case Frame():
                self._show(event)
            case Beat(times, lost):
                self.lost = lost[self._current]
                self._beat(times[self._current])
            case Described(deck, turn):
                self._describe(deck, turn, event)
            case Ended(deck, turn, pictures):
                self._end_of(deck, turn, pictures)
            case Broken(deck, turn):
                loaded = self._decks[deck]
                if loaded is not None and loaded.turn == turn:
                    self._despair(deck, loaded)
            case Missing(why):
                self._missing = _no_vlc(why)
                self._set_playing(False)
                self.failed.emit(self._missing)

    def _show(self, frame: Frame) -> None:
        loaded = self._decks[frame.deck]
        process = self._process
        if loaded is None or loaded.turn != frame.turn or process is None:
            return
        ahead = frame.deck != self._current
        if ahead and loaded.pictures:
            return
        size = process.frames.size(frame.deck, frame.slot, frame.number)
        if size is None:
            return
        image = loaded.image
        if (image.width(), image.height()) != size:
            image = QImage(*size, QImage.Format.Format_RGB32)
        if not process.frames.copy(frame.deck, frame.slot, frame.number, memoryview(image.bits()).cast("B")):
            return
        loaded.image = image
        loaded.position = frame.position
        loaded.pictures += 1
        loaded.shown.set()
        if ahead:
            return
        self.picture_changed.emit()
        self.position_changed.emit(frame.position)
        self._tell_first(loaded)
        if self._to is not None and self._playing and frame.position >= self._to - self.frame_seconds / 2:
            self.seek(self._from or 0.0)

    def _beat(self, seconds: float) -> None:
        loaded = self._loaded
        if loaded is None or loaded.pictures or loaded.problem is not None:
            return
        loaded.heard = seconds
        if self.audio_only:
            loaded.position = seconds
            self.position_changed.emit(seconds)
        elif loaded.inspection is not None and seconds - loaded.start > _SILENT_SECONDS and self._playing:
            self._despair(self._current, loaded)

    def _describe(self, deck: int, turn: int, told: Described) -> None:
        loaded = self._decks[deck]
        if loaded is None or loaded.turn != turn:
            return
        loaded.described = told
        if deck == self._current:
            self.duration_changed.emit(_duration(loaded))
            self.tracks_changed.emit()

    def _end_of(self, deck: int, turn: int, pictures: int) -> None:
        loaded = self._decks[deck]
        if loaded is None or loaded.turn != turn:
            return
        loaded.ended = True
        if not pictures and not loaded.pictures:
            self._despair(deck, loaded)
        if deck != self._current:
            return
        if (self._loop or self._from is not None) and self._playing and loaded.problem is None:
            self._reload(self._from or 0.0, play=True)
            return
        self._set_playing(False)
        self.ended.emit()


def _duration(loaded: _Loaded) -> float:
    """The playlist's own sum is exact; VLC's is an estimate."""
    if loaded.inspection is not None and loaded.inspection.durations and not loaded.inspection.live:
        return sum(loaded.inspection.durations)
    return loaded.described.duration if loaded.described is not None else 0.0


def _undecodable(loaded: _Loaded) -> MediaProblem:
    return MediaProblem(
        "undecodable",
        f"{shown(loaded.url)} cannot be shown: VLC found no picture in it.",
        "Decide without it, or try again.",
        url=shown(loaded.url),
    )


def _stopped(why: str) -> MediaProblem:
    return MediaProblem(
        "player",
        f"The player stopped {_DEATHS} times at this video: {why}.",
        "Decide without it, or try again.",
    )


def _no_vlc(why: str) -> MediaProblem:
    return MediaProblem(
        "no_vlc",
        f"VLC is not installed, so videos cannot be played ({why}).",
        "On Debian and Ubuntu: sudo apt-get install vlc-plugin-base libvlc5",
    )
