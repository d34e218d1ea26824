"""Orders: which elements moved, and one order out of three.

Elements stand here as labels, unique in each sequence; `console.bible.matching` makes them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

Label = TypeVar("Label", bound=Hashable)

MAX_COMPARED: Final = 1_000_000
"""Pairs compared one by one when both sides moved; beyond (a list shuffled twice) a person decides."""


@dataclass(frozen=True, slots=True)
class Order:
    """A merged order; `question` says that the sides' orders exclude each other and one of them was taken."""

    labels: list[Any]
    question: bool


def moved(before: Sequence[Label], after: Sequence[Label]) -> set[Label]:
    """The fewest elements of both whose moving makes the one order into the other."""
    if list(before) == list(after):
        return set()
    place = {label: index for index, label in enumerate(before)}
    common = [label for label in after if label in place]
    lengths, _ = _run_lengths([place[label] for label in common])
    kept: set[Label] = set()
    wanted = max(lengths, default=0)
    limit = len(place)
    for label, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted and place[label] < limit:
            kept.add(label)
            wanted, limit = wanted - 1, place[label]
    return {label for label in common if label not in kept}


def merge_order(
    base: Sequence[Label],
    mine: Sequence[Label],
    theirs: Sequence[Label],
    kept: Collection[Label],
    rank: Callable[[Label], Any],
    prefer: Literal["base", "mine", "theirs"] = "mine",
) -> Order:
    """The order of the `kept` labels: one side's moves, or both sides' where they agree.

    What a side added follows its neighbour. Two runs added at one place stand in the order of their content
    (`rank`), so that it does not matter who is mine and who theirs.
    """
    in_mine, in_theirs = set(mine), set(theirs)
    common = [label for label in base if label in kept and label in in_mine and label in in_theirs]
    shared = set(common)
    left = [label for label in mine if label in shared]
    right = [label for label in theirs if label in shared]
    question = False
    if left == common:
        spine = right
    elif right in (common, left):
        spine = left
    else:
        combined = _combine(common, left, right)
        question = combined is None
        spine = {"base": common, "mine": left, "theirs": right}[prefer] if combined is None else combined
    slots = _Slots(spine)
    ours = slots.place(mine, kept, moved(common, right))
    others = slots.place(theirs, kept, moved(common, left))
    return Order(_assemble(spine, ours, others, rank), question)


class _Slots:
    """Where in the spine (before its n-th element) a side's additions belong."""

    def __init__(self, spine: Sequence[Any]) -> None:
        self.place_of = {label: index for index, label in enumerate(spine)}

    def place(self, side: Sequence[Any], kept: Collection[Any], moved_by_other: set[Any]) -> dict[Any, int]:
        found: dict[Any, int] = {}
        run: list[Any] = []
        before: Any = None
        started = False
        for label in side:
            if label not in self.place_of:
                if label in kept:
                    run.append(label)
                continue
            slot = self.place_of[before] + 1 if started else 0
            if started and before in moved_by_other and label not in moved_by_other:
                slot = self.place_of[label]
            found.update(dict.fromkeys(run, slot))
            run, before, started = [], label, True
        found.update(dict.fromkeys(run, len(self.place_of)))
        return found


def _assemble(
    spine: Sequence[Any], ours: Mapping[Any, int], others: Mapping[Any, int], rank: Callable[[Any], Any]
) -> list[Any]:
    runs: dict[int, tuple[list[Any], list[Any]]] = {}
    for side, (mapping, other) in enumerate(((ours, others), (others, ours))):
        for label, slot in mapping.items():
            if slot <= other.get(label, slot):
                runs.setdefault(slot, ([], []))[side].append(label)
    order: list[Any] = []
    for index in range(len(spine) + 1):
        if index in runs:
            order += _merge_runs(*runs[index], rank)
        if index < len(spine):
            order.append(spine[index])
    return order


def _merge_runs(one: list[Any], other: list[Any], rank: Callable[[Any], Any]) -> list[Any]:
    if not one or not other or one == other:
        return one or other
    shared = set(one) & set(other)
    meeting = [label for label in one if label in shared]
    if meeting != [label for label in other if label in shared]:
        first, second = _in_order(one, other, rank)
        return first + [label for label in second if label not in shared]
    merged: list[Any] = []
    at, at_other = 0, 0
    for label in (*meeting, None):
        end = one.index(label) if label is not None else len(one)
        other_end = other.index(label) if label is not None else len(other)
        first, second = _in_order(one[at:end], other[at_other:other_end], rank)
        merged += first + second
        if label is not None:
            merged.append(label)
        at, at_other = end + 1, other_end + 1
    return merged


