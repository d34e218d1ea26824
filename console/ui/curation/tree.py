"""Topics and their categories as Qt's tree: cached values only, asks for what it lacks, never reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
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
    QTimer,
    Signal,
)

from console.domain.curation import CATEGORY, TOPIC, Category, Topic
from console.domain.queues import Count
from console.ui.theme.words import count, number, plain
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-greenroom-curation"
ENTRY = Qt.ItemDataRole.UserRole
"""The Topic or Category of a row."""
GATHER_MILLISECONDS = 40
"""Rows that come into sight within this time are counted by one read."""
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """What stands beside each other."""

    NAME = 0
    SLUG = 1
    CATEGORIES = 2
    SCENES = 3
    IDEAS = 4


TITLES = ("Name", "Slug", "Categories", "Scenes", "Ideas")


class CurationTree(QAbstractItemModel):
    """Signals: `placed(str, UUID, UUID | None, UUID | None)` when a row was dropped (kind, id, topic of a
    category, the sibling it is to stand behind); `categories_wanted(UUID)` when a topic is opened for the
    first time; `ideas_wanted(list[UUID], list[UUID])` of topics and categories that came into sight.
    """

    placed = Signal(str, object, object, object)
    categories_wanted = Signal(object)
    ideas_wanted = Signal(list, list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._topics: dict[UUID, Topic] = {}
        self._below: dict[UUID, list[Category]] = {}
        self._matches: dict[UUID, list[Category]] | None = None
        # What is shown: all topics, or those that the filter leaves.
        self._shown: list[UUID] = []
        self._rows: dict[UUID, int] = {}
        # A child's index names its topic by a number that stays.
        self._numbers: dict[UUID, int] = {}
        self._by_number: list[UUID] = [UUID(int=0)]
        self._topic_of: dict[UUID, UUID] = {}
        self._asked: set[UUID] = set()
        self._ideas: dict[UUID, Count] = {}
        self._uncounted: dict[UUID, str] = {}
        self._counting: set[UUID] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MILLISECONDS)
        self._timer.timeout.connect(self._ask_ideas)

    # What is in it

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic, in order."""
        return tuple(self._topics.values())

    @property
    def narrowed(self) -> bool:
        """Whether a filter hides some."""
        return self._matches is not None

    def topic(self, id: UUID) -> Topic | None:
        """The topic of this id."""
        return self._topics.get(id)

    def known(self, topic: UUID) -> Sequence[Category] | None:
        """All categories of a topic; None while they were not read."""
        return self._below.get(topic)

    def read(self) -> tuple[UUID, ...]:
        """The topics whose categories were read."""
        return tuple(self._below)

    def show(self, topics: Sequence[Topic], below: Mapping[UUID, list[Category]]) -> None:
        """Show these topics; categories of others than those in `below` are asked for when they are opened.

        Rows that stand where they stood are only repainted.
        """
        same = [topic.id for topic in topics] == list(self._topics) and not self.narrowed
        same = same and all(
            [each.id for each in below.get(topic, ())] == [each.id for each in known]
            for topic, known in self._below.items()
        )
        self._counting.clear()
        self._uncounted.clear()
        for children in below.values():
            self._know(children)
        if same:
            before = self._topics
            self._topics = {topic.id: topic for topic in topics}
            self._below = dict(below)
            for row, topic in enumerate(topics):
                if before[topic.id] != topic:
                    self._changed(self.index(row, 0))
            for topic_id, children in below.items():
                parent = self.index(self._rows[topic_id], 0)
                for row in range(len(children)):
                    self._changed(self.index(row, 0, parent))
            return
        self.beginResetModel()
        self._topics = {topic.id: topic for topic in topics}
        self._below = dict(below)
        self._asked = set(below)
        for id in self._topics:
            if id not in self._numbers:
                self._numbers[id] = len(self._by_number)
                self._by_number.append(id)
        self._matches = None
        self._set_shown(self._topics)
        self.endResetModel()

    def narrow(self, topics: Iterable[UUID] | None, matches: Mapping[UUID, list[Category]]) -> None:
        """Show these topics whole, and of the others those that have one of the matching categories.

        None shows everything again.
        """
        self.beginResetModel()
        if topics is None:
            self._matches = None
            self._set_shown(self._topics)
        else:
            whole = set(topics)
            self._matches = {id: list(found) for id, found in matches.items() if id not in whole}
            self._set_shown([id for id in self._topics if id in whole or id in self._matches])
            for children in self._matches.values():
                self._know(children)
        self.endResetModel()

    def show_categories(self, topic: UUID, categories: Sequence[Category]) -> None:
        """Fill in the categories of a topic that was opened."""
        if topic not in self._topics:
            return
        parent = self.find(TOPIC, topic)
        known = len(self._below.get(topic, ()))
        shown = parent.isValid() and not (self._matches and topic in self._matches)
        if shown and known:
            self.beginRemoveRows(parent, 0, known - 1)
            self._below[topic] = []
            self.endRemoveRows()
        if shown and categories:
            self.beginInsertRows(parent, 0, len(categories) - 1)
        self._below[topic] = list(categories)
        self._know(categories)
        self._asked.add(topic)
        if shown and categories:
            self.endInsertRows()

    def show_ideas(self, counts: Mapping[UUID, Count]) -> None:
        """Fill in counts of ideas."""
        self._ideas.update(counts)
        self._counting.difference_update(counts)
        for id in counts:
            index = self.find(TOPIC if id in self._topics else CATEGORY, id)
            if index.isValid():
                cell = index.siblingAtColumn(Column.IDEAS)
                self.dataChanged.emit(cell, cell)

    def forget_ideas(self) -> None:
        """Count what is in sight anew; what was counted stays until then."""
        self._counting.clear()
        self._uncounted.clear()

    def find(self, kind: str, id: UUID) -> QModelIndex:
        """The row of a topic or category; invalid where it is not shown."""
        if kind == TOPIC:
            row = self._rows.get(id)
            return QModelIndex() if row is None else self.index(row, 0)
        topic = self._topic_of.get(id)
        parent_row = None if topic is None else self._rows.get(topic)
        if topic is None or parent_row is None:
            return QModelIndex()
        for row, category in enumerate(self._children(topic)):
            if category.id == id:
                return self.index(row, 0, self.index(parent_row, 0))
        return QModelIndex()

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
        if not index.isValid() or self.narrowed or target == index.row():
            return
        self.beginMoveRows(parent, index.row(), index.row(), parent, place + 1)
        if kind == TOPIC:
            order = list(self._topics)
            order.insert(target, order.pop(index.row()))
            self._topics = {each: self._topics[each] for each in order}
            self._set_shown(order)
        else:
            below = self._children(self._by_number[index.internalId()])
            below.insert(target, below.pop(index.row()))
        self.endMoveRows()

    # Qt's model

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Topics carry 0, categories the number of their topic."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(
            row, column, self._numbers[self._shown[parent.row()]] if parent.isValid() else 0
        )

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """The topic of a category."""
        number = index.internalId() if index.isValid() else 0
        if not number:
            return QModelIndex()
        row = self._rows.get(self._by_number[number])
        return QModelIndex() if row is None else self.createIndex(row, 0, 0)

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Topics, and below a topic its categories."""
        if not parent.isValid():
            return len(self._shown)
        if parent.internalId() or parent.column():
            return 0
        return len(self._children(self._shown[parent.row()]))

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: ARG002, N802 - Qt's name
        """Name, slug and three counts."""
        return len(Column)

    def hasChildren(self, parent: Index = _NOWHERE) -> bool:  # noqa: N802 - Qt's name
        """A topic with categories can be opened before they are read."""
        if not parent.isValid():
            return bool(self._shown)
        if parent.internalId() or parent.column():
            return False
        id = self._shown[parent.row()]
        if id in self._below or (self._matches and id in self._matches):
            return bool(self._children(id))
        return self._topics[id].categories > 0

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Categories that were not asked for yet."""
        if not parent.isValid() or parent.internalId():
            return False
        id = self._shown[parent.row()]
        known = id in self._asked or (self._matches is not None and id in self._matches)
        return not known and self._topics[id].categories > 0

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        """Ask for a topic's categories."""
        if self.canFetchMore(parent):
            id = self._shown[parent.row()]
            self._asked.add(id)
            self.categories_wanted.emit(id)

    def headerData(  # noqa: N802 - Qt's name
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
        if not self.narrowed:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
            if not index.internalId():
                flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802 - Qt's name
        """Rows are moved, never copied."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's name
        """Rows of this tree alone."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt's name
        """The kind and id of the row that is dragged."""
        entry = self._entry(indexes[0])
        data = QMimeData()
        data.setData(MIME, QByteArray(f"{kind_of(entry)} {entry.id}".encode()))
        return data

    def canDropMimeData(  # noqa: N802 - Qt's name
        self,
        data: QMimeData,
        action: Qt.DropAction,
        row: int,
        column: int,  # noqa: ARG002 - Qt's signature
        parent: Index,
    ) -> bool:
        """A topic among topics, a category in a topic."""
        if not data.hasFormat(MIME) or self.narrowed or action is not Qt.DropAction.MoveAction:
            return False
        kind, _ = _dragged(data)
        if kind == TOPIC:
            return not parent.isValid() and row >= 0
        return parent.isValid() and not parent.internalId()

    def dropMimeData(  # noqa: N802 - Qt's name
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Tell where the row was dropped. Nothing moves here, so the view is told that nothing was taken."""
        if self.canDropMimeData(data, action, row, column, parent):
            kind, id = _dragged(data)
            topic = self._shown[parent.row()] if parent.isValid() else None
            known = self.rowCount(parent)
            above = (known if row < 0 else row) - 1
            while above >= 0 and _id(self.index(above, 0, parent)) == id:
                above -= 1
            after = _id(self.index(above, 0, parent)) if above >= 0 else None
            self.placed.emit(kind, id, topic, after)
        return False

    # Inside

    def _set_shown(self, ids: Iterable[UUID]) -> None:
        self._shown = list(ids)
        self._rows = {id: row for row, id in enumerate(self._shown)}

    def _know(self, categories: Iterable[Category]) -> None:
        self._topic_of.update((category.id, category.topic_id) for category in categories)

    def _children(self, topic: UUID) -> list[Category]:
        if self._matches is not None and topic in self._matches:
            return self._matches[topic]
        return self._below.get(topic, [])

    def _entry(self, index: Index) -> Topic | Category:
        number = index.internalId()
        if number:
            return self._children(self._by_number[number])[index.row()]
        return self._topics[self._shown[index.row()]]

    def _text(self, entry: Topic | Category, column: int) -> str:
        if column == Column.NAME:
            return plain(entry.name)
        if column == Column.SLUG:
            return plain(entry.slug)
        if column == Column.IDEAS:
            return self._ideas_of(entry)
        if isinstance(entry, Category):
            return ""
        return number(entry.categories if column == Column.CATEGORIES else entry.scenes)

    def _ideas_of(self, entry: Topic | Category) -> str:
        if entry.id not in self._counting:
            self._counting.add(entry.id)
            self._uncounted[entry.id] = kind_of(entry)
            if not self._timer.isActive():
                self._timer.start()
        known = self._ideas.get(entry.id)
        return "" if known is None else count(known)

    def _ask_ideas(self) -> None:
        wanted, self._uncounted = self._uncounted, {}
        self.ideas_wanted.emit(
            [id for id, kind in wanted.items() if kind == TOPIC],
            [id for id, kind in wanted.items() if kind == CATEGORY],
        )

    def _changed(self, index: QModelIndex) -> None:
        self.dataChanged.emit(index, index.siblingAtColumn(len(Column) - 1))


def kind_of(entry: Topic | Category) -> str:
    """The kind of subject that a row is."""
    return TOPIC if isinstance(entry, Topic) else CATEGORY


def _id(index: QModelIndex) -> UUID:
    entry: Topic | Category = index.data(ENTRY)
    return entry.id


def _dragged(data: QMimeData) -> tuple[str, UUID]:
    kind, _, id = bytes(data.data(MIME).data()).decode().partition(" ")
    return kind, UUID(id)
