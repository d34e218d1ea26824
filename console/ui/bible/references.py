"""What a reference may refer to, as a list: its name first, its key beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.bible.values import Json


class References(QAbstractListModel):
    """The targets in the order of the document."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys: list[str] = []
        self._names: list[str] = []
        self._places: dict[Json, int] = {}
        self._shown: Mapping[Json, str] | None = None

    def show(self, targets: Mapping[Json, str]) -> None:
        """Offer other targets."""
        if targets is self._shown:
            return
        self._shown = targets
        keys = [key for key in targets if isinstance(key, str)]
        names = [targets[key] for key in keys]
        if keys != self._keys or names != self._names:
            self.beginResetModel()
            self._keys, self._names = keys, names
            self._places = {key: place for place, key in enumerate(keys)}
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """How many there are."""
        return 0 if parent.isValid() else len(self._keys)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name and key."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.shown(index.row())
        return None

    def shown(self, place: int) -> str:
        """The words for one target."""
        name, key = self._names[place], self._keys[place]
        return f"{name} · {key}" if name != key else key

    def place(self, key: Json) -> int:
        """Where a key stands, -1 if it is none."""
        return self._places.get(key, -1) if isinstance(key, str) else -1

    def key(self, place: int) -> str:
        """The key of a target."""
        return self._keys[place]

    def meant(self, typed: str) -> str:
        """The key that a text means: a key, words of the list, a name; else the text itself."""
        if typed in self._places:
            return typed
        wanted = typed.strip().casefold()
        for place, key in enumerate(self._keys):
            if wanted in (self.shown(place).casefold(), self._names[place].casefold()):
                return key
        return typed
