"""Which elements of arrays are the same one: by key, by content where keys repeat, else by likeness.

Every element gets a label; elements of two or three versions with the same label are the same element.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from enum import Enum
from typing import Any, Final, TypeAlias

import orjson
from rapidfuzz.fuzz import ratio

from console.bible.schema import Rule
from console.bible.sequences import moved
from console.bible.values import ABSENT, Json, canonical, escape, same

Label: TypeAlias = Hashable


class _Mark(Enum):
    """What a label is made of that is no key by itself."""

    BEFORE = 1
    NEW = 2
    PLACE = 3
    TURN = 4


ALIKE: Final = 50.0
"""From this likeness (0 to 100) on, two elements without keys in one gap are one, edited."""

RENAMED: Final = 75.0
"""From this likeness on, one that went and one that came under another key are one, renamed."""

MAX_PAIRS: Final = 2_500
"""So many pairs are compared for likeness; beyond, place and equal content must do."""

_TELLING: Final = 24
"""Fewer bytes are alike by chance: a renamed element must then stand between the same neighbours."""


def key_of(element: Json, rule: Rule) -> Label:
    """What identifies an element by itself; None if nothing does."""
    keys = rule.keys
    if keys:
        if not isinstance(element, dict):
            return None
        if len(keys) == 1:
            return (canonical(element[keys[0]]),) if keys[0] in element else None
        values = tuple([canonical(element.get(key, ABSENT)) for key in keys])
        return None if values.count(ABSENT) == len(values) else values
    if rule.merge == "set":
        return ("element", canonical(element))
    return None


def step_of(element: Json, rule: Rule, index: int) -> str:
    """The element's token in a stable pointer: `key=value`, several with commas; its index without keys."""
    if rule.keys and key_of(element, rule) is not None:
        return ",".join(f"{escape(key)}={_key_text(element[key])}" for key in rule.keys if key in element)
    return str(index)


def _key_text(value: Json) -> str:
    return escape(value if isinstance(value, str) else compact(value))


def compact(value: Json) -> str:
    """The value as compact JSON with sorted keys, also where a number needs more than a float."""
    return (
        orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()
        if _plain(value)
        else repr(value)
    )


def _plain(value: Json) -> bool:
    try:
        orjson.dumps(value, default=str)
    except TypeError:
        return False
    return True


def identify(versions: Sequence[list[Json]], rule: Rule) -> list[list[Label]]:
    """The labels of the elements of two or three versions; the first version is the one before."""
    keys = [[key_of(element, rule) for element in version] for version in versions]
    if rule.keys and rule.unique and all(len(set(row)) == len(row) and None not in row for row in keys):
        labels = [list(row) for row in keys]
    else:
        labels = [[None] * len(row) for row in keys]
        for key, members in _groups(keys).items():
            if key is None:
                _label_unkeyed(versions, members, labels)
            elif rule.merge == "set" and not rule.keys:
                _label_by_turn(key, members, labels)
            else:
                _label_group(key, versions, members, labels, unique=rule.unique)
    if rule.keys and len(versions) > 1:
        _follow_renames(versions, labels, rule)
    return labels


_Members: TypeAlias = list[list[int]]


def _groups(keys: list[list[Label]]) -> dict[Label, _Members]:
    groups: dict[Label, _Members] = {}
    for version, row in enumerate(keys):
        for index, key in enumerate(row):
            groups.setdefault(key, [[] for _ in keys])[version].append(index)
    return groups


def _label_by_turn(key: Label, members: _Members, labels: list[list[Label]]) -> None:
    for version, indices in enumerate(members):
        for turn, index in enumerate(indices):
            labels[version][index] = (_Mark.TURN, key, turn) if turn else key


def _label_group(
    key: Label, versions: Sequence[list[Json]], members: _Members, labels: list[list[Label]], *, unique: bool
) -> None:
    """Label the elements that share a key: plainly if each version has one, else by content."""
    counts = [len(indices) for indices in members]
    if max(counts) == 1 and (unique or counts[0] == 1):
        _label_by_turn(key, members, labels)
        return
    for turn, index in enumerate(members[0]):
        labels[0][index] = (_Mark.BEFORE, key, turn)
    for version in range(1, len(versions)):
        pairs = _pair_by_content(versions[0], members[0], versions[version], members[version])
        for index, before in pairs.items():
            labels[version][index] = labels[0][before]
    _label_new(versions, members, labels, key)


