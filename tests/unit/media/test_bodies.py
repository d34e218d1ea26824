"""What is opened for somebody who went away meanwhile is closed again."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from console.media import bodies
from console.media.cache import CacheWriter, SegmentCache


async def test_a_file_that_is_opened_too_late_is_closed_and_leaves_nothing(tmp_path: Path) -> None:
    cache, begun, may_go_on = SegmentCache(tmp_path, 1_000), threading.Event(), threading.Event()
    made: list[CacheWriter] = []

    def write() -> CacheWriter:
        begun.set()
        assert may_go_on.wait(20)
        made.append(cache.write("a"))
        return made[0]

    opening = asyncio.ensure_future(bodies._opened(write, CacheWriter.close))
    assert await asyncio.to_thread(begun.wait, 20)
    opening.cancel()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert made[0]._file.closed
    assert not made[0]._partial.exists()
