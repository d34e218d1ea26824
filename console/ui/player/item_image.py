"""A still picture of an item on the desk, fetched through the media layer and begun with care."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain.errors import MediaProblem
from console.domain.media import FULL_CARE, NO_CARE, Care
from console.media.images import Images
from console.runtime.tasks import Tasks
from console.ui.player.care import CareSettings
from console.ui.player.picture import concealed
from console.ui.player.stills import decoded
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RADIUS, SPACE_1, SPACE_2
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

PLACEHOLDER = QSize(160, 160)
"""Where a picture will stand, before its shape is known."""
HIGHEST = 320
"""Pixels of the picture: what stands below it stays in sight."""


class ItemImages:
    """Makes the widgets of pictures, and fetches what they show."""

    def __init__(self, theme: Theme, images: Images, care: CareSettings, tasks: Tasks) -> None:
        self._theme, self._images = theme, images
        self._care, self._tasks = care, tasks

    def __call__(self, url: str, name: str, *, careful: bool) -> QWidget:
        """The picture at an untrusted address; `careful` begins it as the person's care asks."""
        care = self._care.of(FULL_CARE) if careful else NO_CARE
        made = ItemImage(self._theme, name, care, lambda: self._ask(made, url))
        self._ask(made, url)
        return made

    def _ask(self, image: ItemImage, url: str) -> None:
        image.wait()
        self._tasks.spawn(self._fetch(image, url), "fetch a picture", image)

    async def _fetch(self, image: ItemImage, url: str) -> None:
        try:
            fetched = await self._images.fetch(url)
        except MediaProblem as problem:
            image.fail(f"{problem} {problem.remedy}".strip())
            return
        picture = await asyncio.to_thread(decoded, fetched.data)
        if picture is None:
            image.fail("The picture is damaged, or too large to be shown.")
        else:
            image.show_picture(picture)


class ItemImage(QWidget):
    """A picture, a grey place while it is on its way, or the reason why it cannot be had."""

    def __init__(self, theme: Theme, name: str, care: Care, again: Callable[[], None]) -> None:
        """`again` asks for the picture once more."""
        super().__init__()
        self.canvas = Canvas(theme, name, care)
        self.reason = label("", "grave")
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry = quiet_button("Retry")
        self.retry.clicked.connect(again)
        self.reveal = quiet_button("")
        self.reveal.clicked.connect(self._toggle)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(self.retry)
        buttons.addWidget(self.reveal)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(self.canvas)
        column.addWidget(self.reason)
        column.addLayout(buttons)
        self.wait()

    def wait(self) -> None:
        """Show that it is on its way."""
        self._arrange(QImage(), "")

    def fail(self, reason: str) -> None:
        """Say why there is no picture."""
        self._arrange(QImage(), reason)

    def show_picture(self, picture: QImage) -> None:
        """Show it, as care asks."""
        self._arrange(picture, "")

    def _arrange(self, picture: QImage, reason: str) -> None:
        self.canvas.set_picture(picture)
        self.canvas.setVisible(not reason)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.retry.setVisible(bool(reason))
        self.reveal.setVisible(not picture.isNull() and self.canvas.cared_for)
        self._tell()

    def _toggle(self) -> None:
        self.canvas.lift(lifted=self.canvas.concealing)
        self._tell()

    def _tell(self) -> None:
        self.reveal.setText("Show the picture" if self.canvas.concealing else "Conceal the picture")


class Canvas(QWidget):
    """Paints one picture in its shape, never enlarged."""

    def __init__(self, theme: Theme, name: str, care: Care) -> None:
        super().__init__()
        self._theme, self._name, self._care = theme, name, care
        self._lifted = False
        self._picture = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def cared_for(self) -> bool:
        """Whether care asks for anything that can be seen."""
        return self._care.blur or self._care.grey

    @property
    def concealing(self) -> bool:
        """Whether the picture is blurred or grey now."""
        return self.cared_for and not self._lifted

    def set_picture(self, picture: QImage) -> None:
        """Another picture; null for none yet."""
        self._picture = picture
        self.setFixedHeight(PLACEHOLDER.height() if picture.isNull() else min(HIGHEST, picture.height()))
        self._describe()

    def lift(self, *, lifted: bool) -> None:
        """Show the picture as it is, or as care asks."""
        self._lifted = lifted
        self._describe()

    def _describe(self) -> None:
        state = "on its way" if self._picture.isNull() else "concealed" if self.concealing else ""
        self.setAccessibleName(f"{self._name}, {state}" if state else self._name)
        self.update()

    def picture_rect(self) -> QRect:
        """Where the picture stands."""
        if self._picture.isNull():
            return QRect(QPoint(0, 0), PLACEHOLDER)
        size = self._picture.size()
        room = QSize(max(1, self.width()), self.height())
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(QPoint(0, 0), size)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the picture as care asks, or its place."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.picture_rect()), RADIUS, RADIUS)
        painter.setClipPath(shape)
        painter.fillRect(self.picture_rect(), QColor(self._theme.tokens.raised))
        if not self._picture.isNull():
            image = concealed(self._picture, self._care) if self.concealing else self._picture
            painter.drawImage(self.picture_rect(), image)
