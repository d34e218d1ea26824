"""HLS streams for tests, sound and broken: each picture and tone says what it is (see `media_code`)."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av

from tests.support.media_code import RATE, draw_code, draw_tone, packed_rgb, pitch, read_code, read_tone
from tests.support.media_server import Fault, MediaServer

__all__ = [
    "FRAME_RATE",
    "Fault",
    "Flaw",
    "MediaServer",
    "make_stream",
    "packed_rgb",
    "pitch",
    "read_code",
    "read_tone",
]

FRAME_RATE = 25
KEY = bytes(range(16))
Flaw = Literal["damaged", "empty", "zero_length", "truncated", "wrong_timestamps"]
_SOUND = 1024
_HEAD = re.compile(r"#(EXTM3U|EXT-X-(VERSION|TARGETDURATION|MEDIA-SEQUENCE|PLAYLIST-TYPE|INDEPENDENT))")


def make_stream(
    folder: Path,
    name: str,
    seconds: float,
    *,
    number: int,
    encrypted: bool = False,
    fmp4: bool = False,
    variants: int = 1,
    audio_only: bool = False,
    discontinuity: bool = False,
    flaw: Flaw | None = None,
    part_seconds: int = 1,
    size: tuple[int, int] = (320, 180),
) -> Path:
    """Make an HLS stream in `folder/name` and give its playlist, a master one for several variants.

    Pictures carry `number` and the frame's place (25 a second), the sound the pitch of `number`. Variant
    n (from 0) is 1/(n+1) of `size`. `discontinuity`: timestamps begin anew in the middle, as the playlist
    says; flaw "wrong_timestamps": as it does not say.
    """
    if encrypted and fmp4:
        raise ValueError("FFmpeg's HLS muxer does not encrypt fMP4")
    media = []
    for variant in range(variants):
        width, height = (side // (variant + 1) // 2 * 2 for side in size)
        home = folder / name / f"v{variant}" if variants > 1 else folder / name
        home.mkdir(parents=True)
        frames = round(seconds * FRAME_RATE)
        halves = [(0, frames)]
        if discontinuity or flaw == "wrong_timestamps":
            halves = [(0, frames // 2), (frames // 2, frames)]
        texts = [
            _encode(
                home, "ab"[half], number, span, (width, height), encrypted, fmp4, audio_only, part_seconds
            )
            for half, span in enumerate(halves)
        ]
        text = texts[0]
        for more in texts[1:]:
            body = [line for line in more.splitlines() if not _HEAD.match(line)]
            mark = ["#EXT-X-DISCONTINUITY"] if discontinuity else []
            text = "\n".join([text.replace("#EXT-X-ENDLIST\n", "").rstrip(), *mark, *body]) + "\n"
        playlist = home / "index.m3u8"
        playlist.write_text(_spoil(home, text, flaw), encoding="ascii")
        media.append((width, height, playlist))
    if variants == 1:
        return media[0][2]
    lines = ["#EXTM3U", "#EXT-X-VERSION:6"]
    for place, (width, height, _) in enumerate(media):
        rate = f"BANDWIDTH={400_000 // (place + 1)},RESOLUTION={width}x{height},FRAME-RATE={FRAME_RATE}"
        lines += [f'#EXT-X-STREAM-INF:{rate},CODECS="avc1.42c01e,mp4a.40.2"', f"v{place}/index.m3u8"]
    master = folder / name / "master.m3u8"
    master.write_text("\n".join(lines) + "\n", encoding="ascii")
    return master


def _encode(
    home: Path,
    half: str,
    number: int,
    span: tuple[int, int],
    size: tuple[int, int],
    encrypted: bool,
    fmp4: bool,
    audio_only: bool,
    part_seconds: int,
) -> str:
    """Encode frames [first, last) and give the playlist's text; its parts stay in `home`."""
    ending = "m4s" if fmp4 else "ts"
    options = {
        "hls_time": str(part_seconds),
        "hls_list_size": "0",
        "hls_playlist_type": "vod",
        "hls_segment_filename": str(home / f"{half}%03d.{ending}"),
    }
    if fmp4:
        options |= {"hls_segment_type": "fmp4", "hls_fmp4_init_filename": f"{half}-init.mp4"}
    if encrypted:
        (home / "key.bin").write_bytes(KEY)
        (home / "key.info").write_text(f"key.bin\n{home / 'key.bin'}\n{KEY.hex()}\n", encoding="utf-8")
        options["hls_key_info_file"] = str(home / "key.info")
    made = home / f"{half}.m3u8"
    first, last = span
    with av.open(str(made), "w", format="hls", options=options) as output:
        video: Any = None
        if not audio_only:
            fast = {
                "preset": "ultrafast",
                "profile": "baseline",
                "x264-params": f"keyint={FRAME_RATE * part_seconds}:scenecut=0",
            }
            video = output.add_stream("libx264", rate=FRAME_RATE, options=fast)
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
            video.codec_context.thread_count = 1
        audio: Any = output.add_stream("aac", rate=RATE, layout="mono")
        heard = 0
        for place in range(last - first):
            if video is not None:
                picture = draw_code(*size, number, first + place)
                picture.pts, picture.time_base = place, Fraction(1, FRAME_RATE)
                output.mux(video.encode(picture))
            while heard * FRAME_RATE < (place + 1) * RATE:
                sound = draw_tone(number, heard, _SOUND)
                sound.pts, sound.time_base = heard, Fraction(1, RATE)
                output.mux(audio.encode(sound))
                heard += _SOUND
        output.mux([*(video.encode(None) if video is not None else []), *audio.encode(None)])
    text = made.read_text(encoding="utf-8")
    made.unlink()
    return text


def _spoil(home: Path, text: str, flaw: Flaw | None) -> str:
    """Break the parts on disk; the playlist's text, without its parts for "empty"."""
    parts = sorted(path for path in home.iterdir() if path.suffix in {".ts", ".m4s"})
    if flaw == "empty":
        kept = [line for line in text.splitlines() if not line.startswith("#EXTINF") and line[:1] == "#"]
        return "\n".join(kept) + "\n"
    for part in parts:
        data = bytearray(part.read_bytes())
        if flaw == "damaged":
            # In the payload of each transport packet of the middle third: headers and the beginning stay.
            for place in range(len(data) // 564 * 188 + 100, len(data) * 2 // 3, 188):
                data[place] ^= 0xA5
        elif flaw == "truncated":
            del data[len(data) // 2 :]
        elif flaw == "zero_length":
            data.clear()
        part.write_bytes(data)
    return text
