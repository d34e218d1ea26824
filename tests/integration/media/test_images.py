"""Pictures are what their bytes say, and nothing else comes as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.domain.errors import MediaProblem
from console.domain.media import MediaRules
from console.media.fetcher import Limits, MediaFetcher
from console.media.images import Images, Picture
from tests.support.loopback import no_secret
from tests.support.media import MediaServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


async def fetch(server: MediaServer, name: str) -> Picture:
    rules = MediaRules((f"127.0.0.1:{server.port}",))
    fetcher = MediaFetcher(rules, secret=no_secret, limits=Limits(image=1000))
    try:
        return await Images(fetcher).fetch(server.url(name))
    finally:
        await fetcher.aclose()


@pytest.mark.parametrize(
    ("data", "type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"GIF89a" + bytes(9), "image/gif"),
    ],
)
async def test_pictures(tmp_path: Path, data: bytes, type: str) -> None:
    (tmp_path / "a.bin").write_bytes(data)
    with MediaServer(tmp_path) as server:
        assert await fetch(server, "a.bin") == Picture(data, type)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_media"),
        (b"<html>", "not_media"),
        (b"RIFF\0\0\0\0WAVE", "not_media"),
        (b"", "empty"),
        (PNG + bytes(1000), "too_large"),
    ],
)
async def test_everything_else_has_its_name(tmp_path: Path, data: bytes, kind: str) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with MediaServer(tmp_path) as server:
        with pytest.raises(MediaProblem) as problem:
            await fetch(server, "a.png")
        assert problem.value.kind == kind
