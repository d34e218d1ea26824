"""Bodies on their way to the player: from disk or upstream, looked at before the first byte goes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from console.media.cache import CacheWriter, SegmentCache, cache_name
from console.media.failures import problem
from console.media.fetcher import MediaFetcher, Reply
from console.media.medium import Linked
from console.media.playlist import MAGIC
from console.media.probe import is_media

_LOOK = 400
_BLOCK = 256 << 10

Span = tuple[int, int | None]
T = TypeVar("T")


@dataclass(slots=True)
class Body:
    """`length` bytes (None: not told) from byte `first` of `whole` on; `source` is the address it came from.

    `playlist`: it begins as one, whatever its address said.
    """

    source: str
    first: int
    length: int | None
    whole: int | None
    head: bytes
    rest: AsyncIterator[bytes]

    @property
    def playlist(self) -> bool:
        """Whether it is a playlist by content."""
        return self.first == 0 and self.head.removeprefix(b"\xef\xbb\xbf").startswith(MAGIC)

    async def chunks(self) -> AsyncIterator[bytes]:
        """All of it, in order."""
        if self.head:
            yield self.head
        async for chunk in self.rest:
            yield chunk

    async def whole_text(self, limit: int) -> bytes:
        """The whole body; MediaProblem when it is larger than `limit` bytes."""
        data = bytearray()
        async for chunk in self.chunks():
            data += chunk
            if len(data) > limit:
                raise problem("too_large", self.source, f"its playlist is larger than {limit:,} bytes")
        return bytes(data)


class Bodies:
    """Opens bodies of addresses, keeping segments in `cache` when there is one."""

    def __init__(self, fetcher: MediaFetcher, cache: SegmentCache | None) -> None:
        self._fetcher = fetcher
        self._cache = cache

    @asynccontextmanager
    async def open(self, linked: Linked, span: Span | None) -> AsyncIterator[Body]:
        """The body, or the part of it that was asked for; MediaProblem names why not."""
        limits = self._fetcher.limits
        limit = {"playlist": limits.playlist, "key": limits.key, "medium": limits.file}.get(
            linked.kind, limits.segment
        )
        kept = self._cache if linked.kind in {"segment", "map"} else None
        name = cache_name(linked.url) if kept is not None else None
        async with AsyncExitStack() as stack:
            body = None
            if kept is not None and name is not None:
                body = await self._from_disk(stack, kept, name, linked, span)
            if body is None:
                reply = await stack.enter_async_context(self._fetcher.stream(linked.url, limit, span))
                writer = None
                if kept is not None and name is not None and span is None:
                    writer = await self._writer(stack, kept, name)
                body = await _from_reply(reply, span, writer)
            _judge(linked, body)
            yield body

    async def prefetch(self, linked: Linked) -> bool:
        """Bring a segment to the disk; whether it is there now. MediaProblem names why it cannot be had."""
        name = cache_name(linked.url)
        if self._cache is None or name is None:
            return False
        if not await asyncio.to_thread(self._cache.has, name):
            async with self.open(linked, None) as body:
                async for _ in body.chunks():
                    pass
        return await asyncio.to_thread(self._cache.has, name)

    async def _from_disk(
        self, stack: AsyncExitStack, cache: SegmentCache, name: str, linked: Linked, span: Span | None
    ) -> Body | None:
        found = await _opened(lambda: cache.open(name), _close_kept)
        if found is None:
            return None
        file, whole = found
        stack.callback(file.close)
        first, last = (0, None) if span is None else span
        if first >= whole:
            raise problem("truncated", linked.url, "it is shorter than its playlist says")
        length = (whole if last is None else min(last + 1, whole)) - first
        return await _headed(Body(linked.url, first, length, whole, b"", _blocks(file, first, length)))

    @staticmethod
    async def _writer(stack: AsyncExitStack, cache: SegmentCache, name: str) -> CacheWriter | None:
        """A disk that is full or read-only costs the prefetch, not the playing."""
        try:
            writer = await _opened(lambda: cache.write(name), CacheWriter.close)
        except OSError:
            return None
        stack.push_async_callback(asyncio.to_thread, writer.close)
        return writer


def _close_kept(kept: tuple[BinaryIO, int] | None) -> None:
    if kept is not None:
        kept[0].close()


async def _opened(open_file: Callable[[], T], close: Callable[[T], None]) -> T:
    """What is opened in a thread; where nobody waits for it any more, it is closed again."""
    opening = asyncio.ensure_future(asyncio.to_thread(open_file))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with suppress(OSError):
            close(await opening)
        raise


async def _from_reply(reply: Reply, span: Span | None, writer: CacheWriter | None) -> Body:
    chunks = _kept(reply, writer)
    if span is None or reply.partial:
        return await _headed(Body(reply.url, reply.first, reply.length, reply.whole, b"", chunks))
    # The server sent everything although a part was asked for.
    first, last = span
    whole = reply.whole
    end = whole if last is None else last + 1 if whole is None else min(last + 1, whole)
    if whole is not None and first >= whole:
        raise problem("truncated", reply.url, "it is shorter than its playlist says")
    length = None if end is None else end - first
    return await _headed(Body(reply.url, first, length, whole, b"", _cut(chunks, first, end)))


async def _kept(reply: Reply, writer: CacheWriter | None) -> AsyncIterator[bytes]:
    """The chunks of a reply, written along; kept when all came."""
    async for chunk in reply.chunks():
        if writer is not None:
            try:
                await asyncio.to_thread(writer.add, chunk)
            except OSError:
                writer = None
        yield chunk
    if writer is not None:
        with suppress(OSError):
            await asyncio.to_thread(writer.finish)


async def _cut(chunks: AsyncIterator[bytes], first: int, end: int | None) -> AsyncIterator[bytes]:
    place = 0
    async for chunk in chunks:
        part = chunk[max(0, first - place) : None if end is None else max(0, end - place)]
        place += len(chunk)
        if part:
            yield part
        if end is not None and place >= end:
            return


async def _blocks(file: BinaryIO, first: int, length: int) -> AsyncIterator[bytes]:
    await asyncio.to_thread(file.seek, first)
    while length > 0:
        block = await asyncio.to_thread(file.read, min(_BLOCK, length))
        if not block:
            return
        length -= len(block)
        yield block


async def _headed(body: Body) -> Body:
    """The body with as many first bytes in `head` as it takes to know what it is."""
    while len(body.head) < _LOOK:
        try:
            body.head += await anext(body.rest)
        except StopAsyncIteration:
            break
    return body


def _judge(linked: Linked, body: Body) -> None:
    """Refuse what is empty, and pages or lists that a player would read as something else."""
    if not body.head:
        raise problem("empty", linked.url, "it has no content at all")
    if body.first or linked.encrypted or linked.kind in {"key", "playlist"} or body.playlist:
        return
    text = body.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"<", b"[", b"{", b"#"}
    if text or (linked.kind != "other" and not is_media(body.head)):
        raise problem(
            "not_media",
            linked.url,
            "it is not a video, sound or playlist",
            "Report it: the file is damaged, or the address leads to a page.",
        )
