"""Finding and replacing in a text, as plain functions: they run aside."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Without `pattern`, every sign of `query` means itself."""

    query: str
    pattern: bool = False
    match_case: bool = False

    def compiled(self) -> re.Pattern[str]:
        """The expression to search with. Raises ValueError that says in words what is wrong with it."""
        flags = re.MULTILINE | (re.NOFLAG if self.match_case else re.IGNORECASE)
        try:
            return re.compile(self.query if self.pattern else re.escape(self.query), flags)
        except re.error as error:
            where = "" if error.pos is None else f" at character {error.pos + 1}"
            raise ValueError(f"Not a regular expression: {error.msg}{where}") from error


def find(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Start and end of every match that is not empty. Raises ValueError as `compiled` does."""
    if not wanted.query:
        return []
    return [match.span() for match in wanted.compiled().finditer(text) if match.end() > match.start()]


def replaced(text: str, spans: list[tuple[int, int]], wanted: Wanted, by: str) -> str:
    """The text from the first of the spans to the end of the last, with each replaced.

    In a regular expression's replacement `\\1` is its first group. Raises ValueError, in words, for one that
    names a group that is not there.
    """
    pattern, parts, last = wanted.compiled(), [], spans[0][0]
    for start, end in spans:
        match = pattern.match(text, start) if wanted.pattern else None
        try:
            new = by if match is None else match.expand(by)
        except (re.error, IndexError) as error:
            raise ValueError(f"The replacement cannot be used: {error}") from error
        parts += [text[last:start], new]
        last = end
    return "".join(parts)
