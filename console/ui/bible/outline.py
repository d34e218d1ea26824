"""The document as a tree of what has a page in the form. Rows are made when they are opened."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from console.bible.matching import key_of
from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.ui.bible.context import Context
from console.ui.bible.naming import label_of
from console.ui.theme.tokens import ROW_HEIGHT, SPACE_2
from console.ui.widgets.labels import tooltip

Index = QModelIndex | QPersistentModelIndex
_DETAIL: Final = Qt.ItemDataRole.UserRole
_WORST: Final = Qt.ItemDataRole.UserRole + 1
_LEVELS: Final = 4


class Node:
    """One row: its place, the rules of it and of what holds it, and its rows once they were asked for."""

    __slots__ = ("children", "holder", "label", "parent", "row", "rule", "token", "value")

    def __init__(
        self, parent: Node | None, token: str | int | None, holder: Rule | None, rule: Rule, value: Json
    ) -> None:
        self.parent, self.token, self.holder, self.rule, self.value = parent, token, holder, rule, value
        self.children: list[Node] | None = None
        self.row = 0
        self.label: Hashable = token

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

    def holds(self) -> bool:
        """Whether it has rows, told without making them."""
        return next(self._parts(), None) is not None

    def _parts(self) -> Iterator[tuple[str | int, Rule, Json, Hashable]]:
        if self.level >= _LEVELS or (self.token is None and self.parent is not None):
            return
        if isinstance(self.value, list):
            for at, part in enumerate(self.value):
                if isinstance(part, dict | list):
                    yield at, self.rule.element(at), part, key_of(part, self.rule)
        elif isinstance(self.value, dict) and not isinstance(self.token, int):
            names = [name for name in self.rule.names if name in self.value]
            for name in (*names, *(name for name in self.value if name not in self.rule.known)):
                part = self.value[name]
                if isinstance(part, dict | list) and (self.parent is None or _objects(part)):
                    yield name, self.rule.member(name), part, name

    def made(self) -> list[Node]:
        """The rows as the value has them."""
        made = []
        if self.parent is None:
            made.append(Node(self, None, None, self.rule, self.value))
        for token, rule, value, label in self._parts():
            node = Node(self, token, self.rule, rule, value)
            node.label = label
            made.append(node)
        for row, node in enumerate(made):
            node.row = row
        return made


def _objects(value: Json) -> bool:
    return isinstance(value, dict) or any(isinstance(part, dict | list) for part in value)


class Outline(QAbstractItemModel):
    """Rows of sections and elements. `show` compares with what is there, so that what is open stays open."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._root = Node(None, None, None, context.schema.root, {})

    def show(self) -> None:
        """Take over the document as the context has it."""
        self._update(self._root, QModelIndex(), self._context.document, self._context.schema.root)

    def _update(self, node: Node, index: QModelIndex, value: Json, rule: Rule) -> None:
        node.value, node.rule = value, rule
        if node.children is None:
            return
        old, new = node.children, node.made()
        labels = [child.label for child in old]
        wanted = [child.label for child in new]
        head = 0
        while head < min(len(old), len(new)) and labels[head] == wanted[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and labels[-1 - tail] == wanted[-1 - tail]:
            tail += 1
        if head + tail < len(old):
            self.beginRemoveRows(index, head, len(old) - tail - 1)
            del old[head : len(old) - tail]
            self._renumber(old)
            self.endRemoveRows()
        if head + tail < len(new):
            self.beginInsertRows(index, head, len(new) - tail - 1)
            old[head:head] = new[head : len(new) - tail]
            self._renumber(old)
            self.endInsertRows()
        for child, fresh in zip(old, new, strict=True):
            child.token, child.holder = fresh.token, fresh.holder
            if child.children is not None:
                self._update(child, self.createIndex(child.row, 0, child), fresh.value, fresh.rule)
            else:
                child.value, child.rule = fresh.value, fresh.rule
        if old:
            self.dataChanged.emit(self.createIndex(0, 0, old[0]), self.createIndex(len(old) - 1, 0, old[-1]))

    @staticmethod
    def _renumber(nodes: list[Node]) -> None:
        for row, node in enumerate(nodes):
            node.row = row

    def node(self, index: Index) -> Node:
        """The node of an index."""
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, Node) else self._root

    def index_of(self, tokens: Tokens) -> QModelIndex:
        """The row of a place, or of the nearest place around it that has one."""
        here, index = self._root, self.index(0, 0)
        for token in tokens:
            found = next((child for child in self._children(here) if child.token == token), None)
            if found is None:
                break
            here, index = found, self.createIndex(found.row, 0, found)
        return index

    def _children(self, node: Node) -> list[Node]:
        if node.children is None:
            node.children = node.made()
        return node.children

    # -- what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's name
        """How many rows stand within one."""
        return 0 if parent.column() > 0 else len(self._children(self.node(parent)))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008, N802 - Qt's name
        """One."""
        return 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008, N802 - Qt's name
        """Whether a row can be opened."""
        node = self.node(parent)
        return node is self._root or (bool(node.children) if node.children is not None else node.holds())

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a row."""
        children = self._children(self.node(parent))
        if column or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row])

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


class _Rows(QStyledItemDelegate):
    """A title, its detail beside it, and a sign for what is wrong inside."""

    def __init__(self, context: Context, small: QFont) -> None:
        super().__init__()
        self._context, self._small = context, small

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002, N802 - Qt's name
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

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
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
