"""The kinds of subject of the platform `scenes`: the blocks that show one, and its verbs outside of a queue.

The reads behind the blocks stand in `blocks`, each under the key that is declared here.
"""

from __future__ import annotations

from console.domain.queues import BlockDeclaration, BlockKind, SubjectKind
from db.platforms.scenes.verbs import (
    HIDE,
    IDEA_VERBS,
    LOCK,
    PERSON_VERBS,
    RECOUNT,
    REMOVE,
    RESTORE,
    RESTORE_SEGMENT,
    SEGMENT_VERBS,
    TOPIC_VERBS,
)

_SUMMARY = BlockDeclaration("facts", "Facts", BlockKind.FACTS)
_AUTHOR = BlockDeclaration("author", "Author", BlockKind.FACTS)
_HISTORY = BlockDeclaration("history", "History", BlockKind.HISTORY)

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
        TOPIC_VERBS,
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
        (*IDEA_VERBS, RESTORE),
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
            BlockDeclaration("summaries", "Summaries", BlockKind.TEXT),
            BlockDeclaration("jobs", "Jobs behind it", BlockKind.FACTS),
            BlockDeclaration("counters", "Counters", BlockKind.FACTS),
            BlockDeclaration("bible", "Bible", BlockKind.JSON),
            _HISTORY,
        ),
        (HIDE, LOCK, REMOVE, RESTORE, RECOUNT),
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
        (*SEGMENT_VERBS, RESTORE_SEGMENT),
    ),
    SubjectKind(
        "user",
        "scenes.user",
        "Person",
        "person",
        (
            _SUMMARY,
            BlockDeclaration("avatar", "Avatar", BlockKind.IMAGE),
            BlockDeclaration("bio", "About", BlockKind.TEXT),
            BlockDeclaration("about", "Flags about them", BlockKind.RELATED),
            BlockDeclaration("reported", "What they flagged", BlockKind.RELATED),
            BlockDeclaration("work", "Recent work", BlockKind.RELATED),
            _HISTORY,
        ),
        PERSON_VERBS,
    ),
)
