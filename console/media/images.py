"""Thumbnails, avatars and icons: small pictures through the fetcher, their kind judged by content."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from console.media.failures import problem
from console.media.fetcher import MediaFetcher
from console.media.probe import picture_type

_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """Encoded bytes and what they are (`image/png`, `image/jpeg`, `image/webp`, `image/gif`)."""

    data: bytes
    type: str


class Images:
    """Fetches pictures, a few at a time so that a long list leaves room for what plays."""

    def __init__(self, fetcher: MediaFetcher) -> None:
        self._fetcher = fetcher
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, url: str) -> Picture:
        """The picture at `url`; raises MediaProblem, "not_media" for any other content (SVG among it)."""
        async with self._slots:
            source, data = await self._fetcher.read(url, self._fetcher.limits.image)
        if not data:
            raise problem("empty", source, "it has no content at all", "Decide without it.")
        kind = picture_type(data)
        if kind is None:
            raise problem("not_media", source, "it is not a PNG, JPEG, WebP or GIF picture")
        return Picture(data, kind)
