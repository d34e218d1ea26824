"""The declaration of `scenes` keeps its promises: who may do what, keys, reasons, and no dangling names."""

from __future__ import annotations

from collections import Counter

import pytest

from console.domain.queues import BlockKind, Queue, Reason, Relation
from console.domain.staff import Role
from db.platforms.scenes.declaration import SCENES


@pytest.mark.parametrize("queue", SCENES.queues, ids=lambda queue: queue.key)
def test_queue_names_known_kinds_and_unique_keys(queue: Queue) -> None:
    for kind in queue.kinds:
        blocks = SCENES.blocks_for(queue.key, kind)
        assert len({block.key for block in blocks}) == len(blocks)
        shortcuts = Counter(v.shortcut for v in SCENES.verbs_for(queue.key, kind, Role.ADMIN))
        assert set(shortcuts.values()) <= {1}
    assert {kind for verb in queue.verbs for kind in verb.kinds or ()} <= set(queue.kinds)
    assert sum(column.stretch for column in queue.columns) == 1
    assert queue.orders


def test_scopes_are_unique_over_queues_and_kinds() -> None:
    scopes = [kind.scope for kind in SCENES.kinds] + [queue.key for queue in SCENES.queues]
    assert len(set(scopes)) == len(scopes)


@pytest.mark.parametrize(
    ("scope", "kind", "reviewer", "moderator", "admin"),
    [
        ("scenes.segments", "segment", {"pass", "hide"}, {"remove"}, set()),
        ("scenes.segment", "segment", {"pass", "hide", "restore"}, {"remove"}, set()),
        ("scenes.scene", "scene", set(), {"hide", "lock", "remove", "restore"}, {"recount"}),
        ("scenes.scenes", "scene", set(), {"hide", "lock", "remove", "restore"}, {"recount"}),
        (
            "scenes.user",
            "user",
            set(),
            set(),
            {"deactivate", "reactivate", "make_moderator", "make_user", "ask_admin"},
        ),
        ("scenes.user_topics", "user_topic", set(), {"approve", "reject"}, {"promote"}),
        ("scenes.ideas", "idea", set(), {"approve", "reject", "hide", "remove"}, set()),
        ("scenes.flags", "user", set(), {"uphold", "dismiss", "escalate"}, set()),
        ("scenes.flags", "scene", set(), {"hide", "remove", "lock", "uphold", "dismiss", "escalate"}, set()),
        ("scenes.escalated", "idea", set(), {"hide", "remove", "uphold", "dismiss"}, set()),
    ],
)
def test_who_may_do_what(
    scope: str, kind: str, reviewer: set[str], moderator: set[str], admin: set[str]
) -> None:
    allowed = {role: {verb.key for verb in SCENES.verbs_for(scope, kind, role)} for role in Role}
    assert allowed[Role.REVIEWER] == reviewer
    assert allowed[Role.MODERATOR] - allowed[Role.REVIEWER] == moderator
    assert allowed[Role.ADMIN] - allowed[Role.MODERATOR] == admin


def test_taking_content_away_always_needs_a_reason() -> None:
    verbs = [verb for queue in SCENES.queues for verb in queue.verbs]
    verbs += [verb for kind in SCENES.kinds for verb in kind.verbs]
    for verb in verbs:
        if verb.key in {"reject", "hide", "remove", "lock"}:
            assert verb.reason is Reason.REQUIRED, verb
        assert verb.changes or verb.effect
        # What was asked for is declined by another admin, or by whoever asked.
        assert verb.reversible or verb.key == "ask_admin"


def test_flag_verbs_settle_flags_and_show_them_first() -> None:
    for key in ("scenes.flags", "scenes.escalated"):
        queue = SCENES.queue(key)
        assert queue.blocks[0].kind is BlockKind.REPORTS
        assert all(any(c.relation is Relation.FLAGS for c in verb.changes) for verb in queue.verbs)
