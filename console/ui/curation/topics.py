"""Topics and categories: the tree, the fields of one of them, and everything that is done to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.changes import ChangeBatch, Event
from console.domain.curation import (
    CATEGORY,
    TOPIC,
    Act,
    Category,
    CurationChange,
    Topic,
    edited,
)
from console.domain.errors import GreenroomError
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.likeness import TopicIndex
from console.ui.curation.acts import Acts, CurationServices
from console.ui.curation.chooser import TopicChooser
from console.ui.curation.editing import Editing
from console.ui.curation.editor import Editor
from console.ui.curation.files import Files
from console.ui.curation.tree import ENTRY, CurationTree, kind_of
from console.ui.curation.view import TopicsView
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import number, shortened
from console.ui.widgets.labels import label
from console.ui.widgets.states import Skeleton, StatePanel

TYPING_MILLISECONDS = 150
TO_TOPIC, RETIRE = "Move to another topic…", "Retire or activate"
MOST_OPENED = 100
"""Topics that a filter opens by itself."""


class TopicsScreen(QWidget):
    """Signals: `loaded()` when the tree was read."""

    loaded = Signal()

    def __init__(
        self, theme: Theme, services: CurationServices, tasks: Tasks, notices: Notices, bus: ChangeBus
    ) -> None:
        super().__init__()
        self._services, self._tasks, self._notices = services, tasks, notices
        self._asked: dict[str, asyncio.Task[Any]] = {}
        self._offers: dict[str, QAction] = {}
        self._fetching: list[UUID] = []
        self._go_to: tuple[str, UUID] | None = None
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tree = CurationTree(self)
        self.view = TopicsView(theme, self.tree)
        self.editor = Editor(theme)
        self.acts = Acts(services, tasks, notices, self)
        self.editing = Editing(self.editor, self.tree, services, self.acts, tasks, notices)
        self.files = Files(theme, self, services, self.acts, tasks, notices)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name or slug   /")
        self.filter.setAccessibleName("Filter topics and categories")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(150)
        self.filter.setMaximumWidth(260)
        self._title = label("Topics", font=theme.strong_font)
        self._count = label("", "muted")
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
            ("Move up", ("Alt+Up",), partial(self.step, -1), True),
            ("Move down", ("Alt+Down",), partial(self.step, 1), True),
            (TO_TOPIC, ("Ctrl+M",), self._choose_topic, False),
            (RETIRE, ("Ctrl+Backspace",), self.toggle_active, False),
            ("Undo last change", ("Ctrl+Z",), self.acts.undo_last, False),
            ("Filter", ("/",), self.filter.setFocus, False),
            ("Import…", ("Ctrl+Shift+I",), self.files.choose_import, False),
            ("Export…", ("Ctrl+Shift+E",), self.files.choose_export, False),
            ("Read anew", ("F5",), self.reload, False),
        )

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(self._title)
        header.addWidget(self._count)
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
        self._narrowing = QTimer(self)
        self._narrowing.setSingleShot(True)
        self._narrowing.setInterval(TYPING_MILLISECONDS)
        self._narrowing.timeout.connect(self._narrow)
        self.filter.textChanged.connect(lambda _: self._narrowing.start())
        self.view.current_changed.connect(self._open)
        self.view.doubleClicked.connect(lambda _: self._edit())
        self.editing.shown.connect(lambda: self._right.setCurrentWidget(self.editor))
        self.editing.closed.connect(self._close)
        self.editing.gone.connect(self._gone)
        self.editing.saved.connect(self._saved)
        self.acts.done.connect(self._answered)
        self.editor.topic_wanted.connect(self._choose_topic)
        self.editor.like_chosen.connect(partial(self.go_to, TOPIC))
        self.tree.placed.connect(self._dropped)
        self.tree.categories_wanted.connect(self._fetch)
        self.tree.ideas_wanted.connect(self._count_ideas)
        self._bus = bus
        bus.heard.connect(self._heard)

    # Reading

    def opened(self) -> None:
        """The screen came to the front."""
        if not self.tree.topics:
            self._skeleton.begin()
            self._left.setCurrentWidget(self._skeleton)
        self.view.setFocus()
        self.reload()

    async def left(self) -> None:
        """Keep what was typed; nothing is read or sent any more."""
        self._bus.heard.disconnect(self._heard)
        self._narrowing.stop()
        self.tree.blockSignals(True)
        await self.editing.left()

    def reload(self) -> None:
        """Read the tree anew; what is open and chosen stays so."""
        self._ask("read topics", self._read())

    async def _read(self) -> None:
        catalogue = self._services.catalogue
        try:
            topics = await catalogue.topics()
            ids = {topic.id for topic in topics}
            wanted = [id for id in self.tree.read() if id in ids]
            below: dict[UUID, list[Category]] = {id: [] for id in wanted}
            for category in await catalogue.categories(wanted) if wanted else ():
                below[category.topic_id].append(category)
        except GreenroomError as error:
            if self.tree.topics:
                raise
            self._state.tell(
                "warning", str(error), error.remedy, action=("Try again", self.reload), details=str(error)
            )
            self._left.setCurrentWidget(self._state)
            return
        prepared = tuple(topics) == self.editing.index.topics
        opened, current = [topic.id for topic in self.view.opened()], self.view.current()
        self.view.selectionModel().blockSignals(True)
        narrowed = self.tree.narrowed
        self.tree.show(topics, below)
        for id in opened:
            self.view.expand(self.tree.find(TOPIC, id))
        wanted_row = self._go_to or (None if current is None else (kind_of(current), current.id))
        self._go_to = None
        self.view.selectionModel().blockSignals(False)
        if wanted_row is not None:
            self.view.go_to(self.tree.find(*wanted_row))
        self._tell_count()
        if narrowed or self.filter.text():
            self._narrow()
        self._tell_state()
        self.editing.show_preview()
        self.loaded.emit()
        # Thousands of topics take longer than a frame to prepare.
        if not prepared:
            self.editing.index = await asyncio.to_thread(TopicIndex, topics)

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
        topics = self.tree.topics
        categories = sum(topic.categories for topic in topics)
        below = f"{number(categories)} {'category' if categories == 1 else 'categories'}"
        self._count.setText(f"· {number(len(topics))} with {below}" if topics else "")

    def _fetch(self, topic: UUID) -> None:
        # Topics that are opened together are read together: each by itself would wait for a connection.
        if not self._fetching:
            QTimer.singleShot(0, self, self._fetch_all)
        self._fetching.append(topic)

    def _fetch_all(self) -> None:
        wanted, self._fetching = self._fetching, []
        self._spawn(self._read_categories(*wanted), "read categories")

    def _count_ideas(self, topics: list[UUID], categories: list[UUID]) -> None:
        self._spawn(self._read_ideas(topics, categories), "count ideas")

    async def _read_categories(self, *topics: UUID) -> None:
        below: dict[UUID, list[Category]] = {topic: [] for topic in topics}
        for category in await self._services.catalogue.categories(topics):
            below[category.topic_id].append(category)
        for topic, categories in below.items():
            self.tree.show_categories(topic, categories)
        self.editor.check()
        self.editing.show_preview()

    async def _read_ideas(self, topics: list[UUID], categories: list[UUID]) -> None:
        self.tree.show_ideas(await self._services.catalogue.ideas(topics, categories))

    # The filter

    def _narrow(self) -> None:
        text = self.filter.text().strip()
        if not text:
            self._end("find categories")
            current = self.view.current()
            if self.tree.narrowed:
                self.tree.narrow(None, {})
            if current is not None:
                self.view.go_to(self.tree.find(kind_of(current), current.id))
            self._tell_state()
            return
        wanted = text.casefold()
        whole = [t.id for t in self.tree.topics if wanted in t.name.casefold() or wanted in t.slug]
        self.tree.narrow(whole, {})
        self._tell_state()
        self._ask("find categories", self._find_categories(text, whole))

    async def _find_categories(self, text: str, whole: list[UUID]) -> None:
        found: dict[UUID, list[Category]] = {}
        for category in await self._services.catalogue.matching(text):
            found.setdefault(category.topic_id, []).append(category)
        self.tree.narrow(whole, found)
        for row in range(min(self.tree.rowCount(), MOST_OPENED)):
            index = self.tree.index(row, 0)
            if index.data(ENTRY).id in found:
                self.view.expand(index)
        self._tell_state()

    # One entry

    def go_to(self, kind: str, id: UUID) -> None:
        """Make an entry the current one."""
        if self.filter.text() and not self.tree.find(kind, id).isValid():
            self.filter.clear()
            self._narrow()
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
        self.reload()

    def _saved(self, kind: str, id: UUID) -> None:
        self._go_to = (kind, id)
        topic = self.editor.columns().topic_id
        if topic is not None:
            self._spawn(self._read_categories(topic), "read categories")
        self.reload()

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

    def step(self, by: int) -> None:
        """Move the current row among its siblings."""
        entry = self.view.current()
        if entry is None:
            return
        if self.tree.narrowed:
            problem = GreenroomError("A filter hides what a row would move past", "Clear the filter first.")
            self._notices.failed("move", problem)
            return
        possible, after = self.tree.sibling_before(self.view.currentIndex(), by)
        if possible:
            self._place(entry, after)

    def _dropped(self, kind: str, id: UUID, topic: UUID | None, after: UUID | None) -> None:
        index = self.tree.find(kind, id)
        if not index.isValid():
            return
        held: Topic | Category = index.data(ENTRY)
        if isinstance(held, Category) and topic is not None and held.topic_id != topic:
            self._spawn(self._move_to(held, topic), "move a category")
        elif (index.siblingAtRow(index.row() - 1).data(ENTRY).id if index.row() else None) != after:
            self._place(held, after)

    def _place(self, entry: Topic | Category, after: UUID | None) -> None:
        kind = kind_of(entry)
        # What is being read was asked for before the move.
        self._end("read topics")
        self.tree.move(kind, entry.id, after)
        self.view.go_to(self.tree.find(kind, entry.id))
        self.editing.show_preview()
        self.acts.spawn(CurationChange(Act.PLACE, kind, entry.id, entry.name, after=after))

    def _choose_topic(self) -> None:
        if self.editing.kind == CATEGORY:
            others = [t for t in self.tree.topics if t.id != self.editor.columns().topic_id]
            TopicChooser(self, "Move to which topic?", others, self._chosen_topic).open()

    def _chosen_topic(self, topic: UUID) -> None:
        self.tree.fetchMore(self.tree.find(TOPIC, topic))
        self.editing.move_to(topic)

    async def _move_to(self, category: Category, topic: UUID) -> None:
        entry = await self._services.catalogue.entry(CATEGORY, category.id)
        change = edited(entry, replace(entry.columns, topic_id=topic))
        if change is not None:
            await self.acts.send(change)
            await self._read_categories(topic)
            self.view.expand(self.tree.find(TOPIC, topic))
            self._go_to = (CATEGORY, category.id)
            self.reload()

    def toggle_active(self) -> None:
        """Retire the current entry, or activate it again."""
        entry = self.view.current()
        if entry is not None:
            self._spawn(self._toggle(kind_of(entry), entry.id, active=not entry.active), "retire")

    async def _toggle(self, kind: str, id: UUID, *, active: bool) -> None:
        entry = await self._services.catalogue.entry(kind, id)
        change = edited(entry, replace(entry.columns, active=active))
        if change is not None:
            name = shortened(entry.columns.name, 40)
            await self.acts.send(change, words=f"{'Activated' if active else 'Retired'} “{name}”")

    # Others

    def _answered(self) -> None:
        self.reload()
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
            self.reload()
            who = next((each.login for each in theirs if each.subject.id == self.editing.id), "Somebody")
            self._spawn(self.editing.refresh(who), "read what somebody saved")

    # Small things

    def _open_menu(self, place: QPoint) -> None:
        self._menu.popup(self.view.viewport().mapToGlobal(place))

    def _offer(self) -> None:
        entry = self.view.current()
        self._offers[RETIRE].setEnabled(entry is not None)
        self._offers[TO_TOPIC].setEnabled(isinstance(entry, Category))

    def _ask(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Spawn `work` and end the earlier one of that name: an old answer never replaces a new one."""
        self._end(name)
        self._asked[name] = self._spawn(work, name)

    def _end(self, name: str) -> None:
        if name in self._asked:
            self._asked.pop(name).cancel()

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        owner: QObject = self
        return self._tasks.spawn(work, name, owner)
