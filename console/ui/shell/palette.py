"""Every command in an overlay: the palette runs one by its title, the overview tells its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from console.domain.queues import Verb
from console.ui.shell.commands import Commands
from console.ui.shell.overlay import Overlay, Row
from console.ui.theme.theme import Theme

DECIDE = "Decide"
KEYS_HEIGHT = 600


class Palette(Overlay):
    """The commands that are offered now and whose titles have all the words that are typed."""

    def __init__(self, theme: Theme, host: QWidget, commands: Commands) -> None:
        super().__init__(theme, host, "Commands", "Type a command")
        self._commands = commands
        self.typed.connect(self._show_commands)

    def _show_commands(self, text: str) -> None:
        wanted = text.lower().split()
        rows = [
            Row(command.title, "", command.run, command.keys)
            for command in self._commands.offered
            if all(word in command.title.lower() for word in wanted)
        ]
        self.show_rows(rows)


class KeyOverview(Overlay):
    """The keys of all commands by group, first those of the `verbs` that are offered now."""

    def __init__(
        self, theme: Theme, host: QWidget, commands: Commands, verbs: Callable[[], Sequence[Verb]]
    ) -> None:
        super().__init__(theme, host, "Keys", "Type to narrow", highest=KEYS_HEIGHT)
        self._commands = commands
        self._verbs = verbs
        self._told: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
        self.typed.connect(self._show_keys)

    def tell(self, group: str, keys: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """List keys that a widget takes for itself while it has the keyboard."""
        self._told[group] = tuple(keys)

    def _show_keys(self, text: str) -> None:
        wanted = text.lower()
        groups: dict[str, list[Row]] = {}
        for verb in self._verbs():
            groups.setdefault(DECIDE, []).append(Row(verb.title, "", None, (verb.shortcut,)))
        groups.setdefault(DECIDE, []).append(
            Row("Decide with a reason where none is needed", "", None, ("Shift", "its key"))
        )
        for command in self._commands.all:
            if command.keys:
                groups.setdefault(command.group, []).append(Row(command.title, "", None, command.keys))
        for group, told in self._told.items():
            groups.setdefault(group, []).extend(Row(title, "", None, keys) for title, keys in told)
        rows: list[Row] = []
        for group, lines in groups.items():
            if found := [line for line in lines if wanted in line.words.lower()]:
                rows += [Row(group, "", None, heading=True), *found]
        self.show_rows(rows, "Esc closes" if rows else "No key does that")
