"""Who or which job last changed each field, over the whole history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.bible.blame import Blame
from console.domain.documents import DocumentVersion
from console.ui.bible.history import ROW_PIXELS, made_by
from console.ui.documents.questions import spoken
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RADIUS, SPACE_1, SPACE_2, SPACE_3
from console.ui.theme.words import ago, count_of, exact
from console.ui.widgets.labels import label, tooltip

Index = QModelIndex | QPersistentModelIndex
FIELD = Qt.ItemDataRole.UserRole
MOST: Final = 5_000
"""Fields that are listed; a filter narrows them."""
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its stable pointer and its name in words, and the version that made it what it is."""

    path: str
    name: str
    version: DocumentVersion


def fields_of(blame: Blame[DocumentVersion]) -> tuple[Field, ...]:
    """Every field that somebody changed, the latest change first; at the end whose all the rest is."""
    parts = {path: by for path, by in blame.parts("").items() if by.version != blame.author("").version}
    changed = [Field(path, spoken(path), by) for path, by in parts.items()]
    changed.sort(key=lambda field: (-field.version.version, field.name))
    return (*changed, Field("", "all the rest", blame.author("")))


class FieldModel(QAbstractListModel):
    """Fields whose name or maker has every word that is looked for."""

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Field, ...] = ()
        self.fields: tuple[Field, ...] = ()
        self._wanted = ""

    def show(self, fields: tuple[Field, ...]) -> None:
        """Show other fields, narrowed as before."""
        self._all = fields
        self.narrow(self._wanted)

    def narrow(self, wanted: str) -> None:
        """Show only what has all these words."""
        self._wanted = wanted
        words = wanted.lower().split()
        found = [
            field
            for field in self._all
            if not words or all(word in f"{field.name} {made_by(field.version)}".lower() for word in words)
        ]
        self.beginResetModel()
        self.fields = tuple(found[:MOST])
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """One for each field shown."""
        return 0 if parent.isValid() else len(self.fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The field under `FIELD`, and in words."""
        if not index.isValid():
            return None
        field = self.fields[index.row()]
        by = f"{made_by(field.version)} · version {field.version.version} · {ago(field.version.saved_at)}"
        if role == FIELD:
            return field
        if role == Qt.ItemDataRole.DisplayRole:
            return field.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{field.name}: {by}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{field.name}\n{made_by(field.version)}, {exact(field.version.saved_at)}")
        return None


class _FieldDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        return QSize(180, ROW_PIXELS)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        field = index.data(FIELD)
        if not isinstance(field, Field):
            return
        tokens = self._theme.tokens
        rect: QRect = option.rect.adjusted(SPACE_2, 1, -SPACE_2, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QColor(tokens.focus) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        inner = rect.adjusted(SPACE_2, SPACE_1, -SPACE_2, -SPACE_1)
        upper = QRect(inner.left(), inner.top(), inner.width(), inner.height() // 2)
        lower = upper.translated(0, upper.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        version = field.version
        by = f"{made_by(version)} · version {version.version} · {ago(version.saved_at)}"
        for font, colour, text, room, elide in (
            (self._theme.text_font, tokens.text, field.name, upper, Qt.TextElideMode.ElideLeft),
            (self._theme.small_font, tokens.muted, by, lower, Qt.TextElideMode.ElideRight),
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(room, flags, painter.fontMetrics().elidedText(text, elide, room.width()))
        painter.restore()


class FieldsPane(QWidget):
    """Lists fields by their last change. Enter goes to the field in the text, Escape leaves.

    Signals: `go_wanted(str)` with a stable pointer; `left()`.
    """

    go_wanted = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model = FieldModel()
        self._delegate = _FieldDelegate(theme)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Field, person or job")
        self.filter.setAccessibleName("Narrow the fields")
        self.filter.textChanged.connect(self.model.narrow)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Fields and who last changed them")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.activated.connect(self._go)
        self.state = label("Reading the history", "muted", theme.small_font)
        top, foot = QVBoxLayout(), QVBoxLayout()
        for layout, widget in ((top, self.filter), (foot, self.state)):
            layout.setContentsMargins(SPACE_3, SPACE_2, SPACE_3, SPACE_2)
            layout.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(foot)

    def show_fields(self, fields: tuple[Field, ...], versions: int) -> None:
        """Show the fields after so many versions were read."""
        self.model.show(fields)
        changed = count_of(max(0, len(fields) - 1), "field")
        self.state.setText(f"{changed} changed in {count_of(versions, 'version')}")

    def take_focus(self) -> None:
        """Type into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go(self, index: QModelIndex) -> None:
        field = index.data(FIELD)
        if isinstance(field, Field):
            self.go_wanted.emit(field.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves; Down goes from the filter into the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Down and not self.list.hasFocus() and self.model.fields:
            self.list.setFocus()
            self.list.setCurrentIndex(self.model.index(0))
        else:
            super().keyPressEvent(event)