def _label_new(
    versions: Sequence[list[Json]], members: _Members, labels: list[list[Label]], key: Label
) -> None:
    """Label what is in no version before; the same content added by both is one element."""
    for version in range(1, len(versions)):
        turns: dict[Any, int] = defaultdict(int)
        for index in members[version]:
            if labels[version][index] is None:
                content = canonical(versions[version][index])
                labels[version][index] = (_Mark.NEW, key, content, turns[content])
                turns[content] += 1


def _pair_by_content(
    before: list[Json], before_indices: list[int], after: list[Json], after_indices: list[int]
) -> dict[int, int]:
    """Elements after → elements before: equal ones first, then the most alike, then in turn."""
    pairs: dict[int, int] = {}
    free = list(before_indices)
    waiting: list[int] = []
    by_content: dict[Any, list[int]] = defaultdict(list)
    for index in free:
        by_content[canonical(before[index])].append(index)
    for index in after_indices:
        equal = by_content.get(canonical(after[index]))
        if equal:
            pairs[index] = equal.pop(0)
            free.remove(pairs[index])
        else:
            waiting.append(index)
    for index, old in _most_alike(after, waiting, before, free, ALIKE):
        pairs[index] = old
        waiting.remove(index)
        free.remove(old)
    if len(waiting) == len(free):
        pairs.update(zip(waiting, free, strict=True))
    return pairs


def _most_alike(
    after: list[Json], new: Iterable[int], before: list[Json], old: Iterable[int], least: float
) -> list[tuple[int, int]]:
    """Pairs of indices (after, before), the most alike first, no index twice."""
    new, old = list(new), list(old)
    if len(new) * len(old) > MAX_PAIRS:
        return []
    texts = {index: compact(before[index]) for index in old}
    scored = []
    for index in new:
        text = compact(after[index])
        for other in old:
            if isinstance(after[index], dict | list | str) and type(after[index]) is type(before[other]):
                score = ratio(text, texts[other], score_cutoff=least)
                if score >= least and score > 0:
                    scored.append((-score, index, other))
    taken: list[tuple[int, int]] = []
    used: set[int] = set()
    gone: set[int] = set()
    for _, index, other in sorted(scored):
        if index not in used and other not in gone:
            taken.append((index, other))
            used.add(index)
            gone.add(other)
    return taken


def _label_unkeyed(versions: Sequence[list[Json]], members: _Members, labels: list[list[Label]]) -> None:
    for turn, index in enumerate(members[0]):
        labels[0][index] = (_Mark.PLACE, turn)
    before = [versions[0][index] for index in members[0]]
    for version in range(1, len(versions)):
        after = [versions[version][index] for index in members[version]]
        for new, old in align(before, after).items():
            labels[version][members[version][new]] = (_Mark.PLACE, old)
    _label_new(versions, members, labels, _Mark.PLACE)


def align(before: list[Json], after: list[Json]) -> dict[int, int]:
    """Which element after was which before, for elements without keys: index after → index before.

    Equal ones in order, then equal ones elsewhere (moved), then between the same neighbours those that are
    alike or as many as before.
    """
    old, new = [canonical(part) for part in before], [canonical(part) for part in after]
    pairs = _equal_in_order(old, new)
    taken = set(pairs.values())
    elsewhere: dict[Any, list[int]] = defaultdict(list)
    for index, content in enumerate(old):
        if index not in taken:
            elsewhere[content].append(index)
    stable = dict(pairs)
    for index, content in enumerate(new):
        if index not in pairs and elsewhere.get(content):
            pairs[index] = elsewhere[content].pop(0)
    _pair_gaps(before, after, stable, pairs)
    return pairs


def _equal_in_order(old: list[Any], new: list[Any]) -> dict[int, int]:
    start = 0
    while start < len(old) and start < len(new) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    pairs = {index: index for index in range(start)}
    pairs.update({len(new) - 1 - back: len(old) - 1 - back for back in range(end)})
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle_old) * len(middle_new) <= 4_000_000:
        for block in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks():
            pairs.update({start + block.b + i: start + block.a + i for i in range(block.size)})
        return pairs
    counts, new_counts = Counter(middle_old), Counter(middle_new)
    once_old = {content: at for at, content in enumerate(middle_old) if counts[content] == 1}
    found = [
        (at, once_old[content])
        for at, content in enumerate(middle_new)
        if content in once_old and new_counts[content] == 1
    ]
    elsewhere = moved(sorted(old_at for _, old_at in found), [old_at for _, old_at in found])
    pairs.update({start + at: start + old_at for at, old_at in found if old_at not in elsewhere})
    return pairs


