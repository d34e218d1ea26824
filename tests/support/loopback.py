"""The fetcher and its loopback server before a media server of the tests."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import av

from console.domain.media import MediaRules
from console.media.cache import SegmentCache
from console.media.fetcher import Limits, MediaFetcher
from console.media.server import LoopbackServer
from console.media.upstream import Resolver, system_addresses
from tests.support.media import MediaServer, packed_rgb, read_code

QUICK = Limits(connect=0.5, read=0.4, total=5)


async def no_secret(entry: str) -> str | None:
    """An empty keyring."""
    return None


@asynccontextmanager
async def loopback(
    server: MediaServer,
    *,
    cache: Path | None = None,
    limits: Limits = QUICK,
    private_hosts: tuple[str, ...] = (),
    resolve: Resolver = system_addresses,
) -> AsyncIterator[LoopbackServer]:
    """A running loopback server that may ask `server` alone; `cache` is the folder of its segments.

    `private_hosts` may be asked too, at the addresses that `resolve` knows of them.
    """
    rules = MediaRules((f"127.0.0.1:{server.port}",), private_hosts)
    fetcher = MediaFetcher(rules, secret=no_secret, limits=limits, resolve=resolve)
    running = LoopbackServer(fetcher, SegmentCache(cache, 50_000_000) if cache else None)
    await running.start()
    try:
        yield running
    finally:
        await running.aclose()
        await fetcher.aclose()


async def ask(
    url: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in lower case) and body of a URL."""
    return await asyncio.to_thread(_ask, url, headers or {}, method)


def _ask(url: str, headers: dict[str, str], method: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        connection.request(method, parts.path, headers=headers)
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return response.status, told, response.read()


async def codes(url: str) -> list[tuple[int, int] | None]:
    """What each picture of a stream says, decoded in a thread."""
    return await asyncio.to_thread(_codes, url)


def _codes(url: str) -> list[tuple[int, int] | None]:
    with av.open(url) as stream:
        return [read_code(packed_rgb(frame), frame.width, frame.height) for frame in stream.decode(video=0)]
