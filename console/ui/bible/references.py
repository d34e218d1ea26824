"""What a reference may refer to, as a list: its name first, its key beside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.bible.values import Json
from console.ui.bible.naming import Targets


class References(QAbstractListModel):
    """The targets in the order of the document."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._targets = Targets({})

    def show(self, targets: Targets) -> None:
        """Offer other targets."""
        if targets is self._targets:
            return
        if targets.shown != self._targets.shown:
            self.beginResetModel()
            self._targets = targets
            self.endResetModel()
        self._targets = targets

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """How many there are."""
        return 0 if parent.isValid() else len(self._targets.keys)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name and key."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.shown(index.row())
        return None

    def shown(self, place: int) -> str:
        """The words for one target."""
        return self._targets.shown[place]

    def place(self, key: Json) -> int:
        """Where a key stands, -1 if it is none."""
        return self._targets.places.get(key, -1) if isinstance(key, str) else -1

    def meant(self, typed: str) -> str:
        """The key that a text means: a key, words of the list, a name; else the text itself."""
        if typed in self._targets.places:
            return typed
        wanted = typed.strip().casefold()
        for key, name, shown in zip(
            self._targets.keys, self._targets.names, self._targets.shown, strict=True
        ):
            if wanted in (shown.casefold(), name.casefold()):
                return key
        return typed
