"""The main window: three panes that keep their sizes, the bar, the status line, and every command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.domain.errors import GreenroomError
from console.domain.exposure import Exposure
from console.domain.links import link_to
from console.domain.queues import Queue, Verb
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.ports import HealthProbe, Reader
from console.ui.shell.commands import ITEM, Commands
from console.ui.shell.desk_panes import DeskPanes
from console.ui.shell.my_decisions import MyDecisions
from console.ui.shell.my_exposure import MyExposure
from console.ui.shell.navigation import Navigation
from console.ui.shell.palette import KeyOverview, Palette
from console.ui.shell.screens import Opening, Screen
from console.ui.shell.search import Search
from console.ui.shell.status import StatusLine
from console.ui.shell.tab_order import reading_order
from console.ui.shell.toasts import Toasts
from console.ui.theme.theme import Choice, Theme

POLL_SECONDS = 3.0


class MainWindow(QMainWindow):
    """Signals: `closed()` when the person closed it, `sign_out()` when they asked to leave,
    `health_known(servers)` whenever the servers were asked how they are.

    Attributes: `navigation` at the left, `status` below, every one of the `commands`, and the overlays that
    others fill: `search` and `key_overview`.
    """

    health_known = Signal(object)
    closed = Signal()
    sign_out = Signal()

    def __init__(
        self,
        theme: Theme,
        settings: QSettings,
        person: Person,
        reader: Reader,
        health: HealthProbe,
        tasks: Tasks,
        notices: Notices,
        title: str,
    ) -> None:
        super().__init__()
        self._theme, self._settings = theme, settings
        self._reader, self._health, self._tasks = reader, health, tasks
        self._person, self._notices = person, notices
        self.setWindowTitle(f"{title} — Greenroom")
        self.setMinimumSize(1100, 700)
        queues = [queue for queue in reader.platform.queues if person.may(queue.role)]
        self.navigation = Navigation(theme, title, queues)
        self.status = StatusLine(theme, person)
        self.commands = Commands(self)
        self._queues = queues
        self._panes, self._desk_panes = _splitter(), _splitter()
        self._places = QStackedWidget()
        self._places.addWidget(self._desk_panes)
        self._panes.addWidget(self.navigation)
        self._panes.addWidget(self._places)
        ground = QWidget()
        ground.setObjectName("ground")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._panes, 1)
        column.addWidget(self.status)
        self.setCentralWidget(ground)
        self._ground = ground
        self._toasts = Toasts(theme, ground, self.status)
        notices.posted.connect(self._toasts.show_notice)
        self._palette = Palette(theme, ground, self.commands)
        self.search = Search(theme, ground, reader, tasks)
        self._my_decisions = MyDecisions(theme, ground, person, reader, tasks)
        self.key_overview = KeyOverview(theme, ground, self.commands, lambda: self._desk.verbs)
        self._offered: tuple[Verb, ...] = ()
        self._screens: list[Screen] = []
        self._queue: Queue | None = None

    def install(self, desk: DeskPanes, list_pane: QWidget, right: QWidget) -> None:
        """Put the desk's panes in place and open the first queue."""
        self._desk = desk
        for pane in (list_pane, right):
            self._desk_panes.addWidget(pane)
        self._toasts.spare(*right.findChildren(QWidget, "decisions"))
        self._panes.setStretchFactor(1, 1)
        self._panes.setSizes([190, 1200])
        self._desk_panes.setStretchFactor(0, 2)
        self._desk_panes.setStretchFactor(1, 3)
        self._desk_panes.setSizes([560, 640])
        self._restore()
        self._add_commands(list_pane, right)
        self.navigation.chosen.connect(self._show_queue)
        self.navigation.screen_chosen.connect(self._show_screen)
        self.search.subject_wanted.connect(self.open_subject)
        self._my_decisions.undo_wanted.connect(desk.undo_decision)
        self.navigation.choose(0)
        self._spawn(self._poll(), "poll counts and health")

    def add_screen(self, screen: Screen) -> None:
        """Offer a screen beside the queues: at the left, in the palette and in the menu Go.

        While it is in front, no key acts on the desk's item.
        """
        if not self._person.may(screen.role):
            return
        self._places.addWidget(screen.widget)
        self._toasts.spare(*screen.widget.findChildren(QWidget, "decisions"))
        self.navigation.add_screen(screen)
        self.commands.add(screen.title, "Go", (), lambda: self.show_screen(screen.key))
        if screen.opening is not None:
            opening = screen.opening
            self.commands.add(opening.title, ITEM, (opening.key,), lambda: self._open_at(screen, opening))
        self._screens.append(screen)
        self.commands.offer(screen.title, offered=False)
        for deed in screen.deeds:
            self.commands.add(deed.title, screen.title, deed.keys, deed.run, repeats=deed.repeats)

    def offer_exposure(self, exposure: Callable[[], Exposure]) -> None:
        """Let the person see how long they looked at what."""
        mine = MyExposure(self._theme, self._ground, exposure)
        self.commands.add("My exposure", "Go", (), mine.open)

    async def leave_screens(self) -> None:
        """The session ends: every screen keeps what was typed there."""
        for screen in self._screens:
            await screen.left()

    def show_screen(self, key: str) -> None:
        """Bring the screen of this key to the front."""
        self.navigation.choose_screen(key)

    def open_at(self, key: str, subject: Subject) -> None:
        """Open a subject at the screen of this key, where that takes it."""
        for screen in self._screens:
            if screen.key == key and screen.opening is not None and subject.kind in screen.opening.kinds:
                screen.opening.run(subject)
                self.show_screen(key)

    def show_desk(self) -> None:
        """Bring the desk to the front as it was left."""
        self._show_desk()
        if self._queue is not None:
            self.navigation.mark(self._queue)

    def _open_at(self, screen: Screen, opening: Opening) -> None:
        item = self._desk.item
        if item is not None and item.subject.kind in opening.kinds:
            self.open_at(screen.key, item.subject)

    def _show_queue(self, queue: Queue) -> None:
        self._queue = queue
        self._show_desk()
        self._desk.open_queue(queue)

    def open_subject(self, subject: Subject) -> None:
        """Show one subject on the desk, whatever is in front."""
        if self._places.currentWidget() is not self._desk_panes:
            self._show_desk()
            self.navigation.choose_none()
        self._desk.open_subject(subject)

    def _show_desk(self) -> None:
        self._places.setCurrentWidget(self._desk_panes)
        self._offer(ITEM)

    def _show_screen(self, screen: Screen) -> None:
        self._places.setCurrentWidget(screen.widget)
        self._offer(screen.title)
        screen.opened()

    def _offer(self, group: str) -> None:
        """Give the keys to what is in front."""
        for each in (ITEM, *(screen.title for screen in self._screens)):
            if each != group:
                self.commands.offer(each, offered=False)
        self.commands.offer(group, offered=True)

    def verbs_changed(self) -> None:
        """Give the keys to the verbs that are offered now."""
        if self._desk.verbs == self._offered:
            return
        self._offered = self._desk.verbs
        keys: list[tuple[str, str, Callable[[], None]]] = []
        for verb in self._desk.verbs:
            keys.append((verb.title, verb.shortcut, self._deciding(verb)))
            keys.append(
                (f"{verb.title} with a reason", f"Shift+{verb.shortcut}", self._deciding(verb, reason=True))
            )
        self.commands.offer_verbs(keys)

    def _deciding(self, verb: Verb, *, reason: bool = False) -> Callable[[], None]:
        return lambda: self._desk.choose(verb, with_reason=reason)

    def refresh_counts(self) -> None:
        """Read the counts at once instead of at the next beat."""
        self._spawn(self._read_counts(), "read counts")

    def _add_commands(self, list_pane: QWidget, right: QWidget) -> None:
        desk, add = self._desk, self.commands.add
        add("Find anything", "Go", ("Ctrl+F",), self.search.open)
        add("Commands", "Go", ("Ctrl+K",), self._palette.open)
        add("My decisions", "Go", ("Ctrl+D",), self._my_decisions.open)
        for place, queue in enumerate(self._queues):
            add(f"Queue: {queue.title}", "Go", (f"Ctrl+{place + 1}",), self._choosing(place))
        for queue in (queue for queue in self._queues if queue.older):
            add(queue.older, ITEM, (), self._bringing(queue))
        add("Next item", ITEM, ("J", "S"), lambda: desk.move(1), repeats=True)
        add("Previous item", ITEM, ("K",), lambda: desk.move(-1), repeats=True)
        add("Raise a flag", ITEM, ("F",), desk.flag)
        add("Write a note", ITEM, ("N",), desk.note)
        add("Copy a link to the item", ITEM, ("Ctrl+L",), self._copy_link)
        add("Back to the item before", ITEM, ("Alt+Left",), lambda: desk.look_back(-1))
        add("Forward again", ITEM, ("Alt+Right",), lambda: desk.look_back(1))
        add("Undo last decision", ITEM, ("Ctrl+Z",), desk.undo)
        add("Filter the list", ITEM, ("/",), desk.filter)
        add("Keep the filter for me", ITEM, ("Ctrl+Shift+S",), lambda: desk.save_filter(False))
        add("Share the filter with the team", ITEM, (), lambda: desk.save_filter(True))
        add("Forget the filter", ITEM, (), lambda: desk.save_filter(None))
        add("Select all that are listed", ITEM, ("Ctrl+A",), desk.select_all)
        add("Invert the selection", ITEM, ("Ctrl+I",), desk.invert_selection)
        add("Show what is new", ITEM, ("F5",), desk.refresh)
        add("Show or hide queues", "View", ("F6",), self._toggling(self.navigation))
        add("Show or hide the list", "View", ("F7",), self._toggling(list_pane))
        add("Show or hide the item", "View", ("F8",), self._toggling(right))
        add("Full screen", "View", ("F11",), self._toggle_full_screen)
        for choice in Choice:
            add(f"Theme: {choice.value}", "View", (), self._choosing_theme(choice))
        add("Sign out", "Session", (), self.sign_out.emit)
        add("Quit", "Session", ("Ctrl+Q",), self._quit)
        add("Keys", "Help", ("F1", "?"), self.key_overview.open)

    def _copy_link(self) -> None:
        item = self._desk.item
        if item is not None:
            QApplication.clipboard().setText(link_to(item.subject))
            self._notices.done("Link copied")

    def _bringing(self, queue: Queue) -> Callable[[], None]:
        return lambda: self._desk.bring_older(queue)

    def _choosing(self, place: int) -> Callable[[], None]:
        return lambda: self.navigation.choose(place)

    def _choosing_theme(self, choice: Choice) -> Callable[[], None]:
        def choose() -> None:
            self._theme.choose(choice)
            self._settings.setValue("theme", choice.value)

        return choose

    @staticmethod
    def _toggling(pane: QWidget) -> Callable[[], None]:
        return lambda: pane.setVisible(not pane.isVisible())

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _quit(self) -> None:
        self.close()

    # Beats

    async def _poll(self) -> None:
        while True:
            try:
                await self._ask_health()
                await self._read_counts()
                await self._desk.poll()
            except GreenroomError:
                # The status line shows which server is out of reach; the next beat asks again.
                await self._ask_health()
            await asyncio.sleep(POLL_SECONDS)

    async def _ask_health(self) -> None:
        servers = await self._health.health()
        self.status.show_health(servers)
        self.health_known.emit(servers)

    async def _read_counts(self) -> None:
        for queue in self._queues:
            self.navigation.show_count(queue.key, await self._reader.count(queue.key))

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        owner: QObject = self
        return self._tasks.spawn(work, name, owner)

    # Remembered layout

    def _restore(self) -> None:
        geometry, panes, desk = (self._settings.value(key) for key in ("geometry", "panes", "desk"))
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        else:
            screen = QApplication.primaryScreen().availableGeometry()
            self.resize(min(1500, screen.width()), min(950, screen.height()))
        if isinstance(panes, QByteArray):
            self._panes.restoreState(panes)
        if isinstance(desk, QByteArray):
            self._desk_panes.restoreState(desk)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes as one reads."""
        order = reading_order(self)
        here = self.focusWidget()
        if not order:
            return False
        place = order.index(here) if here in order else (-1 if forward else len(order))
        following = order[(place + (1 if forward else -1)) % len(order)]
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        following.setFocus(reason)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and tell the owner."""
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("panes", self._panes.saveState())
        self._settings.setValue("desk", self._desk_panes.saveState())
        self.closed.emit()
        super().closeEvent(event)


def _splitter() -> QSplitter:
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    return splitter
