"""Changes as sentences and as HTML. What came from a document is escaped: it is always text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as escape_html

from console.bible.diff import Change
from console.bible.matching import compact
from console.bible.sentences import changed_sentences, split, words
from console.bible.values import Json

_LONG = 60


def sentences(changes: Iterable[Change]) -> list[str]:
    """One line for each change: “char_mira: description changed, 1 of 4 sentences”."""
    return [_sentence(change) for change in changes]


def _sentence(change: Change) -> str:
    subject = f"{_clean(change.subject)}: " if change.subject else ""
    field = _clean(change.field)
    if change.kind == "renamed":
        old, new = _name(change.before), _name(change.after)
        return f"{subject}{field} renamed to {new}" if field else f"{subject}renamed from {old} to {new}"
    if change.kind == "moved":
        what = f"{field} " if field else ""
        return f"{subject}{what}moved from place {change.before + 1} to {change.after + 1}"
    if change.kind == "changed":
        return f"{subject}{field or 'the document'} changed{_how(change.before, change.after)}"
    value = change.after if change.kind == "added" else change.before
    tokens = change.after_tokens if change.kind == "added" else change.before_tokens
    if not field:
        return f"{subject}{change.kind}"
    if tokens and isinstance(tokens[-1], int):
        return f"{subject}{field}: {change.kind} {_short(value)}"
    return f"{subject}{field} {change.kind}: {_short(value)}"


def _how(before: Json, after: Json) -> str:
    if isinstance(before, str) and isinstance(after, str):
        if len(split(before)) > 1 or len(split(after)) > 1:
            count, of = changed_sentences(before, after)
            return f", {count} of {of} sentences"
        if len(before) > _LONG or len(after) > _LONG:
            pieces = words(before, after)
            gone = sum(len(piece.split()) for mark, piece in pieces if mark == "removed")
            come = sum(len(piece.split()) for mark, piece in pieces if mark == "added")
            return f", {gone} words removed and {come} added"
    return f" from {_short(before)} to {_short(after)}"


def _name(step: str) -> str:
    return _clean(step.split("=", 1)[-1])


def _short(value: Json) -> str:
    text = _clean(compact(value))
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _clean(text: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


_STYLE = (
    "body{font-family:sans-serif}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px;"
    "text-align:left;vertical-align:top;white-space:pre-wrap}del{background:#fdd}ins{background:#dfd}"
)


def html(changes: Iterable[Change], title: str = "Changes") -> str:
    """The changes as an HTML page of one table, side by side, with changed words marked."""
    rows = []
    for change, sentence in [(change, _sentence(change)) for change in changes]:
        before, after = _sides(change)
        place = escape_html(_clean(change.path) or "/")
        rows.append(
            f"<tr><td>{escape_html(sentence)}<br><code>{place}</code></td><td>{before}</td><td>{after}</td></tr>"
        )
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape_html(_clean(title))}</title>'
        f"<style>{_STYLE}</style></head>\n<body><table>\n"
        "<tr><th>What</th><th>Before</th><th>After</th></tr>\n"
        + "\n".join(rows)
        + "\n</table></body></html>\n"
    )


def _sides(change: Change) -> tuple[str, str]:
    if change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
        sides = ["", ""]
        for mark, piece in words(change.before, change.after):
            text = escape_html(piece)
            if mark != "added":
                sides[0] += f"<del>{text}</del>" if mark == "removed" else text
            if mark != "removed":
                sides[1] += f"<ins>{text}</ins>" if mark == "added" else text
        return sides[0], sides[1]
    if change.kind == "moved":
        return f"place {change.before + 1}", f"place {change.after + 1}"
    before = "" if change.kind == "added" else f"<del>{escape_html(compact(change.before))}</del>"
    after = "" if change.kind == "removed" else f"<ins>{escape_html(compact(change.after))}</ins>"
    return before, after
