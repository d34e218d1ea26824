"""The segments of a scene as Qt sees them, with what was decided and is not answered yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from console.domain.scenes import Scene, SceneSegment
from console.domain.subjects import Subject
from console.ui.theme.words import count_of, duration, humanised

SEGMENT_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class StripModel(QAbstractListModel):
    """Segments in sequence: all of them, or with `viewers` those that viewers see."""

    def __init__(self) -> None:
        super().__init__()
        self.viewers = False
        self._all: tuple[SceneSegment, ...] = ()
        self._shown: list[SceneSegment] = []
        self._decided: dict[Subject, str] = {}

    @property
    def every(self) -> Sequence[SceneSegment]:
        """Every segment of the scene, each as it is or was just decided."""
        return [self._now(segment) for segment in self._all]

    @property
    def shown(self) -> Sequence[SceneSegment]:
        """The segments of the strip."""
        return self._shown

    def segment(self, row: int) -> SceneSegment | None:
        """The segment at a place of the strip; None where there is none."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def row_of(self, subject: Subject) -> int | None:
        """Where a segment stands in the strip; None where it is not shown."""
        return next((row for row, each in enumerate(self._shown) if each.subject == subject), None)

    def show(self, scene: Scene, still_sent: Collection[Subject] = ()) -> None:
        """Show a scene as it was read; what is still on its way stays as it was decided."""
        self._decided = {
            subject: status for subject, status in self._decided.items() if subject in still_sent
        }
        self._all = scene.segments
        self._lay()

    def clear(self) -> None:
        """Show nothing."""
        self._all, self._decided = (), {}
        self._lay()

    def decide(self, subjects: Collection[Subject], status: str) -> None:
        """Show at once what viewers will see when a decision is accepted."""
        self._decided |= dict.fromkeys(subjects, status)
        self._lay()

    def take_back(self, subjects: Collection[Subject]) -> None:
        """A decision was refused or undone: show what is known."""
        for subject in subjects:
            self._decided.pop(subject, None)
        self._lay()

    def only_viewers(self, *, on: bool) -> None:
        """Show only what viewers see, or everything."""
        self.viewers = on
        self._lay()

    def _now(self, segment: SceneSegment) -> SceneSegment:
        status = self._decided.get(segment.subject)
        return segment if status is None else replace(segment, status=status)

    def _lay(self) -> None:
        """Bring the rows in line; those that stay are not touched, so that the current one stays current."""
        wanted = [segment for segment in self.every if segment.seen or not self.viewers]
        keep = {segment.subject for segment in wanted}
        for row in range(len(self._shown) - 1, -1, -1):
            if self._shown[row].subject not in keep:
                self.beginRemoveRows(_NO_INDEX, row, row)
                del self._shown[row]
                self.endRemoveRows()
        for row, segment in enumerate(wanted):
            if row < len(self._shown) and self._shown[row].subject == segment.subject:
                if self._shown[row] != segment:
                    self._shown[row] = segment
                    self.dataChanged.emit(self.index(row), self.index(row))
                continue
            self.beginInsertRows(_NO_INDEX, row, row)
            self._shown.insert(row, segment)
            self.endInsertRows()
        if len(self._shown) > len(wanted):
            # The sequence itself changed: what moved stands twice, here and where it was.
            self.beginResetModel()
            self._shown = wanted
            self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """How many segments the strip shows."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The segment, or its words for a screen reader."""
        segment = self.segment(index.row()) if index.isValid() else None
        if segment is None:
            return None
        if role == SEGMENT_ROLE:
            return segment
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return spoken(segment)
        return None


def spoken(segment: SceneSegment) -> str:
    """A segment in words."""
    facts = [f"Segment {segment.sequence}", duration(segment.duration), humanised(segment.status).lower()]
    if segment.due:
        facts.append("not reviewed")
    if segment.reports:
        facts.append(count_of(len(segment.reports), "report"))
    if segment.marks:
        facts.append(count_of(len(segment.marks), "mark"))
    return ", ".join(facts)
