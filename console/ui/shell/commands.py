"""Every command once: the source of menus, palette, shortcuts and key overview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

LAST = ("Session", "Help")
ITEM = "Item"
"""The group of the commands that act on the item shown."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can do. `group` is the menu it stands in; `keys` as Qt spells them."""

    title: str
    group: str
    keys: tuple[str, ...]
    run: Callable[[], None]


class Commands:
    """The commands of a window, each an action on it."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._commands: list[Command] = []
        self._menus: dict[str, QMenu] = {}
        self._verbs: list[QAction] = []
        self._actions: list[tuple[str, QAction]] = []
        self._silent: set[str] = set()

    @property
    def all(self) -> tuple[Command, ...]:
        """All commands in the order they were added."""
        return tuple(self._commands)

    @property
    def offered(self) -> tuple[Command, ...]:
        """Those that do something now."""
        return tuple(command for command in self._commands if command.group not in self._silent)

    def add(
        self,
        title: str,
        group: str,
        keys: tuple[str, ...],
        run: Callable[[], None],
        *,
        repeats: bool = False,
    ) -> QAction:
        """Add a command to its menu; its keys work anywhere in the window while its group is offered."""
        self._commands.append(Command(title, group, keys, run))
        action = self._action(title, keys, run)
        action.setAutoRepeat(repeats)
        action.setEnabled(group not in self._silent)
        self._window.addAction(action)
        self._actions.append((group, action))
        if group not in self._menus:
            self._menus[group] = self._add_menu(group)
            self._menus[group].menuAction().setVisible(group not in self._silent)
        self._menus[group].addAction(action)
        return action

    def _add_menu(self, group: str) -> QMenu:
        """A menu after those that came before it; what every window ends with stays at the end."""
        menu, bar = QMenu(group, self._window), self._window.menuBar()
        after = next((self._menus[last] for last in LAST if last in self._menus), None)
        if group in LAST or after is None:
            bar.addMenu(menu)
        else:
            bar.insertMenu(after.menuAction(), menu)
        return menu

    def offer(self, group: str, *, offered: bool) -> None:
        """Whether a group has its menu and its keys: that of the item not while a screen covers it."""
        if offered:
            self._silent.discard(group)
        else:
            self._silent.add(group)
        verbs = self._verbs if group == ITEM else []
        for action in (*(action for of, action in self._actions if of == group), *verbs):
            action.setEnabled(offered)
        if group in self._menus:
            self._menus[group].menuAction().setVisible(offered)

    def offer_verbs(self, verbs: list[tuple[str, str, Callable[[], None]]]) -> None:
        """Replace the keys of the verbs (title, key, what it does) by these."""
        for action in self._verbs:
            self._window.removeAction(action)
            action.deleteLater()
        self._verbs = [self._action(title, (key,), run) for title, key, run in verbs]
        self._window.addActions(self._verbs)
        self.offer(ITEM, offered=ITEM not in self._silent)

    def _action(self, title: str, keys: tuple[str, ...], run: Callable[[], None]) -> QAction:
        action = QAction(title, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        # A held key must not decide a whole queue.
        action.setAutoRepeat(False)
        action.triggered.connect(lambda *_: run())
        return action
