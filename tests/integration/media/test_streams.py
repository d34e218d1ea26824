"""The tests' own streams say what they are: decoded with PyAV through the tests' own server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from tests.support.media import MediaServer, make_stream, packed_rgb, read_code, read_tone


def codes(url: str) -> list[tuple[int, int] | None]:
    with av.open(url, options={"allowed_extensions": "ALL"}) as stream:
        return [read_code(packed_rgb(f), f.width, f.height) for f in stream.decode(video=0)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fmp4": True},
        {"encrypted": True},
        {"variants": 2},
        {"discontinuity": True},
    ],
    ids=str,
)
def test_each_picture_tells_its_segment_and_frame(tmp_path: Path, options: dict[str, Any]) -> None:
    playlist = make_stream(tmp_path, "s", 2, number=517, **options)
    with MediaServer(tmp_path) as server:
        assert codes(server.url(playlist)) == [(517, frame) for frame in range(50)]


def test_the_tone_tells_the_segment(tmp_path: Path) -> None:
    for number in (3, 12):
        playlist = make_stream(tmp_path, f"s{number}", 1, number=number, audio_only=True)
        with MediaServer(tmp_path) as server, av.open(server.url(playlist)) as stream:
            assert not stream.streams.video
            frames = list(stream.decode(audio=0))
        samples = memoryview(bytes(frames[10].planes[0])).cast("f")[: frames[10].samples]
        assert read_tone(list(samples)) == number


def test_silence_and_plain_pictures_say_nothing() -> None:
    assert read_tone([0.0] * 2048) is None
    assert read_code(b"\0" * 320 * 180 * 3, 320, 180) is None
    assert read_code(b"\xff" * 320 * 180 * 3, 320, 180) is None


def test_flawed_streams_are_flawed(tmp_path: Path) -> None:
    whole = [(5, frame) for frame in range(50)]
    wrong = make_stream(tmp_path, "wrong", 2, number=5, flaw="wrong_timestamps")
    torn = make_stream(tmp_path, "torn", 2, number=5, flaw="truncated", part_seconds=2)
    damaged = make_stream(tmp_path, "damaged", 2, number=5, flaw="damaged")
    assert "DISCONTINUITY" not in wrong.read_text()
    with MediaServer(tmp_path) as server:
        assert codes(server.url(wrong)) == whole
        seen = codes(server.url(torn))
        assert 0 < len(seen) < 50
        seen = codes(server.url(damaged))
        assert seen != whole
        assert len(set(seen) & set(whole)) > 10