def _pair_gaps(
    before: list[Json], after: list[Json], stable: Mapping[int, int], pairs: dict[int, int]
) -> None:
    taken = set(pairs.values())
    at, old_at = 0, 0
    for edge, old_edge in (*sorted(stable.items()), (len(after), len(before))):
        new = [index for index in range(at, edge) if index not in pairs]
        old = [index for index in range(old_at, old_edge) if index not in taken]
        at, old_at = edge + 1, old_edge + 1
        if len(new) == len(old):
            pairs.update(zip(new, old, strict=True))
        elif new and old:
            pairs.update(_most_alike(after, new, before, old, ALIKE))


def _follow_renames(versions: Sequence[list[Json]], labels: list[list[Label]], rule: Rule) -> None:
    """Give an element whose key alone changed the label that it had before."""
    known = set(labels[0])
    renamed: list[dict[Label, Label]] = [{} for _ in versions]
    for version in range(1, len(versions)):
        present = set(labels[version])
        gone = [i for i, label in enumerate(labels[0]) if label not in present]
        come = [i for i, label in enumerate(labels[version]) if label not in known]
        if gone and come:
            for index, old in _renames(versions, labels, version, come, gone, rule):
                renamed[version][labels[version][index]] = labels[0][old]
    present_in = [set(row) for row in labels]
    for version in range(1, len(versions)):
        others = [other for other in range(1, len(versions)) if other != version]
        # An element that the other side made under the new key is another one: both must be seen.
        certain = {
            label: old
            for label, old in renamed[version].items()
            if all(label not in present_in[other] or renamed[other].get(label) == old for other in others)
        }
        labels[version][:] = [certain.get(label, label) for label in labels[version]]


def _renames(
    versions: Sequence[list[Json]],
    labels: list[list[Label]],
    version: int,
    come: list[int],
    gone: list[int],
    rule: Rule,
) -> list[tuple[int, int]]:
    before = {index: _without(versions[0][index], rule.keys) for index in gone}
    after = {index: _without(versions[version][index], rule.keys) for index in come}
    found: list[tuple[int, int]] = []
    by_content: dict[Any, tuple[list[int], list[int]]] = {}
    for side, contents in enumerate((before, after)):
        for index, content in contents.items():
            if content:
                by_content.setdefault(canonical(content), ([], []))[side].append(index)
    for old, new in by_content.values():
        if len(old) == len(new) == 1 and (
            len(compact(before[old[0]])) >= _TELLING or _same_place(labels, version, new[0], old[0])
        ):
            found.append((new[0], old[0]))
    used = {new for new, _ in found}
    spent = {old for _, old in found}
    rest_new = [i for i in come if i not in used and len(compact(after[i])) >= _TELLING]
    rest_old = [i for i in gone if i not in spent and len(compact(before[i])) >= _TELLING]
    if rest_new and rest_old and len(rest_new) * len(rest_old) <= MAX_PAIRS:
        olds, news = (
            list(map(before.get, range(len(versions[0])))),
            list(map(after.get, range(len(versions[version])))),
        )
        found += [
            (new, old)
            for new, old in _most_alike(news, rest_new, olds, rest_old, RENAMED)
            if _shares_a_value(news[new], olds[old])
        ]
    return found


def _same_place(labels: list[list[Label]], version: int, index: int, old: int) -> bool:
    now, then = labels[version], labels[0]
    return (now[index - 1] if index else None) == (then[old - 1] if old else None) and now[
        index + 1 : index + 2
    ] == then[old + 1 : old + 2]


def _shares_a_value(one: Json, other: Json) -> bool:
    """Likeness alone may be only that of the property names."""
    return (
        isinstance(one, dict)
        and isinstance(other, dict)
        and any(
            key in other and same(value, other[key]) and not isinstance(value, bool)
            for key, value in one.items()
        )
    )


def _without(element: Json, keys: Sequence[str]) -> Json:
    return (
        {key: value for key, value in element.items() if key not in keys}
        if isinstance(element, dict)
        else None
    )
