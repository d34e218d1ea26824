"""Taking one change back: a document with one thing in it as it was in an earlier one."""

from __future__ import annotations

from collections.abc import Callable

from console.bible.diff import Change, renamed_keys
from console.bible.matching import Label, identify
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import Json, Tokens, resolve


def restore(document: Json, before: Json, change: Change, schema: AnnotatedSchema) -> Json:
    """The document with what `change` tells as it was before; nothing else differs.

    `change` is one of `diff(before, document, schema)`. What went comes back behind the neighbour that it
    had, what moved goes back there. No input is changed, but the result shares parts with them.
    """
    if change.kind == "changed":
        return _edited(document, change.after_tokens or (), lambda _: change.before)
    if change.kind == "added":
        return _edited(document, _holder(change.after_tokens), _without(change.after_tokens))
    if change.kind == "renamed":
        return _unrenamed(document, before, change, schema)
    was = change.before_tokens or ()
    if not was:
        return change.before
    holder, rule = _counterpart(document, before, was[:-1], schema.root)
    last = was[-1]
    element = change.before
    if change.kind == "moved":
        element = resolve(document, change.after_tokens or ())
        document = _edited(document, holder, _without(change.after_tokens))
    if isinstance(last, str):
        return _edited(document, holder, lambda members: {**members, last: element})
    versions = [resolve(before, was[:-1]), resolve(document, holder)]
    labels, now = identify(versions, rule)
    place = _place(labels, now, last)
    return _edited(document, holder, lambda row: [*row[:place], element, *row[place:]])


def _unrenamed(document: Json, before: Json, change: Change, schema: AnnotatedSchema) -> Json:
    tokens, was = change.after_tokens or (), change.before_tokens or ()
    if isinstance(was[-1], str):
        old, new = was[-1], tokens[-1]
        return _edited(
            document,
            tokens[:-1],
            lambda members: {old if name == new else name: value for name, value in members.items()},
        )
    _, rule = _counterpart(document, before, was[:-1], schema.root)
    element = resolve(before, was)

    def with_old_keys(now: Json) -> Json:
        keys = {key: element[key] for key in rule.keys if key in element}
        return {**keys, **{name: value for name, value in now.items() if name not in rule.keys}}

    return _edited(document, tokens, with_old_keys)


def _counterpart(document: Json, before: Json, tokens: Tokens, rule: Rule) -> tuple[Tokens, Rule]:
    """Where what stood at `tokens` stands in the document now, and its rule."""
    found: list[str | int] = []
    for token in tokens:
        if isinstance(token, int):
            labels, now = identify([before, document], rule)
            step: str | int = now.index(labels[token])
            rule = rule.element(token)
            before, document = before[token], document[step]
        else:
            step = token if token in document else renamed_keys(before, document, rule)[token]
            rule = rule.member(token)
            before, document = before[token], document[step]
        found.append(step)
    return tuple(found), rule


def _place(old: list[Label], new: list[Label], index: int) -> int:
    """Where the element at `index` before belongs: behind the nearest of its earlier neighbours."""
    here = {label: at for at, label in enumerate(new)}
    return next((here[label] + 1 for label in reversed(old[:index]) if label in here), 0)


def _holder(tokens: Tokens | None) -> Tokens:
    return (tokens or ())[:-1]


def _without(tokens: Tokens | None) -> Callable[[Json], Json]:
    last = (tokens or ("",))[-1]

    def taken_out(holder: Json) -> Json:
        if isinstance(holder, dict):
            return {name: value for name, value in holder.items() if name != last}
        return [part for at, part in enumerate(holder) if at != last]

    return taken_out


def _edited(value: Json, tokens: Tokens, edit: Callable[[Json], Json]) -> Json:
    """A copy in which one place is edited; what lies beside the way is shared."""
    if not tokens:
        return edit(value)
    copy: Json = dict(value) if isinstance(value, dict) else list(value)
    copy[tokens[0]] = _edited(value[tokens[0]], tokens[1:], edit)
    return copy
