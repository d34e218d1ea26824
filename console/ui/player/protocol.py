"""What the console and the player's process tell each other: one JSON object a line, each a frozen value.

Decks are VLC's players: 0 and 1, so that one opens ahead while the other plays. `turn` numbers what a deck
was given to play: an event of an earlier turn is old news.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeAlias

DECKS = 2


@dataclass(frozen=True, slots=True)
class Load:
    """Play `url` (a loopback one) from `start` seconds on; without `play` stand still at the first picture.

    `lines`: the highest quality to choose, in picture lines; 0 leaves the choice to VLC.
    """

    deck: int
    turn: int
    url: str
    start: float
    play: bool
    rate: float
    lines: int


@dataclass(frozen=True, slots=True)
class Play:
    """Go on."""

    deck: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still."""

    deck: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Let go of what was loaded."""

    deck: int


@dataclass(frozen=True, slots=True)
class Seek:
    """Go to a time in seconds."""

    deck: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """Show the picture after the one that stands."""

    deck: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Play so many times as fast, 0.25 to 4."""

    deck: int
    rate: float


@dataclass(frozen=True, slots=True)
class Sound:
    """How loud (0 to 100), for both decks."""

    volume: int
    muted: bool


@dataclass(frozen=True, slots=True)
class Choose:
    """Another track: `kind` is "audio" or "subtitle", `track` VLC's number of it (-1: none)."""

    deck: int
    kind: str
    track: int


Command: TypeAlias = Load | Play | Pause | Stop | Seek | Step | Rate | Sound | Choose


@dataclass(frozen=True, slots=True)
class Ready:
    """VLC is there."""

    version: str


@dataclass(frozen=True, slots=True)
class Missing:
    """VLC is not there, or lacks its modules; `why` for the details."""

    why: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture lies in `slot` under `number`; it stands at `position` seconds."""

    deck: int
    turn: int
    slot: int
    number: int
    position: float


@dataclass(frozen=True, slots=True)
class Track:
    """A track that can be chosen by VLC's number of it."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a medium by now: seconds it lasts and of a picture (0: not known), and its tracks.

    `aspect` is the shape of a pixel, width by height; `audio` and `subtitle` are the tracks chosen.
    """

    deck: int
    turn: int
    duration: float
    frame_seconds: float
    aspect: float
    audio_tracks: tuple[Track, ...]
    subtitle_tracks: tuple[Track, ...]
    audio: int
    subtitle: int


@dataclass(frozen=True, slots=True)
class Ended:
    """Played to its end, with so many pictures shown."""

    deck: int
    turn: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Broken:
    """VLC gave up."""

    deck: int
    turn: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The process lives. For each deck `times` are VLC's own seconds, `lost` the pictures too late."""

    times: tuple[float, ...]
    lost: tuple[int, ...]


Event: TypeAlias = Ready | Missing | Frame | Described | Ended | Broken | Beat

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(Load, Play, Pause, Stop, Seek, Step, Rate, Sound, Choose),
        *(Ready, Missing, Frame, Described, Ended, Broken, Beat),
    )
}


def encode(message: Command | Event) -> bytes:
    """The message as a line."""
    return json.dumps([type(message).__name__, asdict(message)], separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Any:
    """The message of a line; ValueError for anything that is none, since the other side may be broken."""
    try:
        name, values = json.loads(line)
        kind = _KINDS[name]
        made = kind(**{key: _value(value) for key, value in values.items()})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a message: {line[:80]!r}") from error
    for field in fields(made):
        if not _fits(getattr(made, field.name), str(field.type)):
            raise ValueError(f"{name}.{field.name} is not {field.type}")
    return made


def _value(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return tuple(Track(**each) if isinstance(each, dict) else each for each in value)


def _fits(value: object, type_name: str) -> bool:
    match type_name:
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "str":
            return isinstance(value, str)
        case _:
            return isinstance(value, tuple)
