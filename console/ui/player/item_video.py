"""The video of an item on the desk: opened ahead while the item before is read, played when asked."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain.blocks import MediaBlock
from console.domain.errors import MediaProblem
from console.domain.media import FULL_CARE
from console.media.images import Images
from console.runtime.tasks import Tasks
from console.ui.player.care import CareSettings
from console.ui.player.player import Player
from console.ui.player.stills import decoded
from console.ui.player.view import PlayerView
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import ElidedLabel

HIGHEST = 400
"""Pixels of the picture: what stands below it, and the decision bar, stay in sight."""


class ItemVideos:
    """Makes the widgets; one player shows them all, since one item is looked at a time."""

    def __init__(
        self, theme: Theme, player: Player, images: Images, care: CareSettings, tasks: Tasks
    ) -> None:
        self._theme, self._player, self._images = theme, player, images
        self._care, self._tasks = care, tasks

    def __call__(self, block: MediaBlock) -> QWidget:
        """The widget of one block. Where it is not shown at once, its video is opened ahead."""
        made = ItemVideo(self._theme, self._player, self._care, block)
        if block.poster_url:
            self._tasks.spawn(self._fetch(made, block.poster_url), "fetch a still", made)
        return made

    async def _fetch(self, video: ItemVideo, url: str) -> None:
        """A still that cannot be had is missed by nobody: the video's own first picture follows."""
        try:
            picture = await self._images.fetch(url)
        except MediaProblem:
            return
        poster = await asyncio.to_thread(decoded, picture.data)
        if poster is not None:
            video.view.picture.set_poster(poster)


class ItemVideo(QWidget):
    """Shows a video while it is visible, and stands still when it is not."""

    def __init__(self, theme: Theme, player: Player, care: CareSettings, block: MediaBlock) -> None:
        super().__init__()
        self._player, self._url = player, block.url
        self._settings = care
        self._careful = False
        self.view = PlayerView(theme, player, care=care)
        address = ElidedLabel(block.url, Qt.TextElideMode.ElideMiddle)
        copy = quiet_button("Copy URL")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(block.url))
        row = QHBoxLayout()
        row.addWidget(address, 1)
        row.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(self.view)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.timeout.connect(self._prepare)
        self._ahead.start(0)

    def _prepare(self) -> None:
        if not self.isVisible() and self._player.url != self._url:
            self._player.prepare(self._url)

    def showEvent(self, event: QShowEvent) -> None:
        """Open the video; what was opened ahead stands there at once."""
        super().showEvent(event)
        self._ahead.stop()
        # A picture that is new conceals too what the player had opened for the one before it.
        if not self._careful or self._player.url != self._url:
            self._careful = True
            self.view.set_care(FULL_CARE)
        if self._player.url != self._url:
            self._player.open(self._url, play=False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        if self._player.url == self._url and self._player.playing:
            self._player.pause()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the picture's shape."""
        super().resizeEvent(event)
        height = min(HIGHEST, self.width() * 9 // 16)
        if self.view.picture.height() != height:
            self.view.picture.setFixedHeight(max(self.view.picture.minimumSizeHint().height(), height))
