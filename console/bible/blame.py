"""Which version made each field what it is, over a whole history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
        renamed = _renamed_path(change)
        is_element = isinstance((change.before_tokens or ("",))[-1], int)
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


class Attribution(Generic[Author]):
    """Who last touched each of the changes between two versions, found by walking the versions between them.

    Feed it the changes of each version in their order; `authors` then has one for each change, None for
    what no version of the walk touched.
    """

    def __init__(self, changes: Iterable[Change]) -> None:
        self._changes = list(changes)
        self._paths = [change.path for change in self._changes]
        self.authors: list[Author | None] = [None] * len(self._changes)

    def take(self, changes: Sequence[Change], author: Author) -> None:
        """Put down to its author whatever of the changes this version had a part in."""
        renamed = {change.path for change in changes if change.kind == "renamed"}
        # Of a reordering it is arbitrary which elements moved and which stood still.
        reordered = {_holder(change.path) for change in changes if change.kind == "moved"}
        whole = {change.path for change in changes if change.kind in ("added", "removed", "changed")}
        inside = {holder for path in whole for holder in _holders(path)}
        for at, change in enumerate(self._changes):
            path = self._paths[at]
            if change.kind == "moved":
                touched = _holder(path) in reordered
            elif change.kind == "renamed":
                touched = path in renamed
            else:
                touched = path in inside or not whole.isdisjoint((path, *_holders(path)))
            if touched:
                self.authors[at] = author
        for change in changes:
            if change.kind == "renamed":
                new = _renamed_path(change)
                self._paths = [
                    new + path.removeprefix(change.path) if f"{path}/".startswith(f"{change.path}/") else path
                    for path in self._paths
                ]


def _holder(path: str) -> str:
    return path.rpartition("/")[0]


def _holders(path: str) -> Iterator[str]:
    while path:
        path = _holder(path)
        yield path


def _renamed_path(change: Change) -> str:
    """The stable pointer after a rename: an element's step is escaped already, an object's key is not."""
    is_element = isinstance((change.before_tokens or ("",))[-1], int)
    return f"{_holder(change.path)}/{change.after if is_element else escape(change.after)}"


def _field(change: Change) -> str:
    """The stable pointer up to the first element that only its index names."""
    tokens = change.after_tokens if change.before_tokens is None else change.before_tokens
    steps = change.path.split("/")[1:]
    for at, (token, step) in enumerate(zip(tokens or (), steps, strict=True)):
        if isinstance(token, int) and step.isdecimal():
            return "".join(f"/{part}" for part in steps[:at])
    return change.path
