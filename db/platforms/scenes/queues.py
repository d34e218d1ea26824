"""The queues of the platform `scenes`: what waits in each, its columns, orders, filters and verbs.

The reads behind the columns and orders stand in `sources`, each under the key that is declared here.
"""

from __future__ import annotations

from console.domain.queues import BlockDeclaration, BlockKind, CellType, Column, Filter, Order, Queue
from console.domain.staff import Role
from db.platforms.scenes.verbs import (
    ESCALATE,
    FLAG_VERBS,
    HIDE,
    IDEA_VERBS,
    LOCK,
    RECOUNT,
    REMOVE,
    RESTORE,
    SEGMENT_VERBS,
    TOPIC_VERBS,
)

_REPORTS = BlockDeclaration("reports", "Reports", BlockKind.REPORTS)

_FLAG_COLUMNS = (
    Column("reason", "Reason", CellType.REASON, 120),
    Column("title", "Subject", CellType.TEXT, 240, stretch=True),
    Column("kind", "Kind", CellType.STATUS, 76),
    Column("open_flags", "Flags", CellType.NUMBER, 52, mark="⚑"),
    Column("first_flag_at", "First", CellType.TIME, 72),
)

_FLAG_ASKED = (
    Column("reporter", "Reporter", CellType.TAGS),
    Column("author", "Author", CellType.PERSON),
    Column("topic", "Topic", CellType.TEXT),
    Column("tags", "Tag", CellType.TAGS),
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
        (*FLAG_VERBS, ESCALATE),
        (_REPORTS,),
        (_KIND_FILTER,),
        role=Role.MODERATOR,
        waiting="No flags are waiting",
        asked=_FLAG_ASKED,
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
        IDEA_VERBS,
        role=Role.MODERATOR,
        waiting="No ideas are waiting",
        asked=(
            Column("tags", "Tag", CellType.TAGS),
            Column("likes", "Likes", CellType.NUMBER),
            Column("views", "Views", CellType.NUMBER),
        ),
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
        TOPIC_VERBS,
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
        SEGMENT_VERBS,
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
        FLAG_VERBS,
        (_REPORTS,),
        (_KIND_FILTER,),
        role=Role.ADMIN,
        waiting="Nothing has been escalated",
        asked=_FLAG_ASKED,
    ),
    Queue(
        "scenes.scenes",
        "Scenes",
        "scene",
        ("scene",),
        (
            Column("title", "Scene", CellType.TEXT, 240, stretch=True),
            Column("status", "Status", CellType.STATUS, 76),
            Column("topic", "Topic", CellType.TEXT, 110),
            Column("owner", "Owner", CellType.PERSON, 110),
            Column("flags", "Flags", CellType.NUMBER, 52, mark="⚑"),
            Column("begun", "Begun", CellType.TIME, 72),
        ),
        (
            Order("newest", "Newest first", "greenroom_scenes_begun"),
            Order("oldest", "Oldest first", "greenroom_scenes_begun"),
        ),
        (HIDE, LOCK, REMOVE, RESTORE, RECOUNT),
        (),
        (
            Filter(
                "status",
                "Status",
                (
                    ("active", "Active"),
                    ("locked", "Locked"),
                    ("hidden", "Hidden"),
                    ("removed", "Removed"),
                ),
            ),
        ),
        role=Role.ADMIN,
        waiting="There are no such scenes",
        asked=(
            Column("segments", "Segments", CellType.NUMBER),
            Column("hidden", "Hidden segments", CellType.NUMBER),
            Column("failed", "Failed jobs", CellType.NUMBER),
            Column("contributors", "Contributors", CellType.NUMBER),
            Column("likes", "Likes", CellType.NUMBER),
            Column("views", "Views", CellType.NUMBER),
            Column("last_segment", "Last segment", CellType.TIME),
        ),
    ),
)
