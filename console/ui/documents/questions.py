"""A conflict as a question to a person: plain values, made aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.bible.conflicts import Conflict
from console.bible.matching import compact, key_of
from console.bible.reading import BrokenDocument, read
from console.bible.schema import AnnotatedSchema, Rule
from console.bible.values import ABSENT, Json, Tokens
from console.bible.writing import write
from console.ui.documents.rows import Pieces, compared_words, shortened_lines
from console.ui.theme.words import plain, shortened


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: where, what happened, and the three sides with what differs from base marked.

    A side that is not there has no pieces. `edited` is the text an own answer begins with. `new_key` has the
    properties that theirs gets another value of when both are kept, with a proposal; empty where both cannot
    be kept. `names` are the lines of mine where an order is asked.
    """

    conflict: Conflict
    title: str
    ask: str
    base: Pieces
    mine: Pieces
    theirs: Pieces
    edited: str
    new_key: dict[str, str]
    names: tuple[str, ...] = ()


def question(conflict: Conflict, who: str, schema: AnnotatedSchema) -> Question:
    """The question that a conflict asks; `who` names the other side."""
    rule = _rule(conflict, schema.root)
    base, mine, theirs = (
        _text(value, conflict, rule) for value in (conflict.base, conflict.mine, conflict.theirs)
    )
    edited = theirs if conflict.mine is ABSENT else mine
    return Question(
        conflict,
        spoken(conflict.path),
        _ask(conflict, who),
        _side(base, base),
        _side(base, mine),
        _side(base, theirs),
        "" if edited is None else edited,
        _new_key(conflict, schema.root),
        tuple(_names(conflict.mine, rule)) if conflict.kind == "order" else (),
    )


def spoken(path: str) -> str:
    """A stable pointer as a person reads it: “characters › char_mira › age”."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    named = (", ".join(pair.split("=", 1)[-1] for pair in step.split(",")) for step in steps)
    return " › ".join(plain(step) for step in named) or "the document"


def answered(text: str, asked: Question) -> Json:
    """The value that an own answer says: a string as it is typed, an order line by line, all else as JSON.

    Raises ValueError with words for the person.
    """
    conflict = asked.conflict
    if conflict.kind == "order":
        return _ordered(text, asked)
    if _is_text(conflict):
        return text
    try:
        return read(text)
    except BrokenDocument as broken:
        raise ValueError(str(broken)) from broken


def _is_text(conflict: Conflict) -> bool:
    values = [value for value in (conflict.mine, conflict.theirs) if value is not ABSENT]
    return all(isinstance(value, str) for value in values)


def _ask(conflict: Conflict, who: str) -> str:
    if conflict.kind == "delete-edit":
        if conflict.mine is ABSENT:
            return f"You removed this; {who} changed it."
        return f"You changed this; {who} removed it."
    return {
        "edit-edit": f"You and {who} both changed this.",
        "text": f"You and {who} both changed the same sentence.",
        "add-add": f"You and {who} both added this, differently.",
        "order": f"You and {who} put these in orders that exclude each other. Nothing is lost either way.",
    }[conflict.kind]


def _text(value: Json, conflict: Conflict, rule: Rule) -> str | None:
    if value is ABSENT:
        return None
    if conflict.kind == "order":
        return "\n".join(_names(value, rule))
    return value if _is_text(conflict) and isinstance(value, str) else write(value).rstrip("\n")


def _side(base: str | None, side: str | None) -> Pieces:
    if side is None:
        return ()
    old, new = (shortened_lines(text) for text in (base or "", side))
    if base is None or base == side:
        return (("same", new),)
    return compared_words(old, new)[1]


def _names(elements: Sequence[Json], rule: Rule) -> list[str]:
    """One line for each element that tells it from the others."""
    names: list[str] = []
    for element in elements:
        if rule.keys and isinstance(element, dict) and key_of(element, rule) is not None:
            keys = (element[key] for key in rule.keys if key in element)
            name = ", ".join(key if isinstance(key, str) else compact(key) for key in keys)
        else:
            name = compact(element)
        name = shortened(name, 80)
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return names


def _ordered(text: str, asked: Question) -> list[Json]:
    lines = [line for line in text.split("\n") if line.strip()]
    places = {name: at for at, name in enumerate(asked.names)}
    unknown = next((line for line in lines if line not in places), None)
    if unknown is not None:
        raise ValueError(f"“{shortened(unknown, 30)}” is none of these: move whole lines as they are")
    if sorted(lines) != sorted(asked.names):
        raise ValueError(f"Each of the {len(asked.names)} lines has to stand there once")
    return [asked.conflict.mine[places[line]] for line in lines]


def _new_key(conflict: Conflict, rule: Rule) -> dict[str, str]:
    tokens, theirs = conflict.place.theirs, conflict.theirs
    if conflict.kind != "add-add" or not tokens or not isinstance(theirs, dict):
        return {}
    for token in tokens[:-1]:
        rule = _below(rule, token)
    return {key: f"{theirs[key]}2" for key in rule.keys if isinstance(theirs.get(key), str)}


def _rule(conflict: Conflict, rule: Rule) -> Rule:
    places = (conflict.place.mine, conflict.place.theirs, conflict.place.base)
    tokens: Tokens = next((place for place in places if place is not None), ())
    for token in tokens:
        rule = _below(rule, token)
    return rule


def _below(rule: Rule, token: str | int) -> Rule:
    return rule.element(token) if isinstance(token, int) else rule.member(token)
