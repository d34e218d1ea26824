"""Qualities and tracks that can be chosen, as menus show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from console.media.playlist import Quality
from console.ui.player.protocol import Track
from console.ui.theme.words import shortened


@dataclass(frozen=True, slots=True)
class Choice:
    """A quality or track that can be chosen by its `id`."""

    id: str
    title: str
    chosen: bool


def qualities(found: Iterable[Quality], lines: int) -> tuple[Choice, ...]:
    """The qualities of a master playlist by their picture lines; `lines` is the most that was asked for."""
    heights = sorted({each.height for each in found if each.height}, reverse=True)
    if not heights:
        return ()
    best = next((height for height in heights if height <= lines), heights[-1])
    fixed = [Choice(str(height), f"{height}p", bool(lines) and height == best) for height in heights]
    return (Choice("0", "As the network allows", not lines), *fixed)


def tracks(told: Iterable[Track], chosen: int, none: str) -> tuple[Choice, ...]:
    """The tracks of a medium, and none of them; nothing to choose where there is no track."""
    real = [(track.number, shortened(track.title)) for track in told if track.number >= 0]
    if not real:
        return ()
    return tuple(Choice(str(number), title, number == chosen) for number, title in [*real, (-1, none)])
