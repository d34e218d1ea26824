"""Screens beside the desk: what the window needs of one to offer and show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from console.domain.staff import Role
from console.domain.subjects import Subject


def nothing() -> None:
    """What a screen does when it is opened and has nothing to read."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What brings the desk's item to a screen: a command with its key, for subjects of some kinds."""

    title: str
    key: str
    kinds: frozenset[str]
    run: Callable[[Subject], None]


@dataclass(frozen=True, slots=True)
class Deed:
    """A command of a screen: its keys (as Qt spells them) work while the screen is in front.

    `repeats`: a key that is held down goes on.
    """

    title: str
    keys: tuple[str, ...]
    run: Callable[[], None]
    repeats: bool = False


async def keeps_nothing() -> None:
    """What a screen does at the end of a session when it has nothing to keep."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A place at the left of the window besides the queues.

    `key` names it in settings and links, `group` is the heading it stands under ("Curation", "Operations"),
    `icon` one of resources/icons. `widget` fills the room right of the navigation; `opened` is called each
    time it comes to the front. Who ranks below `role` does not see it. `deeds` are its own commands, in
    a menu named for it; `opening` leads there from the desk. `left` is awaited before a session ends: the
    screen keeps what was typed, and asks for nothing any more.
    """

    key: str
    title: str
    group: str
    icon: str
    widget: QWidget
    role: Role = Role.REVIEWER
    opened: Callable[[], None] = nothing
    deeds: tuple[Deed, ...] = ()
    opening: Opening | None = None
    left: Callable[[], Awaitable[None]] = keeps_nothing
