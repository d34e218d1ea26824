"""First bytes tell containers, pictures and streams, and hostile ones tell nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.media.probe import Streams, is_media, picture_type, streams_of
from tests.support.media import make_stream


@pytest.mark.parametrize("fmp4", [False, True])
@pytest.mark.parametrize("audio_only", [False, True])
def test_real_streams(tmp_path: Path, fmp4: bool, audio_only: bool) -> None:
    make_stream(tmp_path, "s", 1, number=1, fmp4=fmp4, audio_only=audio_only)
    head = (tmp_path / "s" / ("a-init.mp4" if fmp4 else "a000.ts")).read_bytes()
    assert is_media(head)
    assert streams_of(head) == Streams(video=not audio_only, audio=True)
    if fmp4:
        part = (tmp_path / "s" / "a000.m4s").read_bytes()
        assert is_media(part)
        assert streams_of(part) is None


def test_a_stream_of_an_unknown_type(tmp_path: Path) -> None:
    make_stream(tmp_path, "s", 1, number=1)
    data = bytearray((tmp_path / "s" / "a000.ts").read_bytes())
    place = data.index(b"\x1b\xe1\x00")
    data[place] = 0x7A
    assert streams_of(bytes(data)) == Streams(video=False, audio=True, unknown=True)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"#EXTM3U", b"[playlist]", b"GIF89a", b"Good day", b"{}", b"\0" * 20]
)
def test_other_content_is_no_media(data: bytes) -> None:
    assert not is_media(data + b" " * 200)


@given(st.binary(max_size=2000), st.booleans())
def test_any_bytes_are_survived(data: bytes, transport: bool) -> None:
    if transport:
        data = b"".join(
            b"G" + data[place : place + 187].ljust(187, b"\0") for place in range(0, len(data), 187)
        )
    streams_of(data)
    is_media(data)
    picture_type(data)
