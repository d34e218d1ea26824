"""A player that stands shows the very picture it was last asked for, however fast, and wherever that is."""

from __future__ import annotations

import pytest

from tests.support.media import MediaServer, make_stream
from tests.support.player import Seen, playing

LAST = 74


async def shown(seen: Seen, code: tuple[int, int]) -> None:
    await seen.until(lambda: seen.last == code)


async def test_a_burst_of_seeks_ends_with_the_last_one(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 3, number=31, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist), play=False)
        # The first before there is anything to seek in, some while VLC is still busy with others.
        for frame in (10, 60, 20):
            player.seek(frame * 0.04)
        await seen.until(lambda: seen.last == (31, 20))
        for frame in range(60, 30, -3):
            player.seek(frame * 0.04)
        await seen.until(lambda: seen.last == (31, 33))
        assert player.position == pytest.approx(33 * 0.04)


async def test_near_the_end_each_picture_is_shown_too_and_the_last_one_stays(server: MediaServer) -> None:
    """There VLC's buffer is never full."""
    playlist = make_stream(server.folder, "s", 3, number=32, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist), play=False)
        await seen.until(lambda: player.duration == pytest.approx(3, abs=0.1) and seen.last == (32, 0))
        for frame in (70, 60, 72):
            player.seek(frame * 0.04)
            await shown(seen, (32, frame))
        for frame in (73, LAST):
            player.step(1)
            await shown(seen, (32, frame))
        player.step(-1)
        await shown(seen, (32, 73))


async def test_steps_asked_for_at_once_are_all_made(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 3, number=33, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist))
        await seen.until(lambda: len(seen.frames) > 10)
        player.pause()
        stood = len(seen.frames)
        for _ in range(5):
            player.step(1)
        await seen.until(lambda: len(seen.frames) >= stood + 5)
        end = seen.frames[-6:]
        assert end == list(range(end[0], end[0] + 6))
