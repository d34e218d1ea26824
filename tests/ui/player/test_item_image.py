"""Still pictures of an item: fetched from a real server, concealed with care, and what fails is named."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from console.domain.blocks import ImageBlock
from console.domain.media import MediaRules
from console.domain.queues import Cursor, Item
from console.domain.subjects import Subject
from console.media.fetcher import MediaFetcher
from console.media.images import Images
from console.runtime.tasks import Tasks
from console.ui.desk.sections import Sections
from console.ui.player.care import CareSettings
from console.ui.player.item_image import HIGHEST, PLACEHOLDER, ItemImage, ItemImages
from console.ui.theme.theme import Theme
from tests.support.loopback import QUICK, no_secret
from tests.support.media import MediaServer
from tests.support.waiting import until

RED, BLUE = "#c01020", "#1020c0"


@asynccontextmanager
async def images(server: MediaServer, theme: Theme, folder: Path) -> AsyncIterator[ItemImages]:
    failures: list[BaseException] = []
    tasks = Tasks(lambda _, error: failures.append(error))
    fetcher = MediaFetcher(MediaRules((f"127.0.0.1:{server.port}",)), secret=no_secret, limits=QUICK)
    care = CareSettings(QSettings(str(folder / "care.ini"), QSettings.Format.IniFormat), "test")
    try:
        yield ItemImages(theme, Images(fetcher), care, tasks)
    finally:
        await tasks.close()
        await fetcher.aclose()
    assert failures == []


def write(server: MediaServer, name: str, width: int, height: int) -> str:
    """A picture, red on its left and blue on its right."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(RED))
    painter = QPainter(image)
    painter.fillRect(width // 2, 0, width, height, QColor(BLUE))
    painter.end()
    image.save(str(server.folder / name))
    return server.url(name)


def made(images: ItemImages, url: str, *, careful: bool = False) -> ItemImage:
    widget = images(url, "Avatar", careful=careful)
    assert isinstance(widget, ItemImage)
    widget.resize(480, 400)
    widget.show()
    return widget


def painted(widget: ItemImage) -> QImage:
    return widget.canvas.grab(widget.canvas.picture_rect()).toImage()


async def arrived(widget: ItemImage) -> None:
    await until(lambda: widget.canvas.accessibleName() != "Avatar, on its way")


async def test_a_picture_is_fetched_and_painted_in_its_shape(
    server: MediaServer, theme: Theme, tmp_path: Path
) -> None:
    async with images(server, theme, tmp_path) as stills:
        small = made(stills, write(server, "small.png", 120, 90))
        assert small.canvas.picture_rect().size() == PLACEHOLDER
        assert painted(small).pixelColor(80, 80) == QColor(theme.tokens.raised)
        await arrived(small)
        assert small.canvas.accessibleName() == "Avatar"
        assert (small.canvas.picture_rect().width(), small.canvas.picture_rect().height()) == (120, 90)
        assert painted(small).pixelColor(20, 45) == QColor(RED)
        assert painted(small).pixelColor(100, 45) == QColor(BLUE)
        assert not small.reveal.isVisible()
        large = made(stills, write(server, "large.png", 3000, 1500))
        await arrived(large)
        rect = large.canvas.picture_rect()
        assert rect.width() == 480
        assert rect.height() == 240 < HIGHEST
        small.deleteLater()
        large.deleteLater()


async def test_care_conceals_until_the_person_wants_to_see(
    server: MediaServer, theme: Theme, tmp_path: Path
) -> None:
    async with images(server, theme, tmp_path) as stills:
        shown = made(stills, write(server, "a.png", 200, 100), careful=True)
        await arrived(shown)
        assert shown.canvas.accessibleName() == "Avatar, concealed"
        row = [painted(shown).pixelColor(x, 50) for x in range(10, 190)]
        assert all(pixel.saturation() == 0 for pixel in row)
        assert max(abs(a.lightness() - b.lightness()) for a, b in pairwise(row)) < 20
        shown.reveal.setFocus()
        QTest.keyClick(shown.reveal, Qt.Key.Key_Space)
        assert shown.canvas.accessibleName() == "Avatar"
        assert painted(shown).pixelColor(20, 50) == QColor(RED)
        assert shown.reveal.text() == "Conceal the picture"
        QTest.keyClick(shown.reveal, Qt.Key.Key_Space)
        assert painted(shown).pixelColor(20, 50).saturation() == 0
        shown.deleteLater()


async def test_what_fails_is_named_and_a_second_try_heals_it(
    server: MediaServer, theme: Theme, tmp_path: Path
) -> None:
    async with images(server, theme, tmp_path) as stills:
        shown = made(stills, server.url("late.png"))
        await until(shown.reason.isVisible)
        assert "late.png" in shown.reason.text()
        assert not shown.canvas.isVisible()
        write(server, "late.png", 64, 64)
        QTest.mouseClick(shown.retry, Qt.MouseButton.LeftButton)
        assert shown.canvas.isVisible()
        await arrived(shown)
        assert painted(shown).pixelColor(10, 30) == QColor(RED)
        assert not shown.retry.isVisible()
        shown.deleteLater()


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\nbroken"]
)
async def test_what_is_no_picture_says_so(
    server: MediaServer, theme: Theme, tmp_path: Path, content: bytes
) -> None:
    (server.folder / "odd.png").write_bytes(content)
    async with images(server, theme, tmp_path) as stills:
        shown = made(stills, server.url("odd.png"))
        await until(shown.reason.isVisible)
        assert "picture" in shown.reason.text()
        shown.deleteLater()


async def test_an_address_off_the_list_is_asked_of_nobody(
    server: MediaServer, theme: Theme, tmp_path: Path
) -> None:
    async with images(server, theme, tmp_path) as stills:
        shown = made(stills, f"http://localhost:{server.port}/a.png")
        await until(shown.reason.isVisible)
        assert server.requests == []
        shown.deleteLater()


@pytest.mark.parametrize(("reason", "careful"), [("violence", True), ("spam", False)])
async def test_the_inspector_conceals_pictures_of_what_was_reported_severely(
    server: MediaServer, theme: Theme, tmp_path: Path, reason: str, careful: bool
) -> None:
    severities = {"violence": 4, "spam": 2}
    item = Item(Subject("user", uuid.uuid4()), "v", "ann", ("ann", (reason,)), Cursor(()))
    async with images(server, theme, tmp_path) as stills:
        sections = Sections(theme, lambda _: None, lambda: severities, None, stills)
        section = sections.build(ImageBlock(write(server, "a.png", 80, 80), "Avatar"), item)
        shown = section.findChild(ItemImage)
        assert shown is not None
        await arrived(shown)
        assert shown.canvas.concealing == careful
        section.deleteLater()
