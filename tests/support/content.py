"""Content of the platform for tests, written as the platform's owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from tests.support.databases import Database

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Content:
    """Rows that a test begins with: an author, a topic, an idea with a scene and one segment."""

    author: UUID
    topic: UUID
    idea: UUID
    scene: UUID
    segment: UUID
    segment_created_at: datetime


def one(connection: Any, query: str, *arguments: object) -> Any:
    """The single value of a query's single row."""
    row = connection.execute(query, arguments).fetchone()
    assert row is not None
    return row[0]


def add_content(database: Database) -> Content:
    """Write the rows and return their ids."""
    with database.connect() as c:
        author = one(
            c,
            "INSERT INTO users (email, username, password_hash) VALUES (%s, %s, 'hash') RETURNING id",
            f"{uuid4().hex}@example.org",
            f"author_{uuid4().hex[:8]}",
        )
        topic = one(c, "INSERT INTO topics (name, slug) VALUES ('Sea', %s) RETURNING id", uuid4().hex)
        idea = add_idea(c, author, topic)
        scene = one(
            c,
            "INSERT INTO scenes (idea_id, user_id, topic_id, title) VALUES (%s, %s, %s, 'Harbour')"
            " RETURNING id",
            idea,
            author,
            topic,
        )
        row = c.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version)"
            " VALUES (%s, %s, %s, 1, 'go on', 'INT. HARBOUR', 'http://127.0.0.1/x', 8, 1)"
            " RETURNING id, created_at",
            [scene, author, uuid4()],
        ).fetchone()
        assert row is not None
        segment, created = row
        assert isinstance(segment, UUID)
        assert isinstance(created, datetime)
    return Content(author, topic, idea, scene, segment, created)


def add_segments(connection: Any, content: Content, statuses: Mapping[int, str]) -> None:
    """Segments of the content's scene by their numbers, each with its status."""
    for sequence, status in statuses.items():
        connection.execute(
            "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script,"
            " video_url, duration, bible_version, status)"
            " VALUES (%s, %s, %s, %s, 'go on', 'INT. HARBOUR', 'http://127.0.0.1/x', 8, 1, %s)",
            [content.scene, content.author, uuid4(), sequence, status],
        )


def add_idea(connection: Any, author: UUID, topic: UUID, title: str = "A tide that stays") -> UUID:
    """A pending idea."""
    made: UUID = one(
        connection,
        "INSERT INTO ideas (user_id, topic_id, title, prompt, tags)"
        " VALUES (%s, %s, %s, 'The sea waits.', '{sea}') RETURNING id",
        author,
        topic,
        title,
    )
    return made


def add_flag(connection: Any, kind: str, target: UUID, reason: str = "spam") -> UUID:
    """A pending flag without a reporter."""
    made: UUID = one(
        connection,
        "INSERT INTO moderation_flags (target_type, target_id, reason) VALUES (%s, %s, %s) RETURNING id",
        kind,
        target,
        reason,
    )
    return made


def claim(connection: Any, kind: str, id: UUID, partition_key: datetime | None = None) -> dict[str, Any]:
    """Claim as the connection's login."""
    answer: dict[str, Any] = one(connection, "SELECT greenroom.claim(%s, %s, %s)", kind, id, partition_key)
    return answer


def item(held: dict[str, Any], **more: object) -> dict[str, Any]:
    """An item of a decision, from a claim."""
    keys = ("kind", "id", "partition_key", "token", "version")
    return {key: held[key] for key in keys} | {"title": "A title"} | more


def decide(
    connection: Any,
    scope: str,
    verb: str,
    items: list[dict[str, Any]],
    *,
    policy: str | None = None,
    note: str | None = None,
    candidates: list[dict[str, Any]] | None = None,
    id: UUID | None = None,
) -> dict[str, Any]:
    """Decide as the connection's login."""
    answer: dict[str, Any] = one(
        connection,
        "SELECT greenroom.decide(%s, %s, %s, %s, %s, %s, %s, 'tests')",
        id or uuid4(),
        scope,
        verb,
        policy,
        note,
        Jsonb(items),
        Jsonb(candidates or []),
    )
    return answer


def undo(connection: Any, decision_id: object, id: UUID | None = None) -> dict[str, Any]:
    """Undo as the connection's login."""
    answer: dict[str, Any] = one(
        connection, "SELECT greenroom.undo(%s, %s, 'tests')", id or uuid4(), decision_id
    )
    return answer
