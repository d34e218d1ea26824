"""The versions of a document at the side: who made each, when, why, and how much it changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.domain.documents import DocumentVersion
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import RADIUS, SPACE_1, SPACE_2, SPACE_3
from console.ui.theme.words import ago, count_of, exact, plain, shortened
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label, set_tooltip, tooltip

Index = QModelIndex | QPersistentModelIndex
VERSION = Qt.ItemDataRole.UserRole
CHANGES = Qt.ItemDataRole.UserRole + 1
ROW_PIXELS = 44
_NO_INDEX = QModelIndex()


def made_by(version: DocumentVersion) -> str:
    """Who made a version: a person's login, a job, or the platform itself."""
    return plain(version.author or version.made_by or "the platform")


def told(version: DocumentVersion, now: datetime | None = None) -> str:
    """A version in a few words: “version 14, mia, 2 h ago”."""
    words = ago(version.saved_at, now)
    when = words if words[-1].isdigit() else "now" if words == "now" else f"{words} ago"
    return f"version {version.version} ({made_by(version)}, {when})"


class VersionModel(QAbstractListModel):
    """The facts of all versions, newest first, and how much each changed as far as that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: tuple[DocumentVersion, ...] = ()
        self.counts: dict[int, int] = {}
        self.current: int | None = None

    def show(self, versions: tuple[DocumentVersion, ...], current: int | None) -> None:
        """Show other versions; `current` is the one in the editor. What is known stays where it is."""
        same = [each.version for each in versions[-len(self.versions) :]]
        added = len(versions) - len(self.versions)
        if self.versions and added >= 0 and same == [each.version for each in self.versions]:
            if added:
                self.beginInsertRows(QModelIndex(), 0, added - 1)
                self.versions = versions
                self.endInsertRows()
        else:
            self.beginResetModel()
            self.versions, self.counts = versions, {}
            self.endResetModel()
        self.current = current
        self._tell()

    def count(self, version: int, changes: int) -> None:
        """How many changes a version made is known now."""
        self.counts[version] = changes
        self._tell()

    def _tell(self) -> None:
        if self.versions:
            self.dataChanged.emit(self.index(0), self.index(len(self.versions) - 1))

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """One for each version."""
        return 0 if parent.isValid() else len(self.versions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Facts under their roles, and in words."""
        if not index.isValid():
            return None
        version = self.versions[index.row()]
        if role == VERSION:
            return version
        if role == CHANGES:
            return self._changes(version)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{version.version} {made_by(version)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            note = f", {plain(version.note)}" if version.note else ""
            here = ", in the editor" if version.version == self.current else ""
            return f"{told(version)}, {self._changes(version)}{note}{here}"
        if role == Qt.ItemDataRole.ToolTipRole:
            note = f"\n{plain(version.note)}" if version.note else ""
            return tooltip(f"Saved {exact(version.saved_at)} by {made_by(version)}{note}")
        return None

    def _changes(self, version: DocumentVersion) -> str:
        if version is self.versions[-1]:
            return "the first"
        changes = self.counts.get(version.version)
        return "" if changes is None else count_of(changes, "change") if changes else "no changes"


class _VersionDelegate(QStyledItemDelegate):
    """Number and maker above, what it changed and why below; when at the right."""

    def __init__(self, theme: Theme, model: VersionModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        return QSize(180, ROW_PIXELS)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        version = index.data(VERSION)
        if not isinstance(version, DocumentVersion):
            return
        tokens, theme = self._theme.tokens, self._theme
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
        right, left = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        middle = Qt.AlignmentFlag.AlignVCenter
        here = version.version == self._model.current
        when, mark = ago(version.saved_at), "in the editor" if here else ""
        painter.setFont(theme.small_font)
        painter.setPen(QColor(tokens.accent))
        painter.drawText(lower, middle | right, mark)
        lower.setRight(lower.right() - painter.fontMetrics().horizontalAdvance(mark) - SPACE_2)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(upper, middle | right, when)
        room = upper.width() - painter.fontMetrics().horizontalAdvance(when) - SPACE_2
        changes = index.data(CHANGES)
        note = f"“{shortened(version.note, 200)}”" if version.note else ""
        below = " · ".join(part for part in (changes, note) if part)
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(lower, middle | left, painter.fontMetrics().elidedText(below, elide, lower.width()))
        painter.setFont(theme.text_font)
        painter.setPen(QColor(tokens.text))
        name = painter.fontMetrics().elidedText(f"{version.version}  {made_by(version)}", elide, room)
        painter.drawText(upper, middle | left, name)
        painter.restore()


class _VersionList(QListView):
    """Enter and letters are keys of the pane."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass on what is no movement."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter or (event.text().isprintable() and event.text() != ""):
            event.ignore()
        else:
            super().keyPressEvent(event)


class HistoryPane(QWidget):
    """Lists versions. Enter tells what the chosen one changed, or what lies between two; C compares it with
    the text in the editor; R restores it; Escape leaves.

    Signals: `compare_wanted(int, int)` from the older to the newer (0: nothing before it);
    `compare_with_text_wanted(int)`; `restore_wanted(int)`; `left()`.
    """

    compare_wanted = Signal(int, int)
    compare_with_text_wanted = Signal(int)
    restore_wanted = Signal(int)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model = VersionModel()
        self._delegate = _VersionDelegate(theme, self.model)
        self.list = _VersionList()
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName("Versions")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.doubleClicked.connect(self._compare)
        self.list.selectionModel().selectionChanged.connect(self._offer)
        self.changes = QPushButton("What it changed  ⏎")
        self.with_text, self.restore = quiet_button("Compare with the text  C"), quiet_button("Restore  R")
        self._hint = label("Two chosen are compared with each other", "muted", theme.small_font)
        self._hint.setWordWrap(True)
        set_tooltip(self.with_text, "What differs between this version and what is in the editor")
        set_tooltip(self.restore, "Saves a new version that says what this one says")
        self.changes.clicked.connect(self._compare)
        self.with_text.clicked.connect(self._compare_with_text)
        self.restore.clicked.connect(self._restore)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_3, SPACE_2, SPACE_3, SPACE_2)
        foot.setSpacing(SPACE_1)
        for widget in (self.changes, self.with_text, self.restore, self._hint):
            foot.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self._offer()

    @property
    def chosen(self) -> list[int]:
        """The versions chosen, newest first."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return [self.model.versions[row].version for row in rows]

    def _offer(self) -> None:
        many = len(self.chosen)
        self.changes.setText("Compare the two  ⏎" if many > 1 else "What it changed  ⏎")
        self.changes.setEnabled(many >= 1)
        self.with_text.setEnabled(many == 1)
        self.restore.setEnabled(many == 1 and self.chosen != [self.model.versions[0].version])

    def _compare(self) -> None:
        chosen = self.chosen
        if len(chosen) > 1:
            self.compare_wanted.emit(chosen[-1], chosen[0])
        elif chosen:
            older = [each.version for each in self.model.versions if each.version < chosen[0]]
            self.compare_wanted.emit(max(older, default=0), chosen[0])

    def _compare_with_text(self) -> None:
        if len(self.chosen) == 1:
            self.compare_with_text_wanted.emit(self.chosen[0])

    def _restore(self) -> None:
        if self.restore.isEnabled():
            self.restore_wanted.emit(self.chosen[0])

    def take_focus(self) -> None:
        """Give the keyboard to the list, on the newest version unless one is chosen."""
        if self.model.versions and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(0))
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the class's words."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._compare()
        elif event.key() == Qt.Key.Key_C:
            self._compare_with_text()
        elif event.key() == Qt.Key.Key_R:
            self._restore()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
