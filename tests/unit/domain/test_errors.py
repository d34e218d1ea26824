"""Every refusal names its rule, and carries what a person needs to go on."""

from __future__ import annotations

from uuid import UUID

from console.domain import errors
from console.domain.subjects import Subject


def test_rules_are_distinct() -> None:
    rules = [kind.rule for kind in errors.Refused.__subclasses__()]
    assert len(set(rules)) == len(rules) == 9


def test_a_refusal_is_readable_and_names_its_subject() -> None:
    subject = Subject("idea", UUID(int=7))
    error = errors.Taken("Held by ada", "Skip it", subject=subject, holder="ada", since=None)
    assert (str(error), error.remedy, error.subject, error.holder) == (
        "Held by ada",
        "Skip it",
        subject,
        "ada",
    )
    assert str(subject) == "idea 00000000-0000-0000-0000-000000000007"
