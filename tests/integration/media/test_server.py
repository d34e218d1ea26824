"""Streams as a player gets them: through the loopback server, decoded picture by picture."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import MediaRefused
from tests.support.loopback import ask, codes, loopback
from tests.support.media import MediaServer, make_stream


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MediaServer]:
    (tmp_path / "www").mkdir()
    with MediaServer(tmp_path / "www") as running:
        yield running


@pytest.mark.parametrize(
    "options",
    [{}, {"fmp4": True}, {"encrypted": True}, {"variants": 2}, {"discontinuity": True}],
    ids=str,
)
async def test_every_picture_comes_through(server: MediaServer, options: dict[str, Any]) -> None:
    playlist = make_stream(server.folder, "s", 2, number=77, **options)
    async with loopback(server) as loop:
        medium = loop.open(server.url(playlist))
        assert await codes(medium.url) == [(77, frame) for frame in range(50)]
        assert medium.problems == []
        _, _, text = await ask(medium.url)
    assert str(server.port).encode() not in text


async def test_what_is_prefetched_is_not_asked_for_again(server: MediaServer, tmp_path: Path) -> None:
    playlist = make_stream(server.folder, "s", 2, number=5)
    async with loopback(server, cache=tmp_path / "cache") as loop:
        medium = loop.open(server.url(playlist))
        found = await loop.inspect(medium)
        assert found.problem is None
        assert sum(found.durations) == pytest.approx(2, abs=0.1)
        assert await loop.prefetch(found) == 2
        server.requests.clear()
        assert await codes(medium.url) == [(5, frame) for frame in range(50)]
        assert [seen.path for seen in server.requests] == ["/s/index.m3u8"]
        part = (server.folder / "s" / "a000.ts").read_bytes()
        linked = medium.link(found.first[0])
        assert (await ask(linked, {"Range": "bytes=5-99"}))[2] == part[5:100]


async def test_ranges_and_heads(server: MediaServer) -> None:
    data = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 100
    (server.folder / "v.mp4").write_bytes(data)
    async with loopback(server) as loop:
        medium = loop.open(server.url("v.mp4"))
        assert (await ask(medium.url))[::2] == (200, data)
        status, headers, body = await ask(medium.url, {"Range": "bytes=1000-1999"})
        assert (status, body, headers["content-range"]) == (
            206,
            data[1000:2000],
            f"bytes 1000-1999/{len(data)}",
        )
        status, headers, body = await ask(medium.url, method="HEAD")
        assert (status, headers["content-length"], body) == (200, str(len(data)), b"")
        server.fault("v.mp4", "no_range")
        status, headers, body = await ask(medium.url, {"Range": "bytes=1000-1999"})
        assert (status, body, headers["content-range"]) == (
            206,
            data[1000:2000],
            f"bytes 1000-1999/{len(data)}",
        )


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection over which `url` has been asked for."""
    host, _, path = url.removeprefix("http://").partition("/")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return reader, writer


async def test_the_first_byte_does_not_wait_for_the_last(server: MediaServer) -> None:
    (server.folder / "v.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(200_000))
    server.fault("v.mp4", "slow")
    async with loopback(server) as loop:
        medium = loop.open(server.url("v.mp4"))
        reader, writer = await connect(medium.url)
        await reader.readuntil(b"\r\n\r\n")
        begun = asyncio.get_running_loop().time()
        size = len(await reader.readexactly(5000))
        first = asyncio.get_running_loop().time() - begun
        while chunk := await reader.read(65536):
            size += len(chunk)
        whole = asyncio.get_running_loop().time() - begun
        writer.close()
        await writer.wait_closed()
    assert size == 200_012
    assert first < whole / 3


async def test_only_the_token_opens(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 1, number=1)
    async with loopback(server) as loop:
        medium, other = loop.open(server.url(playlist)), loop.open(server.url(playlist))
        assert medium.token != other.token
        for wrong in (
            medium.url.replace(medium.token, "x" * 32),
            medium.url.replace("/0.", "/9."),
            medium.url.replace(f"/{medium.token}", ""),
        ):
            assert (await ask(wrong))[0] == 404
        assert (await ask(medium.url, {"Host": "evil.example"}))[0] == 404
        assert (await ask(medium.url, method="POST"))[0] == 404
        assert (await ask(medium.url))[0] == 200
        loop.close(medium)
        assert (await ask(medium.url))[0] == 404
        assert (await ask(other.url))[0] == 200


async def test_closing_a_medium_ends_its_answers(server: MediaServer) -> None:
    (server.folder / "v.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(200_000))
    server.fault("v.mp4", "slow")
    async with loopback(server) as loop:
        medium = loop.open(server.url("v.mp4"))
        reader, writer = await connect(medium.url)
        await reader.readexactly(5000)
        loop.close(medium)
        with suppress(ConnectionError):
            assert len(await reader.read(-1)) < 100_000
        writer.close()


async def test_an_address_off_the_list_is_refused_before_anything_is_asked(server: MediaServer) -> None:
    async with loopback(server) as loop:
        for url in ("file:///etc/passwd", "http://evil.example/a.m3u8", f"http://localhost:{server.port}/a"):
            with pytest.raises(MediaRefused):
                loop.open(url)
    assert server.requests == []


async def test_a_second_try_works_when_the_fault_is_gone(server: MediaServer, tmp_path: Path) -> None:
    playlist = make_stream(server.folder, "s", 1, number=8)
    server.fault("s/a000.ts", "cut")
    async with loopback(server, cache=tmp_path / "cache") as loop:
        medium = loop.open(server.url(playlist))
        found = await loop.inspect(medium)
        assert await loop.prefetch(found, 1) == 0
        server.fault("s/a000.ts", None)
        assert await loop.prefetch(found, 1) == 1
        assert await codes(medium.url) == [(8, frame) for frame in range(25)]
