"""What was refused, as a list with its details beside it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.subjects import Subject
from console.services.ports import JournalEntry
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, exact, plain, shortened, since
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label, set_tooltip, tooltip
from console.ui.widgets.prose import Prose
from console.ui.widgets.states import StatePanel

_ENTRY = Qt.ItemDataRole.UserRole
ROW_LONGEST, TITLE_LONGEST = 48, 200
LONGEST = 200_000
"""Characters of a typed text that are laid out; all of it is copied."""


class RefusalsScreen(QWidget):
    """Signals: `retry_wanted(entry)`, `dismiss_wanted(entries)`, `open_wanted(entry)`."""

    retry_wanted = Signal(object)
    dismiss_wanted = Signal(object)
    open_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._count = label("", "muted")
        self.all = quiet_button("Dismiss all")
        self.all.clicked.connect(lambda: self.dismiss_wanted.emit(self.entries))
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(label("Refused", font=theme.strong_font))
        header.addWidget(self._count)
        header.addStretch()
        header.addWidget(self.all)
        self.list = QListWidget()
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContentsMargins(SPACE_2, 0, SPACE_2, 0)
        self.list.setAccessibleName("What was refused")
        self.list.currentItemChanged.connect(lambda *_: self._show())
        self.list.itemActivated.connect(lambda _: self.open_item())
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.list)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self._details())
        splitter.setSizes([420, 560])
        self._empty = StatePanel(theme)
        kept = "What the database refuses is kept here until you dismiss it."
        self._empty.tell("approve", "Nothing was refused", kept)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(splitter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _details(self) -> QWidget:
        details = QWidget()
        self._what = label("", font=self._theme.title_font)
        self._why = label("", "serious")
        self._when = label("", "muted", self._theme.small_font)
        self._typed_heading = label("What you typed", "muted", self._theme.small_font)
        self.typed = Prose("", "What you typed")
        for words in (self._what, self._why):
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry = QPushButton("Try again")
        self.open = QPushButton("Open the item")
        self.copy = QPushButton("Copy")
        self.dismiss = QPushButton("Dismiss")
        self.retry.clicked.connect(self.try_again)
        self.open.clicked.connect(self.open_item)
        self.copy.clicked.connect(self.copy_current)
        self.dismiss.clicked.connect(self.dismiss_current)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        for button in (self.open, self.retry, self.copy, self.dismiss):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(details)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addWidget(self._what)
        column.addWidget(self._when)
        column.addSpacing(SPACE_1)
        column.addWidget(self._why)
        column.addSpacing(SPACE_2)
        column.addWidget(self._typed_heading)
        column.addWidget(self.typed)
        column.addSpacing(SPACE_2)
        column.addLayout(buttons)
        column.addStretch()
        return details

    @property
    def entries(self) -> list[JournalEntry]:
        """What is listed, newest first."""
        return [self.list.item(row).data(_ENTRY) for row in range(self.list.count())]

    def current(self) -> JournalEntry | None:
        """The entry whose details are shown."""
        entry = self.list.currentIndex().data(_ENTRY)
        return entry if isinstance(entry, JournalEntry) else None

    def show_entries(self, entries: Sequence[JournalEntry]) -> None:
        """List these, oldest first as the journal has them; the current one stays the current one."""
        before = self.current()
        wanted: UUID | None = before.id if before else None
        place = self.list.currentRow()
        self.list.clear()
        for entry in reversed(entries):
            row = QListWidgetItem(
                f"{shortened(entry.work.words, ROW_LONGEST)}\n{shortened(entry.message or '', ROW_LONGEST)}"
            )
            row.setData(_ENTRY, entry)
            row.setToolTip(tooltip(f"{plain(entry.work.words)}: {plain(entry.message or '')}"))
            self.list.addItem(row)
            if entry.id == wanted:
                self.list.setCurrentItem(row)
        if self.list.currentRow() < 0 and entries:
            self.list.setCurrentRow(max(0, min(place, self.list.count() - 1)))
        self._count.setText(f"· {count_of(len(entries), 'change')}")
        self._stack.setCurrentIndex(1 if entries else 0)
        self._show()

    def _show(self) -> None:
        entry = self.current()
        if entry is None:
            return
        self._what.setText(shortened(entry.work.words, TITLE_LONGEST))
        self._why.setText(plain(entry.message or ""))
        self._when.setText(since(entry.at))
        set_tooltip(self._when, exact(entry.at))
        typed = entry.work.typed or ""
        self.typed.setPlainText(plain(typed[:LONGEST], lines=True))
        self.typed.updateGeometry()
        self.typed.setVisible(bool(typed))
        self._typed_heading.setVisible(bool(typed))
        self.open.setEnabled(subject_of(entry) is not None)

    # What the buttons and the keys do

    def try_again(self) -> None:
        """Send the current one again, as it was."""
        if (entry := self.current()) is not None:
            self.retry_wanted.emit(entry)

    def open_item(self) -> None:
        """Open what the current one is about."""
        if (entry := self.current()) is not None and subject_of(entry) is not None:
            self.open_wanted.emit(entry)

    def copy_current(self) -> None:
        """Copy all there is to the current one."""
        if (entry := self.current()) is not None:
            parts = (entry.work.words, f"Refused: {entry.message or ''}", exact(entry.at), entry.work.typed)
            QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))

    def dismiss_current(self) -> None:
        """Drop the current one."""
        if (entry := self.current()) is not None:
            self.dismiss_wanted.emit([entry])


def subject_of(entry: JournalEntry) -> Subject | None:
    """What an entry is about, or the first of it."""
    return next(iter(entry.work.subjects), None)
