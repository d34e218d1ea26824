"""Which version made each field what it is, over a whole history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from console.bible.diff import Change, diff
from console.bible.schema import AnnotatedSchema
from console.bible.values import Json, escape

Author = TypeVar("Author")


class Blame(Generic[Author]):
    """For each stable pointer, whose version gave the value there its present form.

    Elements with keys are followed through moves and renames. An array without keys, or a set, is one field.
    """

    def __init__(self, author: Author) -> None:
        self._authors: dict[str, Author] = {"": author}

    def author(self, path: str) -> Author:
        """Who wrote the value; changes to parts of it do not count."""
        while path not in self._authors:
            path = path.rpartition("/")[0]
        return self._authors[path]

    def parts(self, path: str) -> dict[str, Author]:
        """Who changed what within the value since it was written, by stable pointer."""
        return {part: author for part, author in self._authors.items() if part.startswith(f"{path}/")}

    def take(self, changes: Iterable[Change], author: Author) -> None:
        """Put one version's changes down to its author; the versions come in their order."""
        renames = []
        for change in changes:
            field = _field(change)
            if field != change.path:
                self._authors[field] = author
            elif change.kind == "renamed":
                renames.append(change)
            elif change.kind != "moved":
                self._forget(field)
                if change.kind != "removed":
                    self._authors[field] = author
        # The other changes of this version speak of the old names; what is within comes before what holds it.
        for change in sorted(renames, key=lambda rename: len(rename.path), reverse=True):
            self._rename(change, author)

    def _forget(self, path: str) -> None:
        for part in [*self.parts(path), path]:
            self._authors.pop(part, None)

    def _rename(self, change: Change, author: Author) -> None:
        holder = change.path.rpartition("/")[0]
        is_element = change.path == f"{holder}/{change.before}" and "=" in change.before
        renamed = f"{holder}/{change.after if is_element else escape(change.after)}"
        written = self.author(change.path)
        parts = self.parts(change.path)
        self._forget(change.path)
        self._authors[renamed] = written
        self._authors.update((renamed + part.removeprefix(change.path), by) for part, by in parts.items())
        if is_element:
            for pair in change.after.split(","):
                self._authors[f"{renamed}/{pair.partition('=')[0]}"] = author


def blame(history: Iterable[tuple[Author, Json]], schema: AnnotatedSchema) -> Blame[Author]:
    """Who wrote what of the last version; `history` has each version's author and document, oldest first.

    Only two documents are held at a time. Raises ValueError for an empty history.
    """
    versions = iter(history)
    first = next(versions, None)
    if first is None:
        raise ValueError("A history has at least one version.")
    found = Blame(first[0])
    before = first[1]
    for author, document in versions:
        found.take(diff(before, document, schema), author)
        before = document
    return found


def _field(change: Change) -> str:
    """The stable pointer up to the first element that only its index names."""
    tokens = change.after_tokens if change.before_tokens is None else change.before_tokens
    steps = change.path.split("/")[1:]
    for at, (token, step) in enumerate(zip(tokens or (), steps, strict=True)):
        if isinstance(token, int) and step.isdecimal():
            return "".join(f"/{part}" for part in steps[:at])
    return change.path
