"""Where the picture is painted: in its right shape, blurred and grey while care asks for it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from console.domain.errors import MediaProblem
from console.domain.media import NO_CARE, Care
from console.ui.player.player import Player
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3
from console.ui.widgets.labels import label
from console.ui.widgets.states import StatePanel

BLURRED_PIXELS = 10
"""Width to which a picture is brought down: what it shows is not to be made out, its mood is."""
_LEAST = QSize(240, 135)


class Picture(QWidget):
    """Paints the player's picture, or says in its place what is wrong.

    Signals: `clicked()`, `double_clicked()`, `retry_asked()`, `revealed(bool)` when care is
    lifted or laid on.
    """

    clicked = Signal()
    double_clicked = Signal()
    retry_asked = Signal()
    revealed = Signal(bool)

    def __init__(self, theme: Theme, player: Player) -> None:
        super().__init__()
        self._theme, self._player = theme, player
        self._care, self._lifted = NO_CARE, False
        self._poster = QImage()
        self._active = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._panel = StatePanel(theme)
        self._panel.setObjectName("surface")
        self._panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._hint = label("", "float", theme.small_font)
        self._spot = label("", "float", theme.small_font)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._panel)
        for floating in (self._hint, self._spot):
            floating.setParent(self)
            floating.hide()
        player.picture_changed.connect(self.update)
        player.tracks_changed.connect(self._arrange)
        player.first_frame.connect(self._arrange)
        player.opened.connect(self._arrange)
        player.failed.connect(self._arrange)
        theme.changed.connect(self.update)
        self._arrange()

    # Care

    @property
    def care(self) -> Care:
        """What is asked for."""
        return self._care

    @property
    def concealing(self) -> bool:
        """Whether the picture is blurred or grey now."""
        return (self._care.blur or self._care.grey) and not self._lifted

    def set_care(self, care: Care) -> None:
        """Lay care on; what was lifted before is laid on again."""
        self._care, self._lifted = care, False
        self._arrange()
        self.revealed.emit(False)

    def reveal(self, *, lifted: bool) -> None:
        """Show the picture as it is, or as care asks."""
        if lifted == self._lifted or not (self._care.blur or self._care.grey):
            return
        self._lifted = lifted
        self._arrange()
        self.revealed.emit(lifted)
        self._announce("The picture is shown as it is" if lifted else f"The picture is {self._words()}")

    def set_poster(self, poster: QImage) -> None:
        """A still to show until the first picture is there."""
        self._poster = poster
        self.update()

    def _words(self) -> str:
        return " and ".join(
            word for word, on in (("blurred", self._care.blur), ("grey", self._care.grey)) if on
        )

    def _announce(self, words: str) -> None:
        event = QAccessibleAnnouncementEvent(self, words)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)

    # What stands where

    def _arrange(self) -> None:
        player, problem = self._player, self._player.problem
        bare = player.picture.isNull()
        self._panel.setVisible(bare and (problem is not None or player.audio_only))
        if bare and problem is not None:
            self._tell(problem)
        elif bare and player.audio_only:
            self._panel.tell("sound", "Sound only", "There is no picture in this video. Play it to hear it.")
        if problem is not None:
            self._spot.setText(f"⚠ {problem}")
        self._spot.setVisible(not bare and problem is not None)
        concealed = self.concealing and not bare
        if concealed:
            self._hint.setText(f"{self._words().capitalize()} · click, or hold V, to see it")
        self._hint.setVisible(concealed)
        self.setAccessibleName(self._spoken(problem))
        self._place()
        self.update()

    def _spoken(self, problem: MediaProblem | None) -> str:
        if problem is not None:
            return f"Video: {problem}"
        if self._player.picture.isNull():
            return "Video"
        return f"Video, {self._words()}" if self.concealing else "Video"

    def _tell(self, problem: MediaProblem) -> None:
        self._panel.tell(
            "warning",
            _TITLES.get(problem.kind, "This video cannot be shown"),
            f"{problem} {problem.remedy}".strip(),
            action=("Retry", self.retry_asked.emit),
            details=f"{problem.kind}: {problem}\n{problem.remedy}",
        )

    def _place(self) -> None:
        for floating, top in ((self._hint, False), (self._spot, True)):
            room = max(80, self.width() - 2 * SPACE_3)
            floating.setWordWrap(False)
            if floating.sizeHint().width() > room:
                floating.setWordWrap(True)
                floating.setFixedWidth(room)
                floating.setFixedHeight(floating.heightForWidth(room))
            else:
                floating.setFixedSize(floating.sizeHint())
            x = (self.width() - floating.width()) // 2
            y = SPACE_2 if top else self.height() - floating.height() - SPACE_3
            floating.move(QPoint(x, y))
            floating.raise_()

    def picture_rect(self) -> QRect:
        """Where in the widget the picture stands, in its right shape."""
        image = self._image()
        if image.isNull():
            return self.rect()
        shape = QSize(max(1, round(image.width() * self._player.pixel_aspect)), image.height())
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(QPoint((self.width() - size.width()) // 2, (self.height() - size.height()) // 2), size)

    def _image(self) -> QImage:
        picture = self._player.picture
        return self._poster if picture.isNull() else picture

    # Qt's

    def sizeHint(self) -> QSize:
        """A picture of 16:9."""
        return QSize(640, 360)

    def minimumSizeHint(self) -> QSize:
        """As small as is still of use."""
        return _LEAST

    def hasHeightForWidth(self) -> bool:
        """It keeps a shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of 16:9."""
        return max(_LEAST.height(), width * 9 // 16)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the picture as care asks."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.tokens.ground))
        image = self._image()
        if image.isNull():
            return
        if self.concealing:
            image = concealed(image, self._care)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.picture_rect(), image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what floats in its place."""
        super().resizeEvent(event)
        self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click lifts care, or plays and pauses."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click fills the screen."""
        self.double_clicked.emit()
        event.accept()


def concealed(image: QImage, care: Care) -> QImage:
    """The picture with care laid on: too small to make anything out of it, without colour."""
    if care.blur:
        height = max(1, BLURRED_PIXELS * image.height() // max(1, image.width()))
        image = image.scaled(
            BLURRED_PIXELS,
            height,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image.convertToFormat(QImage.Format.Format_Grayscale8) if care.grey else image


_TITLES = {
    "not_found": "The video is not there",
    "expired": "The address has expired",
    "refused": "This address is not opened",
    "dns": "The server's name is not known",
    "unreachable": "The server cannot be reached",
    "timeout": "The server does not answer",
    "truncated": "The video is cut short",
    "empty": "The video is empty",
    "encrypted_without_key": "The video is encrypted, and its key cannot be had",
    "wrong_codec": "The video is of a kind that is not played",
    "not_media": "This is not a video",
    "no_vlc": "VLC is not installed",
    "player": "The player gave up on this video",
}
