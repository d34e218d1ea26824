"""What can be decided about the subjects of the platform `scenes`: each verb names the columns that it sets.

`attach` copies them into `greenroom.verbs`, where the database enforces them. The same key may set more in
one place than in another: a verb of the queue of flags also settles the flags.
"""

from __future__ import annotations

from console.domain.queues import Change, Reason, Relation, Verb
from console.domain.staff import Role


def _sets(relation: Relation, **values: str | None) -> Change:
    return Change(relation, values)


def _content(**values: str | None) -> Change:
    return _sets(Relation.CONTENT, **values)


def _settles(status: str, action: str | None = None) -> Change:
    """The flags that were shown, closed by this person with what was done about them."""
    return _sets(
        Relation.FLAGS,
        status=status,
        reviewed_by="$reviewer",
        reviewed_at="$now",
        action_taken=action,
        notes="$note",
    )


_REVIEWED = _sets(Relation.REVIEW, review_due_at=None)

HIDE = Verb(
    "hide",
    "Hide",
    "Hidden",
    "H",
    "hide",
    Role.MODERATOR,
    (_content(status="hidden"),),
    Reason.REQUIRED,
)
REMOVE = Verb(
    "remove",
    "Remove",
    "Removed",
    "X",
    "remove",
    Role.MODERATOR,
    (_content(status="removed"),),
    Reason.REQUIRED,
    destructive=True,
)
RESTORE = Verb("restore", "Restore", "Restored", "T", "restore", Role.MODERATOR, (_content(status="active"),))
LOCK = Verb(
    "lock",
    "Lock",
    "Locked",
    "L",
    "lock",
    Role.MODERATOR,
    (_content(status="locked"),),
    Reason.REQUIRED,
)

TOPIC_VERBS = (
    Verb(
        "approve",
        "Approve",
        "Approved",
        "A",
        "approve",
        Role.MODERATOR,
        (_content(status="approved", reviewed_by="$reviewer", reviewed_at="$now", rejection_reason=None),),
    ),
    Verb(
        "reject",
        "Reject",
        "Rejected",
        "R",
        "reject",
        Role.MODERATOR,
        (
            _content(
                status="rejected", reviewed_by="$reviewer", reviewed_at="$now", rejection_reason="$reason"
            ),
        ),
        Reason.REQUIRED,
    ),
    Verb(
        "promote",
        "Promote to topic",
        "Promoted",
        "P",
        "promote",
        Role.ADMIN,
        (),
        effect="promote_topic",
    ),
)

IDEA_VERBS = (
    Verb(
        "approve",
        "Approve",
        "Approved",
        "A",
        "approve",
        Role.MODERATOR,
        (_content(moderation_status="approved"),),
    ),
    Verb(
        "reject",
        "Reject",
        "Rejected",
        "R",
        "reject",
        Role.MODERATOR,
        (_content(moderation_status="rejected"),),
        Reason.REQUIRED,
    ),
    HIDE,
    REMOVE,
)

SEGMENT_VERBS = (
    Verb("pass", "Pass", "Passed", "P", "approve", Role.REVIEWER, (_REVIEWED,)),
    Verb(
        "hide",
        "Hide",
        "Hidden",
        "H",
        "hide",
        Role.REVIEWER,
        (_content(status="hidden"), _REVIEWED),
        Reason.REQUIRED,
    ),
    Verb(
        "remove",
        "Remove",
        "Removed",
        "X",
        "remove",
        Role.MODERATOR,
        (_content(status="removed"), _REVIEWED),
        Reason.REQUIRED,
        destructive=True,
    ),
)

RESTORE_SEGMENT = Verb(
    "restore", "Restore", "Restored", "T", "restore", Role.REVIEWER, (_content(status="active"),)
)

_STATUS_KINDS = frozenset({"idea", "scene", "segment"})

FLAG_VERBS = (
    Verb(
        "hide",
        "Hide",
        "Hidden",
        "H",
        "hide",
        Role.MODERATOR,
        (_content(status="hidden"), _settles("resolved", "hide")),
        Reason.REQUIRED,
        kinds=_STATUS_KINDS,
    ),
    Verb(
        "remove",
        "Remove",
        "Removed",
        "X",
        "remove",
        Role.MODERATOR,
        (_content(status="removed"), _settles("resolved", "remove")),
        Reason.REQUIRED,
        kinds=_STATUS_KINDS,
        destructive=True,
    ),
    Verb(
        "lock",
        "Lock",
        "Locked",
        "L",
        "lock",
        Role.MODERATOR,
        (_content(status="locked"), _settles("resolved", "lock")),
        Reason.REQUIRED,
        kinds=frozenset({"scene"}),
    ),
    Verb(
        "uphold",
        "Uphold",
        "Upheld",
        "U",
        "approve",
        Role.MODERATOR,
        (_settles("resolved", "none"),),
        Reason.OPTIONAL,
    ),
    Verb("dismiss", "Dismiss", "Dismissed", "D", "dismiss", Role.MODERATOR, (_settles("dismissed"),)),
)

ESCALATE = Verb(
    "escalate",
    "Escalate",
    "Escalated",
    "E",
    "escalate",
    Role.MODERATOR,
    (_settles("reviewing", "escalate"),),
    Reason.OPTIONAL,
)

RECOUNT = Verb(
    "recount",
    "Recompute counters",
    "Recomputed the counters of",
    "C",
    "numbers",
    Role.ADMIN,
    (),
    effect="recount",
)
"""The platform counts by itself; where it lost count, this writes what there is, and undo what there was."""

PERSON_VERBS = (
    Verb(
        "deactivate",
        "Deactivate",
        "Deactivated",
        "X",
        "remove",
        Role.ADMIN,
        (_content(is_active="false"),),
        Reason.REQUIRED,
        destructive=True,
    ),
    Verb(
        "reactivate", "Reactivate", "Reactivated", "T", "restore", Role.ADMIN, (_content(is_active="true"),)
    ),
    Verb(
        "make_moderator",
        "Make a moderator",
        "Made a moderator",
        "M",
        "promote",
        Role.ADMIN,
        (_content(role="moderator"),),
    ),
    Verb(
        "make_user",
        "Make a plain user",
        "Made a plain user",
        "U",
        "person",
        Role.ADMIN,
        (_content(role="user"),),
        Reason.OPTIONAL,
    ),
    Verb(
        "ask_admin",
        "Ask to make an admin",
        "Asked to make an admin",
        "A",
        "escalate",
        Role.ADMIN,
        (),
        reversible=False,
        effect="ask_admin",
    ),
)
"""Roles and activity of a platform's account. Making an admin takes two: this asks, another grants."""

CURATION = tuple(
    Verb(key, title, past, "", "topic", Role.ADMIN, ())
    for key, title, past in (
        ("create", "Create", "Created"),
        ("edit", "Edit", "Edited"),
        ("place", "Reorder", "Reordered"),
        ("promote", "Promote", "Promoted"),
        ("fold", "Fold into a topic", "Folded"),
        ("curate", "Curate", "Curated"),
    )
)
"""What greenroom.curate() records; it derives the verb from the changes itself."""
