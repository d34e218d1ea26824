"""The player's process: VLC, and nothing of Qt. The only module that imports `vlc`.

    python -m console.ui.player.child FRAMES MODULES [OPTION …]

It reads commands from its input and writes events to its output, a line each. FRAMES is the inherited
descriptor of the shared memory, MODULES a folder for the modules that VLC may know, each OPTION one of VLC's.
It ends when its input does, and with the console, however that ends.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from console.ui.player.deck import Deck
from console.ui.player.frames import FrameMemory
from console.ui.player.modules import chosen_library
from console.ui.player.protocol import (
    DECKS,
    Beat,
    Choose,
    Event,
    Load,
    Missing,
    Pause,
    Play,
    Rate,
    Ready,
    Seek,
    Sound,
    Step,
    Stop,
    decode,
    encode,
)

BEAT_SECONDS = 0.25
ARGUMENTS = (
    "--ignore-config",
    *("--no-lua", "--no-interact", "--no-media-library", "--no-auto-preparse", "--no-playlist-autostart"),
    *("--no-metadata-network-access", "--no-sub-autodetect-file", "--no-one-instance", "--no-dbus"),
    *("--no-mkv-preload-local-dir", "--no-mkv-preload-clusters", "--no-http-forward-cookies"),
    *("--no-osd", "--no-video-title-show", "--no-snapshot-preview", "--no-xlib", "--no-volume-save"),
    *("--services-discovery=", "--extraintf=", "--audio-visual=none", "--vout=vmem", "--avcodec-hw=none"),
    "--quiet",
)
_PR_SET_PDEATHSIG = 1
_LIBRARY = "PYTHON_VLC_LIB_PATH"
"""Where python-vlc looks for libvlc first."""


class Player:
    """Reads commands, runs them on the decks, and says how things are."""

    def __init__(self, vlc: Any, instance: Any, memory: FrameMemory, output: int) -> None:
        self._output = output
        self._writing = threading.Lock()
        self._notes: deque[Callable[[], None]] = deque()
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        self.decks = [Deck(vlc, instance, number, memory, self.emit, self._later) for number in range(DECKS)]

    def emit(self, event: Event) -> None:
        """Write an event; from any thread."""
        line = encode(event)
        with self._writing:
            while line:
                line = line[os.write(self._output, line) :]

    def _later(self, note: Callable[[], None]) -> None:
        self._notes.append(note)
        try:
            os.write(self._wake, b"!")
        except BlockingIOError:
            # It is full of wake-up calls already.
            return

    def run(self) -> None:
        """Until the input ends."""
        waiting = selectors.DefaultSelector()
        waiting.register(0, selectors.EVENT_READ)
        waiting.register(self._woken, selectors.EVENT_READ)
        rest, beat = b"", 0.0
        while True:
            hurried = any(deck.hurried for deck in self.decks)
            for key, _ in waiting.select(0.02 if hurried else BEAT_SECONDS):
                data = os.read(key.fd, 1 << 16)
                if key.fd == 0:
                    if not data:
                        return
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        self._obey(decode(line))
            while self._notes:
                self._notes.popleft()()
            for deck in self.decks:
                deck.tend()
            now = time.monotonic()
            if now - beat >= BEAT_SECONDS * 0.9:
                beat = now
                self.emit(
                    Beat(tuple(deck.time for deck in self.decks), tuple(deck.lost for deck in self.decks))
                )

    def _obey(self, command: Any) -> None:
        match command:
            case Load(deck):
                self.decks[deck].load(command)
            case Play(deck):
                self.decks[deck].go_on()
            case Pause(deck):
                self.decks[deck].stand()
            case Stop(deck):
                self.decks[deck].stop()
            case Seek(deck, seconds):
                self.decks[deck].seek(seconds)
            case Step(deck):
                self.decks[deck].step()
            case Rate(deck, rate):
                self.decks[deck].set_rate(rate)
            case Choose(deck, kind, track):
                self.decks[deck].choose(kind, track)
            case Sound(volume, muted):
                for each in self.decks:
                    each.set_sound(volume, muted=muted)


def main(arguments: Sequence[str]) -> int:
    """Run the process; `arguments` are the descriptor of the frames and further options for VLC."""
    _end_with_the_console()
    # VLC and its modules print what they like: the pipe to the console is for events alone.
    output = os.dup(1)
    os.dup2(2, 1)
    memory = FrameMemory(int(arguments[0]))
    try:
        chosen = chosen_library(Path(arguments[1]))
        if chosen is not None and _LIBRARY not in os.environ:
            os.environ[_LIBRARY] = str(chosen)
        # Where there is no libvlc, importing or starting fails in one of these ways.
        import vlc

        instance = vlc.Instance([*ARGUMENTS, *arguments[2:]])
    except (ImportError, NameError, OSError, SystemExit, AttributeError) as error:
        instance, vlc, why = None, None, f"{type(error).__name__}: {error}"
    else:
        why = "libvlc found none of its modules"
    if instance is None:
        os.write(output, encode(Missing(why)))
        return 1
    player = Player(vlc, instance, memory, output)
    player.emit(Ready(str(vlc.libvlc_get_version(), "ascii", "replace")))
    player.run()
    # VLC's own way out can hang on a server that does not answer; nothing here needs to be put away.
    os._exit(0)


def _end_with_the_console() -> None:
    """Linux ends this process when the console ends, even where this one stands still."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
