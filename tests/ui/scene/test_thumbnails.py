"""Thumbnails: fetched once, kept within a bound, taken from what was played, veiled on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from console.domain.media import MediaRules
from console.domain.scenes import SceneSegment
from console.domain.subjects import Subject
from console.media.cache import SegmentCache
from console.media.fetcher import MediaFetcher
from console.media.images import Images
from console.runtime.tasks import Tasks
from console.ui.scene.thumbnails import SIZE, Thumbnails
from tests.support.loopback import QUICK, no_secret
from tests.support.media import MediaServer
from tests.support.waiting import until


def segment(thumbnail: str | None) -> SceneSegment:
    subject = Subject("segment", uuid4(), datetime(2026, 3, 1, tzinfo=UTC))
    return SceneSegment(subject, "v", 1, "active", 8, 1, "http://127.0.0.1/x", thumbnail, None, False)


def picture(colour: str, width: int = 640, height: int = 360) -> QImage:
    """One half in a colour, the other white."""
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(QColor("white"))
    painter = QPainter(made)
    painter.fillRect(0, 0, width // 2, height, QColor(colour))
    painter.end()
    return made


async def shown_of(made: Thumbnails, segment: SceneSegment, *, veiled: bool = False) -> QPixmap:
    """The picture, once it is there."""
    await until(lambda: made.of(segment, veiled=veiled) is not None)
    found = made.of(segment, veiled=veiled)
    assert found is not None
    return found


async def problem_of(made: Thumbnails, segment: SceneSegment) -> str:
    """What went wrong, once it has."""
    await until(lambda: made.problem(segment) != "")
    return made.problem(segment)


def weights(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.iterdir()]


@asynccontextmanager
async def thumbnails(
    folder: Path, server: MediaServer | None, limit: int = 1 << 20
) -> AsyncIterator[Thumbnails]:
    failures: list[BaseException] = []
    tasks = Tasks(lambda _, error: failures.append(error))
    port = server.port if server is not None else 1
    fetcher = MediaFetcher(MediaRules((f"127.0.0.1:{port}",)), secret=no_secret, limits=QUICK)
    try:
        yield Thumbnails(Images(fetcher), SegmentCache(folder, limit), tasks)
    finally:
        await tasks.close()
        await fetcher.aclose()
    assert failures == []


async def test_a_picture_is_fetched_once_and_found_again_on_disk(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    picture("#a03a0d", 400, 400).save(str(tmp_path / "media" / "still.png"))
    with MediaServer(tmp_path / "media") as server:
        shown = segment(server.url("still.png"))
        for _ in range(2):
            async with thumbnails(tmp_path / "kept", server) as made:
                assert made.of(shown, veiled=False) is None
                found = await shown_of(made, shown)
                assert found.size() == SIZE
                assert found.toImage().pixelColor(20, 70).red() > 120
                assert found.toImage().pixelColor(20, 70).blue() < 80
        assert [seen.path for seen in server.requests] == ["/still.png"]


async def test_a_veiled_picture_is_grey_and_shows_no_edge(tmp_path: Path) -> None:
    async with thumbnails(tmp_path, None) as made:
        shown = segment(None)
        assert made.of(shown, veiled=True) is None
        made.keep(shown, picture("#a03a0d"))
        found = await shown_of(made, shown, veiled=True)
        row = [found.toImage().pixelColor(x, 72) for x in range(found.width())]
        assert all(pixel.red() == pixel.green() == pixel.blue() for pixel in row)
        steps = [abs(a.red() - b.red()) for a, b in pairwise(row)]
        assert max(steps) <= 8
        sharp = (await shown_of(made, shown)).toImage()
        assert abs(sharp.pixelColor(126, 72).blue() - sharp.pixelColor(130, 72).blue()) > 100


async def test_what_the_player_showed_stands_for_a_segment_without_a_thumbnail(tmp_path: Path) -> None:
    shown = segment(None)
    async with thumbnails(tmp_path, None) as made:
        made.of(shown, veiled=False)
        assert made.lacking(shown)
        made.keep(shown, picture("#146c3b"))
        await until(lambda: made.of(shown, veiled=False) is not None)
        assert not made.lacking(shown)
        await until(lambda: bool(weights(tmp_path)))
    async with thumbnails(tmp_path, None) as again:
        again.of(shown, veiled=False)
        await until(lambda: again.of(shown, veiled=False) is not None)
        # Another video is not shown as this one.
        other = replace(shown, stream_url="http://127.0.0.1/y")
        assert again.of(other, veiled=False) is None


async def test_what_is_no_picture_or_not_allowed_says_so_and_is_not_asked_again(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "page.png").write_text("<svg/>")
    with MediaServer(tmp_path / "media") as server:
        async with thumbnails(tmp_path / "kept", server) as made:
            wrong = segment(server.url("page.png"))
            foreign = segment("http://127.0.0.2/still.png")
            for each in (wrong, foreign):
                made.of(each, veiled=False)
                await problem_of(made, each)
                assert made.of(each, veiled=False) is None
            assert "not a PNG" in made.problem(wrong)
        assert len(server.requests) == 1


async def test_the_disk_holds_no_more_than_its_bound(tmp_path: Path) -> None:
    async with thumbnails(tmp_path, None, limit=20_000) as made:
        for number in range(30):
            shown = segment(None)
            made.of(shown, veiled=False)
            made.keep(shown, picture(QColor.fromHsv(number * 12, 200, 160).name()))
            await shown_of(made, shown)
        await until(lambda: not made._tasks._running)
    assert 0 < sum(weights(tmp_path)) <= 20_000
