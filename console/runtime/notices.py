"""The bridge from logic to the screen: whoever has something to say says it here, never in a dialog."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from console.domain.errors import GreenroomError


class Level(StrEnum):
    """What a notice is: done, to be known, gone wrong in the world, or our own bug."""

    DONE = "done"
    INFO = "info"
    PROBLEM = "problem"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a notice."""

    title: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, what to do about it, and text worth copying.

    Of several `about` one thing only the last one is shown.
    """

    level: Level
    text: str
    remedy: str = ""
    details: str = ""
    action: Action | None = None
    about: object = None


class Notices(QObject):
    """Signals: `posted(Notice)`."""

    posted = Signal(object)

    def post(self, notice: Notice) -> None:
        """Show the notice."""
        self.posted.emit(notice)

    def done(self, text: str, action: Action | None = None, about: object = None) -> None:
        """Something was done."""
        self.post(Notice(Level.DONE, text, action=action, about=about))

    def failed(self, name: str, error: BaseException, action: Action | None = None) -> None:
        """A task called `name` failed: in the world's way, or by a bug of ours."""
        if isinstance(error, GreenroomError):
            self.post(Notice(Level.PROBLEM, str(error), error.remedy, action=action))
            return
        details = "".join(traceback.format_exception(error))
        self.post(
            Notice(
                Level.BUG,
                f"Greenroom made a mistake in “{name}”",
                "Your work is kept. Please copy the details and report them.",
                details,
                action,
            )
        )
