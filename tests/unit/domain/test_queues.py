"""Queues are declarations: what is offered follows from kind, scope and role alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.domain.queues import (
    BlockDeclaration,
    BlockKind,
    Order,
    Platform,
    Queue,
    SubjectKind,
    Verb,
)
from console.domain.staff import Role

PASS = Verb("pass", "Pass", "Passed", "P", "approve", Role.REVIEWER, ())
LOCK = Verb("lock", "Lock", "Locked", "L", "lock", Role.MODERATOR, (), kinds=frozenset({"door"}))
TEXT = BlockDeclaration("text", "Text", BlockKind.TEXT)
REPORTS = BlockDeclaration("reports", "Reports", BlockKind.REPORTS)
HOUSE = Platform(
    "house",
    "House",
    (
        SubjectKind("door", "house.door", "Door", "door", (TEXT,), (LOCK,)),
        SubjectKind("wall", "house.wall", "Wall", "wall", (), ()),
    ),
    (
        Queue(
            "house.flags",
            "Flags",
            "flag",
            ("door", "wall"),
            (),
            (Order("oldest", "Oldest first", "flags_oldest"),),
            (PASS, LOCK),
            (REPORTS,),
        ),
    ),
)


def test_verbs_follow_kind_and_role() -> None:
    assert HOUSE.verbs_for("house.flags", "door", Role.MODERATOR) == (PASS, LOCK)
    assert HOUSE.verbs_for("house.flags", "door", Role.REVIEWER) == (PASS,)
    assert HOUSE.verbs_for("house.flags", "wall", Role.ADMIN) == (PASS,)


def test_a_kind_has_verbs_outside_any_queue() -> None:
    assert HOUSE.verbs_for("house.door", "door", Role.ADMIN) == (LOCK,)
    assert HOUSE.verbs_for("house.wall", "wall", Role.ADMIN) == ()


def test_blocks_of_the_queue_come_before_those_of_the_kind() -> None:
    assert HOUSE.blocks_for("house.flags", "door") == (REPORTS, TEXT)
    assert HOUSE.blocks_for("house.door", "door") == (TEXT,)


@pytest.mark.parametrize("lookup", [HOUSE.kind, HOUSE.queue])
def test_an_undeclared_name_is_an_error(lookup: Callable[[str], object]) -> None:
    with pytest.raises(KeyError, match="cellar"):
        lookup("cellar")


def test_an_undeclared_scope_is_an_error() -> None:
    with pytest.raises(KeyError, match="cellar"):
        HOUSE.verbs_for("cellar", "door", Role.ADMIN)
