"""RFC 6902: a patch from one document to another by identity, and its application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from console.bible.matching import identify
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.sequences import moved
from console.bible.values import ABSENT, Json, Tokens, parse_pointer, pointer, same

Operation = dict[str, Any]


class PatchError(ValueError):
    """A patch is malformed or does not fit the document; nothing of it was applied."""


def patch(before: Json, after: Json, schema: AnnotatedSchema) -> list[Operation]:
    """The operations that make the one document mean the other; array elements are moved, not rewritten.

    The order of a set is noise and stays as it was.
    """
    return list(_operations((), before, after, schema.root))


def _operations(at: Tokens, before: Json, after: Json, rule: Rule) -> Iterator[Operation]:
    if same(before, after):
        return
    if rule.merge != "atomic" and isinstance(before, dict) and isinstance(after, dict):
        for name in before:
            if name not in after:
                yield {"op": "remove", "path": pointer((*at, name))}
        for name, value in after.items():
            if name in before:
                yield from _operations((*at, name), before[name], value, rule.member(name))
            else:
                yield {"op": "add", "path": pointer((*at, name)), "value": value}
    elif rule.merge != "atomic" and isinstance(before, list) and isinstance(after, list):
        yield from _rearranged(at, before, after, rule)
    else:
        yield {"op": "replace", "path": pointer(at), "value": after}


def _rearranged(at: Tokens, before: list[Json], after: list[Json], rule: Rule) -> Iterator[Operation]:
    old, new = identify([before, after], rule)
    known, wanted = set(old), set(new)
    for index in range(len(old) - 1, -1, -1):
        if old[index] not in wanted:
            yield {"op": "remove", "path": pointer((*at, index))}
    current = [label for label in old if label in wanted]
    is_set = rule.merge == "set"
    shifted = set() if is_set else moved(current, [label for label in new if label in known])
    # Everything left of the one being placed is placed, so it goes right behind its neighbour there.
    for index, label in enumerate(new):
        if label in known and label not in shifted:
            continue
        start = current.index(label) if label in known else -1
        if label in known:
            del current[start]
        target = len(current) if is_set else current.index(new[index - 1]) + 1 if index else 0
        current.insert(target, label)
        if label not in known:
            yield {"op": "add", "path": pointer((*at, target)), "value": after[index]}
        elif start != target:
            yield {"op": "move", "from": pointer((*at, start)), "path": pointer((*at, target))}
    place = {label: index for index, label in enumerate(old)}
    place_after = {label: index for index, label in enumerate(new)}
    for index, label in enumerate(current):
        if label in known:
            yield from _operations(
                (*at, index), before[place[label]], after[place_after[label]], rule.element(index)
            )


def apply(document: Json, operations: Sequence[Mapping[str, Any]]) -> Json:
    """A new document with the operations done, all or none.

    Raises PatchError for an operation that is malformed, points nowhere, or whose test fails.
    """
    result = deepcopy(document)
    for number, operation in enumerate(operations, start=1):
        try:
            result = _apply(result, operation)
        except (KeyError, ValueError) as error:
            raise PatchError(f"operation {number}: {error}") from error
    return result


def _apply(document: Json, operation: Mapping[str, Any]) -> Json:
    if not isinstance(operation, Mapping):
        raise PatchError("an operation is an object")
    kind, path = operation["op"], _pointer(operation, "path")
    if kind == "add":
        return _add(document, path, deepcopy(operation["value"]))
    if kind == "remove":
        return _remove(document, path)[0]
    if kind == "replace":
        return _add(_remove(document, path)[0], path, deepcopy(operation["value"]))
    if kind == "test":
        if not same(_get(document, path), operation["value"]):
            raise PatchError(f"the value at {operation['path']!r} is another")
        return document
    source = _pointer(operation, "from")
    if kind == "copy":
        return _add(document, path, deepcopy(_get(document, source)))
    if kind == "move":
        if path[: len(source)] == source and path != source:
            raise PatchError("a value cannot be moved into itself")
        document, value = _remove(document, source)
        return _add(document, path, value)
    raise PatchError(f"{kind!r} is no operation")


def _pointer(operation: Mapping[str, Any], member: str) -> tuple[str, ...]:
    text = operation[member]
    if not isinstance(text, str):
        raise PatchError(f"{member!r} is no pointer: {text!r}")
    return parse_pointer(text)


def _get(document: Json, path: Sequence[str]) -> Json:
    for token in path:
        document = (
            document[_index(token, len(document) - 1)]
            if isinstance(document, list)
            else _key(document, token)
        )
    return document


def _key(holder: Json, token: str) -> Json:
    if not isinstance(holder, dict) or token not in holder:
        raise PatchError(f"nothing stands at {token!r}")
    return holder[token]


def _index(token: str, last: int) -> int:
    if not (token.isascii() and token.isdecimal()) or (len(token) > 1 and token.startswith("0")):
        raise PatchError(f"{token!r} is no index")
    if int(token) > last:
        raise PatchError(f"there is no element {token}")
    return int(token)


def _add(document: Json, path: Sequence[str], value: Json) -> Json:
    if not path:
        return value
    holder = _get(document, path[:-1])
    if isinstance(holder, list):
        holder.insert(len(holder) if path[-1] == "-" else _index(path[-1], len(holder)), value)
    elif isinstance(holder, dict):
        holder[path[-1]] = value
    else:
        raise PatchError(f"nothing can be put into the value at {pointer(path[:-1])!r}")
    return document


def _remove(document: Json, path: Sequence[str]) -> tuple[Json, Json]:
    if not path:
        return ABSENT, document
    holder = _get(document, path[:-1])
    if isinstance(holder, list):
        return document, holder.pop(_index(path[-1], len(holder) - 1))
    value = _key(holder, path[-1])
    del holder[path[-1]]
    return document, value
