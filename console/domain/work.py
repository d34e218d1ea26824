"""What every write on its way up has in common, whatever it is about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from console.domain.subjects import Subject

Answer_co = TypeVar("Answer_co", covariant=True)
"""What the primary answers to a work."""


@dataclass(frozen=True, slots=True)
class Work(ABC, Generic[Answer_co]):
    """One write of a person: journalled before it is sent, applied once however often it is sent.

    `id` is the idempotency key, and the database's audit carries it. A kind of work is a frozen dataclass
    of texts, numbers, ids, times, optional ones, tuples and other such dataclasses.
    """

    id: UUID

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What it is about."""
        return ()

    @property
    @abstractmethod
    def words(self) -> str:
        """What it does, for a person: begins with a capital, names the thing, has no full stop."""

    @property
    def typed(self) -> str | None:
        """What the person typed for it, and would have to type again."""
        return None
