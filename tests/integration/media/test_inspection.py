"""Broken media, each with its name, before a player touches it and while it plays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import MediaProblem
from console.media.inspection import Inspection
from tests.support.loopback import ask, loopback
from tests.support.media import Fault, MediaServer, make_stream


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MediaServer]:
    with MediaServer(tmp_path) as running:
        yield running


async def look(server: MediaServer, path: Path | str) -> Inspection:
    async with loopback(server) as loop:
        medium = loop.open(server.url(path))
        found = await loop.inspect(medium)
        assert medium.problems == ([found.problem] if found.problem else [])
        return found


def write(server: MediaServer, name: str, text: str) -> str:
    (server.folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, None),
        ({"fmp4": True}, None),
        ({"encrypted": True}, None),
        ({"variants": 2}, None),
        ({"flaw": "empty"}, "empty"),
        ({"flaw": "zero_length"}, "empty"),
        ({"audio_only": True}, "audio_only"),
        ({"audio_only": True, "fmp4": True}, "audio_only"),
    ],
    ids=str,
)
async def test_streams(server: MediaServer, options: dict[str, Any], kind: str | None) -> None:
    found = await look(server, make_stream(server.folder, "s", 2, number=9, **options))
    assert (found.problem and found.problem.kind) == kind
    assert found.audio_only == (kind == "audio_only")
    assert found.encrypted == ("encrypted" in options)
    assert [quality.name for quality in found.qualities] == (["180p", "90p"] if "variants" in options else [])


@pytest.mark.parametrize(
    ("fault", "kind"), [("404", "not_found"), ("403", "expired"), ("410", "expired"), ("hang", "timeout")]
)
@pytest.mark.parametrize("path", ["s/index.m3u8", "s/a000.ts"])
async def test_faults(server: MediaServer, path: str, fault: Fault, kind: str) -> None:
    playlist = make_stream(server.folder, "s", 1, number=9)
    server.fault(path, fault)
    found = await look(server, playlist)
    assert found.problem is not None
    assert found.problem.kind == kind
    assert path in found.problem.url


@pytest.mark.parametrize("fault", ["404", "403", "hang"])
async def test_a_key_that_cannot_be_had(server: MediaServer, fault: Fault) -> None:
    playlist = make_stream(server.folder, "s", 1, number=9, encrypted=True)
    server.fault("s/key.bin", fault)
    found = await look(server, playlist)
    assert found.problem is not None
    assert found.problem.kind == "encrypted_without_key"


async def test_a_key_of_the_wrong_size(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 1, number=9, encrypted=True)
    (server.folder / "s" / "key.bin").write_bytes(b"short")
    found = await look(server, playlist)
    assert found.problem is not None
    assert "5 bytes instead of 16" in str(found.problem)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html>Sign in</html>", "not_media"),
        ("<?xml version='1.0'?><playlist/>", "not_media"),
        ("[playlist]\nFile1=file:///etc/passwd", "not_media"),
        ("plain", "not_media"),
        ("", "empty"),
        ("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "refused"),
        ("#EXTM3U\n#EXTINF:1,\nhttp://evil.example/a.ts\n", "refused"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n", "loop"),
        ('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="vvc1.1"\ny.m3u8\n', "wrong_codec"),
        ('#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n#EXTINF:1,\na.ts\n', "encrypted_without_key"),
        ("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128\n#EXTINF:1,\na.ts\n", "encrypted_without_key"),
    ],
)
async def test_files_that_are_no_media(server: MediaServer, text: str, kind: str) -> None:
    found = await look(server, write(server, "x.m3u8", text))
    assert found.problem is not None
    assert found.problem.kind == kind


async def test_a_playlist_that_leads_back_is_refused_before_the_second_round(server: MediaServer) -> None:
    write(server, "a.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb.m3u8\n")
    write(server, "b.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n")
    found = await look(server, "a.m3u8")
    assert "leads back to itself" in str(found.problem)
    assert [seen.path for seen in server.requests] == ["/a.m3u8", "/b.m3u8"]


async def test_pages_under_an_unknown_tag_reach_no_player(server: MediaServer) -> None:
    write(server, "list.xspf", "<?xml version='1.0'?><playlist/>")
    write(server, "data.bin", "plain")
    write(
        server, "a.m3u8", '#EXTM3U\n#EXT-X-NEW:URI="list.xspf"\n#EXT-X-NEW:URI="data.bin"\n#EXTINF:1,\na.ts\n'
    )
    async with loopback(server) as loop:
        medium = loop.open(server.url("a.m3u8"))
        links = re.findall(r'URI="([^"]+)"', (await ask(medium.url))[2].decode())
        assert [(await ask(link))[0] for link in links] == [502, 200]
        assert [problem.kind for problem in medium.problems] == ["not_media"]


async def test_loops_over_corners_and_depth_are_refused_while_playing(server: MediaServer) -> None:
    for place in range(9):
        write(server, f"{place}.m3u8", f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{place + 1}.m3u8\n")
    write(server, "a.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb.m3u8\n")
    write(server, "b.m3u8", "#EXTM3U\n#EXTINF:1,\na.m3u8\n")
    for first in ("0.m3u8", "a.m3u8"):
        status, seen = 0, list[MediaProblem]()
        async with loopback(server) as loop:
            url = loop.open(server.url(first), seen.append).url
            for _ in range(9):
                status, _, body = await ask(url)
                if status != 200:
                    break
                url = body.decode().split()[-1]
        assert status == 502
        assert [problem.kind for problem in seen] == ["loop"]


async def test_a_segment_that_ends_early_is_told_while_it_plays(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 1, number=9)
    server.fault("s/a000.ts", "cut")
    async with loopback(server) as loop:
        medium = loop.open(server.url(playlist))
        part = (await ask(medium.url))[2].decode().split("\n#EXTINF")[1].splitlines()[1]
        with pytest.raises((OSError, HTTPException)):
            await ask(part)
        assert [problem.kind for problem in medium.problems] == ["truncated"]
