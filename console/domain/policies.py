"""Reasons that a decision can rest on, what breaking one leads to, and how admins save one."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.work import Work

FIELDS = ("kind", "item", "action", "date", "policy")
"""What a statement's template can name in braces; `greenroom.save_policy()` refuses any other."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A versioned reason. `severity` runs from 1 (minor) to 5 (danger to people).

    `statement` is the template of what authors are told. Breaking it costs `points`, which count for
    `points_days` days. One that is not `active` can still be read, but is no reason any more.
    """

    key: str
    version: int
    title: str
    family: str
    severity: int
    help_text: str
    dsa_category: str | None
    example: str = ""
    statement: str = ""
    points: int = 0
    points_days: int = 90
    active: bool = True


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a decision would mean for the author: points `held` now, those it `adds` for `days` days, and the
    sanction (warn, restrict or suspend) that follows, for `sanction_days` days if it is for a time.
    """

    held: int
    adds: int
    days: int
    sanction: str | None
    sanction_days: int | None


@dataclass(frozen=True, slots=True)
class PolicySave(Work[int]):
    """Another version of `policy`, whose `version` is the one it was made from (0: it is new).

    The answer is the version that is in force then.
    """

    policy: Policy

    @property
    def words(self) -> str:
        """What it does."""
        return f"Save the policy “{self.policy.title}”"

    @property
    def typed(self) -> str | None:
        """The texts."""
        policy = self.policy
        return "\n\n".join((policy.help_text, policy.example, policy.statement)).strip()
