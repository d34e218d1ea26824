"""The demo's media: short HLS renditions with sound, stills, avatars and icons, made once on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import SystemRandom
from typing import Any

import av

from db.leases import exclusive
from db.platforms.scenes.demo.drawing import CLIPS, FRAME_RATE, Clip, badge, moving, tone
from db.platforms.scenes.demo.progress import Cancelled, Progress, never

VERSION = 1
AVATARS = 24
ICONS = 16
_RENDITIONS = ((640, 360, 700_000), (320, 180, 250_000))
_PORTS = range(20_000, 30_000)
"""Below the ports that systems hand out to clients (32,768 on Linux, 49,152 elsewhere)."""


@dataclass(frozen=True, slots=True)
class MediaLibrary:
    """Media under `folder`. The port of its URLs is chosen once, since a database remembers them."""

    folder: Path

    @property
    def base(self) -> str:
        """The URL that the folder is served under; `make` first."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port of the library's URLs; `make` first."""
        return int(json.loads(self._manifest.read_text(encoding="utf-8"))["port"])

    @property
    def _manifest(self) -> Path:
        return self.folder / "library.json"

    def complete(self) -> bool:
        """Whether everything was made by this version."""
        try:
            made: dict[str, int] = json.loads(self._manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return made.get("version") == VERSION

    def make(self, progress: Progress, cancelled: Callable[[], bool] = never) -> None:
        """Make what is missing, whole or not at all. Blocks for seconds; raises Cancelled when stopped."""
        with exclusive(self.folder.with_name(f"{self.folder.name}.lock")):
            if self.complete():
                return
            partial = self.folder.with_name(f"{self.folder.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            try:
                _draw(partial, progress, cancelled)
                manifest = {"version": VERSION, "port": self._known_port() or _free_port()}
                (partial / "library.json").write_text(json.dumps(manifest), encoding="utf-8")
                shutil.rmtree(self.folder, ignore_errors=True)
                partial.rename(self.folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)

    def _known_port(self) -> int | None:
        try:
            return self.port
        except (OSError, ValueError, KeyError):
            return None


def _draw(folder: Path, progress: Progress, cancelled: Callable[[], bool]) -> None:
    for name in ("avatars", "icons"):
        (folder / name).mkdir(parents=True)
    for number in range(AVATARS):
        _write_still(folder / "avatars" / f"{number:02}.png", badge(number), "png", "rgb24")
    for number in range(ICONS):
        _write_still(folder / "icons" / f"{number:02}.png", badge(1000 + number, 64), "png", "rgb24")
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as threads:
        jobs = [threads.submit(_make_clip, folder / clip.name, clip, stop) for clip in CLIPS]
        try:
            for done, job in enumerate(as_completed(jobs)):
                progress("Drawing the demo's videos", done, len(jobs))
                job.result()
                if cancelled():
                    raise Cancelled
        except BaseException:
            stop.set()
            raise
    progress("Drawing the demo's videos", len(jobs), len(jobs))


def _make_clip(folder: Path, clip: Clip, stop: threading.Event) -> None:
    sound = list(tone(clip))
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for width, height, bits in _RENDITIONS:
        rendition = folder / f"{height}p"
        rendition.mkdir(parents=True)
        _encode(rendition / "index.m3u8", clip, (width, height, bits), sound, stop)
        bandwidth = f"BANDWIDTH={bits + 96_000},RESOLUTION={width}x{height}"
        lines += [f'#EXT-X-STREAM-INF:{bandwidth},CODECS="avc1.42c01e,mp4a.40.2"', f"{height}p/index.m3u8"]
    _remux(folder / "360p" / "index.m3u8", folder / "video.mp4")
    for place, frame in enumerate(moving(clip, 640, 360)):
        if place == FRAME_RATE * 2:
            _write_still(folder / "poster.jpg", frame, "mjpeg", "yuvj420p")
            break
    (folder / "master.m3u8").write_text("\n".join(lines) + "\n", encoding="ascii")


def _encode(
    playlist: Path, clip: Clip, size: tuple[int, int, int], sound: Iterable[Any], stop: threading.Event
) -> None:
    width, height, bits = size
    options = {
        "hls_time": "2",
        "hls_list_size": "0",
        "hls_playlist_type": "vod",
        "hls_segment_filename": str(playlist.with_name("part-%02d.ts")),
    }
    with av.open(str(playlist), "w", format="hls", options=options) as output:
        # Baseline with a key frame every two seconds: every player takes it, and the parts begin with one.
        fast = {
            "preset": "veryfast",
            "profile": "baseline",
            "x264-params": f"keyint={FRAME_RATE * 2}:scenecut=0",
        }
        video = output.add_stream("libx264", rate=FRAME_RATE, options=fast)
        video.width, video.height, video.pix_fmt, video.bit_rate = width, height, "yuv420p", bits
        video.codec_context.thread_count = 1
        audio = output.add_stream("aac", rate=44_100, layout="mono")
        waiting = iter(sound)
        for place, frame in enumerate(moving(clip, width, height)):
            if stop.is_set():
                raise Cancelled
            frame.pts, frame.time_base = place, Fraction(1, FRAME_RATE)
            output.mux(video.encode(frame))
            # Sound goes along with its picture: the muxer holds back ten seconds at most.
            for heard in waiting:
                output.mux(audio.encode(heard))
                if heard.time > place / FRAME_RATE:
                    break
        output.mux([*video.encode(None), *audio.encode(None)])


def _remux(playlist: Path, target: Path) -> None:
    """The same pictures and sounds as one mp4, its index in front so that it plays while it loads."""
    with (
        av.open(str(playlist)) as source,
        av.open(str(target), "w", options={"movflags": "+faststart"}) as output,
    ):
        streams = {stream.index: output.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)


def _write_still(path: Path, frame: Any, codec: str, pixels: str) -> None:
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, pixels
    encoder.time_base = Fraction(1, FRAME_RATE)
    still = frame.reformat(format=pixels)
    still.pts = 0
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(still), *encoder.encode(None)]))


def _free_port() -> int:
    chance = SystemRandom()
    while True:
        port = chance.choice(_PORTS)
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
