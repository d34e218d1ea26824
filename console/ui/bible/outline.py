"""The document as a tree of what has a page in the form. Rows are made when they are opened."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from console.bible.matching import key_of
from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.ui.bible.containers import AT_ONCE
from console.ui.bible.context import Context
from console.ui.bible.naming import label_of
from console.ui.theme.tokens import ROW_HEIGHT, SPACE_2
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex
_DETAIL: Final = Qt.ItemDataRole.UserRole
_WORST: Final = Qt.ItemDataRole.UserRole + 1
_LEVELS: Final = 4
AT_FIRST: Final = 400
"""Rows of an array that are shown at first; more come as one scrolls down to them."""


class Node:
    """One row: its place, the rules of it and of what holds it, and those of its rows that were asked for."""

    __slots__ = ("holder", "limit", "made", "names", "parent", "row", "rule", "token", "value")

    def __init__(
        self,
        parent: Node | None,
        row: int,
        token: str | int | None,
        holder: Rule | None,
        rule: Rule,
        value: Json,
    ) -> None:
        self.parent, self.row, self.token = parent, row, token
        self.holder, self.rule, self.value = holder, rule, value
        self.limit = AT_FIRST
        self.names: list[str | None] | None = None
        self.made: dict[int, Node] = {}

    @property
    def tokens(self) -> Tokens:
        """The place in the document."""
        steps: list[str | int] = []
        node: Node | None = self
        while node is not None:
            if node.token is not None:
                steps.append(node.token)
            node = node.parent
        return tuple(reversed(steps))

    @property
    def level(self) -> int:
        """How many rows it stands within."""
        return 0 if self.parent is None else 1 + self.parent.level

    @property
    def count(self) -> int:
        """How many of its rows are shown by now."""
        return min(self.total, self.limit)

    @property
    def total(self) -> int:
        """How many rows it has: elements that are no plain values, or members that hold such elements."""
        if self.level >= _LEVELS or (self.token is None and self.parent is not None):
            return 0
        if isinstance(self.value, list):
            return len(self.value) if _objects(self.value) else 0
        if self.names is None:
            self.names = self._sections()
        return len(self.names)

    def _sections(self) -> list[str | None]:
        if not isinstance(self.value, dict) or isinstance(self.token, int):
            return []
        names = [name for name in self.rule.names if name in self.value]
        names += [name for name in self.value if name not in self.rule.known]
        parts = [(name, self.value[name]) for name in names]
        if self.parent is None:
            return [None, *(name for name, part in parts if isinstance(part, dict | list))]
        return [name for name, part in parts if isinstance(part, dict | list) and _objects(part)]

    def child(self, row: int) -> Node:
        """The row at a place."""
        if row not in self.made:
            self.made[row] = self._child(row)
        return self.made[row]

    def _child(self, row: int) -> Node:
        if isinstance(self.value, list):
            return Node(self, row, row, self.rule, self.rule.element(row), self.value[row])
        name = self.names[row] if self.names is not None else None
        if name is None:
            return Node(self, row, None, None, self.rule, self.value)
        return Node(self, row, name, self.rule, self.rule.member(name), self.value[name])

    def row_of(self, token: str | int) -> int:
        """The row of a member or element, -1 if it has none."""
        count = self.count
        if isinstance(self.value, list):
            return token if isinstance(token, int) and 0 <= token < count else -1
        return self.names.index(str(token)) if self.names is not None and token in self.names else -1


def _objects(value: Json) -> bool:
    return isinstance(value, dict) or any(isinstance(part, dict | list) for part in value[:AT_ONCE])


class Outline(QAbstractItemModel):
    """Rows of sections and elements. `show` compares with what is there, so that what is open stays open."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._root = Node(None, 0, None, None, context.schema.root, {})

    def show(self) -> None:
        """Take over the document as the context has it."""
        self._update(self._root, QModelIndex(), self._context.document, self._context.schema.root)

    def _update(self, node: Node, index: QModelIndex, value: Json, rule: Rule) -> None:
        fresh = Node(node.parent, node.row, node.token, node.holder, rule, value)
        fresh.limit = node.limit
        old, new = node.count, fresh.count
        head = 0
        if old != new or node.names != fresh.names:
            head, tail = self._alike(node, fresh)
            if head + tail < old:
                self.beginRemoveRows(index, head, old - tail - 1)
                self._shift(node, head, old - tail, tail - old + head)
                node.value, node.names = _without(node, head, old - tail)
                node.limit = head + tail
                self.endRemoveRows()
            if head + tail < new:
                self.beginInsertRows(index, head, new - tail - 1)
                self._shift(node, head, head, new - tail - head)
                node.value, node.names, node.rule, node.limit = value, fresh.names, rule, fresh.limit
                self.endInsertRows()
        node.value, node.names, node.rule, node.limit = value, fresh.names, rule, fresh.limit
        for row, child in node.made.items():
            like = fresh._child(row)  # noqa: SLF001 - of its own class
            child.token, child.holder = like.token, like.holder
            self._update(child, self.createIndex(row, 0, child), like.value, like.rule)
        if new:
            self.dataChanged.emit(self.index(0, 0, index), self.index(new - 1, 0, index))

    @staticmethod
    def _alike(old: Node, new: Node) -> tuple[int, int]:
        """How many rows at the beginning and at the end are the same ones."""
        before, after = _labels(old), _labels(new)
        least, head, tail = min(len(before), len(after)), 0, 0
        while head < least and before[head] == after[head]:
            head += 1
        while tail < least - head and before[-1 - tail] == after[-1 - tail]:
            tail += 1
        return head, tail

    @staticmethod
    def _shift(node: Node, first: int, last: int, by: int) -> None:
        """The rows from `first` to before `last` go, those from `last` on stand `by` further on."""
        moved = {}
        for row, child in node.made.items():
            if row < first or row >= last:
                child.row = row if row < first else row + by
                moved[child.row] = child
        node.made = moved

    def node(self, index: Index) -> Node:
        """The node of an index."""
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, Node) else self._root

    def index_of(self, tokens: Tokens) -> QModelIndex:
        """The row of a place, or of the nearest place around it that has one."""
        index = self.index(0, 0)
        here = self._root
        for token in tokens:
            row = here.row_of(token)
            if row < 0:
                break
            here = here.child(row)
            index = self.createIndex(row, 0, here)
        return index

    # -- what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name
        """How many rows stand within one."""
        return 0 if parent.column() > 0 else self.node(parent).count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008 - Qt's name
        """One."""
        return 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008 - Qt's name
        """Whether a row can be opened."""
        return self.node(parent).count > 0

    def canFetchMore(self, parent: Index) -> bool:
        """Whether a row has more rows than are shown."""
        node = self.node(parent)
        return AT_FIRST <= node.limit < node.total

    def fetchMore(self, parent: Index) -> None:
        """Show some more: a tree that is given 20,000 rows at once holds the window."""
        node = self.node(parent)
        old = node.count
        new = min(node.total, node.limit + AT_FIRST)
        if new <= old:
            return
        index = QModelIndex() if node is self._root else self.createIndex(node.row, 0, node)
        self.beginInsertRows(index, old, new - 1)
        node.limit = max(AT_FIRST, new)
        self.endInsertRows()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a row."""
        node = self.node(parent)
        if column or not 0 <= row < node.count:
            return QModelIndex()
        return self.createIndex(row, 0, node.child(row))

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """The row around one."""
        above = self.node(index).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title, detail, and the worst of what is found inside."""
        if not index.isValid():
            return None
        node = self.node(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            title, detail = self._words(node)
            told = {"error": ", has errors", "warning": ", has warnings"}.get(self._worst(node), "")
            return title if role == Qt.ItemDataRole.DisplayRole else f"{title} {detail}{told}".strip()
        if role == _DETAIL:
            return self._words(node)[1]
        if role == _WORST:
            return self._worst(node)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(" · ".join(part for part in self._words(node) if part))
        return None

    def _worst(self, node: Node) -> str:
        if node.token is None:
            own = self._context.marks.get((), [])
            return "error" if any(mark.severity == "error" for mark in own) else "warning" if own else ""
        return self._context.within.get(node.tokens, "")

    def _words(self, node: Node) -> tuple[str, str]:
        if node.token is None:
            return "Overview", ""
        if isinstance(node.token, int) and node.holder is not None:
            return self._context.names.element(node.value, node.holder, node.token)
        count = f"{len(node.value):,}" if isinstance(node.value, list) else ""
        return label_of(str(node.token), node.rule), count


def _labels(node: Node) -> list[Hashable]:
    """What tells the rows of a node apart."""
    if isinstance(node.value, list):
        return [key_of(part, node.rule) for part in node.value[: node.count]]
    return list(node.names or ())


def _without(node: Node, first: int, last: int) -> tuple[Json, list[str | None] | None]:
    """The value and names of a node without some of its rows."""
    if isinstance(node.value, list):
        return [*node.value[:first], *node.value[last:]], node.names
    names = node.names or []
    return node.value, [*names[:first], *names[last:]]


class _Rows(QStyledItemDelegate):
    """A title, its detail beside it, and a sign for what is wrong inside."""

    def __init__(self, context: Context, small: QFont) -> None:
        super().__init__()
        self._context, self._small = context, small

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """One line."""
        return QSize(120, ROW_HEIGHT - 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        tokens = self._context.theme.tokens
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        room: QRect = option.rect.adjusted(SPACE_2 // 2, 0, -SPACE_2, 0)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Highlight))
        worst = index.data(_WORST)
        middle = Qt.AlignmentFlag.AlignVCenter
        if worst:
            painter.setPen(tokens.grave if worst == "error" else tokens.notable)
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, "✕" if worst == "error" else "!")
            room = room.adjusted(0, 0, -16, 0)
        title, detail = str(index.data() or ""), str(index.data(_DETAIL) or "")
        painter.setFont(option.font)
        metrics = QFontMetrics(option.font)
        shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(tokens.text)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, shown)
        left = room.adjusted(metrics.horizontalAdvance(shown) + SPACE_2, 0, 0, 0)
        if left.width() > 24:
            painter.setFont(self._small)
            painter.setPen(tokens.muted)
            words = QFontMetrics(self._small).elidedText(detail, Qt.TextElideMode.ElideRight, left.width())
            painter.drawText(left, middle | Qt.AlignmentFlag.AlignRight, words)
        painter.restore()


class OutlineView(QTreeView):
    """The tree. Signals: `chosen(tuple)` with the place of the row gone to, `entered()` on Return."""

    chosen = Signal(tuple)
    entered = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.outline = Outline(context)
        self.setModel(self.outline)
        self._rows = _Rows(context, context.theme.small_font)
        self.setItemDelegate(self._rows)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setExpandsOnDoubleClick(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setObjectName("outline")
        self.setAccessibleName("Parts of the bible")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.activated.connect(lambda _: self.entered.emit())

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell where the person went."""
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(self.outline.node(current).tokens)

    def choose(self, tokens: Tokens) -> None:
        """Show the row of a place as the current one, without telling."""
        index = self.outline.index_of(tokens)
        if index.isValid() and index != self.currentIndex():
            self.blockSignals(True)
            self.setCurrentIndex(index)
            self.blockSignals(False)
            self.scrollTo(index)
            self.viewport().update()
