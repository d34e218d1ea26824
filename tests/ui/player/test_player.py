"""The player, judged by the pictures that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.media import MediaServer, make_stream
from tests.support.player import playing


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
async def test_every_kind_of_stream_is_shown_from_its_first_picture_to_its_last(
    server: MediaServer, options: dict[str, Any]
) -> None:
    playlist = make_stream(server.folder, "s", 2, number=77, **options)
    async with playing(server) as seen:
        seen.player.open(server.url(playlist))
        await seen.until(lambda: seen.ends > 0)
    assert seen.problems == []
    assert None not in seen.codes
    assert {code[0] for code in seen.codes if code} == {77}
    assert seen.frames[0] == 0
    assert seen.frames == sorted(set(seen.frames))
    assert seen.frames[-1] >= 47
    assert len(seen.firsts) == 1
