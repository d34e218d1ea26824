"""The audit's chain as a console knows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest seal of the audit: its number, 0 before the first, and its SHA-256 digest in hex.

    Whoever has seen one can tell later that the audit was changed before it, or cut off after it.
    """

    seal: int
    digest: str | None
