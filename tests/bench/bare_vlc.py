"""Bare libvlc as the player's floor: memory rendering into one buffer, and nothing else."""

from __future__ import annotations

import ctypes
import json
import resource
import sys
import time
from typing import Any

import vlc

_Setup = ctypes.CFUNCTYPE(
    ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p, *(ctypes.POINTER(ctypes.c_uint),) * 4
)


class Bare:
    """One player; `shown` is how many different pictures there were, `first` when the first one was."""

    def __init__(self) -> None:
        self.instance = vlc.Instance(["--quiet", "--aout=adummy", "--no-xlib"])
        self.player = self.instance.media_player_new()
        self.shown, self.first = 0, 0.0
        self._buffer: Any = None
        self._last = b""
        types = vlc.CallbackDecorators
        setup = _Setup(self._set_up)
        self._keep = (
            setup,
            ctypes.cast(setup, types.VideoFormatCb),
            types.VideoCleanupCb(lambda _: None),
            types.VideoLockCb(self._lock),
            types.VideoUnlockCb(lambda *_: None),
            types.VideoDisplayCb(self._display),
        )
        self.player.video_set_format_callbacks(self._keep[1], self._keep[2])
        self.player.video_set_callbacks(self._keep[3], self._keep[4], self._keep[5], None)

    def _set_up(self, _: object, chroma: int, width: Any, height: Any, pitches: Any, lines: Any) -> int:
        ctypes.memmove(chroma, b"RV32", 4)
        pitches[0], lines[0] = width[0] * 4, height[0]
        self._buffer = (ctypes.c_ubyte * (width[0] * height[0] * 4))()
        return 1

    def _lock(self, _: object, planes: Any) -> None:
        planes[0] = ctypes.addressof(self._buffer)

    def _display(self, *_: object) -> None:
        self.first = self.first or time.perf_counter()
        # The pictures differ in some of these blocks: a standing one that is shown again does not count.
        marks = bytes(memoryview(self._buffer).cast("B")[:: len(self._buffer) // 997])
        self.shown += marks != self._last
        self._last = marks

    def play(self, url: str) -> float:
        """Begin; the moment it was asked."""
        self.first = 0.0
        begun = time.perf_counter()
        medium = self.instance.media_new(url)
        self.player.set_media(medium)
        self.player.play()
        return begun


def main(what: str, many: str, url: str) -> list[float]:
    """`first`: milliseconds to the first picture, `many` times; `long`: processor seconds, pictures shown."""
    bare = Bare()
    if what == "first":
        times = []
        for _ in range(int(many)):
            begun = bare.play(url)
            while not bare.first:
                time.sleep(0.0005)
            times.append((bare.first - begun) * 1000)
            bare.player.stop()
            time.sleep(0.2)
        return times
    before = resource.getrusage(resource.RUSAGE_SELF)
    bare.play(url)
    end = time.monotonic() + int(many) + 20
    while bare.player.get_state() is not vlc.State.Ended and time.monotonic() < end:
        time.sleep(0.1)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return [after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, bare.shown]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
