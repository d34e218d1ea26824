"""Values as words: times, numbers, durations, and text that comes from strangers."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from uuid import UUID

from console.domain.queues import CellType, CellValue, Count
from console.domain.servers import Served, Server

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_INVISIBLE = {"Cf", "Cc", "Co", "Cs", "Zl", "Zp"}
_JOINERS = {"\u200d", "\ufe0f"}
"""Zero-width joiner and emoji selector: parts of emoji and of many scripts, so they stay."""


def plain(text: str, *, lines: bool = False) -> str:
    """Text as typed, with what would hide or reorder it made visible.

    Control and direction characters become ⟨U+202E⟩, so that nobody can make a title read as
    another. `lines` keeps line breaks and tabs.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character, lines=lines) for character in text)


def _visible(character: str, *, lines: bool) -> str:
    if character in "\n\t":
        return character if lines else " "
    if character in _JOINERS or unicodedata.category(character) not in _INVISIBLE:
        return character
    return f"⟨U+{ord(character):04X}⟩"


def shortened(text: str, longest: int = 60) -> str:
    """A stranger's text in a sentence of ours: plain, and no longer than `longest` characters."""
    words = plain(text)
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def number(value: float) -> str:
    """A number with thousands separated by commas."""
    return f"{value:,}"


def count_of(many: int, noun: str) -> str:
    """A number with its noun, which takes an s in the plural: "1 report", "1,200 reports"."""
    return f"{number(many)} {noun}{'' if many == 1 else 's'}"


def count(value: Count) -> str:
    """A queue's count: "1,204", or "10k+" where counting stopped."""
    return "10k+" if value.capped else number(value.value)


def behind(lag: float | None) -> str:
    """How far a replica is behind at most, in seconds: "in step", "0.4 s behind"; empty where unknown."""
    if lag is None:
        return ""
    if lag < 0.05:
        return "in step"
    if lag < 10:
        return f"{lag:.1f} s behind"
    return f"{_rounded(lag)} behind"


def _rounded(seconds: float) -> str:
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{seconds:.0f} s"


def waited(seconds: float | None) -> str:
    """How long something waited, to two digits: "40 s", "1.5 h", "12 d"; "–" where nothing is known."""
    if seconds is None:
        return "–"
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= length:
            many = seconds / length
            return f"{many:.0f} {unit}" if many >= 9.95 else f"{many:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def share(part: float | None) -> str:
    """A share of 0 to 1 as a percentage: "4.2 %", "12 %"; "–" where nothing is known."""
    if part is None:
        return "–"
    percent = part * 100
    return f"{percent:.0f} %" if percent >= 9.95 or percent == 0 else f"{percent:.1f} %"


def served_words(served: Served) -> tuple[str, str]:
    """Who answered and how fresh that is, and a sentence about what it means."""
    if served.server is Server.PRIMARY:
        return served.title, "Read from the primary: no replica shows your own last writes yet."
    words = ", ".join(part for part in (served.title, behind(served.lag)) if part)
    if served.alone:
        return (
            f"{words}, primary away",
            "The primary is out of reach: the replica answers, and what was written last may be missing.",
        )
    return words, "Read from a replica that shows all that you wrote."


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, short: "now", "4 min", "3 h", "12 d", after a year the month."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h"
    if seconds < 365 * _DAY:
        return f"{int(seconds // _DAY)} d"
    return f"{moment.astimezone():%b %Y}"


def since(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, for a sentence, in seconds at first: "2 s ago", "4 min ago", after a year "Mar 2024"."""
    present = now or datetime.now(UTC)
    seconds = (present - moment).total_seconds()
    if seconds < _MINUTE:
        return f"{max(0, int(seconds))} s ago"
    words = ago(moment, present)
    return words if seconds >= 365 * _DAY else f"{words} ago"


def exact(moment: datetime) -> str:
    """The moment to the second, in the local time zone, with its name."""
    return f"{moment.astimezone():%A %d %B %Y, %H:%M:%S %Z}"


def duration(seconds: float) -> str:
    """Seconds as 0:08 or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(many: float) -> str:
    """Bytes in the unit that leaves one to three digits before the point: "792 kB", "1.4 GB"."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while many >= 999.5 and len(units) > 1:
        many /= 1000
        del units[0]
    return f"{many:.0f} {units[0]}" if many >= 10 or units[0] == "bytes" else f"{many:.1f} {units[0]}"


def humanised(key: str) -> str:
    """A key such as `sexual_content` as words: "Sexual content"."""
    return key.replace("_", " ").capitalize()


def shown(value: CellValue, type: CellType, now: datetime | None = None) -> str:
    """A value of the declared type as one line of text; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return ago(value, now)
    if isinstance(value, tuple):
        words = [humanised(each) if type is CellType.REASON else plain(each) for each in value]
        return ", ".join(words)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return {CellType.DURATION: duration, CellType.BYTES: size}.get(type, number)(value)
    if isinstance(value, UUID):
        return str(value)
    return humanised(value) if type in {CellType.STATUS, CellType.REASON} else plain(value)
