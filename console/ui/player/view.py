"""The player as a widget: picture, controls and keys. The keys are the player's while it has the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.media import Care
from console.ui.player.care import CareSettings
from console.ui.player.controls import SPEEDS, Controls
from console.ui.player.picture import Picture
from console.ui.player.player import Player
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2
from console.ui.widgets.figures import Figures

_BACK, _FAR, _VOLUME = 1.0, 5.0, 10
_FASTER = (1.0, 2.0, 4.0)
"""What `L` goes through."""
KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Play or pause", ("Space", "K")),
    ("Play, faster each time", ("L",)),
    ("Back", ("J", "Left")),
    ("On", ("Right",)),
    ("Far back", ("Shift+Left",)),
    ("Far on", ("Shift+Right",)),
    ("Picture before", (",",)),
    ("Next picture", (".",)),
    ("To the beginning", ("Home",)),
    ("To the end", ("End",)),
    ("Slower", ("<", "-")),
    ("Faster", (">", "+")),
    ("Louder", ("Up",)),
    ("Softer", ("Down",)),
    ("Sound on or off", ("M",)),
    ("Show or conceal the picture", ("V",)),
    ("Loop", ("R",)),
    ("Set A here", ("[",)),
    ("Set B here", ("]",)),
    ("Clear A and B", ("\\",)),
    ("Copy the picture", ("Ctrl+C",)),
    ("Performance", ("I",)),
    ("Full screen", ("F",)),
)
"""What each key does, in the order of the key overview."""
_REPEATS = frozenset(
    {"Back", "On", "Far back", "Far on", "Picture before", "Next picture", "Louder", "Softer"}
)


@dataclass(frozen=True, slots=True)
class Key:
    """What a key does while the player has the keyboard. `repeats`: a key that is held goes on."""

    title: str
    keys: tuple[str, ...]
    run: Callable[[], None]
    repeats: bool = False


class PlayerView(QWidget):
    """Shows one player. `controls` is the row below the picture, `figures` the performance panel.

    `keys` are listed in the key overview by whoever embeds the view; `spared` are those that this one keeps.
    """

    def __init__(
        self,
        theme: Theme,
        player: Player,
        parent: QWidget | None = None,
        *,
        spared: Collection[str] = (),
        care: CareSettings | None = None,
    ) -> None:
        """`care` is what the person wants of the care that is asked for; None for all of it."""
        super().__init__(parent)
        self._theme, self.player = theme, player
        self._care_settings = care
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Video player")
        self.keys = self._make_keys()
        self._by_title = {key.title: key.run for key in self.keys}
        self._by_key = {
            QKeySequence(text).toString(): key for key in self.keys for text in key.keys if text not in spared
        }
        self.picture = Picture(theme, player)
        self.controls = Controls(theme, player, self.run, care)
        self.figures = Figures(theme, self.picture)
        self.figures.move(SPACE_2, SPACE_2)
        self.figures.hide()
        self._stage = QWidget()
        inner = QVBoxLayout(self._stage)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.picture, 1)
        inner.addWidget(self.controls)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._stage)
        self._full: _FullScreen | None = None
        self._first = "–"
        self._silenced = False
        self.picture.clicked.connect(self._clicked)
        self.picture.double_clicked.connect(self._toggle_full)
        self.picture.retry_asked.connect(player.retry)
        self.picture.revealed.connect(self._show_care)
        player.first_frame.connect(self._tell_first)
        player.ended.connect(self._tell_figures)
        player.tracks_changed.connect(self._tell_figures)
        self._show_care()

    def set_care(self, care: Care) -> None:
        """Begin with care: for what is opened from now on, too."""
        if self._care_settings is not None:
            care = self._care_settings.of(care)
        self.picture.set_care(care)
        if care.mute and not self.player.muted:
            self._silenced = True
            self.player.set_muted(True)
        elif not care.mute and self._silenced:
            # The sound comes back that care took away.
            self._silenced = False
            self.player.set_muted(False)

    def run(self, title: str) -> None:
        """Do what the key of this title does."""
        self._by_title[title]()

    @property
    def full_screen(self) -> bool:
        """Whether it fills the screen."""
        return self._full is not None

    def _make_keys(self) -> tuple[Key, ...]:
        player = self.player
        runs: dict[str, Callable[[], None]] = {
            "Play or pause": player.toggle,
            "Play, faster each time": self._faster,
            "Back": lambda: self._go(-_BACK),
            "On": lambda: self._go(_BACK),
            "Far back": lambda: self._go(-_FAR),
            "Far on": lambda: self._go(_FAR),
            "Picture before": lambda: player.step(-1),
            "Next picture": lambda: player.step(1),
            "To the beginning": lambda: player.seek(0.0),
            "To the end": lambda: player.seek(player.duration),
            "Slower": lambda: self._change_speed(-1),
            "Faster": lambda: self._change_speed(1),
            "Louder": lambda: player.set_volume(player.volume + _VOLUME),
            "Softer": lambda: player.set_volume(player.volume - _VOLUME),
            "Sound on or off": lambda: player.set_muted(not player.muted),
            "Show or conceal the picture": self._toggle_reveal,
            "Loop": lambda: player.set_loop(not player.loop),
            "Set A here": lambda: player.set_ab(player.position, player.ab[1]),
            "Set B here": lambda: player.set_ab(player.ab[0] or 0.0, player.position),
            "Clear A and B": lambda: player.set_ab(None, None),
            "Copy the picture": self._copy,
            "Performance": self._toggle_figures,
            "Full screen": self._toggle_full,
        }
        return tuple(Key(title, keys, runs[title], title in _REPEATS) for title, keys in KEYS)

    # Keys

    def event(self, event: QEvent) -> bool:
        """Take the player's keys before the window's shortcuts do."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.takes(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key is the player's."""
        return self._key(event) is not None or (self.full_screen and event.key() == Qt.Key.Key_Escape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key is for."""
        if self.full_screen and event.key() == Qt.Key.Key_Escape:
            self._toggle_full()
            return
        key = self._key(event)
        if key is None:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_V:
            if not event.isAutoRepeat():
                self.picture.reveal(lifted=True)
        elif key.repeats or not event.isAutoRepeat():
            key.run()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """What was shown while V was held is concealed again."""
        if event.key() == Qt.Key.Key_V and not event.isAutoRepeat():
            self.picture.reveal(lifted=False)
        else:
            super().keyReleaseEvent(event)

    def _key(self, event: QKeyEvent) -> Key | None:
        combination = event.keyCombination()
        found = self._by_key.get(QKeySequence(combination).toString())
        if found is None and event.text().isprintable():
            # A sign that needs Shift on some keyboards comes with it: "<", "+", "[".
            found = (
                self._by_key.get(QKeySequence(event.text()).toString())
                if not event.text().isalpha()
                else None
            )
        return found

    # Deeds

    def _clicked(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.picture.concealing:
            self.picture.reveal(lifted=True)
        else:
            self.player.toggle()

    def _toggle_reveal(self) -> None:
        self.picture.reveal(lifted=self.picture.concealing)

    def _show_care(self, *_: object) -> None:
        care = self.picture.care
        self.controls.reveal.setVisible(care.blur or care.grey)
        self.controls.reveal.setChecked(not self.picture.concealing)
        self.controls.paint_icons()

    def _go(self, seconds: float) -> None:
        self.player.seek(self.player.position + seconds)

    def _faster(self) -> None:
        player = self.player
        if player.playing:
            player.set_speed(next((speed for speed in _FASTER if speed > player.speed), _FASTER[-1]))
        else:
            player.set_speed(1.0)
            player.play()

    def _change_speed(self, step: int) -> None:
        near = min(range(len(SPEEDS)), key=lambda place: abs(SPEEDS[place] - self.player.speed))
        self.player.set_speed(SPEEDS[max(0, min(len(SPEEDS) - 1, near + step))])

    def _copy(self) -> None:
        picture = self.player.snapshot()
        if not picture.isNull():
            QGuiApplication.clipboard().setImage(picture)

    def _toggle_full(self) -> None:
        if self._full is None:
            self._full = _FullScreen(self, self._stage)
            self._full.showFullScreen()
            self._full.setFocus()
        else:
            full, self._full = self._full, None
            self._column.addWidget(self._stage)
            full.left_by_itself = True
            full.close()
            full.deleteLater()
            # Not every window manager gives the keyboard back to the window that had it before.
            self.activateWindow()
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # Figures

    def _toggle_figures(self) -> None:
        self.figures.setVisible(self.figures.isHidden())
        self._tell_figures()
        self.figures.raise_()

    def _tell_first(self, seconds: float) -> None:
        self._first = f"{seconds * 1000:.0f} ms"
        self._tell_figures()

    def _tell_figures(self) -> None:
        player = self.player
        picture = player.picture
        self.figures.tell("First picture after", self._first)
        if not picture.isNull():
            self.figures.tell("Size", f"{picture.width()} × {picture.height()}")
        if player.frame_seconds:
            self.figures.tell("Pictures a second", f"{1 / player.frame_seconds:.4g}")
        self.figures.tell("Came too late", f"{player.lost:,}")


class _FullScreen(QWidget):
    """The window that the picture and its controls stand in while they fill the screen."""

    def __init__(self, view: PlayerView, stage: QWidget) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setWindowTitle("Video — Greenroom")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view = view
        self.left_by_itself = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(stage)

    def event(self, event: QEvent) -> bool:
        """The keys are the view's."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._view.takes(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._view.keyPressEvent(event)
                return True
            if event.type() == QEvent.Type.KeyRelease:
                self._view.keyReleaseEvent(event)
                return True
        if event.type() == QEvent.Type.Close and not self.left_by_itself:
            # Closed by the window manager: bring the picture back first.
            self._view.run("Full screen")
            event.ignore()
            return True
        return super().event(event)
