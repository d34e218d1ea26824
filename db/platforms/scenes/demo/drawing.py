"""Moving and still pictures for the demo, drawn by FFmpeg's own generators: no asset, no font, no licence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import av
from av.filter import Graph

FRAME_RATE = 25
_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
"""Which of the seven bars of a digit are lit, from 0 to 9."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: its number is drawn on it; `pitch` (Hz) tells it apart by ear, `seconds` is its length."""

    number: int
    seconds: int
    pitch: int
    source: str
    options: str
    hue: int = 0

    @property
    def name(self) -> str:
        """The clip's folder in the library."""
        return f"clip-{self.number:02}"


_LIFE = "mold=12:ratio=0.18:seed=7:death_color=0x101830:mold_color=0x205060:life_color=0xffd166"
CLIPS = (
    Clip(1, 8, 262, "testsrc2", ""),
    Clip(2, 9, 294, "gradients", "speed=0.02:seed=3:nb_colors=4"),
    Clip(3, 7, 330, "zoneplate", "kt=4:kx2=20:ky2=20"),
    Clip(4, 10, 349, "mandelbrot", "maxiter=160"),
    Clip(5, 6, 392, "cellauto", "rule=110:seed=5:ratio=0.4", 40),
    Clip(6, 11, 440, "life", _LIFE),
    Clip(7, 8, 494, "testsrc2", "", 120),
    Clip(8, 12, 523, "gradients", "speed=0.04:seed=11:type=radial", 200),
    Clip(9, 6, 587, "sierpinski", "seed=9:type=carpet"),
    Clip(10, 9, 659, "zoneplate", "kt=-6:kx2=6:ky2=30:ku=0.2", 260),
    Clip(11, 7, 698, "testsrc2", "", 240),
    Clip(12, 10, 784, "gradients", "speed=0.01:seed=29:type=spiral"),
)


def moving(clip: Clip, width: int, height: int) -> Iterator[Any]:
    """The clip's frames (`av.VideoFrame`, yuv420p)."""
    stages = [("hue", f"h={clip.hue}")] if clip.hue else []
    stages += [("drawbox", box) for box in _number(clip.number, width, height)]
    source = f"size={width}x{height}:rate={FRAME_RATE}" + (f":{clip.options}" if clip.options else "")
    sink = _chain((clip.source, source), *stages, ("format", "yuv420p"))
    for _ in range(clip.seconds * FRAME_RATE):
        yield sink.pull()


def tone(clip: Clip) -> Iterator[Any]:
    """The clip's sound (`av.AudioFrame`): a soft tone with a beep each second."""
    source = f"frequency={clip.pitch}:beep_factor=4:sample_rate=44100:duration={clip.seconds}"
    sink = _chain(("sine", source), ("aformat", "sample_fmts=fltp:channel_layouts=mono"))
    while True:
        try:
            yield sink.pull()
        except av.EOFError:
            return


def badge(number: int, size: int = 128) -> Any:
    """A square `av.VideoFrame` (rgb24) with a symmetric pattern of its own: an avatar or an icon."""
    chance = Random(f"badge {number}")
    cell = size // 8
    shade = "0x" + "".join(f"{chance.randrange(0x40, 0xE0):02x}" for _ in range(3))
    stages = [("format", "rgb24")]
    for row in range(6):
        for column in range(3):
            if chance.random() < 0.5:
                for place in {column, 5 - column}:
                    box = f"x={cell * (place + 1)}:y={cell * (row + 1)}:w={cell}:h={cell}:c={shade}:t=fill"
                    stages.append(("drawbox", box))
    return _chain(("color", f"c=0xf1efe9:size={size}x{size}:rate=1"), *stages).pull()


def _number(number: int, width: int, height: int) -> Iterator[str]:
    """`drawbox` arguments that write two digits on a dark plate in the middle."""
    tall, thick = height // 2, height // 18
    wide = tall // 2
    left, top = (width - 2 * wide - 3 * thick) // 2, (height - tall) // 2
    plate_width = 2 * wide + 7 * thick
    yield f"x={left - 2 * thick}:y={top - 2 * thick}:w={plate_width}:h={tall + 4 * thick}:c=black@0.7:t=fill"
    for digit in (number // 10, number % 10):
        half = tall // 2
        bars = {
            "a": (0, 0, wide, thick),
            "b": (wide - thick, 0, thick, half),
            "c": (wide - thick, half, thick, half),
            "d": (0, tall - thick, wide, thick),
            "e": (0, half, thick, half),
            "f": (0, 0, thick, half),
            "g": (0, half - thick // 2, wide, thick),
        }
        for lit in _SEGMENTS[digit]:
            x, y, w, h = bars[lit]
            yield f"x={left + x}:y={top + y}:w={w}:h={h}:c=white:t=fill"
        left += wide + 3 * thick


def _chain(*stages: tuple[str, str]) -> Any:
    """A configured filter graph of `stages` in a row."""
    graph = Graph()
    last = None
    for name, options in (*stages, ("", "")):
        if not name:
            audio = stages[-1][0] == "aformat"
            stage = graph.add("abuffersink" if audio else "buffersink")
        else:
            stage = graph.add(name, options) if options else graph.add(name)
        if last is not None:
            last.link_to(stage)
        last = stage
    graph.configure()
    return graph
