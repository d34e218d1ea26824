"""What a decision is about, and the lease a person holds on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing of the platform that is claimed, flagged and decided.

    `partition_key` is the row's partition column where its table is partitioned (a segment's
    `created_at`), so that one partition is touched; None elsewhere.
    """

    kind: str
    id: UUID
    partition_key: datetime | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A live lease of this person: a decision must carry its `token`.

    `version` is the subject's content version at the moment of the claim, read on the primary.
    """

    subject: Subject
    token: UUID
    version: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody else's live claim, as far as others may see it (never the token)."""

    login: str
    since: datetime
    expires_at: datetime
