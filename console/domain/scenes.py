"""A scene as one film: its segments in sequence, with what was reported of them and marked on them.

Times inside a segment are milliseconds from its beginning. Every string came from a database and is data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.domain.subjects import Subject

ACTIVE = "active"
"""The status of a segment that viewers see."""

_CLOCK = re.compile(r"(?<![\d:.])(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?:\.(\d{1,3}))?(?!\d|:\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """An in point, and where it ends if it does, with the policy it is about. `flag_id`: raised from it."""

    id: UUID
    subject: Subject
    begins: int
    ends: int | None
    policy: str
    note: str | None
    login: str
    created_at: datetime
    flag_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """An open flag on a segment. `times` are the moments that it names."""

    flag_id: UUID
    reason: str
    description: str | None
    reporter: str | None
    created_at: datetime
    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SceneSegment:
    """One segment, without its texts. `version` is the content version, `duration` in seconds.

    `stream_url` is the HLS playlist where there is one, else the file. `due` says that it waits for review.
    """

    subject: Subject
    version: str
    sequence: int
    status: str
    duration: int
    bible_version: int
    stream_url: str
    thumbnail_url: str | None
    author: str | None
    due: bool
    reports: tuple[Reported, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def seen(self) -> bool:
        """Whether viewers see it, as far as its own status goes."""
        return self.status == ACTIVE


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene with its segments in sequence; `more` says that it has others beyond those."""

    subject: Subject
    version: str
    title: str
    status: str
    bible_version: int
    segments: tuple[SceneSegment, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """What the author typed, and what a job wrote of it, under which version of the scene's bible."""

    typed: str
    written: str
    bible_version: int


@dataclass(frozen=True, slots=True)
class Brought:
    """Older items that now wait too: how many, back to when, and whether there are others before those."""

    count: int
    back_to: datetime
    more: bool


def times_named(text: str | None, longest: int) -> tuple[int, ...]:
    """The moments that a report names ("at 0:12", "1:02:03.5"), in ms, each once, none beyond `longest`."""
    found: dict[int, None] = {}
    for match in _CLOCK.finditer(text or ""):
        hours, minutes, seconds, part = match.groups()
        moment = (int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) * 1000
        moment += int((part or "").ljust(3, "0"))
        if moment <= longest:
            found[moment] = None
    return tuple(found)
