"""The bridge from logic to the screen: whoever has something to say says it here, never in a dialog."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from console import __version__
from console.domain.errors import GreenroomError, Refused, Stale, TooSlow, Unavailable


class Level(StrEnum):
    """What a notice is: done, to be known, or gone wrong.

    Of what went wrong some waits for a server (unavailable), was overtaken by somebody else (stale), is
    against a rule of the database (refused), or is our own mistake (bug); the rest is a problem.
    """

    DONE = "done"
    INFO = "info"
    PROBLEM = "problem"
    UNAVAILABLE = "unavailable"
    STALE = "stale"
    REFUSED = "refused"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a notice."""

    title: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, what to do about it, and text worth copying.

    `title` says in a few words of what kind it is, `kept` what was typed and is not lost. Of several
    `about` one thing only the last one is shown.
    """

    level: Level
    text: str
    remedy: str = ""
    details: str = ""
    action: Action | None = None
    about: object = None
    title: str = ""
    kept: str = ""


class Notices(QObject):
    """Signals: `posted(Notice)`."""

    posted = Signal(object)

    def post(self, notice: Notice) -> None:
        """Show the notice."""
        self.posted.emit(notice)

    def done(self, text: str, action: Action | None = None, about: object = None) -> None:
        """Something was done."""
        self.post(Notice(Level.DONE, text, action=action, about=about))

    def failed(
        self,
        name: str,
        error: BaseException,
        action: Action | None = None,
        *,
        what: str = "",
        kept: str = "",
    ) -> None:
        """A task called `name` failed: in the world's way, or by a mistake of ours.

        `what` the person wanted is named before the reason; `kept` says what they typed for it.
        """
        level, title = _kind(error)
        if isinstance(error, GreenroomError):
            text = f"{what}: {error}" if what else str(error)
            remedy, more = error.remedy, ""
        else:
            text = f"Greenroom made a mistake in “{what or name}”"
            remedy = "Copy the details and report them; what you did is kept."
            more = "".join(traceback.format_exception(error))
        rule = f"rule: {error.rule}" if isinstance(error, Refused) else ""
        facts = (title, text, kept, remedy, rule, f"in: {name}", f"Greenroom {__version__}", more)
        self.post(
            Notice(
                level,
                text,
                remedy,
                "\n".join(each for each in facts if each),
                action,
                # Everything that needs the server says so at once: that is one piece of news.
                Level.UNAVAILABLE if level is Level.UNAVAILABLE and not kept else None,
                title,
                kept,
            )
        )


_RULES = {
    "not_permitted": "not permitted",
    "taken": "somebody else holds it",
    "claim_lost": "your hold ran out",
    "too_many_claims": "you hold too many",
    "undo_refused": "cannot be undone",
    "not_found": "not there any more",
    "invalid": "not valid",
    "outdated": "this console is too old",
}


def _kind(error: BaseException) -> tuple[Level, str]:
    match error:
        case Stale():
            return Level.STALE, "Changed meanwhile"
        case Refused():
            return Level.REFUSED, f"Refused: {_RULES.get(error.rule, error.rule.replace('_', ' '))}"
        case TooSlow():
            return Level.UNAVAILABLE, "Took too long"
        case Unavailable():
            return Level.UNAVAILABLE, "Server out of reach"
        case GreenroomError():
            return Level.PROBLEM, "This did not work"
        case _:
            return Level.BUG, "A mistake of ours"
