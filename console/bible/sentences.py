"""Strings as sentences and words: merged by the first, shown by the second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Indel

_BREAK: Final = re.compile(
    r"""(?P<end>[.!?…]+["'”’»)\]]*)(?P<space>[ \t]+)(?=["'“‘«(\[¿¡—–-]*(?![a-zß-ÿ])\S)
    |(?P<wide>[。！？]+[」』”’)]*)(?P<none>)(?=\S)
    |(?P<line>[ \t]*(?:\r?\n)+[ \t\r\n]*)""",
    re.VERBOSE,
)
_ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(“\"'])(?:Mr|Mrs|Ms|Mx|Dr|Prof|St|Sr|Jr|Lt|Col|Gen|Sgt|Capt|Rev|Hon|vs|No|Nr|cf|ca|approx|e\.g|i\.e|z\.B|d\.h|bzw)\.$"
    r"|\b[A-Z][a-z]+ [A-Z]\.$"
)
_WIDE_ENDS: Final = frozenset("。！？」』”’)")

MAX_COMPARED: Final = 4_000_000
"""Pairs of words or sentences that are compared; a text that differs in more is shown as replaced."""

_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the white space before it."""

    space: str
    text: str


def split(text: str) -> list[Sentence]:
    """The sentences of a text; what stands around them is kept: joined again they are the text.

    A sentence ends with its mark, white space and no lower-case letter after it, or with its line. White
    space at the text's end becomes a last, empty sentence.
    """
    found: list[Sentence] = []
    space, start = "", 0
    for match in _BREAK.finditer(text):
        end = match.end("end") if match["end"] else match.end("wide") if match["wide"] else match.start()
        if match["end"] and _ABBREVIATION.search(text, start, end):
            continue
        found.append(Sentence(space, text[start:end]))
        space, start = text[end : match.end()], match.end()
    if start < len(text) or space or not found:
        found.append(Sentence(space, text[start:]))
    return found


def changed_sentences(before: str, after: str) -> tuple[int, int]:
    """How many sentences differ, and of how many (the longer text's)."""
    old = [sentence.text for sentence in split(before)]
    new = [sentence.text for sentence in split(after)]
    count = sum(
        max(end - begin, new_end - new_begin) for begin, end, new_begin, new_end in _joined(_steps(old, new))
    )
    return max(count, 1), max(len(old), len(new))


def words(before: str, after: str) -> list[tuple[str, str]]:
    """The way from one text to the other: pieces marked `same`, `removed` or `added`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[tuple[str, str]] = []
    for tag, begin, end, new_begin, new_end in _steps(old, new):
        if tag == "equal":
            pieces.append(("same", "".join(old[begin:end])))
            continue
        if end > begin:
            pieces.append(("removed", "".join(old[begin:end])))
        if new_end > new_begin:
            pieces.append(("added", "".join(new[new_begin:new_end])))
    return pieces


def _steps(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """The way from one list to the other, step by step; what is too long to compare is replaced whole."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    end = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    steps = [("equal", 0, start, 0, start)] if start else []
    if len(left) * len(right) > MAX_COMPARED:
        steps.append(("replace", start, start + len(left), start, start + len(right)))
    else:
        steps += [
            (
                step.tag,
                start + step.src_start,
                start + step.src_end,
                start + step.dest_start,
                start + step.dest_end,
            )
            for step in Indel.opcodes(left, right)
        ]
    if end:
        steps.append(("equal", len(old) - end, len(old), len(new) - end, len(new)))
    return steps


_Hunk = tuple[int, int, int, int]


def merge_text(base: str, mine: str, theirs: str) -> str | None:
    """Both sides' changes in one text, or None if they touch the same sentence.

    A sentence is taken whole from one side. Two texts put in at one place are a question, since nobody knows
    which comes first.
    """
    old, left, right = split(base), split(mine), split(theirs)
    ours, others = _hunks(old, left), _hunks(old, right)
    merged: list[Sentence] = []
    at = 0
    while ours or others:
        side, sentences = (ours, left) if _first(ours, others) else (others, right)
        other, other_sentences = (others, right) if side is ours else (ours, left)
        begin, end, new_begin, new_end = side.pop(0)
        if other and _same_hunk((begin, end, new_begin, new_end), sentences, other[0], other_sentences):
            other.pop(0)
        elif other and _collide((begin, end), (other[0][0], other[0][1])):
            return None
        merged += old[at:begin] + sentences[new_begin:new_end]
        at = end
    merged += old[at:]
    return _join(merged, old, left, right)


def _hunks(old: list[Sentence], new: list[Sentence]) -> list[_Hunk]:
    """What changed, in small hunks: runs of the same length go sentence by sentence."""
    found: list[_Hunk] = []
    for begin, end, new_begin, new_end in _joined(
        _steps([part.text for part in old], [part.text for part in new])
    ):
        if end - begin == new_end - new_begin:
            found += [
                (begin + i, begin + i + 1, new_begin + i, new_begin + i + 1) for i in range(end - begin)
            ]
        else:
            found.append((begin, end, new_begin, new_end))
    return found


def _joined(steps: list[tuple[str, int, int, int, int]]) -> list[_Hunk]:
    """The steps that change something; a removal and an addition side by side are one."""
    found: list[_Hunk] = []
    for tag, begin, end, new_begin, new_end in steps:
        if tag == "equal":
            continue
        if found and found[-1][1] == begin and found[-1][3] == new_begin:
            found[-1] = (found[-1][0], end, found[-1][2], new_end)
        else:
            found.append((begin, end, new_begin, new_end))
    return found


def _first(ours: list[_Hunk], others: list[_Hunk]) -> bool:
    if not ours or not others:
        return bool(ours)
    return (ours[0][0], ours[0][1]) <= (others[0][0], others[0][1])


def _same_hunk(one: _Hunk, left: list[Sentence], other: _Hunk, right: list[Sentence]) -> bool:
    return one[:2] == other[:2] and (
        [part.text for part in left[one[2] : one[3]]] == [part.text for part in right[other[2] : other[3]]]
    )


def _collide(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two ranges of base share a sentence, or are insertions at one place."""
    if one[0] == one[1] and other[0] == other[1]:
        return one[0] == other[0]
    if one[0] == one[1] or other[0] == other[1]:
        inserted, (begin, end) = (one[0], other) if one[0] == one[1] else (other[0], one)
        return begin < inserted < end
    return one[0] < other[1] and other[0] < one[1]


def _join(merged: list[Sentence], old: list[Sentence], left: list[Sentence], right: list[Sentence]) -> str:
    """The sentences as one text, with a space where two that never stood together meet."""
    spaces = _spaces(old, left, right)
    parts: list[str] = []
    for place, sentence in enumerate(merged):
        space = spaces.get(sentence, sentence.space)
        if not place:
            space = ""
        elif not space and sentence.text and parts[-1][-1:] not in _WIDE_ENDS:
            space = " "
        parts.append(space + sentence.text)
    return "".join(parts)


def _spaces(old: list[Sentence], left: list[Sentence], right: list[Sentence]) -> dict[Sentence, str]:
    """White space that one side changed before a sentence that neither did."""
    mine = {sentence.text: sentence.space for sentence in left}
    theirs = {sentence.text: sentence.space for sentence in right}
    found: dict[Sentence, str] = {}
    for place, sentence in enumerate(old):
        one, other = mine.get(sentence.text), theirs.get(sentence.text)
        if place and one is not None and other is not None:
            found[sentence] = (
                max(one, other)
                if sentence.space not in (one, other)
                else (other if one == sentence.space else one)
            )
    return found
