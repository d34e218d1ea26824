"""Orders: which elements moved, and one order out of three.

Elements stand here as labels, unique in each sequence; `console.bible.matching` makes them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

Label = TypeVar("Label", bound=Hashable)

MAX_INVERSIONS: Final = 500_000
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
    mine, theirs = _inversions(ours), _inversions(others)
    if mine is None or theirs is None:
        return None
    passed_by_mine, passed_by_theirs = _passed(mine), _passed(theirs)
    both = _movable(ours) & _movable(others)
    if any(
        passed_by_mine[index] != passed_by_theirs[index]
        for index in both
        if index in passed_by_mine and index in passed_by_theirs
    ):
        return None
    # The order of each pair is known: turned round by a side, or as before. It is an order if the numbers of
    # elements before each are all different.
    score = list(range(len(common)))
    for low, high in mine | theirs:
        score[low] += 1
        score[high] -= 1
    order = sorted(range(len(common)), key=score.__getitem__)
    if any(score[index] != at for at, index in enumerate(order)):
        return None
    return [common[index] for index in order]


def _inversions(order: Sequence[int]) -> set[tuple[int, int]] | None:
    """The pairs (low, high) that stand the other way round; None if there are too many."""
    seen: list[int] = []
    pairs: set[tuple[int, int]] = set()
    for value in order:
        at = bisect_left(seen, value)
        pairs.update((value, higher) for higher in seen[at:])
        seen.insert(at, value)
        if len(pairs) > MAX_INVERSIONS:
            return None
    return pairs


def _passed(pairs: set[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for low, high in pairs:
        found.setdefault(low, set()).add(high)
        found.setdefault(high, set()).add(low)
    return found


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
