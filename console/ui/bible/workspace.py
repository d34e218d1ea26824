"""The bible's place in the window: editor in the middle, history at the side, a banner above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bible.editing import Edit
from console.bible.positions import PositionIndex
from console.bible.schema import AnnotatedSchema
from console.runtime.tasks import Tasks
from console.ui.bible.authors import FieldsPane
from console.ui.bible.banner import Banner
from console.ui.bible.history import HistoryPane
from console.ui.documents.comparison import Comparison
from console.ui.documents.merging import MergeView
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import ElidedLabel, label, set_tooltip
from console.ui.widgets.served import served_label
from console.ui.widgets.states import Skeleton, StatePanel

SIDE_PIXELS, MIDDLE_PIXELS = 270, 480
_KEPT = "bible panes"


class Editor(Protocol):
    """What the workspace needs of the widget in its middle."""

    edited: SignalInstance

    def load(self, text: str, *, version: int | None = None, segments: int | None = None) -> None:
        """Show a document, without a way back to the one before."""

    def set_surroundings(self, *, version: int | None, segments: int | None) -> None:
        """Say what the row and the scene are by now."""

    def text(self) -> str:
        """The text as it stands."""

    def change(self, make: Callable[[PositionIndex], list[Edit]]) -> None:
        """Change the text, as one step back."""

    def mark_saved(self) -> None:
        """What stands here now is what is kept."""

    def set_read_only(self, read_only: bool, why: str = "") -> None:
        """Whether it may be edited; `why` not is told."""

    def go_to(self, pointer: str) -> None:
        """Move to what a pointer names."""


class Workspace(QWidget):
    """Signals: `save_wanted()`; `draft_chosen(str)` with the key of a draft that is to be opened."""

    save_wanted = Signal()
    draft_chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        schema: AnnotatedSchema,
        editor: QWidget,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._settings, self._editor = theme, settings, editor
        self.banner = Banner(theme)
        self.comparison = Comparison(theme, tasks, schema)
        self.merge = MergeView(theme, tasks)
        self.history, self.fields = HistoryPane(theme), FieldsPane(theme)
        self._title = ElidedLabel()
        self._title.setFont(theme.strong_font)
        self._facts, self._state = label("", "muted"), label("", "muted")
        self.served = served_label(theme)
        self._facts.setAccessibleName("Version")
        self._state.setAccessibleName("State")
        self.note = QLineEdit()
        self.note.setPlaceholderText("Why (optional)")
        self.note.setAccessibleName("Note for the new version")
        self.note.setMaxLength(10_000)
        self.note.setFixedWidth(180)
        self.note.returnPressed.connect(self.save_wanted)
        self.save = QPushButton("Save  Ctrl+S")
        self.save.setProperty("part", "main")
        self.save.clicked.connect(self.save_wanted)
        self._nothing, self._skeleton = StatePanel(theme), Skeleton(theme)
        self.drafts = QListWidget()
        self.drafts.setObjectName("questions")
        self.drafts.setAccessibleName("Drafts that were not saved")
        self.drafts.itemActivated.connect(
            lambda item: self.draft_chosen.emit(item.data(Qt.ItemDataRole.UserRole))
        )
        self._middle, self._side = QStackedWidget(), QStackedWidget()
        for page in (editor, self.comparison, self.merge):
            self._middle.addWidget(page)
        for page in (self.history, self.fields):
            self._side.addWidget(page)
        self._sides = QButtonGroup(self)
        self._panes = QSplitter(Qt.Orientation.Horizontal)
        self._content, self._start, self._kept = QWidget(), QWidget(), QWidget()
        self._stack = QStackedWidget()
        for page in (self._start, self._content, self._skeleton):
            self._stack.addWidget(page)
        self._build()
        self.show_start(())

    def _build(self) -> None:
        start = QVBoxLayout(self._start)
        start.addWidget(self._nothing, 1)
        start.addWidget(self._kept, 1)
        kept = QVBoxLayout(self._kept)
        kept.setContentsMargins(SPACE_4, 0, SPACE_4, 0)
        heading = label("Typed and not saved", "section", self._theme.small_font)
        heading.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, 0)
        kept.addWidget(heading)
        kept.addWidget(self.drafts)
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        head.setSpacing(SPACE_3)
        below = QHBoxLayout()
        below.setSpacing(SPACE_2)
        below.addWidget(self._facts)
        below.addWidget(self._state)
        below.addWidget(self.served)
        below.addStretch()
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addLayout(below)
        head.addLayout(names, 1)
        head.addWidget(self.note)
        head.addWidget(self.save)
        self._panes.setHandleWidth(1)
        self._panes.setChildrenCollapsible(False)
        # What is not in front does not make the window wide.
        self._middle.setMinimumWidth(MIDDLE_PIXELS)
        self._panes.addWidget(self._middle)
        self._panes.addWidget(self._build_side())
        self._panes.setStretchFactor(0, 1)
        self._panes.setSizes([900, SIDE_PIXELS])
        if self._settings is not None and isinstance(kept := self._settings.value(_KEPT), QByteArray):
            self._panes.restoreState(kept)
        self._panes.splitterMoved.connect(self._keep_layout)
        inner = QVBoxLayout(self._content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addLayout(head)
        inner.addWidget(self.banner)
        inner.addWidget(self._panes, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _build_side(self) -> QWidget:
        side = QWidget()
        tabs = QHBoxLayout()
        tabs.setContentsMargins(SPACE_2, SPACE_2, SPACE_2, SPACE_2)
        for place, (title, words) in enumerate(
            (("Versions", "Every version, who made it and when"), ("Fields", "Who last changed each field"))
        ):
            button = quiet_button(title)
            button.setCheckable(True)
            set_tooltip(button, words)
            button.clicked.connect(partial(self.show_side, place))
            self._sides.addButton(button, place)
            tabs.addWidget(button)
        self._sides.button(0).setChecked(True)
        tabs.addStretch()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tabs)
        column.addWidget(self._side, 1)
        self.side = side
        return side

    def _keep_layout(self) -> None:
        if self._settings is not None:
            self._settings.setValue(_KEPT, self._panes.saveState())

    # -- what is in front

    def show_start(self, drafts: Sequence[tuple[str, str]]) -> None:
        """No document is open; `drafts` are what may be taken up again, as key and words."""
        self._nothing.tell(
            "bible",
            "No bible is open",
            "B opens the bible of the scene or segment shown. Ctrl+F finds a scene.",
        )
        self.drafts.clear()
        for key, words in drafts:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, key)
            self.drafts.addItem(item)
        self._kept.setVisible(bool(drafts))
        if drafts:
            self.drafts.setCurrentRow(0)
        self._stack.setCurrentWidget(self._start)

    def wait(self) -> None:
        """A document is on its way."""
        self.banner.clear()
        self._skeleton.begin()
        self._stack.setCurrentWidget(self._skeleton)

    def fail(self, what: str, why: str, again: Callable[[], None] | None = None) -> None:
        """A document cannot be opened."""
        self._kept.hide()
        self._nothing.tell("warning", what, why, action=("Try again", again) if again is not None else None)
        self._stack.setCurrentWidget(self._start)

    def show_editor(self) -> None:
        """Bring the editor to the front."""
        self._stack.setCurrentWidget(self._content)
        self._bring(self._editor)
        self._editor.setFocus()

    def show_comparison(self) -> None:
        """Bring the comparison to the front."""
        self._stack.setCurrentWidget(self._content)
        self._bring(self.comparison)
        self.comparison.setFocus()

    def show_merge(self) -> None:
        """Bring the merge to the front, over the whole width."""
        self._stack.setCurrentWidget(self._content)
        self._bring(self.merge)
        self.merge.setFocus()

    def _bring(self, page: QWidget) -> None:
        self._middle.setCurrentWidget(page)
        # A merge has the whole width, and a button of its own that saves.
        self.side.setVisible(page is not self.merge)
        self.save.setVisible(page is not self.merge)

    @property
    def merging(self) -> bool:
        """Whether the merge is in front."""
        return self._middle.currentWidget() is self.merge

    @property
    def editing(self) -> bool:
        """Whether the editor is in front."""
        shown = self._stack.currentWidget() is self._content
        return shown and self._middle.currentWidget() is self._editor

    def show_side(self, place: int, *_: object) -> None:
        """Show the versions (0) or the fields (1) at the side, and give them the keyboard."""
        self._sides.button(place).setChecked(True)
        self._side.setCurrentIndex(place)
        (self.history if place == 0 else self.fields).take_focus()

    # -- the line of state

    def name(self, title: str, facts: str, exact_facts: str) -> None:
        """What is open, and which version of it."""
        self._title.set_text(title)
        self._facts.setText(facts)
        set_tooltip(self._facts, exact_facts)

    def state(self, words: str, part: str = "muted") -> None:
        """How what is typed stands."""
        self._state.setText(words)
        if self._state.property("part") != part:
            self._state.setProperty("part", part)
            self._state.style().unpolish(self._state)
            self._state.style().polish(self._state)

    @property
    def state_words(self) -> str:
        """How what is typed stands, as it is shown."""
        return self._state.text()

    @property
    def facts(self) -> str:
        """Which version is open, as it is shown."""
        return self._facts.text()
