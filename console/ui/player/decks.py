"""The two decks as the console sees them: what each was given, and what became of it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from console.domain.errors import MediaProblem
from console.media.inspection import Inspection
from console.media.medium import Medium, OnProblem
from console.runtime.tasks import Tasks
from console.ui.player.loaded import Loaded, no_vlc, stopped, undecodable
from console.ui.player.protocol import (
    DECKS,
    Beat,
    Broken,
    Described,
    Ended,
    Frame,
    Load,
    Missing,
    Sound,
    Stop,
)
from console.ui.player.supervisor import DEATHS, Supervisor

BEST_LINES = 720
"""The quality chosen unless another one is: the highest up to so many picture lines."""
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


@dataclass(slots=True)
class Wanted:
    """What the person wants of whatever is open, and of each process that is started."""

    playing: bool = False
    speed: float = 1.0
    volume: int = 100
    muted: bool = False
    lines: int = BEST_LINES

    @property
    def sound(self) -> Sound:
        """The command that says how loud."""
        return Sound(self.volume, self.muted)


class Decks(QObject):
    """One deck plays, the other opens ahead; signals are of the one that plays.

    Signals: `pictured()` for each new picture, `heard()` when sound without a picture is further on,
    `described()` when more is known, `at_end()`, `failed(MediaProblem)`, `given_up()` when the process
    could not be kept alive.
    """

    pictured = Signal()
    heard = Signal()
    described = Signal()
    at_end = Signal()
    failed = Signal(object)
    given_up = Signal()

    def __init__(self, source: Source, tasks: Tasks, process: Supervisor, parent: QObject) -> None:
        super().__init__(parent)
        self._source, self._tasks, self.process = source, tasks, process
        self.wanted = Wanted()
        self.current = 0
        self.lost = 0
        self.missing: MediaProblem | None = None
        self._given: list[Loaded | None] = [None] * DECKS
        self._turn = 0
        process.told.connect(self._hear)
        process.died.connect(self._restart)
        process.given_up.connect(self._give_up)

    @property
    def loaded(self) -> Loaded | None:
        """What is open."""
        return self._given[self.current]

    @property
    def ahead(self) -> Loaded | None:
        """What was opened ahead."""
        return self._given[1 - self.current]

    @property
    def problem(self) -> MediaProblem | None:
        """What is wrong with the medium that is open."""
        return self.missing or (self.loaded.problem if self.loaded else None)

    def holds_ahead(self, url: str, start: float) -> bool:
        """Whether this was opened ahead, and nothing is wrong with it."""
        ahead = self.ahead
        return ahead is not None and (ahead.url, ahead.start) == (url, start) and ahead.problem is None

    def warm(self) -> None:
        """Start VLC where it does not run."""
        if not self.process.running:
            self.process.start()
            self.process.say(self.wanted.sound)

    def begin(self, url: str, start: float, *, play: bool) -> None:
        """Open a medium where nothing is open; a refusal is kept as its problem."""
        self._begin(self.current, url, start, play=play)

    def prepare(self, url: str, start: float) -> None:
        """Open a medium ahead."""
        self._let_go(1 - self.current)
        self._begin(1 - self.current, url, start, play=False)

    def let_go(self) -> None:
        """Let go of what is open; what was opened ahead stays."""
        self._let_go(self.current)

    def change_over(self) -> None:
        """Go over to what was opened ahead."""
        self.current = 1 - self.current

    def clear(self) -> None:
        """Let go of everything."""
        for deck in range(DECKS):
            self._let_go(deck)

    def reload(self, start: float, *, play: bool) -> None:
        """Give the deck the same medium again: from its end, VLC goes nowhere."""
        loaded = self.loaded
        if loaded is None or loaded.medium is None:
            return
        self._turn += 1
        loaded.turn, loaded.ended, loaded.position, loaded.heard = self._turn, False, start, 0.0
        self._load(self.current, loaded, loaded.medium, start, play=play)

    def report(self) -> None:
        """Say what is wrong with the medium that is open."""
        if self.loaded is not None and self.problem is not None:
            self.failed.emit(self.problem)

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
        loaded = Loaded(url, medium, turn, start, begun, position=start)
        self._given[deck] = loaded
        self._load(deck, loaded, medium, start, play=play)
        self._tasks.spawn(self._inspect(loaded, medium), "look at a video", self)

    def _refused(self, deck: int, url: str, start: float, turn: int, problem: MediaProblem) -> None:
        loaded = Loaded(url, None, turn, start, time.perf_counter(), position=start)
        loaded.problem = problem
        self._given[deck] = loaded

    def _load(self, deck: int, loaded: Loaded, medium: Medium, start: float, *, play: bool) -> None:
        self.warm()
        wanted = self.wanted
        self.process.say(Load(deck, loaded.turn, medium.url, start, play, wanted.speed, wanted.lines))

    async def _inspect(self, loaded: Loaded, medium: Medium) -> None:
        # The first picture comes sooner when nobody else asks for the same parts meanwhile.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await loaded.shown.wait()
        found = await self._source.inspect(medium)
        loaded.inspection = found
        if loaded.hopeless and loaded in self._given:
            self._despair(self._given.index(loaded), loaded)
        if loaded is not self.loaded and found.problem is None:
            await self._source.prefetch(found)
        if loaded is self.loaded:
            self.described.emit()

    def _spoiled(self, turn: int, problem: MediaProblem) -> None:
        """Something is wrong with the medium that was given as `turn`."""
        for deck, loaded in enumerate(self._given):
            if loaded is not None and loaded.turn == turn and problem.kind != "audio_only":
                self._fail(deck, loaded, problem)

    def _fail(self, deck: int, loaded: Loaded, problem: MediaProblem) -> None:
        if loaded.problem is None:
            loaded.problem = problem
            if not loaded.pictures:
                self.process.say(Stop(deck))
            if deck == self.current:
                self.report()

    def _despair(self, deck: int, loaded: Loaded) -> None:
        """VLC shows nothing: what a look at the medium finds says more than that."""
        loaded.hopeless = True
        loaded.shown.set()
        found = loaded.inspection
        if found is not None and not found.audio_only and not loaded.pictures:
            self._fail(deck, loaded, undecodable(loaded))

    def _let_go(self, deck: int) -> None:
        loaded = self._given[deck]
        self._given[deck] = None
        if loaded is not None and loaded.medium is not None:
            self.process.say(Stop(deck))
            self._source.close(loaded.medium)

    def _give_up(self, why: str) -> None:
        if self.missing is None:
            for deck, each in enumerate(self._given):
                if each is not None:
                    self._fail(deck, each, stopped(why, DEATHS))
            self.given_up.emit()

    def _restart(self, _why: str) -> None:
        """The process is gone: begin another one where this one stood."""
        if self.missing is not None:
            return
        loaded = self.loaded
        if loaded is not None and not loaded.ended and (loaded.problem is None or loaded.pictures):
            self.reload(loaded.position, play=self.wanted.playing)
        ahead = self.ahead
        if ahead is not None and ahead.medium is not None and ahead.problem is None:
            self._turn += 1
            ahead.turn = self._turn
            self._load(1 - self.current, ahead, ahead.medium, ahead.start, play=False)

    def _hear(self, event: object) -> None:
        match event:
            case Frame():
                self._show(event)
            case Beat(times, lost):
                self.lost = lost[self.current]
                self._beat(times[self.current])
            case Described(deck, turn):
                self._describe(deck, turn, event)
            case Ended(deck, turn, pictures):
                self._end_of(deck, turn, pictures)
            case Broken(deck, turn):
                loaded = self._given[deck]
                if loaded is not None and loaded.turn == turn:
                    self._despair(deck, loaded)
            case Missing(why):
                self.missing = no_vlc(why)
                self.failed.emit(self.missing)

    def _show(self, frame: Frame) -> None:
        loaded = self._given[frame.deck]
        frames = self.process.frames
        if loaded is None or loaded.turn != frame.turn or frames is None:
            return
        size = frames.size(frame.deck, frame.slot, frame.number)
        if size is None:
            return
        image = loaded.image
        if (image.width(), image.height()) != size:
            image = QImage(*size, QImage.Format.Format_RGB32)
        if not frames.copy(frame.deck, frame.slot, frame.number, memoryview(image.bits()).cast("B")):
            return
        loaded.image = image
        loaded.position = frame.position
        loaded.pictures += 1
        loaded.shown.set()
        if frame.deck == self.current:
            self.pictured.emit()

    def _beat(self, seconds: float) -> None:
        loaded = self.loaded
        if loaded is None or loaded.pictures or loaded.problem is not None:
            return
        loaded.heard = seconds
        if loaded.audio_only:
            loaded.position = seconds
            self.heard.emit()
        elif (
            loaded.inspection is not None and seconds - loaded.start > _SILENT_SECONDS and self.wanted.playing
        ):
            self._despair(self.current, loaded)

    def _describe(self, deck: int, turn: int, told: Described) -> None:
        loaded = self._given[deck]
        if loaded is None or loaded.turn != turn:
            return
        loaded.described = told
        if deck == self.current:
            self.described.emit()

    def _end_of(self, deck: int, turn: int, pictures: int) -> None:
        loaded = self._given[deck]
        if loaded is None or loaded.turn != turn:
            return
        loaded.ended = True
        if not pictures and not loaded.pictures:
            self._despair(deck, loaded)
        if deck == self.current:
            self.at_end.emit()
