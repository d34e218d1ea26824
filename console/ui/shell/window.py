"""The main window: three panes that keep their sizes, the bar, the status line, and every command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.domain.decisions import DecisionRecord, DecisionState
from console.domain.errors import GreenroomError
from console.domain.queues import Item, Queue, Verb
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.ports import HealthProbe, Journal, Reader
from console.ui.shell.commands import ITEM, Commands
from console.ui.shell.navigation import Navigation
from console.ui.shell.overlay import Overlay, Row
from console.ui.shell.screens import Opening, Screen
from console.ui.shell.status import StatusLine
from console.ui.shell.tab_order import reading_order
from console.ui.shell.toasts import Toasts
from console.ui.theme.theme import Choice, Theme
from console.ui.theme.words import ago, humanised, plain, shortened

POLL_SECONDS = 3.0
TYPING_SECONDS = 0.12
"""A pause this long means that a person has typed what they meant."""
FOUND = 20
SEARCH = "search"
"""The name under which the journal keeps what was searched for."""
MINE = 50
DECIDE = "Decide"
KEYS_HEIGHT = 600


class DeskPanes(Protocol):
    """What the window needs of the desk's presenter."""

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be decided now."""

    @property
    def item(self) -> Item | None:
        """The item shown."""

    def bring_older(self, queue: Queue) -> None:
        """Let older items wait in the queue too."""

    def open_queue(self, queue: Queue) -> None:
        """Show a queue."""

    def open_subject(self, subject: Subject) -> None:
        """Show one subject."""

    def choose(self, verb: Verb, *, with_reason: bool = False) -> None:
        """Decide."""

    def move(self, step: int) -> None:
        """Go along the list."""

    def refresh(self) -> None:
        """Read the view anew."""

    def flag(self) -> None:
        """Flag the item shown."""

    def note(self) -> None:
        """Write a note on the item shown."""

    def look_back(self, step: int) -> None:
        """Go back (-1) or forward (1) among the items looked at."""

    def undo(self) -> None:
        """Take back the newest decision."""

    def undo_decision(self, id: Any, words: str) -> None:
        """Take back one decision."""

    async def poll(self) -> None:
        """Read who holds what."""


class MainWindow(QMainWindow):
    """Signals: `closed()` when the person closed it, `sign_out()` when they asked to leave,
    `health_known(servers)` whenever the servers were asked how they are.
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
        self._person = person
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
        self._toasts = Toasts(theme, ground, self.status)
        notices.posted.connect(self._toasts.show_notice)
        self._palette = Overlay(theme, ground, "Commands", "Type a command")
        self._finder = Overlay(theme, ground, "Find anything", "An id, a name, or a URL")
        self._mine = Overlay(theme, ground, "My decisions", "Type to narrow")
        self._keys = Overlay(theme, ground, "Keys", "Type to narrow", highest=KEYS_HEIGHT)
        self._records: list[DecisionRecord] | None = None
        self._older = False
        self._asked: dict[str, asyncio.Task[Any]] = {}
        self._offered: tuple[Verb, ...] = ()
        self._told_keys: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
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
        self._palette.typed.connect(self._show_commands)
        self._keys.typed.connect(self._show_keys)
        self._finder.typed.connect(self._find)
        self._mine.typed.connect(self._look_for_mine)
        self.navigation.choose(0)
        self._spawn(self._poll(), "poll counts and health")

    def keep_search(self, journal: Journal) -> None:
        """What is typed into the search stands there again, also in the next run."""
        self._finder.typed.connect(
            lambda text: self._spawn(self._keep_search(journal, text), "keep the search")
        )
        self._spawn(self._restore_search(journal), "restore the search")

    async def _keep_search(self, journal: Journal, text: str) -> None:
        if text != self._finder.kept:
            self._finder.kept = text
            await journal.save_draft(SEARCH, text or None)

    async def _restore_search(self, journal: Journal) -> None:
        self._finder.kept = await journal.draft(SEARCH) or ""

    def tell_keys(self, group: str, keys: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """List keys that a widget takes for itself while it has the keyboard."""
        self._told_keys[group] = tuple(keys)

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
        add("Find anything", "Go", ("Ctrl+F",), self._finder.open)
        add("Commands", "Go", ("Ctrl+K",), self._palette.open)
        add("My decisions", "Go", ("Ctrl+D",), self._mine.open)
        for place, queue in enumerate(self._queues):
            add(f"Queue: {queue.title}", "Go", (f"Ctrl+{place + 1}",), self._choosing(place))
        for queue in (queue for queue in self._queues if queue.older):
            add(queue.older, ITEM, (), self._bringing(queue))
        add("Next item", ITEM, ("J", "S"), lambda: desk.move(1), repeats=True)
        add("Previous item", ITEM, ("K",), lambda: desk.move(-1), repeats=True)
        add("Raise a flag", ITEM, ("F",), desk.flag)
        add("Write a note", ITEM, ("N",), desk.note)
        add("Back to the item before", ITEM, ("Alt+Left",), lambda: desk.look_back(-1))
        add("Forward again", ITEM, ("Alt+Right",), lambda: desk.look_back(1))
        add("Undo last decision", ITEM, ("Ctrl+Z",), desk.undo)
        add("Show what is new", ITEM, ("F5",), desk.refresh)
        add("Show or hide queues", "View", ("F6",), self._toggling(self.navigation))
        add("Show or hide the list", "View", ("F7",), self._toggling(list_pane))
        add("Show or hide the item", "View", ("F8",), self._toggling(right))
        add("Full screen", "View", ("F11",), self._toggle_full_screen)
        for choice in Choice:
            add(f"Theme: {choice.value}", "View", (), self._choosing_theme(choice))
        add("Sign out", "Session", (), self.sign_out.emit)
        add("Quit", "Session", ("Ctrl+Q",), self._quit)
        add("Keys", "Help", ("F1", "?"), self._keys.open)

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

    # Overlays

    def _show_commands(self, text: str) -> None:
        wanted = text.lower().split()
        rows = [
            Row(command.title, "", command.run, command.keys)
            for command in self.commands.all
            if all(word in command.title.lower() for word in wanted)
        ]
        self._palette.show_rows(rows)

    def _show_keys(self, text: str) -> None:
        wanted = text.lower()
        groups: dict[str, list[Row]] = {}
        for verb in self._desk.verbs:
            groups.setdefault(DECIDE, []).append(Row(verb.title, "", None, (verb.shortcut,)))
        groups.setdefault(DECIDE, []).append(
            Row("Decide with a reason where none is needed", "", None, ("Shift", "its key"))
        )
        for command in self.commands.all:
            if command.keys:
                groups.setdefault(command.group, []).append(Row(command.title, "", None, command.keys))
        for group, told in self._told_keys.items():
            groups.setdefault(group, []).extend(Row(title, "", None, keys) for title, keys in told)
        rows: list[Row] = []
        for group, lines in groups.items():
            if found := [line for line in lines if wanted in line.words.lower()]:
                rows += [Row(group, "", None, heading=True), *found]
        self._keys.show_rows(rows, "Esc closes" if rows else "No key does that")

    def _ask(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Spawn `work` and end the earlier one of that name: an old answer never replaces a new one."""
        self._stop_asking(name)
        self._asked[name] = self._spawn(work, name)

    def _stop_asking(self, name: str) -> None:
        if name in self._asked:
            self._asked.pop(name).cancel()

    def _find(self, text: str) -> None:
        if len(text.strip()) < 2:
            self._stop_asking("find")
            self._finder.show_rows((), "Ids, usernames, titles, slugs; the beginning of a name is enough")
        else:
            self._finder.await_rows()
            self._ask("find", self._search(text))

    async def _search(self, text: str) -> None:
        await asyncio.sleep(TYPING_SECONDS)
        found = await self._reader.find(text, FOUND)
        rows = [Row(plain(item.title), self._facts(item), self._opening(item.subject)) for item in found]
        self._finder.show_rows(rows, "" if rows else "Nothing begins with that")

    def _facts(self, item: Item) -> str:
        kind = self._reader.platform.kind(item.subject.kind).title
        status = item.cells[0] if item.cells else None
        return f"{kind} · {humanised(str(status))}" if status else kind

    def _opening(self, subject: Subject) -> Callable[[], None]:
        return lambda: self.open_subject(subject)

    def _look_for_mine(self, text: str) -> None:
        if not text:
            self._records = None
        if self._records is None:
            self._mine.await_rows()
            self._ask("my decisions", self._read_mine(text))
        else:
            self._show_mine(self._records, text)

    async def _read_mine(self, text: str) -> None:
        """Read the newest decisions, or those before the ones that are shown."""
        known = self._records or []
        older = await self._reader.my_decisions(known[-1].at if known else None, MINE)
        self._older = len(older) == MINE
        self._records = [*known, *older]
        self._show_mine(self._records, text)

    def _show_mine(self, records: Sequence[DecisionRecord], text: str) -> None:
        rows = [
            Row(self._told(r), f"{ago(r.at)} · Enter undoes", self._undoing(r))
            if r.state is DecisionState.DONE and r.reversible
            else Row(self._told(r), f"{ago(r.at)} · {r.state.value}", None)
            for r in records
            if text.lower() in self._told(r).lower()
        ]
        if self._older:
            since = f"before {records[-1].at.astimezone():%d %B %Y}"
            rows.append(Row("Show older decisions", since, self._more_of_mine(text), keeps=True))
        nothing = "None of your decisions has these words" if text else "No decisions yet"
        self._mine.show_rows(rows, "" if rows else nothing)

    def _more_of_mine(self, text: str) -> Callable[[], None]:
        return lambda: self._ask("my decisions", self._read_mine(text))

    def _told(self, record: DecisionRecord) -> str:
        verbs = self._reader.platform.verbs_for(record.scope, record.subject.kind, self._person.role)
        past = next((verb.past for verb in verbs if verb.key == record.verb), humanised(record.verb))
        more = f" and {record.items - 1} more" if record.items > 1 else ""
        return f"{past} “{shortened(record.title)}”{more}"

    def _undoing(self, record: DecisionRecord) -> Callable[[], None]:
        return lambda: self._desk.undo_decision(record.id, self._told(record))

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

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
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

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
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
