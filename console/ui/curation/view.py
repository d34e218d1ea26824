"""The tree as it is worked with: by pointer and by keys, with room for names first."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView

from console.domain.curation import TOPIC, Category, Topic
from console.ui.curation.columns import Column
from console.ui.curation.painting import EntryDelegate
from console.ui.curation.tree import ENTRY, CurationTree, Index
from console.ui.theme.theme import Theme

_NUMBER_WIDTH = 92
_SLUG_WIDTH = 150
_ROOM_FOR_SLUG = 640
_ROOM_FOR_CATEGORIES = 500
"""Pixels below which a column goes: names are what is read."""


class TopicsView(QTreeView):
    """Signals: `current_changed(Topic | Category | None)`."""

    current_changed = Signal(object)

    def __init__(self, theme: Theme, model: CurationTree) -> None:
        super().__init__()
        self._theme = theme
        self._tree = model
        self.setModel(model)
        self._delegate = EntryDelegate(theme)
        self.setItemDelegate(self._delegate)
        self.setObjectName("topics")
        self.setAccessibleName("Topics and categories")
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setIndentation(20)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setExpandsOnDoubleClick(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDropIndicatorShown(True)
        self.setAutoExpandDelay(700)
        self.setAutoScroll(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        header.setFont(theme.small_font)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.SLUG, QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(Column.SLUG, _SLUG_WIDTH)
        for column in (Column.CATEGORIES, Column.SCENES, Column.IDEAS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, _NUMBER_WIDTH)
        self.selectionModel().currentChanged.connect(self._current_changed)

    def current(self) -> Topic | Category | None:
        """The entry under the cursor."""
        entry = self.currentIndex().data(ENTRY)
        return entry if isinstance(entry, Topic | Category) else None

    def go_to(self, index: QModelIndex) -> None:
        """Make a row the current and only selected one, and bring it into sight."""
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index.siblingAtColumn(0), flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)

    def opened(self) -> list[Topic]:
        """The topics that are open."""
        # What was never opened was never read.
        rows = (self._tree.find(TOPIC, id) for id in self._tree.outline.read())
        return [index.data(ENTRY) for index in rows if self.isExpanded(index)]

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: Index) -> None:
        """Mark the current row at its left edge, over the branch too."""
        chosen = self._is_current(index)
        rect = self.visualRect(index)
        whole = QRect(0, rect.top(), self.viewport().width(), rect.height())
        if chosen:
            painter.fillRect(whole, QColor(self._theme.tokens.selected))
        super().drawRow(painter, options, index)
        if chosen:
            painter.fillRect(QRect(0, whole.top(), 3, whole.height()), QColor(self._theme.tokens.accent))
            if self.hasFocus():
                painter.setPen(QColor(self._theme.tokens.focus))
                painter.drawRect(whole.adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let columns go where there is little room."""
        width = self.viewport().width()
        self.setColumnHidden(Column.SLUG, width < _ROOM_FOR_SLUG)
        self.setColumnHidden(Column.CATEGORIES, width < _ROOM_FOR_CATEGORIES)
        super().resizeEvent(event)

    def _is_current(self, index: Index) -> bool:
        current = self.currentIndex()
        return index.row() == current.row() and index.parent() == current.parent()

    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        entry = current.data(ENTRY)
        self.current_changed.emit(entry if isinstance(entry, Topic | Category) else None)
