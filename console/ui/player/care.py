"""How careful this person wants to be, remembered for each profile."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, Signal

from console.domain.media import Care

TITLES = {"blur": "Begin blurred", "grey": "Begin grey", "mute": "Begin muted"}


class CareSettings(QObject):
    """Signals: `changed()`."""

    changed = Signal()

    def __init__(self, settings: QSettings, profile: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._profile = settings, profile

    def value(self, name: str) -> bool:
        """Whether care of this name ("blur", "grey", "mute") is wanted; it is, unless it was switched off."""
        return str(self._settings.value(self._key(name), "true")).lower() == "true"

    def set_value(self, name: str, on: bool) -> None:
        """Switch it on or off, for now and the next time."""
        self._settings.setValue(self._key(name), on)
        self.changed.emit()

    def of(self, asked: Care) -> Care:
        """What is asked for, as far as this person wants it."""
        return Care(
            asked.blur and self.value("blur"),
            asked.grey and self.value("grey"),
            asked.mute and self.value("mute"),
        )

    def _key(self, name: str) -> str:
        return f"care/{self._profile}/{name}"
