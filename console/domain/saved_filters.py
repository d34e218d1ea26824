"""Filters that people keep for a queue: the line itself, one's own or shared with the team."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.work import Work


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A line that `login` keeps; colleagues see it where it is `shared`."""

    line: str
    login: str
    shared: bool


@dataclass(frozen=True, slots=True)
class FilterSave(Work[None]):
    """Keeps a queue's line, for oneself or `shared`; with None it is forgotten.

    An admin forgets anybody's shared one, others their own.
    """

    queue: str
    line: str
    shared: bool | None

    @property
    def words(self) -> str:
        """What it does."""
        return f"{'Forget' if self.shared is None else 'Keep'} the filter “{self.line}”"

    @property
    def typed(self) -> str | None:
        """The line."""
        return self.line
