"""Media over http: redirects one by one through the allow-list, bounds on size and time, failures named."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import httpx

from console.domain.errors import MediaProblem, MediaRefused
from console.domain.media import HostPattern, MediaRules
from console.media.allowlist import PORTS, AllowList, shown
from console.media.failures import of_exception, of_status, problem, too_large
from console.media.upstream import CheckedTransport, Resolver, system_addresses

Secret = Callable[[str], Awaitable[str | None]]
"""The keyring's entry of a name; None when it has none."""

_MOVED = frozenset({301, 302, 303, 307, 308})
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_PART = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds: bytes of each kind of medium, seconds to connect, between two chunks and for a whole answer.

    The whole answer's time counts only what the server took, not what a paused player did.
    """

    playlist: int = 4 << 20
    key: int = 64 << 10
    image: int = 10 << 20
    segment: int = 512 << 20
    file: int = 16 << 30
    connect: float = 5.0
    read: float = 15.0
    total: float = 300.0
    redirects: int = 5


class Reply:
    """An answer on its way: the `url` it came from, its `length` in bytes (None: not told).

    `first` is where it begins in a medium of `whole` bytes.
    `partial`: the server sent the range that was asked for. Iterate `chunks()` once.
    """

    def __init__(self, response: httpx.Response, url: str, limit: int, limits: Limits) -> None:
        """MediaProblem when the headers already say that it is too large or encoded."""
        self._response = response
        self._body = response.aiter_raw()
        self._limit = limit
        self._limits = limits
        self.url = url
        told = response.headers.get("content-length", "")
        self.length = int(told) if told.isascii() and told.isdecimal() else None
        part = _PART.fullmatch(response.headers.get("content-range", ""))
        self.partial = response.status_code == 206 and part is not None
        self.first = int(part[1]) if part and self.partial else 0
        self.whole = self.length
        if part and self.partial:
            self.whole = int(part[3]) if part[3] != "*" else None
        if (self.length or 0) > limit or (self.whole or 0) > limit:
            raise too_large(url, limit)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise MediaProblem(
                "not_media",
                f"{shown(url)} came compressed although plain bytes were asked for.",
                "Report it to those who run the media server.",
                url=shown(url),
            )

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes; raises MediaProblem for what goes wrong on the way."""
        left, size = self._limits.total, 0
        while True:
            begun = time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, min(self._limits.read, left))):
                    chunk = await anext(self._body)
            except StopAsyncIteration:
                return
            except (httpx.HTTPError, OSError) as error:
                raise of_exception(self.url, error, begun=True) from error
            left -= time.monotonic() - begun
            size += len(chunk)
            if size > self._limit:
                raise too_large(self.url, self._limit)
            yield chunk

    async def aclose(self) -> None:
        """Let go of what has not come. The response goes first: its stream then closes without waiting.

        A stream left to the garbage collector would have to wait for the network there, and cannot.
        """
        await self._response.aclose()
        if isinstance(self._body, AsyncGenerator):
            await self._body.aclose()


class MediaFetcher:
    """Fetches what the rules of one profile allow. `aclose` it on the loop that used it."""

    def __init__(
        self,
        rules: MediaRules,
        *,
        secret: Secret,
        limits: Limits | None = None,
        resolve: Resolver = system_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed = AllowList(rules)
        self.limits = limits or Limits()
        self._access = [(HostPattern.parse(access.host), access) for access in rules.access]
        self._secret = secret
        self._known: dict[str, str] = {}
        waits = httpx.Timeout(self.limits.read, connect=self.limits.connect)
        transport = CheckedTransport(self.allowed, resolve, tls=tls)
        # Their news are whole URLs and headers, credentials included.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = httpx.AsyncClient(transport=transport, timeout=waits, trust_env=False)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    @asynccontextmanager
    async def stream(
        self, url: str, limit: int, span: tuple[int, int | None] | None = None
    ) -> AsyncIterator[Reply]:
        """An answer of at most `limit` bytes; `span`: first and last byte to ask for.

        The server may not heed the span. Raises MediaProblem, MediaRefused among them.
        """
        headers = {"Accept-Encoding": "identity", "Accept": "*/*"}
        if span is not None:
            headers["Range"] = f"bytes={span[0]}-{'' if span[1] is None else span[1]}"
        for _ in range(self.limits.redirects + 1):
            response = await self._send(url, headers)
            try:
                target = response.headers.get("location")
                if response.status_code not in _MOVED or target is None:
                    if response.status_code not in {200, 206}:
                        if response.status_code in {401, 403}:
                            self._known.clear()
                        if response.status_code == 416 and span is not None and span[0] == 0:
                            # No first byte: there is none at all.
                            raise of_status(url, 204)
                        raise of_status(url, response.status_code)
                    reply = Reply(response, url, limit, self.limits)
                    try:
                        if reply.partial and (span is None or reply.first != span[0]):
                            what = "the server sent another part than the one asked for"
                            raise problem("server", url, what)
                        yield reply
                    finally:
                        await reply.aclose()
                    return
            finally:
                await response.aclose()
            url = urljoin(url, target)
        raise MediaProblem(
            "loop",
            f"{shown(url)} is the end of more than {self.limits.redirects} redirects.",
            "Report it to those who run the media server.",
            url=shown(url),
        )

    async def read(self, url: str, limit: int) -> tuple[str, bytes]:
        """The address after redirects, and the whole body of at most `limit` bytes; raises MediaProblem."""
        async with self.stream(url, limit) as reply:
            return reply.url, b"".join([chunk async for chunk in reply.chunks()])

    async def _send(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """One request, without following a redirect."""
        url = self.allowed.check(url)
        extra, query = await self._credentials(url)
        target = url + ("&" if "?" in url else "?") + query if query else url
        request = self._client.build_request("GET", target, headers=extra | headers)
        try:
            async with asyncio.timeout(self.limits.connect + self.limits.read):
                return await self._client.send(request, stream=True)
        except (httpx.HTTPError, OSError) as error:
            raise of_exception(url, error, begun=False) from error

    async def _credentials(self, url: str) -> tuple[dict[str, str], str]:
        """Headers and query that the profile says go along to this host."""
        parts = urlsplit(url)
        host, default = parts.hostname or "", PORTS[parts.scheme]
        headers: dict[str, str] = {}
        query: list[str] = []
        for pattern, access in self._access:
            if not pattern.matches(host, parts.port or default, default):
                continue
            secret = access.secret_headers or access.secret_query
            if secret and parts.scheme != "https" and host not in _HERE:
                raise MediaRefused(
                    "plain_secret",
                    f"{shown(url)} is not opened: credentials go over https only.",
                    "Use the https address of the media, or take the credentials out of media.access.",
                    url=shown(url),
                )
            headers |= dict(access.headers)
            headers |= {name: await self._value(url, entry) for name, entry in access.secret_headers}
            for name, entry in access.secret_query:
                query.append(f"{quote(name, safe='')}={quote(await self._value(url, entry), safe='')}")
        return headers, "&".join(query)

    async def _value(self, url: str, entry: str) -> str:
        if entry not in self._known:
            value = await self._secret(entry)
            if value is None or not value.isprintable():
                raise MediaProblem(
                    "credentials",
                    f"The keyring holds no usable entry {entry!r}, which {shown(url)} needs.",
                    "Store it in the system's keyring, or change media.access in profiles.toml.",
                    url=shown(url),
                )
            self._known[entry] = value
        return self._known[entry]
