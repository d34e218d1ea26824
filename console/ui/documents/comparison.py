"""Two documents compared: side by side, inline or as sentences, with the patch between them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bible.diff import Change
from console.bible.patch import patch
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json
from console.bible.writing import write
from console.runtime.tasks import Tasks
from console.ui.documents.change_list import ChangeDelegate, ChangeModel, Mode
from console.ui.documents.rows import Compared, rows_of
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, number
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import ElidedLabel, label, set_tooltip
from console.ui.widgets.states import Skeleton, StatePanel


class ChangeView(QListView):
    """Rows of any height. Signals: `resized()`."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Text wraps anew."""
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters are keys of the comparison: the list's own search would take them."""
        if (event.text().isprintable() and event.text()) or event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
        else:
            super().keyPressEvent(event)


class Comparison(QWidget):
    """Shows what differs between two documents.

    Keys: Down and Up, N and P go from change to change; 1, 2 and 3 choose the way of showing; Ctrl+C copies
    the change, Ctrl+Shift+C the patch; R restores the change where that is offered; Escape leaves.
    Signals: `left()`; `restore_wanted(Change)`.
    """

    left = Signal()
    restore_wanted = Signal(object)

    def __init__(self, theme: Theme, tasks: Tasks, schema: AnnotatedSchema) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tasks, self._schema = tasks, schema
        self._documents: tuple[Json, Json] | None = None
        self._count = 0
        self.model = ChangeModel()
        self._delegate = ChangeDelegate(theme)
        self.title = ElidedLabel()
        self.title.setFont(theme.strong_font)
        self.count = label("", "muted")
        self.count.setAccessibleName("Changes")
        self.changes = ChangeView()
        self.changes.setModel(self.model)
        self.changes.setItemDelegate(self._delegate)
        self.changes.setAccessibleName("Changes")
        self.changes.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.changes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A comparison of two strangers has thousands of rows: they are laid out a few at a time.
        self.changes.setLayoutMode(QListView.LayoutMode.Batched)
        self.changes.setBatchSize(50)
        self.changes.verticalScrollBar().setSingleStep(24)
        self.changes.resized.connect(self.changes.scheduleDelayedItemsLayout)
        self.changes.selectionModel().currentRowChanged.connect(self._tell)
        self._nothing, self._skeleton = StatePanel(theme), Skeleton(theme)
        self._stack = QStackedWidget()
        for page in (self.changes, self._nothing, self._skeleton):
            self._stack.addWidget(page)
        self._modes = QButtonGroup(self)
        self.restore = QPushButton("Restore this  R")
        self.restore.clicked.connect(self._restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self._stack, 1)
        self.offer_restore("")

    def _head(self) -> QVBoxLayout:
        names = QHBoxLayout()
        names.setSpacing(SPACE_3)
        names.addWidget(self.title, 1)
        names.addWidget(self.count)
        tools = QHBoxLayout()
        tools.setSpacing(SPACE_1)
        for place, mode in enumerate(Mode):
            button = quiet_button(f"{mode.value}  {place + 1}")
            button.setCheckable(True)
            button.setAccessibleName(f"{mode.value}, key {place + 1}")
            button.clicked.connect(partial(self.show_as, mode))
            self._modes.addButton(button, place)
            tools.addWidget(button)
        self._modes.button(0).setChecked(True)
        tools.addStretch()
        self.copy_button, self.save_button = quiet_button("Copy patch"), quiet_button("Save patch…")
        set_tooltip(self.copy_button, "The way from one to the other as JSON Patch (RFC 6902). Ctrl+Shift+C")
        self.copy_button.clicked.connect(self._copy_patch)
        self.save_button.clicked.connect(self._save_patch)
        for button in (self.copy_button, self.save_button, self.restore):
            tools.addWidget(button)
        head = QVBoxLayout()
        head.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        head.setSpacing(SPACE_2)
        head.addLayout(names)
        head.addLayout(tools)
        return head

    # -- what is shown

    def wait(self, title: str) -> None:
        """Say what is being compared until it is here."""
        self.title.set_text(title)
        self.count.clear()
        self._documents = None
        self._offer()
        self._skeleton.begin()
        self._stack.setCurrentWidget(self._skeleton)

    async def compare(
        self,
        title: str,
        documents: tuple[Json, Json],
        changes: Sequence[Change],
        authors: Sequence[str] = (),
    ) -> None:
        """Show the changes from the first document to the second; `authors` has one for each, or none."""
        found = await asyncio.to_thread(rows_of, changes, authors)
        self.title.set_text(title)
        self._documents = documents
        self._show(found)

    def fail(self, what: str, why: str) -> None:
        """Say that it cannot be compared."""
        self._nothing.tell("warning", what, why)
        self._stack.setCurrentWidget(self._nothing)

    def _show(self, found: Compared) -> None:
        self._count = found.count
        self.model.show(found.rows)
        self._offer()
        if not found.rows:
            self.count.setText("No changes")
            self._nothing.tell("approve", "Nothing differs", "Both say the same.")
            self._stack.setCurrentWidget(self._nothing)
            return
        self._stack.setCurrentWidget(self.changes)
        self.changes.setCurrentIndex(self.model.index(0))
        self.changes.setFocus()

    def offer_restore(self, words: str) -> None:
        """Offer to restore single changes, with what that would do in words; nothing without words."""
        self.restore.setVisible(bool(words))
        set_tooltip(self.restore, words)

    def _offer(self) -> None:
        here = self._documents is not None
        self.copy_button.setEnabled(here)
        self.save_button.setEnabled(here)
        self.restore.setEnabled(here and bool(self.model.rows))

    def _tell(self) -> None:
        at, shown = self.changes.currentIndex().row() + 1, len(self.model.rows)
        beyond = f", the first {number(shown)} shown" if self._count > shown else ""
        self.count.setText(f"{number(at)} of {count_of(self._count, 'change')}{beyond}")

    @property
    def current(self) -> Change | None:
        """The change that the keyboard stands on."""
        index = self.changes.currentIndex()
        return self.model.rows[index.row()].change if index.isValid() else None

    @property
    def mode(self) -> Mode:
        """The way of showing."""
        return self._delegate.mode

    def show_as(self, mode: Mode, *_: object) -> None:
        """Show the changes in one of the three ways."""
        self._delegate.mode = mode
        self._modes.button(list(Mode).index(mode)).setChecked(True)
        current = self.changes.currentIndex()
        self.changes.scheduleDelayedItemsLayout()
        self.changes.scrollTo(current, QListView.ScrollHint.PositionAtCenter)

    def step(self, by: int) -> None:
        """Go to the next change (1) or the one before (-1)."""
        row = self.changes.currentIndex().row() + by
        if 0 <= row < len(self.model.rows):
            self.changes.setCurrentIndex(self.model.index(row))

    # -- what comes out

    def _restore(self) -> None:
        if self.restore.isVisible() and self.restore.isEnabled() and (change := self.current) is not None:
            self.restore_wanted.emit(change)

    def _copy(self) -> None:
        index = self.changes.currentIndex()
        if index.isValid():
            row = self.model.rows[index.row()]
            sides = ("".join(piece for _, piece in side) for side in (row.before, row.after))
            told = [row.sentence, *(f"{sign} {text}" for sign, text in zip("-+", sides, strict=True) if text)]
            QGuiApplication.clipboard().setText("\n".join(told))

    def _copy_patch(self) -> None:
        self._tasks.spawn(self._to_clipboard(), "copy the patch", self)

    async def _to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(await self._patch())

    def _save_patch(self) -> None:
        dialog = QFileDialog(self, "Save patch", "changes.json", "JSON Patch (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.write_patch)
        dialog.open()

    def write_patch(self, path: str) -> None:
        """Write the patch to a file, aside."""
        self._tasks.spawn(self._write(Path(path)), "save the patch", self)

    async def _write(self, path: Path) -> None:
        await asyncio.to_thread(path.write_text, await self._patch(), encoding="utf-8")

    async def _patch(self) -> str:
        if self._documents is None:
            return ""
        before, after = self._documents

        def written() -> str:
            return write(patch(before, after, self._schema))

        return await asyncio.to_thread(written)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the class's words."""
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif QKeySequence(event.keyCombination()) == QKeySequence("Ctrl+Shift+C"):
            self._copy_patch()
        elif event.modifiers() != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_3:
            self.show_as(list(Mode)[key - Qt.Key.Key_1])
        elif key in (Qt.Key.Key_N, Qt.Key.Key_P):
            self.step(1 if key == Qt.Key.Key_N else -1)
        elif key == Qt.Key.Key_R:
            self._restore()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
