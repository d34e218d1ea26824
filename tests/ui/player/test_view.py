"""The player as a widget: what is painted, and what keys do."""

from __future__ import annotations

from itertools import pairwise

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.media import FULL_CARE, NO_CARE, Care
from console.ui.keyboard import press
from console.ui.player.picture import BLURRED_PIXELS, concealed
from console.ui.player.view import PlayerView
from console.ui.theme.theme import Theme
from tests.support.media import MediaServer, make_stream
from tests.support.player import Seen, code_of, playing
from tests.support.waiting import until


def shown(seen: Seen, theme: Theme) -> PlayerView:
    view = PlayerView(theme, seen.player)
    view.resize(800, 560)
    view.show()
    view.activateWindow()
    view.setFocus()
    return view


def painted(view: PlayerView) -> tuple[int, int] | None:
    """The code of what is really painted, read off the widget."""
    return code_of(view.picture.grab().toImage().copy(view.picture.picture_rect()))


def sharpest(view: PlayerView) -> int:
    """The largest step of brightness from one pixel to the next in what is painted."""
    image = view.picture.grab().toImage().copy(view.picture.picture_rect())
    row = [image.pixelColor(x, image.height() // 3).lightness() for x in range(image.width())]
    return max(abs(a - b) for a, b in pairwise(row))


async def test_care_hides_the_picture_until_it_is_revealed(server: MediaServer, theme: Theme) -> None:
    playlist = make_stream(server.folder, "s", 1, number=5)
    async with playing(server) as seen:
        view = shown(seen, theme)
        view.set_care(FULL_CARE)
        assert seen.player.muted
        seen.player.open(server.url(playlist), play=False)
        # On a busy machine VLC comes too late for the first picture, and stands at the second.
        await seen.until(lambda: seen.last is not None)
        assert sharpest(view) < 20
        assert view.picture.accessibleName() == "Video, blurred and grey"
        QTest.mouseClick(view.picture, Qt.MouseButton.LeftButton)
        assert not seen.player.playing
        assert painted(view) == seen.last
        assert sharpest(view) > 60
        assert view.picture.accessibleName() == "Video"
        await press(Qt.Key.Key_V)
        assert sharpest(view) < 20
        QTest.keyPress(view, Qt.Key.Key_V)
        assert sharpest(view) > 60
        QTest.keyRelease(view, Qt.Key.Key_V)
        assert sharpest(view) < 20
        view.set_care(NO_CARE)
        assert painted(view) == seen.last
        view.close()
        view.deleteLater()


def test_grey_has_no_colour_and_blur_no_edge() -> None:
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    image.setPixelColor(100, 100, Qt.GlobalColor.white)
    assert concealed(image, Care(blur=False)).pixelColor(5, 5).saturation() == 0
    blurred = concealed(image, Care(grey=False))
    assert blurred.width() <= BLURRED_PIXELS
    assert blurred.pixelColor(1, 1).saturation() > 200
    assert concealed(image, NO_CARE) is image


async def test_a_narrow_view_shows_the_whole_time(server: MediaServer, theme: Theme) -> None:
    async with playing(server) as seen:
        view = shown(seen, theme)
        assert view.controls.volume.isVisible()
        view.resize(444, 330)
        QApplication.processEvents()
        assert not view.controls.volume.isVisible()
        assert view.controls.time.width() >= view.controls.time.sizeHint().width()
        view.close()
        view.deleteLater()


async def test_a_view_that_is_gone_hears_no_more_of_its_player(server: MediaServer, theme: Theme) -> None:
    playlist = make_stream(server.folder, "s", 1, number=5)
    async with playing(server) as seen:
        view = shown(seen, theme)
        shiboken6.delete(view)
        seen.player.open(server.url(playlist))
        await seen.until(lambda: seen.ends > 0)
        assert seen.firsts


@pytest.mark.parametrize("back", [Qt.Key.Key_F, Qt.Key.Key_Escape])
async def test_a_key_fills_the_screen_and_another_one_gives_it_back(
    server: MediaServer, theme: Theme, back: Qt.Key
) -> None:
    playlist = make_stream(server.folder, "s", 1, number=5)
    async with playing(server) as seen:
        view = shown(seen, theme)
        view.resize(480, 360)
        seen.player.open(server.url(playlist), play=False)
        await seen.until(lambda: seen.last is not None)
        await until(view.hasFocus)
        await press(Qt.Key.Key_F)
        await until(lambda: view.picture.window().isFullScreen())
        full = view.picture.window()
        assert full is not view
        await until(lambda: full.size() == full.screen().size())
        await until(lambda: view.picture.width() == full.width())
        assert view.picture.height() > 480
        await until(lambda: painted(view) == seen.last)
        before = len(seen.codes)
        # The keys are the player's there, too.
        await until(full.isActiveWindow)
        await press(Qt.Key.Key_Period)
        await seen.until(lambda: len(seen.codes) > before)
        await press(back)
        assert view.picture.window() is view
        assert not view.full_screen
        await until(view.hasFocus)
        await until(lambda: painted(view) == seen.last)
        view.close()
        view.deleteLater()


async def test_the_picture_that_stands_is_copied(server: MediaServer, theme: Theme) -> None:
    playlist = make_stream(server.folder, "s", 1, number=5)
    async with playing(server) as seen:
        view = shown(seen, theme)
        clipboard = QGuiApplication.clipboard()
        clipboard.setText("before")
        await until(view.hasFocus)
        await press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert clipboard.text() == "before"
        seen.player.open(server.url(playlist), play=False)
        await seen.until(lambda: seen.last is not None)
        await press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert code_of(clipboard.image()) == code_of(seen.player.picture)
        assert not clipboard.image().isNull()
        assert clipboard.image().size() == seen.player.picture.size()
        view.close()
        view.deleteLater()
