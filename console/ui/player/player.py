"""The player's presenter: what is open, what opens ahead, and what became of it."""

from __future__ import annotations

import time
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from console.domain.errors import MediaProblem
from console.runtime.tasks import Tasks
from console.ui.player.choices import Choice, qualities, tracks
from console.ui.player.decks import Decks, Source
from console.ui.player.loaded import Loaded
from console.ui.player.protocol import Choose, Command, Pause, Play, Rate, Seek, Step
from console.ui.player.supervisor import Supervisor

SLOWEST, FASTEST = 0.25, 4.0


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
        modules = modules or Path(platformdirs.user_cache_dir("greenroom", appauthor=False)) / "vlc"
        self._decks = Decks(source, tasks, Supervisor(modules, options, self), self)
        self._wanted = self._decks.wanted
        self._loop = False
        self._from: float | None = None
        self._to: float | None = None
        self._decks.pictured.connect(self._pictured)
        self._decks.heard.connect(lambda: self.position_changed.emit(self.position))
        self._decks.described.connect(self._described)
        self._decks.at_end.connect(self._at_end)
        self._decks.failed.connect(self._failed)
        self._decks.given_up.connect(lambda: self._set_playing(playing=False))

    # What is so

    @property
    def url(self) -> str | None:
        """The address that is open."""
        return self._loaded.url if self._loaded else None

    @property
    def picture(self) -> QImage:
        """The picture that stands; null before the first. Do not keep it: it is painted over."""
        return self._loaded.image if self._loaded else QImage()

    @property
    def position(self) -> float:
        """Where the picture stands, in seconds."""
        return self._loaded.position if self._loaded else 0.0

    @property
    def duration(self) -> float:
        """How long the medium is, in seconds; 0 while it is not known."""
        return self._loaded.duration if self._loaded else 0.0

    @property
    def playing(self) -> bool:
        """Whether it plays, or will as soon as it can."""
        return self._wanted.playing

    @property
    def speed(self) -> float:
        """How many times as fast it plays."""
        return self._wanted.speed

    @property
    def frame_seconds(self) -> float:
        """Seconds of one picture; 0 while they are not known."""
        return self._loaded.described.frame_seconds if self._loaded and self._loaded.described else 0.0

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel by its height."""
        return self._loaded.described.aspect if self._loaded and self._loaded.described else 1.0

    @property
    def problem(self) -> MediaProblem | None:
        """What is wrong with the medium that is open."""
        return self._decks.problem

    @property
    def audio_only(self) -> bool:
        """Whether there is sound and no picture."""
        return bool(self._loaded and self._loaded.audio_only)

    @property
    def volume(self) -> int:
        """How loud, 0 to 100."""
        return self._wanted.volume

    @property
    def muted(self) -> bool:
        """Whether there is no sound."""
        return self._wanted.muted

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
        inspection = self._loaded.inspection if self._loaded else None
        return qualities(inspection.qualities, self._wanted.lines) if inspection else ()

    @property
    def audio_tracks(self) -> tuple[Choice, ...]:
        """What can be asked of `choose_audio`."""
        told = self._loaded.described if self._loaded else None
        return tracks(told.audio_tracks, told.audio, "No sound") if told else ()

    @property
    def subtitle_tracks(self) -> tuple[Choice, ...]:
        """What can be asked of `choose_subtitle`."""
        told = self._loaded.described if self._loaded else None
        return tracks(told.subtitle_tracks, told.subtitle, "No subtitles") if told else ()

    @property
    def ahead(self) -> str | None:
        """The address that was opened ahead, once its first picture is there."""
        loaded = self._decks.ahead
        return loaded.url if loaded is not None and loaded.pictures else None

    @property
    def process_number(self) -> int:
        """The number of VLC's process; 0 while there is none."""
        return self._decks.process.number

    @property
    def lost(self) -> int:
        """How many pictures came too late since the medium was opened."""
        return self._decks.lost

    # What can be asked

    def warm(self) -> None:
        """Start VLC, so that the first medium does not wait for it."""
        self._decks.warm()

    def open(self, url: str, *, start: float = 0.0, play: bool = True) -> None:
        """Show the medium at an address of the platform's, from `start` seconds on."""
        begun = time.perf_counter()
        decks = self._decks
        self.set_ab(None, None)
        ahead = decks.holds_ahead(url, start)
        decks.let_go()
        if not ahead:
            self._set_playing(playing=play)
            decks.begin(url, start, play=play)
            self.opened.emit()
            decks.report()
            return
        decks.change_over()
        self._say(Rate(decks.current, self.speed))
        if play:
            self._say(Play(decks.current))
        self._set_playing(playing=play)
        self.opened.emit()
        loaded = self._loaded
        if loaded is not None:
            loaded.opened = begun
            self._described()
            self.position_changed.emit(loaded.position)
            self.picture_changed.emit()
            self._tell_first(loaded)
        decks.report()

    def prepare(self, url: str, *, start: float = 0.0) -> None:
        """Open a medium ahead: `open` of the same address shows its first picture at once."""
        if not self._decks.holds_ahead(url, start):
            self._decks.prepare(url, start)

    def retry(self) -> None:
        """Open again what failed, where it stood."""
        loaded, play = self._loaded, self._wanted.playing or self.problem is not None
        if self._decks.missing is not None:
            self._decks.missing = None
            self._decks.process.end()
        if loaded is not None:
            self.open(loaded.url, start=loaded.position, play=play)

    def close(self) -> None:
        """Let go of the medium; VLC stays ready."""
        self._decks.clear()
        self._set_playing(playing=False)
        self.opened.emit()
        self.picture_changed.emit()

    def end(self) -> None:
        """Let go of everything and end VLC's process."""
        self.blockSignals(True)
        self._decks.clear()
        self._decks.process.end()

    async def aclose(self) -> None:
        """End, and wait until VLC's process is gone."""
        self.blockSignals(True)
        self._decks.clear()
        await self._decks.process.gone()

    def play(self) -> None:
        """Go on, from the beginning after the end."""
        loaded = self._loaded
        if loaded is None or (loaded.problem is not None and not loaded.pictures):
            return
        if loaded.ended:
            self._decks.reload(self._from or 0.0, play=True)
        else:
            self._say(Play(self._decks.current))
        self._set_playing(playing=True)

    def pause(self) -> None:
        """Stand still."""
        if self._loaded is not None:
            self._say(Pause(self._decks.current))
        self._set_playing(playing=False)

    def toggle(self) -> None:
        """Play or pause."""
        if self._wanted.playing:
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
            self._decks.reload(seconds, play=self._wanted.playing)
        else:
            self._say(Seek(self._decks.current, seconds))
        loaded.position = seconds
        self.position_changed.emit(seconds)

    def step(self, frames: int) -> None:
        """Go so many pictures on, or back, and stand."""
        loaded = self._loaded
        if loaded is None:
            return
        if self._wanted.playing:
            self.pause()
        if frames == 1 and not loaded.ended:
            self._say(Step(self._decks.current))
        elif frames:
            self.seek(loaded.position + frames * (self.frame_seconds or 0.04))

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast, 0.25 to 4."""
        self._wanted.speed = max(SLOWEST, min(FASTEST, speed))
        self._say(Rate(self._decks.current, self._wanted.speed))
        self.settings_changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Begin again at the end, or not."""
        self._loop = loop
        self.settings_changed.emit()

    def set_ab(self, a: float | None, b: float | None) -> None:
        """Go round between two times; None for no bound."""
        if a is not None and b is not None and b < a:
            a, b = b, a
        self._from, self._to = a, b
        self.settings_changed.emit()

    def set_volume(self, volume: int) -> None:
        """How loud, 0 to 100."""
        self._wanted.volume = max(0, min(100, volume))
        self._say_sound()

    def set_muted(self, muted: bool) -> None:
        """With sound or without."""
        self._wanted.muted = muted
        self._say_sound()

    def choose_quality(self, id: str) -> None:
        """One of `qualities`; goes on where it stands."""
        self._wanted.lines = int(id)
        loaded = self._loaded
        if loaded is not None:
            self._decks.reload(loaded.position, play=self._wanted.playing)
        self.tracks_changed.emit()

    def choose_audio(self, id: str) -> None:
        """One of `audio_tracks`."""
        self._say(Choose(self._decks.current, "audio", int(id)))

    def choose_subtitle(self, id: str) -> None:
        """One of `subtitle_tracks`."""
        self._say(Choose(self._decks.current, "subtitle", int(id)))

    def snapshot(self) -> QImage:
        """The picture that stands, in its right shape; null when there is none."""
        picture = self.picture
        if picture.isNull() or self.pixel_aspect == 1.0:
            return picture.copy()
        return picture.scaled(round(picture.width() * self.pixel_aspect), picture.height())

    # What the decks tell

    @property
    def _loaded(self) -> Loaded | None:
        return self._decks.loaded

    def _pictured(self) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        position = loaded.position
        self.picture_changed.emit()
        self.position_changed.emit(position)
        self._tell_first(loaded)
        if self._to is not None and self.playing and position >= self._to - self.frame_seconds / 2:
            self.seek(self._from or 0.0)

    def _described(self) -> None:
        self.duration_changed.emit(self.duration)
        self.tracks_changed.emit()

    def _at_end(self) -> None:
        if not self.playing:
            # To show the last pictures to somebody who stands, VLC may have to play them.
            return
        if (self._loop or self._from is not None) and self.problem is None:
            self._decks.reload(self._from or 0.0, play=True)
            return
        self._set_playing(playing=False)
        self.ended.emit()

    def _failed(self, problem: MediaProblem) -> None:
        if self._decks.missing is not None or self.picture.isNull():
            self._set_playing(playing=False)
        self.failed.emit(problem)

    def _tell_first(self, loaded: Loaded) -> None:
        if loaded.pictures and not loaded.first_told:
            loaded.first_told = True
            self.first_frame.emit(time.perf_counter() - loaded.opened)

    def _set_playing(self, *, playing: bool) -> None:
        if playing != self._wanted.playing:
            self._wanted.playing = playing
            self.playing_changed.emit(playing)

    def _say(self, command: Command) -> None:
        self._decks.process.say(command)

    def _say_sound(self) -> None:
        self._say(self._wanted.sound)
        self.settings_changed.emit()
