"""What a write changed, so that every view that shows it can refresh itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from console.domain.subjects import Subject


@dataclass(frozen=True, slots=True)
class Changes:
    """Subjects whose state changed and the decision behind it.

    `initiator` names the view that caused it, so that it can ignore its own echo.
    """

    subjects: tuple[Subject, ...]
    decision_id: UUID | None
    initiator: str | None
