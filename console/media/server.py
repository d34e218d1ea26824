"""The loopback server: what the player's child asks for, fetched, checked and rewritten on the way.

It listens on 127.0.0.1 alone; a medium is reached only through its token, which nobody can guess, and
only under the server's own name, so that no web page finds it.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from http import HTTPStatus

from console.domain.errors import MediaProblem
from console.media.bodies import Bodies, Body, Span
from console.media.cache import SegmentCache
from console.media.fetcher import MediaFetcher
from console.media.inspection import Inspection, inspect
from console.media.medium import Linked, Medium, OnProblem
from console.media.upstream import load_network

_HEAD = 16 << 10
_PATIENCE = 30.0
_REQUEST = re.compile(r"(GET|HEAD) /([A-Za-z0-9_-]+)/(\d{1,6})(?:\.[a-z0-9]+)? HTTP/1\.[01]", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})", re.ASCII)
_TYPES = {"m3u8": "application/vnd.apple.mpegurl"}
_ANSWERS = {
    "not_found": 404,
    "expired": 410,
    "refused": 403,
    "timeout": 504,
}
"""What a player is told of a problem; the problem itself goes to the medium."""


class LoopbackServer:
    """Serves opened media to this machine's player. `start` it, `open` media, `aclose` it."""

    def __init__(self, fetcher: MediaFetcher, cache: SegmentCache | None = None) -> None:
        self._fetcher = fetcher
        self._bodies = Bodies(fetcher, cache)
        self._media: dict[str, Medium] = {}
        self._server: asyncio.Server | None = None
        self._answering: dict[asyncio.Task[None], str] = {}
        self._port = 0

    async def start(self) -> None:
        """Listen at a port that the system chooses."""
        await asyncio.to_thread(load_network)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD)
        self._port = self._server.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        """Stop listening and end every answer."""
        if self._server is None:
            return
        self._server.close()
        self._media.clear()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        self._server = None

    def open(self, url: str, on_problem: OnProblem | None = None) -> Medium:
        """A medium whose `url` the player may be given; raises MediaRefused. Nothing is fetched yet."""
        medium = Medium(self._fetcher, f"http://127.0.0.1:{self._port}", url, on_problem)
        self._media[medium.token] = medium
        return medium

    def close(self, medium: Medium) -> None:
        """Forget a medium: its URLs lead nowhere from now on, and its answers end."""
        self._media.pop(medium.token, None)
        for task, token in self._answering.items():
            if token == medium.token:
                task.cancel()

    async def inspect(self, medium: Medium) -> Inspection:
        """What the medium is, and what is wrong with it, before a player touches it. Never raises."""
        found = await inspect(self._bodies, medium, self._fetcher.limits)
        if found.problem is not None:
            medium.report(found.problem)
        return found

    async def prefetch(self, inspection: Inspection, parts: int = 2) -> int:
        """Bring the first segments to the disk; how many are there. A failure shows when it is played."""
        done = 0
        with suppress(MediaProblem):
            for linked in inspection.first[:parts]:
                done += await self._bodies.prefetch(linked)
        return done

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is answered in a task")
        self._answering[task] = ""
        try:
            await self._answer(reader, writer, task)
        except (ConnectionError, asyncio.CancelledError, TimeoutError):
            # The player went, or the medium was closed: either ends the answer and is no failure.
            writer.transport.abort()
        finally:
            del self._answering[task]
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        asked = _REQUEST.fullmatch(first)
        medium = self._media.get(asked[2]) if asked else None
        linked = medium.find(int(asked[3])) if asked and medium else None
        if (
            asked is None
            or medium is None
            or linked is None
            or headers.get("host") != f"127.0.0.1:{self._port}"
        ):
            writer.write(_head(404, {"Content-Length": "0"}))
            return
        self._answering[task] = medium.token
        part = _RANGE.fullmatch(headers.get("range", ""))
        span = (int(part[1]), int(part[2]) if part[2] else None) if part else None
        try:
            await self._send(writer, medium, linked, span, body_too=asked[1] == "GET")
        except MediaProblem as found:
            medium.report(found)
            writer.write(_head(_ANSWERS.get(found.kind, 502), {"Content-Length": "0"}))

    async def _send(
        self,
        writer: asyncio.StreamWriter,
        medium: Medium,
        linked: Linked,
        span: Span | None,
        *,
        body_too: bool,
    ) -> None:
        async with self._bodies.open(linked, None if linked.kind == "playlist" else span) as body:
            if body.playlist or linked.kind == "playlist":
                data = await body.whole_text(self._fetcher.limits.playlist)
                text = (await medium.rewrite(data, linked, body.source)).text.encode()
                writer.write(_head(200, {"Content-Type": _TYPES["m3u8"], "Content-Length": str(len(text))}))
                if body_too:
                    writer.write(text)
                await writer.drain()
                return
            writer.write(_head(206 if span is not None else 200, _described(body, span)))
            if body_too:
                await _pour(writer, medium, body)


async def _pour(writer: asyncio.StreamWriter, medium: Medium, body: Body) -> None:
    """Send the bytes as they come; an answer that fails half-way ends early, and the medium says why."""
    try:
        async for chunk in body.chunks():
            writer.write(chunk)
            await writer.drain()
    except MediaProblem as found:
        medium.report(found)
        writer.transport.abort()


def _described(body: Body, span: Span | None) -> dict[str, str]:
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    if body.length is not None:
        headers["Content-Length"] = str(body.length)
        if span is not None:
            whole = "*" if body.whole is None else str(body.whole)
            headers["Content-Range"] = f"bytes {body.first}-{body.first + body.length - 1}/{whole}"
    return headers


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "Cache-Control: no-store", "", ""]).encode("latin-1")
