"""The theme in force: follows the system unless the person chose one."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from console.ui.theme.stylesheet import stylesheet
from console.ui.theme.tokens import DARK, LIGHT, SMALL_POINTS, TEXT_POINTS, TITLE_POINTS, Tokens

ICON_PIXELS = 16
_FAMILIES = (
    "Inter",
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    "Cantarell",
    "Noto Sans",
    "DejaVu Sans",
)


class Choice(StrEnum):
    """What the person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Applies tokens to the application. Signals: `changed()` after another theme came into force."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: Choice = Choice.SYSTEM) -> None:
        super().__init__()
        self._application = application
        self._choice = choice
        self.tokens = LIGHT
        self.text_font = _font(TEXT_POINTS)
        self.small_font = _font(SMALL_POINTS)
        self.title_font = _font(TITLE_POINTS, QFont.Weight.DemiBold)
        self.fixed_font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.fixed_font.setPointSizeF(TEXT_POINTS)
        self.strong_font = _font(TEXT_POINTS, QFont.Weight.DemiBold)
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def choice(self) -> Choice:
        """What the person chose."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Put a choice into force."""
        self._choice = choice
        self._apply()

    def _apply(self) -> None:
        dark = self._choice is Choice.DARK or (
            self._choice is Choice.SYSTEM
            and self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        )
        self.tokens = DARK if dark else LIGHT
        self._application.setFont(self.text_font)
        self._application.setPalette(_palette(self.tokens))
        self._application.setStyleSheet(stylesheet(self.tokens))
        self.changed.emit()

    def icon(self, name: str, colour: str | None = None, pixels: int = ICON_PIXELS) -> QIcon:
        """The icon called `name` in `colour` (default: muted), drawn for `pixels` at a side."""
        return _icon(name, colour or self.tokens.muted, pixels)


def _font(points: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    known = set(QFontDatabase.families())
    font = QFont(next((family for family in _FAMILIES if family in known), ""))
    font.setPointSizeF(points)
    font.setWeight(weight)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    # Digits of one width, so that numbers can be compared down a column.
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, tokens.ground),
        (QPalette.ColorRole.Base, tokens.surface),
        (QPalette.ColorRole.AlternateBase, tokens.raised),
        (QPalette.ColorRole.Button, tokens.surface),
        (QPalette.ColorRole.Text, tokens.text),
        (QPalette.ColorRole.WindowText, tokens.text),
        (QPalette.ColorRole.ButtonText, tokens.text),
        (QPalette.ColorRole.PlaceholderText, tokens.muted),
        (QPalette.ColorRole.Highlight, tokens.selected),
        (QPalette.ColorRole.HighlightedText, tokens.text),
        (QPalette.ColorRole.Link, tokens.accent),
        (QPalette.ColorRole.ToolTipBase, tokens.raised),
        (QPalette.ColorRole.ToolTipText, tokens.text),
    ):
        palette.setColor(role, QColor(colour))
    return palette


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, side: int) -> QIcon:
    source = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    icon = QIcon()
    for scale in (1, 2):
        pixels = QPixmap(side * scale, side * scale)
        pixels.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixels)
        renderer.render(painter, QRectF(0, 0, side * scale, side * scale))
        painter.end()
        pixels.setDevicePixelRatio(scale)
        icon.addPixmap(pixels)
    return icon
