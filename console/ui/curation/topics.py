"""Topics and categories: the tree beside the fields of one of them, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.changes import ChangeBatch, Event
from console.domain.curation import CATEGORY, TOPIC, Category, Topic
from console.domain.errors import GreenroomError
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.ui.curation.acts import Acts, CurationServices
from console.ui.curation.chooser import TopicChooser
from console.ui.curation.editing import Editing
from console.ui.curation.editor import Editor
from console.ui.curation.files import Files
from console.ui.curation.outline import kind_of
from console.ui.curation.reading import Reading
from console.ui.curation.row_actions import RowActions
from console.ui.curation.topic_merging import TopicMerging
from console.ui.curation.tree import CurationTree
from console.ui.curation.tree_filter import TreeFilter
from console.ui.curation.view import TopicsView
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import number
from console.ui.widgets.labels import label
from console.ui.widgets.served import served_label, tell_served
from console.ui.widgets.states import Skeleton, StatePanel

TO_TOPIC, RETIRE, MERGE = "Move to another topic…", "Retire or activate", "Merge into another topic…"


class TopicsScreen(QWidget):
    """Signals: `loaded()` when the tree was read."""

    loaded = Signal()

    def __init__(
        self, theme: Theme, services: CurationServices, tasks: Tasks, notices: Notices, bus: ChangeBus
    ) -> None:
        super().__init__()
        self._services, self._tasks, self._notices = services, tasks, notices
        self._offers: dict[str, QAction] = {}
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tree = CurationTree(self)
        self.view = TopicsView(theme, self.tree)
        self.editor = Editor(theme)
        self.acts = Acts(services, tasks, notices, self)
        self.editing = Editing(self.editor, self.tree, services, self.acts, tasks, notices)
        self.files = Files(theme, self, services, self.acts, tasks, notices)
        self.merging = TopicMerging(theme, self, services, self.acts, tasks, notices)
        catalogue = services.catalogue
        self.filter = TreeFilter(self.view, self.tree, catalogue, tasks)
        self.reading = Reading(self.view, self.tree, self.filter, self.editing, catalogue, tasks)
        self.row_actions = RowActions(
            self.view, self.tree, self.editing, self.reading, catalogue, self.acts, tasks, notices
        )
        self._title = label("Topics", font=theme.strong_font)
        self._count, self._served = label("", "muted"), served_label(theme)
        self._state, self._skeleton, self._nothing = StatePanel(theme), Skeleton(theme), StatePanel(theme)
        self._nothing.tell("topic", "No topic chosen", "Choose one to edit it, or make a new one.")
        self._new_topic, self._new_category = QPushButton("New topic"), QPushButton("New category")
        self._more = QPushButton("More")
        self._lay_out()
        self._actions(bus)

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None], bool], ...]:
        """What can be done here: title, keys, and whether a held key goes on."""
        return (
            ("New topic", ("Ctrl+N",), partial(self.new, TOPIC), False),
            ("New category", ("Ctrl+Shift+N",), partial(self.new, CATEGORY), False),
            ("Edit", ("F2",), self._edit, False),
            ("Save", ("Ctrl+S",), self.editing.save, False),
            ("Move up", ("Alt+Up",), partial(self.row_actions.step, -1), True),
            ("Move down", ("Alt+Down",), partial(self.row_actions.step, 1), True),
            (TO_TOPIC, ("Ctrl+M",), self._choose_topic, False),
            (RETIRE, ("Ctrl+Backspace",), self.row_actions.toggle_active, False),
            (MERGE, ("Ctrl+Shift+M",), self._merge, False),
            ("Take the last merge back", ("Ctrl+Alt+M",), self.merging.choose_undo, False),
            ("Undo last change", ("Ctrl+Z",), self.acts.undo_last, False),
            ("Filter", ("/",), self.filter.setFocus, False),
            ("Import…", ("Ctrl+Shift+I",), self.files.choose_import, False),
            ("Export…", ("Ctrl+Shift+E",), self.files.choose_export, False),
            ("Read anew", ("F5",), self.reading.reload, False),
        )

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(self._title)
        header.addWidget(self._count)
        header.addWidget(self._served)
        header.addStretch()
        header.addWidget(self.filter, 1)
        for button in (self._new_topic, self._new_category, self._more):
            header.addWidget(button)
        self._left, self._right = QStackedWidget(), QStackedWidget()
        for stack, pages in (
            (self._left, (self.view, self._state, self._skeleton)),
            (self._right, (self._nothing, self.editor)),
        ):
            for page in pages:
                stack.addWidget(page)
        self._left.setMinimumWidth(360)
        self._right.setMinimumWidth(320)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(self._left)
        panes.addWidget(self._right)
        panes.setStretchFactor(0, 3)
        panes.setStretchFactor(1, 2)
        panes.setSizes([760, 420])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.merging.bar)
        column.addWidget(panes, 1)

    def _actions(self, bus: ChangeBus) -> None:
        self._menu = QMenu(self)
        self._new_topic.clicked.connect(lambda: self.new(TOPIC))
        self._new_topic.setToolTip("Ctrl+N")
        self._new_category.clicked.connect(lambda: self.new(CATEGORY))
        self._new_category.setToolTip("In the topic that is chosen: Ctrl+Shift+N")
        for title, keys, run, _ in self.deeds:
            # The window's own commands have the keys; here they are only shown.
            shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            action = self._menu.addAction(f"{title}\t{shown}")
            action.triggered.connect(run)
            self._offers[title] = action
        self._menu.aboutToShow.connect(self._offer)
        self._more.setMenu(self._menu)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)
        leaving = QAction(self.editor)
        leaving.setShortcut(QKeySequence("Escape"))
        leaving.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leaving.triggered.connect(self._discard)
        self.editor.addAction(leaving)
        self.filter.narrowed.connect(self._tell_state)
        self.reading.loaded.connect(self._loaded)
        self.reading.failed.connect(self._failed)
        self.view.current_changed.connect(self._open)
        self.view.doubleClicked.connect(lambda _: self._edit())
        self.editing.shown.connect(lambda: self._right.setCurrentWidget(self.editor))
        self.editing.closed.connect(self._close)
        self.editing.gone.connect(self._gone)
        self.editing.saved.connect(self._saved)
        self.acts.done.connect(self._answered)
        self.merging.changed.connect(self._answered)
        self.editor.topic_wanted.connect(self._choose_topic)
        self.editor.like_chosen.connect(partial(self.go_to, TOPIC))
        self._bus = bus
        bus.heard.connect(self._heard)

    # Reading

    def opened(self) -> None:
        """The screen came to the front."""
        if not self.tree.outline.topics:
            self._skeleton.begin()
            self._left.setCurrentWidget(self._skeleton)
        self.view.setFocus()
        self.reading.reload()
        self.merging.look()

    async def left(self) -> None:
        """Keep what was typed; nothing is read or sent any more."""
        self._bus.heard.disconnect(self._heard)
        self.filter.stop()
        self.tree.blockSignals(True)
        await self.editing.left()

    def _loaded(self) -> None:
        tell_served(self._served, self.reading.served)
        self._tell_count()
        self._tell_state()
        self.loaded.emit()

    def _failed(self, error: GreenroomError) -> None:
        self._state.tell(
            "warning", str(error), error.remedy, action=("Try again", self.reading.reload), details=str(error)
        )
        self._left.setCurrentWidget(self._state)

    def _tell_state(self) -> None:
        if self.tree.rowCount():
            self._left.setCurrentWidget(self.view)
            return
        if self.filter.text():
            self._state.tell("search", "Nothing is called so", action=("Clear the filter", self.filter.clear))
        else:
            self._state.tell(
                "topic",
                "No topics yet",
                "Users choose among topics.",
                action=("New topic", lambda: self.new(TOPIC)),
            )
        self._left.setCurrentWidget(self._state)

    def _tell_count(self) -> None:
        topics = self.tree.outline.topics
        categories = sum(topic.categories for topic in topics)
        below = f"{number(categories)} {'category' if categories == 1 else 'categories'}"
        self._count.setText(f"· {number(len(topics))} with {below}" if topics else "")

    # One entry

    def go_to(self, kind: str, id: UUID) -> None:
        """Make an entry the current one."""
        if self.filter.text() and not self.tree.find(kind, id).isValid():
            self.filter.clear()
            self.filter.narrow()
        self.view.go_to(self.tree.find(kind, id))

    def _open(self, entry: Topic | Category | None) -> None:
        if entry is not None:
            self.editing.open(kind_of(entry), entry.id)

    def _close(self) -> None:
        self._right.setCurrentWidget(self._nothing)
        self._open(self.view.current())
        self.view.setFocus()

    def _discard(self) -> None:
        self.editing.discard()
        self.view.setFocus()

    def _gone(self) -> None:
        self._right.setCurrentWidget(self._nothing)
        self.reading.reload()

    def _saved(self, kind: str, id: UUID) -> None:
        topic = self.editor.columns().topic_id
        if topic is not None:
            self._spawn(self.reading.read_categories(topic), "read categories")
        self.reading.reload_at(kind, id)

    # Acts

    def new(self, kind: str) -> None:
        """Begin a topic, or a category of the topic that is chosen; it will stand behind what is chosen."""
        current = self.view.current()
        topic = current.topic_id if isinstance(current, Category) else current.id if current else None
        if kind == CATEGORY and topic is None:
            problem = GreenroomError("A category stands in a topic", "Choose one first.")
            self._notices.failed("new category", problem)
            return
        after = current.id if current is not None and kind_of(current) == kind else None
        self.editing.new(kind, topic if kind == CATEGORY else None, after)

    def _edit(self) -> None:
        if self._right.currentWidget() is self.editor:
            self.editor.name.setFocus()
            self.editor.name.selectAll()

    def _choose_topic(self) -> None:
        if self.editing.kind == CATEGORY:
            others = [t for t in self.tree.outline.topics if t.id != self.editor.columns().topic_id]
            TopicChooser(self, "Move to which topic?", others, self._chosen_topic).open()

    def _chosen_topic(self, topic: UUID) -> None:
        self.tree.fetchMore(self.tree.find(TOPIC, topic))
        self.editing.move_to(topic)

    def _merge(self) -> None:
        entry = self.view.current()
        if isinstance(entry, Topic):
            self.merging.choose(entry, self.tree.outline.topics)

    # Others

    def _answered(self) -> None:
        self.reading.reload()
        self._spawn(self.editing.refresh(), "read what was saved")

    def _heard(self, batch: ChangeBatch) -> None:
        theirs = [
            change
            for change in batch.changes
            if change.subject.kind in {TOPIC, CATEGORY}
            and change.event in {Event.DECIDED, Event.UNDONE}
            and change.login != self._services.login
        ]
        if self.isVisible() and (theirs or not batch.complete):
            self.reading.reload()
            who = next((each.login for each in theirs if each.subject.id == self.editing.id), "Somebody")
            self._spawn(self.editing.refresh(who), "read what somebody saved")

    # Small things

    def _open_menu(self, place: QPoint) -> None:
        self._menu.popup(self.view.viewport().mapToGlobal(place))

    def _offer(self) -> None:
        entry = self.view.current()
        self._offers[RETIRE].setEnabled(entry is not None)
        self._offers[TO_TOPIC].setEnabled(isinstance(entry, Category))
        self._offers[MERGE].setEnabled(isinstance(entry, Topic))

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
