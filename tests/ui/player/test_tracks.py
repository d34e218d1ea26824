"""Tracks that can be chosen: two languages to hear, and subtitles to read, of one real file."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from tests.support.media import FRAME_RATE, MediaServer
from tests.support.media_code import RATE, draw_code, draw_tone
from tests.support.player import playing

SECONDS = 4
SIZE = (320, 180)
WORDS = "1\n00:00:00,000 --> 00:00:04,000\n██████████████\n"
_SOUND = 1024


def make_film(folder: Path) -> Path:
    """A Matroska file with a picture, two sounds and subtitles that stand from its beginning to its end."""
    subtitles = folder.parent / "words.srt"
    subtitles.write_text(WORDS, encoding="utf-8")
    film = folder / "film.mkv"
    with av.open(str(film), "w") as output, av.open(str(subtitles)) as written:
        fast = {"preset": "ultrafast", "profile": "baseline", "x264-params": f"keyint={FRAME_RATE}"}
        video: Any = output.add_stream("libx264", rate=FRAME_RATE, options=fast)
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        sounds: list[Any] = [output.add_stream("aac", rate=RATE, layout="mono") for _ in range(2)]
        for sound, title in zip(sounds, ("First", "Second"), strict=True):
            sound.metadata["title"] = title
        words = output.add_stream_from_template(written.streams[0])
        words.metadata["title"] = "Blocks"
        for packet in written.demux():
            if packet.dts is not None:
                packet.stream = words
                output.mux(packet)
        heard = 0
        for place in range(SECONDS * FRAME_RATE):
            picture = draw_code(*SIZE, 7, place)
            picture.pts, picture.time_base = place, Fraction(1, FRAME_RATE)
            output.mux(video.encode(picture))
            while heard * FRAME_RATE < (place + 1) * RATE:
                for number, sound in enumerate(sounds):
                    tone = draw_tone(number, heard, _SOUND)
                    tone.pts, tone.time_base = heard, Fraction(1, RATE)
                    output.mux(sound.encode(tone))
                heard += _SOUND
        for stream in (video, *sounds):
            output.mux(stream.encode(None))
    return film


@pytest.mark.parametrize("kind", ["audio", "subtitle"])
async def test_a_chosen_track_is_the_one_that_vlc_takes(server: MediaServer, kind: str) -> None:
    make_film(server.folder)
    async with playing(server) as seen:
        player = seen.player
        player.set_loop(True)

        def offered() -> dict[str, bool]:
            choices = player.audio_tracks if kind == "audio" else player.subtitle_tracks
            return {each.title: each.chosen for each in choices}

        def choose(title: str) -> None:
            choices = player.audio_tracks if kind == "audio" else player.subtitle_tracks
            found = next(each.id for each in choices if each.title == title)
            (player.choose_audio if kind == "audio" else player.choose_subtitle)(found)

        def taken(title: str) -> bool:
            return [each for each, on in offered().items() if on] == [title]

        player.open(server.url("film.mkv"))
        names = ["First", "Second", "No sound"] if kind == "audio" else ["Blocks", "No subtitles"]
        await seen.until(lambda: list(offered()) == names, "the tracks are offered")
        for title in (names[-2], names[-1], names[0]):
            choose(title)
            await seen.until(partial(taken, title), f"{title} is taken")
