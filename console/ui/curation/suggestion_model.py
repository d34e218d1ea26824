"""What users suggest as Qt's list: each with the topic that it is most like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.domain.curation import Suggestion
from console.services.likeness import Likeness
from console.ui.theme.words import ago, plain, shortened

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
"""The Suggestion of a row and the Likeness of the topic that it is most like, or None."""
SURE = 90
"""From this score on a suggestion is as good as there already: folding is what is offered first."""
_NOWHERE = QModelIndex()


class SuggestionModel(QAbstractListModel):
    """Suggestions with the topic that each is most like."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[tuple[Suggestion, Likeness | None]] = []

    def show(self, rows: Sequence[tuple[Suggestion, Likeness | None]]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def remove(self, id: UUID) -> None:
        """One is decided."""
        for row, (suggestion, _) in enumerate(self.rows):
            if suggestion.id == id:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.rows[row]
                self.endRemoveRows()
                return

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """One for each suggestion."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The suggestion and its likeness under `ROW`."""
        if not index.isValid():
            return None
        suggestion, like = self.rows[index.row()]
        if role == ROW:
            return suggestion, like
        if role == Qt.ItemDataRole.DisplayRole:
            return plain(suggestion.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{plain(suggestion.name)}, {facts(suggestion, like)}"
        return None


def facts(suggestion: Suggestion, like: Likeness | None) -> str:
    """Who suggested it when, whether it waits for approval, and what it is like."""
    words = [f"{plain(suggestion.author)} · {ago(suggestion.at)}"]
    if suggestion.status == "pending":
        words.append("not approved yet")
    if like is not None:
        words.append(f"like “{shortened(like.topic.name, 30)}”")
    return " · ".join(words)
