"""Topics and their categories as Qt's tree: cached values only, asks for what it lacks, never reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from console.domain.curation import CATEGORY, TOPIC, Category, Topic
from console.domain.queues import Count
from console.ui.curation.columns import TITLES, Column, cell_text
from console.ui.curation.idea_counts import IdeaCounts
from console.ui.curation.outline import Outline, kind_of
from console.ui.theme.words import plain
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-greenroom-curation"
ENTRY = Qt.ItemDataRole.UserRole
"""The Topic or Category of a row."""
_NOWHERE = QModelIndex()


class CurationTree(QAbstractItemModel):
    """Signals: `placed(str, UUID, UUID | None, UUID | None)` when a row was dropped (kind, id, topic of a
    category, the sibling it is to stand behind); `categories_wanted(UUID)` when a topic is opened for the
    first time; `ideas_wanted(list[UUID], list[UUID])` of topics and categories that came into sight.
    Attributes: `outline`, what is in the tree.
    """

    placed = Signal(str, object, object, object)
    categories_wanted = Signal(object)
    ideas_wanted = Signal(list, list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.outline = Outline()
        # A child's index names its topic by a number that stays.
        self._numbers: dict[UUID, int] = {}
        self._by_number: list[UUID] = [UUID(int=0)]
        self._asked: set[UUID] = set()
        self._ideas = IdeaCounts(self)
        self._ideas.wanted.connect(self.ideas_wanted)

    # What is in it

    def show(self, topics: Sequence[Topic], below: Mapping[UUID, list[Category]]) -> None:
        """Show these topics; categories of others than those in `below` are asked for when they are opened.

        Rows that stand where they stood are only repainted.
        """
        same, before = self.outline.same_rows(topics, below), self.outline.topics
        self._ideas.forget()
        if same:
            self.outline.fill(topics, below)
            for row, topic in enumerate(topics):
                if before[row] != topic:
                    self._changed(self.index(row, 0))
            for topic_id, children in below.items():
                parent = self.find(TOPIC, topic_id)
                for row in range(len(children)):
                    self._changed(self.index(row, 0, parent))
            return
        self.beginResetModel()
        self.outline.fill(topics, below)
        self._asked = set(below)
        for topic in topics:
            if topic.id not in self._numbers:
                self._numbers[topic.id] = len(self._by_number)
                self._by_number.append(topic.id)
        self.endResetModel()

    def narrow(self, topics: Iterable[UUID] | None, matches: Mapping[UUID, list[Category]]) -> None:
        """Show these topics whole, and of the others those that have one of the matching categories.

        None shows everything again.
        """
        self.beginResetModel()
        self.outline.narrow(topics, matches)
        self.endResetModel()

    def show_categories(self, topic: UUID, categories: Sequence[Category]) -> None:
        """Fill in the categories of a topic that was opened."""
        if self.outline.topic(topic) is None:
            return
        parent = self.find(TOPIC, topic)
        known = len(self.outline.known(topic) or ())
        shown = parent.isValid() and not self.outline.shown_in_part(topic)
        if shown and known:
            self.beginRemoveRows(parent, 0, known - 1)
            self.outline.set_categories(topic, ())
            self.endRemoveRows()
        if shown and categories:
            self.beginInsertRows(parent, 0, len(categories) - 1)
        self.outline.set_categories(topic, categories)
        self._asked.add(topic)
        if shown and categories:
            self.endInsertRows()

    def show_ideas(self, counts: Mapping[UUID, Count]) -> None:
        """Fill in counts of ideas."""
        self._ideas.add(counts)
        for id in counts:
            index = self.find(CATEGORY if self.outline.topic(id) is None else TOPIC, id)
            if index.isValid():
                cell = index.siblingAtColumn(Column.IDEAS)
                self.dataChanged.emit(cell, cell)

    def find(self, kind: str, id: UUID) -> QModelIndex:
        """The row of a topic or category; invalid where it is not shown."""
        if kind == TOPIC:
            row = self.outline.row(id)
            return QModelIndex() if row is None else self.index(row, 0)
        rows = self.outline.rows(id)
        return QModelIndex() if rows is None else self.index(rows[1], 0, self.index(rows[0], 0))

    def sibling_before(self, index: Index, step: int) -> tuple[bool, UUID | None]:
        """Behind which sibling a row stands once it was moved by `step` places, and whether it can be."""
        parent = index.parent()
        target = index.row() + step
        if not 0 <= target < self.rowCount(parent):
            return False, None
        rows = [row for row in range(self.rowCount(parent)) if row != index.row()]
        return True, None if target == 0 else _id(self.index(rows[target - 1], 0, parent))

    def move(self, kind: str, id: UUID, after: UUID | None) -> None:
        """Let a row stand behind a sibling at once; the database's answer comes later."""
        index = self.find(kind, id)
        parent = index.parent()
        place = -1 if after is None else self.find(kind, after).row()
        target = place + 1 if place < index.row() else place
        if not index.isValid() or self.outline.narrowed or target == index.row():
            return
        self.beginMoveRows(parent, index.row(), index.row(), parent, place + 1)
        if kind == TOPIC:
            self.outline.move_topic(index.row(), target)
        else:
            self.outline.move_category(self._by_number[index.internalId()], index.row(), target)
        self.endMoveRows()

    # Qt's model

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Topics carry 0, categories the number of their topic."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        number = self._numbers[self.outline.shown[parent.row()]] if parent.isValid() else 0
        return self.createIndex(row, column, number)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """The topic of a category."""
        number = index.internalId() if index.isValid() else 0
        if not number:
            return QModelIndex()
        row = self.outline.row(self._by_number[number])
        return QModelIndex() if row is None else self.createIndex(row, 0, 0)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Topics, and below a topic its categories."""
        if not parent.isValid():
            return len(self.outline.shown)
        if parent.internalId() or parent.column():
            return 0
        return len(self.outline.children(self.outline.shown[parent.row()]))

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: ARG002 - Qt's name
        """Name, slug and three counts."""
        return len(Column)

    def hasChildren(self, parent: Index = _NOWHERE) -> bool:
        """A topic with categories can be opened before they are read."""
        if not parent.isValid():
            return bool(self.outline.shown)
        if parent.internalId() or parent.column():
            return False
        topic = self.outline.topic_at(parent.row())
        if self.outline.known(topic.id) is not None or self.outline.shown_in_part(topic.id):
            return bool(self.outline.children(topic.id))
        return topic.categories > 0

    def canFetchMore(self, parent: Index) -> bool:
        """Categories that were not asked for yet."""
        if not parent.isValid() or parent.internalId():
            return False
        topic = self.outline.topic_at(parent.row())
        known = topic.id in self._asked or self.outline.shown_in_part(topic.id)
        return not known and topic.categories > 0

    def fetchMore(self, parent: Index) -> None:
        """Ask for a topic's categories."""
        if self.canFetchMore(parent):
            id = self.outline.shown[parent.row()]
            self._asked.add(id)
            self.categories_wanted.emit(id)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section >= Column.CATEGORIES else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell as text; the Topic or Category under `ENTRY`."""
        if not index.isValid():
            return None
        entry = self._entry(index)
        if role == ENTRY:
            return entry
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(entry, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(plain(entry.name if column == Column.NAME else entry.slug)) if column < 2 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = self._text(entry, column)
            if column == Column.NAME:
                return words if entry.active else f"{words}, retired"
            return f"{TITLES[column]}: {words}" if words else ""
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows are dragged; topics between topics, categories between categories and onto topics."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not self.outline.narrowed:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
            if not index.internalId():
                flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows are moved, never copied."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Rows of this tree alone."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The kind and id of the row that is dragged."""
        entry = self._entry(indexes[0])
        data = QMimeData()
        data.setData(MIME, QByteArray(f"{kind_of(entry)} {entry.id}".encode()))
        return data

    def canDropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,
        row: int,
        column: int,  # noqa: ARG002 - Qt's signature
        parent: Index,
    ) -> bool:
        """A topic among topics, a category in a topic."""
        if not data.hasFormat(MIME) or self.outline.narrowed or action is not Qt.DropAction.MoveAction:
            return False
        kind, _ = _dragged(data)
        if kind == TOPIC:
            return not parent.isValid() and row >= 0
        return parent.isValid() and not parent.internalId()

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Tell where the row was dropped. Nothing moves here, so the view is told that nothing was taken."""
        if self.canDropMimeData(data, action, row, column, parent):
            kind, id = _dragged(data)
            topic = self.outline.shown[parent.row()] if parent.isValid() else None
            known = self.rowCount(parent)
            above = (known if row < 0 else row) - 1
            while above >= 0 and _id(self.index(above, 0, parent)) == id:
                above -= 1
            after = _id(self.index(above, 0, parent)) if above >= 0 else None
            self.placed.emit(kind, id, topic, after)
        return False

    # Inside

    def _entry(self, index: Index) -> Topic | Category:
        number = index.internalId()
        if number:
            return self.outline.children(self._by_number[number])[index.row()]
        return self.outline.topic_at(index.row())

    def _text(self, entry: Topic | Category, column: int) -> str:
        return self._ideas.text(entry) if column == Column.IDEAS else cell_text(entry, column)

    def _changed(self, index: QModelIndex) -> None:
        self.dataChanged.emit(index, index.siblingAtColumn(len(Column) - 1))


def _id(index: QModelIndex) -> UUID:
    entry: Topic | Category = index.data(ENTRY)
    return entry.id


def _dragged(data: QMimeData) -> tuple[str, UUID]:
    kind, _, id = bytes(data.data(MIME).data()).decode().partition(" ")
    return kind, UUID(id)
