"""Reasons that a decision can rest on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """A versioned reason. `severity` runs from 1 (minor) to 5 (danger to people)."""

    key: str
    version: int
    title: str
    family: str
    severity: int
    help_text: str
    dsa_category: str | None
