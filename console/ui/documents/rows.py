"""Changes as rows to be painted: plain values, made aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from console.bible.diff import Change, content, diff
from console.bible.rendering import sentences
from console.bible.schema import AnnotatedSchema
from console.bible.sentences import words
from console.bible.values import ABSENT, Json
from console.bible.writing import write
from console.ui.theme.words import plain

Mark: TypeAlias = Literal["same", "removed", "added"]
Pieces: TypeAlias = tuple[tuple[Mark, str], ...]

MOST_ROWS: Final = 2_000
"""Nobody reads more; the patch has them all."""
MOST_LINES: Final = 40
"""Lines of an added or removed value that are shown."""
LONGEST_LINE: Final = 2_000
LONGEST: Final = 30_000
"""Characters that are compared word by word."""
AROUND: Final = 160
"""Characters of an unchanged stretch that stay at each of its ends."""


@dataclass(frozen=True, slots=True)
class Row:
    """One change: the sentence that tells it, the two sides, both in one, and who made it (or nothing)."""

    change: Change
    sentence: str
    before: Pieces
    after: Pieces
    inline: Pieces
    author: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """All that a comparison shows; `count` also counts the changes beyond the most that are shown."""

    rows: tuple[Row, ...]
    count: int


def compared(before: Json, after: Json, schema: AnnotatedSchema) -> Compared:
    """The changes from one document to another as rows, without those of counters."""
    return rows_of(content(diff(before, after, schema), schema))


def rows_of(changes: Sequence[Change], authors: Sequence[str] = ()) -> Compared:
    """Rows of changes; `authors` has one for each of them, or none at all."""
    shown = changes[:MOST_ROWS]
    told = sentences(shown)
    by = [*authors, *("" for _ in shown)]
    made = tuple(_row(each, plain(words_), who) for each, words_, who in zip(shown, told, by, strict=False))
    return Compared(made, len(changes))


def compared_words(before: str, after: str) -> tuple[Pieces, Pieces, Pieces]:
    """The two sides of a text with what differs marked, and both in one; long equal stretches are cut."""
    if len(before) + len(after) > LONGEST:
        before, after = _differing(before, after)
    pieces: list[tuple[Mark, str]] = []
    found = words(plain(before, lines=True), plain(after, lines=True))
    for at, (mark, piece) in enumerate(found):
        if mark == "same":
            pieces.append(("same", _cut(piece, first=at == 0, last=at == len(found) - 1)))
        elif mark == "removed" and pieces and pieces[-1][0] == "added":
            # What went is read before what came.
            pieces.insert(-1, ("removed", piece))
        else:
            pieces.append(("removed" if mark == "removed" else "added", piece))
    return (
        tuple(piece for piece in pieces if piece[0] != "added"),
        tuple(piece for piece in pieces if piece[0] != "removed"),
        tuple(pieces),
    )


def _row(change: Change, sentence: str, author: str) -> Row:
    if change.kind in ("moved", "renamed"):
        return Row(change, sentence, (), (), (), author)
    old, new = change.before, change.after
    if isinstance(old, str) and isinstance(new, str):
        return Row(change, sentence, *compared_words(old, new), author)
    before: Pieces = () if old is ABSENT else (("removed", _shown(old)),)
    after: Pieces = () if new is ABSENT else (("added", _shown(new)),)
    if isinstance(old, dict | list) and isinstance(new, dict | list):
        return Row(change, sentence, *compared_words(_shown(old), _shown(new)), author)
    gap: Pieces = (("same", "\n"),) if before and after else ()
    return Row(change, sentence, before, after, (*before, *gap, *after), author)


def _shown(value: Json) -> str:
    # One string alone cannot be told from a number or a word of JSON without its quotes.
    return shortened_lines(write(value))


def shortened_lines(text: str) -> str:
    """As many lines of a text, and as much of each, as are shown; the rest is counted."""
    lines = plain(text, lines=True).rstrip("\n").split("\n")
    kept = [line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        kept.append(f"… {len(lines) - MOST_LINES:,} more lines")
    return "\n".join(kept)


def _differing(before: str, after: str) -> tuple[str, str]:
    """What is left of two very long texts without their common beginning and end, and no more than fits."""
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    begin = max(0, start - AROUND)
    cut = []
    for text in (before, after):
        piece = text[begin : min(len(text), len(text) - end + AROUND, begin + LONGEST // 2)]
        cut.append(f"{'… ' if begin else ''}{piece}")
    return cut[0], cut[1]


def _cut(piece: str, *, first: bool, last: bool) -> str:
    if len(piece) <= 3 * AROUND:
        return piece
    head = "" if first else piece[:AROUND]
    tail = "" if last else piece[-AROUND:]
    return f"{head} … {tail}"