def _in_order(one: list[Any], other: list[Any], rank: Callable[[Any], Any]) -> tuple[list[Any], list[Any]]:
    if not one or not other:
        return one, other
    swap = [rank(label) for label in other] < [rank(label) for label in one]
    return (other, one) if swap else (one, other)


def _combine(common: list[Any], left: list[Any], right: list[Any]) -> list[Any] | None:
    """Both sides' moves in one order; None for a cycle, or an element moved to two places."""
    place = {label: index for index, label in enumerate(common)}
    ours, others = [place[label] for label in left], [place[label] for label in right]
    by_mine, by_theirs = _movable(ours), _movable(others)
    both, either = by_mine & by_theirs, by_mine | by_theirs
    if len(both) * len(common) > MAX_COMPARED:
        return None
    at_mine, at_theirs = _places(ours), _places(others)
    if any(_two_places(index, at_mine, at_theirs) for index in both):
        return None
    # What nobody moved makes gaps; each moved element goes to the gap where its mover put it.
    gaps: dict[int, list[int]] = {}
    before, in_mine, in_theirs = (_gaps(order, either) for order in (range(len(common)), ours, others))
    for index in sorted(either):
        old, one, other = before[index], in_mine[index], in_theirs[index]
        if old not in (one, other) and one != other:
            return None
        gaps.setdefault(other if one == old else one, []).append(index)
    order: list[int] = []
    still = [index for index in range(len(common)) if index not in either]
    for gap in range(len(still) + 1):
        within = _order_within(gaps.get(gap, []), at_mine, at_theirs)
        if within is None:
            return None
        order += within
        order += still[gap : gap + 1]
    return [common[index] for index in order]


def _places(order: Sequence[int]) -> list[int]:
    found = [0] * len(order)
    for at, index in enumerate(order):
        found[index] = at
    return found


def _two_places(index: int, at_mine: list[int], at_theirs: list[int]) -> bool:
    """Whether both sides moved the element past others, and not past the same."""
    mine = {other for other in range(len(at_mine)) if _turned(index, other, at_mine)}
    theirs = {other for other in range(len(at_theirs)) if _turned(index, other, at_theirs)}
    return bool(mine) and bool(theirs) and mine != theirs


def _turned(one: int, other: int, at: list[int]) -> bool:
    return (one < other) != (at[one] < at[other]) and one != other


def _gaps(order: Iterable[int], moving: set[int]) -> dict[int, int]:
    """For each moving element how many that stand still come before it."""
    found: dict[int, int] = {}
    still = 0
    for index in order:
        if index in moving:
            found[index] = still
        else:
            still += 1
    return found


def _order_within(gap: list[int], at_mine: list[int], at_theirs: list[int]) -> list[int] | None:
    """The order of the moved elements of one gap; None if the pairs that a side turned round make a cycle.

    It is an order if the numbers of elements before each are all different.
    """
    if len(gap) * len(gap) > MAX_COMPARED:
        return None
    score = dict.fromkeys(gap, 0)
    for at, low in enumerate(gap):
        for high in gap[at + 1 :]:
            turned = _turned(low, high, at_mine) or _turned(low, high, at_theirs)
            score[low if turned else high] += 1
    order = sorted(gap, key=score.__getitem__)
    return order if [score[index] for index in order] == list(range(len(gap))) else None


def _movable(order: Sequence[int]) -> set[int]:
    """The elements that may be said to have moved: not every shortest explanation leaves them in place."""
    ending, longest = _run_lengths(order)
    starting, _ = _run_lengths([-value for value in reversed(order)])
    starting.reverse()
    fitting = [before + after - 1 == longest for before, after in zip(ending, starting, strict=True)]
    at_length = Counter(length for length, fits in zip(ending, fitting, strict=True) if fits)
    return {
        value
        for value, length, fits in zip(order, ending, fitting, strict=True)
        if not fits or at_length[length] > 1
    }


def _run_lengths(order: Sequence[int]) -> tuple[list[int], int]:
    """For each place the length of the longest rising run that ends there, and the longest of all."""
    ends: list[int] = []
    lengths: list[int] = []
    for value in order:
        at = bisect_right(ends, value)
        if at == len(ends):
            ends.append(value)
        else:
            ends[at] = value
        lengths.append(at + 1)
    return lengths, len(ends)
