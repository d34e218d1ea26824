"""The row of buttons below the picture, and the menus behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSlider, QVBoxLayout, QWidget

from console.ui.player.care import TITLES, CareSettings
from console.ui.player.choices import Choice
from console.ui.player.player import Player
from console.ui.player.seek_bar import SeekBar
from console.ui.theme.theme import ICON_PIXELS, Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label, set_tooltip

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)
_SIDE = 28
_ROOMY = 480


def clock_words(seconds: float) -> str:
    """A time on a time line: 0:03.2, 12:40.0, 1:02:03.4."""
    tenths = max(0, int(seconds * 10 + 1e-6))
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{lead}:{rest // 10:02}.{rest % 10}"


def speed_words(speed: float) -> str:
    """A speed as it stands on its button: 1×, 0.25×."""
    return f"{speed:g}×"


class Controls(QWidget):
    """Follows the player and asks it; `run` runs a deed of the view by its title."""

    def __init__(
        self, theme: Theme, player: Player, run: Callable[[str], None], care: CareSettings | None
    ) -> None:
        super().__init__()
        self._care = care
        self._theme, self._player, self._run = theme, player, run
        self._pictures: list[tuple[QPushButton, str]] = []
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.seek_bar = SeekBar(theme)
        self.play = self._button("play", "Play or pause", "Space")
        self.back = self._button("step-back", "Picture before", ",")
        self.forward = self._button("step-forward", "Next picture", ".")
        self.mute = self._button("sound", "Sound on or off", "M")
        self.reveal = self._button("eye", "Show or conceal the picture", "V")
        self.loop = self._button("loop", "Loop", "R")
        self.full = self._button("fullscreen", "Full screen", "F")
        self.more = self._button("more", "More", "")
        for toggle in (self.mute, self.reveal, self.loop):
            toggle.setCheckable(True)
        self.time = label("0:00.0 / 0:00.0", "muted", theme.small_font)
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(64)
        self.volume.setAccessibleName("Volume")
        self.speed = quiet_button(speed_words(1.0))
        self.speed.setAccessibleName("Speed")
        set_tooltip(self.speed, "Speed (< and >)")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_1)
        begins: tuple[QWidget, ...] = (self.play, self.back, self.forward, self.time)
        for widget in begins:
            row.addWidget(widget)
        row.addStretch()
        ends: tuple[QWidget, ...] = (self.reveal, self.mute, self.volume, self.speed, self.loop, self.more)
        for widget in (*ends, self.full):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_2, SPACE_1, SPACE_2, SPACE_1)
        column.setSpacing(0)
        column.addWidget(self.seek_bar)
        column.addLayout(row)
        self._connect()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The time is never cut: where there is no room, the keys alone make it louder."""
        super().resizeEvent(event)
        self.volume.setVisible(self.width() >= _ROOMY)

    def _button(self, icon: str, title: str, key: str) -> QPushButton:
        made = quiet_button("")
        made.setFixedSize(_SIDE, _SIDE)
        made.setStyleSheet("padding: 0;")
        made.setIconSize(QSize(ICON_PIXELS, ICON_PIXELS))
        made.setAccessibleName(title)
        set_tooltip(made, f"{title} ({key})" if key else title)
        self._pictures.append((made, icon))
        return made

    def _connect(self) -> None:
        player = self._player
        self.seek_bar.sought.connect(player.seek)
        for button, title in (
            (self.play, "Play or pause"),
            (self.back, "Picture before"),
            (self.forward, "Next picture"),
            (self.mute, "Sound on or off"),
            (self.reveal, "Show or conceal the picture"),
            (self.loop, "Loop"),
            (self.full, "Full screen"),
        ):
            button.clicked.connect(self._running(title))
        self.volume.valueChanged.connect(player.set_volume)
        self.speed.clicked.connect(self._choose_speed)
        self.more.clicked.connect(self._open_more)
        player.position_changed.connect(self._move)
        player.duration_changed.connect(self._stretch)
        player.playing_changed.connect(self.paint_icons)
        player.settings_changed.connect(self._settle)
        player.opened.connect(self._restart)
        player.failed.connect(self._allow)
        player.first_frame.connect(self._allow)
        player.tracks_changed.connect(self._allow)
        self._theme.changed.connect(self.paint_icons)
        self._restart()
        self._settle()

    def _running(self, title: str) -> Callable[[], None]:
        return lambda: self._run(title)

    def _allow(self) -> None:
        """What can be done with nothing is not offered."""
        there = self._player.url is not None and (
            self._player.problem is None or not self._player.picture.isNull()
        )
        for button in (self.play, self.back, self.forward):
            button.setEnabled(there)

    def _restart(self) -> None:
        self._allow()
        self._stretch(self._player.duration)
        self._move(self._player.position)

    def _move(self, seconds: float) -> None:
        self.seek_bar.set_position(seconds)
        self._words()

    def _stretch(self, seconds: float) -> None:
        self.seek_bar.set_duration(seconds)
        self._words()

    def _words(self) -> None:
        words = f"{clock_words(self._player.position)} / {clock_words(self._player.duration)}"
        if words != self.time.text():
            self.time.setText(words)
            self.seek_bar.setAccessibleDescription(words)

    def _settle(self) -> None:
        player = self._player
        self.speed.setText(speed_words(player.speed))
        self.volume.blockSignals(True)
        self.volume.setValue(player.volume)
        self.volume.blockSignals(False)
        self.loop.setChecked(player.loop)
        self.mute.setChecked(player.muted)
        self.seek_bar.set_stretch(*player.ab)
        self.paint_icons()

    def paint_icons(self) -> None:
        """Draw the icons for how things are."""
        tokens = self._theme.tokens
        for button, icon in self._pictures:
            name = icon
            if button is self.play and self._player.playing:
                name = "pause"
            elif button is self.mute and self._player.muted:
                name = "muted"
            elif button is self.reveal and not self.reveal.isChecked():
                name = "hide"
            on = button in {self.loop, self.reveal} and button.isChecked()
            button.setIcon(self._theme.icon(name, tokens.accent if on else tokens.text))

    def _choose_speed(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for speed in SPEEDS:
            self._tick(menu, group, speed_words(speed), speed == self._player.speed, self._setting(speed))
        self._pop(menu, self.speed)

    def _setting(self, speed: float) -> Callable[[], None]:
        return lambda: self._player.set_speed(speed)

    def _open_more(self) -> None:
        menu = QMenu(self)
        player = self._player
        for title, key in (
            ("Set A here", "["),
            ("Set B here", "]"),
            ("Clear A and B", "\\"),
            ("Copy the picture", "Ctrl+C"),
            ("Performance", "I"),
        ):
            menu.addAction(f"{title}\t{key}").triggered.connect(self._running(title))
        menu.addSeparator()
        for title, choices, choose in (
            ("Quality", player.qualities, player.choose_quality),
            ("Sound track", player.audio_tracks, player.choose_audio),
            ("Subtitles", player.subtitle_tracks, player.choose_subtitle),
        ):
            self._submenu(menu, title, choices, choose)
        if self._care is not None:
            menu.addSeparator()
            for name, title in TITLES.items():
                action = menu.addAction(title)
                action.setCheckable(True)
                action.setChecked(self._care.value(name))
                action.toggled.connect(partial(self._care.set_value, name))
        self._pop(menu, self.more)

    def _submenu(
        self, menu: QMenu, title: str, choices: tuple[Choice, ...], choose: Callable[[str], None]
    ) -> None:
        below = menu.addMenu(title)
        below.setEnabled(bool(choices))
        group = QActionGroup(below)
        for choice in choices:
            self._tick(below, group, choice.title, choice.chosen, _choosing(choose, choice.id))

    @staticmethod
    def _tick(menu: QMenu, group: QActionGroup, title: str, on: bool, run: Callable[[], None]) -> None:
        # An ampersand would be taken for the mark of a key: titles come from strangers.
        action = QAction(title.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setChecked(on)
        group.addAction(action)
        action.triggered.connect(lambda *_: run())
        menu.addAction(action)

    @staticmethod
    def _pop(menu: QMenu, below: QWidget) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(below.mapToGlobal(below.rect().bottomLeft()))


def _choosing(choose: Callable[[str], None], id: str) -> Callable[[], None]:
    return lambda: choose(id)
