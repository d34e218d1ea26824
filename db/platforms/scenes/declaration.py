"""What the platform `scenes` says about its subjects, queues and verbs; the console adds nothing to it.

`attach` copies the verbs into `greenroom.verbs`, where the database enforces them. The reads behind the
columns and blocks stand in `sources` and `blocks`, each under the key that is declared here.
"""

from __future__ import annotations

from console.domain.queues import (
    BlockDeclaration,
    BlockKind,
    CellType,
    Change,
    Column,
    Filter,
    Order,
    Platform,
    Queue,
    Reason,
    Relation,
    SubjectKind,
    Verb,
)
from console.domain.staff import Role

_SUMMARY = BlockDeclaration("facts", "Facts", BlockKind.FACTS)
_AUTHOR = BlockDeclaration("author", "Author", BlockKind.FACTS)
_HISTORY = BlockDeclaration("history", "History", BlockKind.HISTORY)
_REPORTS = BlockDeclaration("reports", "Reports", BlockKind.REPORTS)


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

_HIDE = Verb(
    "hide",
    "Hide",
    "Hidden",
    "H",
    "hide",
    Role.MODERATOR,
    (_content(status="hidden"),),
    Reason.REQUIRED,
)
_REMOVE = Verb(
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
_RESTORE = Verb(
    "restore", "Restore", "Restored", "T", "restore", Role.MODERATOR, (_content(status="active"),)
)
_LOCK = Verb(
    "lock",
    "Lock",
    "Locked",
    "L",
    "lock",
    Role.MODERATOR,
    (_content(status="locked"),),
    Reason.REQUIRED,
)

_TOPIC_VERBS = (
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

_IDEA_VERBS = (
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
    _HIDE,
    _REMOVE,
)

_SEGMENT_VERBS = (
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

_STATUS_KINDS = frozenset({"idea", "scene", "segment"})

_FLAG_VERBS = (
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

_ESCALATE = Verb(
    "escalate",
    "Escalate",
    "Escalated",
    "E",
    "escalate",
    Role.MODERATOR,
    (_settles("reviewing", "escalate"),),
    Reason.OPTIONAL,
)

_FLAG_COLUMNS = (
    Column("reason", "Reason", CellType.REASON, 120),
    Column("title", "Subject", CellType.TEXT, 240, stretch=True),
    Column("kind", "Kind", CellType.STATUS, 76),
    Column("open_flags", "Flags", CellType.NUMBER, 52, mark="⚑"),
    Column("first_flag_at", "First", CellType.TIME, 72),
)

_KIND_FILTER = Filter(
    "kind",
    "Kind",
    (
        ("idea", "Ideas"),
        ("scene", "Scenes"),
        ("segment", "Segments"),
        ("user", "People"),
        ("topic", "Topics"),
    ),
)

KINDS = (
    SubjectKind(
        "user_topic",
        "scenes.user_topic",
        "Topic suggestion",
        "topic",
        (
            BlockDeclaration("description", "Description", BlockKind.TEXT),
            _SUMMARY,
            _AUTHOR,
            BlockDeclaration("similar", "Similar topics", BlockKind.RELATED),
            _HISTORY,
        ),
        _TOPIC_VERBS,
    ),
    SubjectKind(
        "topic",
        "scenes.topic",
        "Topic",
        "topic",
        (BlockDeclaration("description", "Description", BlockKind.TEXT), _SUMMARY, _HISTORY),
        (),
    ),
    SubjectKind(
        "idea",
        "scenes.idea",
        "Idea",
        "idea",
        (
            BlockDeclaration("prompt", "Prompt", BlockKind.TEXT),
            _SUMMARY,
            _AUTHOR,
            BlockDeclaration("scenes", "Scenes made from it", BlockKind.RELATED),
            _HISTORY,
        ),
        (*_IDEA_VERBS, _RESTORE),
    ),
    SubjectKind(
        "scene",
        "scenes.scene",
        "Scene",
        "scene",
        (
            BlockDeclaration("description", "Description", BlockKind.TEXT),
            _SUMMARY,
            _AUTHOR,
            BlockDeclaration("segments", "Segments", BlockKind.RELATED),
            BlockDeclaration("bible", "Bible", BlockKind.JSON),
            _HISTORY,
        ),
        (_HIDE, _LOCK, _REMOVE, _RESTORE),
    ),
    SubjectKind(
        "segment",
        "scenes.segment",
        "Segment",
        "segment",
        (
            BlockDeclaration("video", "Video", BlockKind.MEDIA),
            BlockDeclaration("script", "Script", BlockKind.TEXT),
            BlockDeclaration("input", "Typed by the author", BlockKind.TEXT),
            _SUMMARY,
            _AUTHOR,
            BlockDeclaration("scene", "Scene", BlockKind.RELATED),
            _HISTORY,
        ),
        (
            *_SEGMENT_VERBS,
            Verb(
                "restore",
                "Restore",
                "Restored",
                "T",
                "restore",
                Role.REVIEWER,
                (_content(status="active"),),
            ),
        ),
    ),
    SubjectKind(
        "user",
        "scenes.user",
        "Person",
        "person",
        (
            _SUMMARY,
            BlockDeclaration("bio", "About", BlockKind.TEXT),
            BlockDeclaration("work", "Recent work", BlockKind.RELATED),
            _HISTORY,
        ),
        (),
    ),
)

QUEUES = (
    Queue(
        "scenes.flags",
        "Flags",
        "flag",
        ("idea", "scene", "segment", "user", "topic"),
        _FLAG_COLUMNS,
        (
            Order("oldest", "Oldest first", "subjects_flags_oldest"),
            Order("newest", "Newest first", "subjects_flags_newest"),
            Order("most", "Most flagged", "subjects_flags_most"),
        ),
        (*_FLAG_VERBS, _ESCALATE),
        (_REPORTS,),
        (_KIND_FILTER,),
        role=Role.MODERATOR,
        waiting="No flags are waiting",
    ),
    Queue(
        "scenes.ideas",
        "Ideas",
        "idea",
        ("idea",),
        (
            Column("title", "Idea", CellType.TEXT, 240, stretch=True),
            Column("topic", "Topic", CellType.TEXT, 110),
            Column("author", "Author", CellType.PERSON, 110),
            Column("created_at", "Age", CellType.TIME, 72),
        ),
        (
            Order("oldest", "Oldest first", "greenroom_ideas_pending"),
            Order("newest", "Newest first", "greenroom_ideas_pending"),
        ),
        _IDEA_VERBS,
        role=Role.MODERATOR,
        waiting="No ideas are waiting",
    ),
    Queue(
        "scenes.user_topics",
        "Topics",
        "topic",
        ("user_topic",),
        (
            Column("name", "Suggested topic", CellType.TEXT, 240, stretch=True),
            Column("author", "Author", CellType.PERSON, 110),
            Column("created_at", "Age", CellType.TIME, 72),
        ),
        (
            Order("oldest", "Oldest first", "greenroom_user_topics_pending"),
            Order("newest", "Newest first", "greenroom_user_topics_pending"),
        ),
        _TOPIC_VERBS,
        role=Role.MODERATOR,
        waiting="No topic suggestions are waiting",
    ),
    Queue(
        "scenes.segments",
        "Segments",
        "segment",
        ("segment",),
        (
            Column("title", "Segment", CellType.TEXT, 240, stretch=True),
            Column("author", "Author", CellType.PERSON, 110),
            Column("open_flags", "Flags", CellType.NUMBER, 52, mark="⚑"),
            Column("duration", "Length", CellType.DURATION, 64),
            Column("created_at", "Age", CellType.TIME, 72),
        ),
        (
            Order("newest", "Newest first", "subjects_review_due"),
            Order("flagged", "Flagged first", "subjects_review_flagged"),
            Order("oldest", "Oldest first", "subjects_review_due"),
        ),
        _SEGMENT_VERBS,
        waiting="No segments are waiting for review",
        older="Bring in older segments",
    ),
    Queue(
        "scenes.escalated",
        "Escalated",
        "escalate",
        ("idea", "scene", "segment", "user", "topic"),
        _FLAG_COLUMNS,
        (Order("oldest", "Longest waiting", "subjects_escalated"),),
        _FLAG_VERBS,
        (_REPORTS,),
        (_KIND_FILTER,),
        role=Role.ADMIN,
        waiting="Nothing has been escalated",
    ),
)

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

SCENES = Platform("scenes", "Scenes", KINDS, QUEUES, CURATION)
