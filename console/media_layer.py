"""What pictures and videos come through, for one profile: the fetcher, the player's server, thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.domain.media import MediaRules
from console.media.cache import SegmentCache
from console.media.fetcher import MediaFetcher, Secret
from console.media.images import Images
from console.media.server import LoopbackServer

SEGMENT_BYTES = 1 << 30
THUMBNAIL_BYTES = 64 << 20


@dataclass(slots=True)
class MediaLayer:
    """Opened at sign-in, closed at sign-out."""

    fetcher: MediaFetcher
    server: LoopbackServer
    images: Images
    thumbnails: SegmentCache

    @classmethod
    async def open(cls, rules: MediaRules, folder: Path, secret: Secret) -> MediaLayer:
        """Begin to serve; what is kept lies under `folder`."""
        fetcher = MediaFetcher(rules, secret=secret)
        server = LoopbackServer(fetcher, SegmentCache(folder / "segments", SEGMENT_BYTES))
        await server.start()
        return cls(fetcher, server, Images(fetcher), SegmentCache(folder / "thumbnails", THUMBNAIL_BYTES))

    async def close(self) -> None:
        """End every answer and connection."""
        await self.server.aclose()
        await self.fetcher.aclose()
