"""What the inspector shows of each kind: every block a read of its own, under its declared key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.blocks import (
    Block,
    Event,
    Fact,
    FactsBlock,
    HistoryBlock,
    ImageBlock,
    JsonBlock,
    MediaBlock,
    Related,
    RelatedBlock,
    Report,
    ReportsBlock,
    TextBlock,
)
from console.domain.curation import Topic
from console.domain.errors import NotFound
from console.domain.queues import CellType
from console.domain.reliability import reliability_words
from console.domain.subjects import Subject
from console.services.likeness import TopicIndex
from db.platforms.scenes.catalogue import TOPICS

REPORTS_SHOWN = 200
"""A decision settles the flags that were shown; more than this nobody reads."""
REPORTS_COUNTED = 100
"""Earlier reports of one person that are looked at: enough to know them by, and quick for anybody."""

Read = Callable[[AsyncConnection, Subject], Awaitable[Block]]


async def _row(connection: AsyncConnection, query: str, subject: Subject) -> Any:
    row = (
        await connection.execute(text(query), {"id": subject.id, "created_at": subject.partition_key})
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no {subject} any more", "It was deleted.", subject=subject)
    return row


def _prose(query: str) -> Read:
    async def read(connection: AsyncConnection, subject: Subject) -> Block:
        row = await _row(connection, query, subject)
        return TextBlock(row[0] or "")

    return read


def _facts(query: str, labels: tuple[tuple[str, CellType], ...], links: dict[str, str] | None = None) -> Read:
    """One row whose columns are the facts in order; columns named `<kind>_link` carry the ids of links."""

    async def read(connection: AsyncConnection, subject: Subject) -> Block:
        row = (await _row(connection, query, subject))._mapping  # noqa: SLF001 - the documented accessor
        values = list(row.values())
        facts = []
        for place, (label, type) in enumerate(labels):
            kind = (links or {}).get(label)
            linked = row.get(f"{kind}_link") if kind else None
            value = tuple(values[place]) if isinstance(values[place], list) else values[place]
            facts.append(Fact(label, value, type, Subject(kind, linked) if kind and linked else None))
        return FactsBlock(tuple(facts))

    return read


def _related(query: str) -> Read:
    """Rows of kind, id, partition_key, title, status, detail."""

    async def read(connection: AsyncConnection, subject: Subject) -> Block:
        rows = await connection.execute(text(query), {"id": subject.id, "created_at": subject.partition_key})
        return RelatedBlock(tuple(Related(Subject(r[0], r[1], r[2]), r[3] or "", r[4], r[5]) for r in rows))

    return read


async def _similar(connection: AsyncConnection, subject: Subject) -> Block:
    """Topics that may be the same as a suggested one, best first, each with the reason."""
    row = await _row(connection, "SELECT name, description FROM user_topics WHERE id = :id", subject)
    topics = [Topic(*each) for each in await connection.execute(TOPICS)]
    # Preparing thousands of topics takes longer than a frame.
    likes = await asyncio.to_thread(lambda: TopicIndex(topics).like(row[0], row[1] or "", limit=8))
    return RelatedBlock(
        tuple(
            Related(
                Subject("topic", like.topic.id),
                like.topic.name,
                "active" if like.topic.active else "retired",
                like.reason,
            )
            for like in likes
        )
    )


async def _reports(connection: AsyncConnection, subject: Subject) -> Block:
    rows = (
        await connection.execute(
            text(
                "SELECT f.id, f.reason, f.description, u.username, f.status, f.created_at,"
                " p.decided, p.upheld"
                " FROM (SELECT * FROM moderation_flags"
                "       WHERE target_type = :kind AND target_id = :id AND status IN ('pending', 'reviewing')"
                "       ORDER BY created_at, id LIMIT :limit) f"
                " LEFT JOIN users u ON u.id = f.reporter_id"
                " CROSS JOIN LATERAL (SELECT count(*) AS decided,"
                "   count(*) FILTER (WHERE e.status = 'resolved') AS upheld"
                "  FROM (SELECT q.status FROM moderation_flags q WHERE q.reporter_id = f.reporter_id"
                "        AND q.status IN ('resolved', 'dismissed')"
                "        ORDER BY q.created_at DESC LIMIT :counted) e) p"
                " ORDER BY f.created_at, f.id"
            ),
            {
                "kind": subject.kind,
                "id": subject.id,
                "limit": REPORTS_SHOWN + 1,
                "counted": REPORTS_COUNTED,
            },
        )
    ).all()
    reports = tuple(
        Report(r[0], r[1], r[2], r[3], _record(r[6], r[7]) if r[3] else None, r[4], r[5])
        for r in rows[:REPORTS_SHOWN]
    )
    return ReportsBlock(reports, len(rows) > REPORTS_SHOWN)


def _record(decided: int, upheld: int) -> str:
    """How a person's earlier reports ended, in words."""
    if decided == 0:
        return "no report decided before"
    many = f"the latest {decided}" if decided == REPORTS_COUNTED else str(decided)
    return f"{upheld} of {many} upheld, {reliability_words(upheld, decided)}"


async def _history(connection: AsyncConnection, subject: Subject) -> Block:
    rows = await connection.execute(
        text(
            "SELECT d.decided_at, d.login, coalesce(v.past, initcap(d.verb)), p.title, d.note,"
            " d.undone_by IS NOT NULL"
            " FROM greenroom.decision_items i JOIN greenroom.decisions d USING (decision_id)"
            " LEFT JOIN greenroom.verbs v ON v.scope = d.scope AND v.verb = d.verb"
            " LEFT JOIN greenroom.policies p ON p.policy_key = d.policy_key AND p.version = d.policy_version"
            " WHERE i.kind = :kind AND i.id = :id"
            " UNION ALL SELECT created_at, login, 'Note', NULL, body, false FROM greenroom.notes"
            " WHERE kind = :kind AND id = :id AND retracted_at IS NULL"
            " ORDER BY 1 DESC LIMIT 50"
        ),
        {"kind": subject.kind, "id": subject.id},
    )
    return HistoryBlock(tuple(Event(*row) for row in rows))


async def _video(connection: AsyncConnection, subject: Subject) -> Block:
    row = await _row(
        connection,
        "SELECT coalesce(hls_playlist_url, video_url), duration, thumbnail_url FROM segments"
        " WHERE id = :id AND created_at = :created_at",
        subject,
    )
    return MediaBlock(row[0], float(row[1]), row[2])


async def _avatar(connection: AsyncConnection, subject: Subject) -> Block:
    row = await _row(connection, "SELECT avatar_url FROM users WHERE id = :id", subject)
    return ImageBlock(row[0], "Avatar")


async def _bible(connection: AsyncConnection, subject: Subject) -> Block:
    row = (
        await connection.execute(
            text(
                "SELECT jsonb_pretty(data) FROM scene_bibles"
                " WHERE scene_id = :id ORDER BY version DESC LIMIT 1"
            ),
            {"id": subject.id},
        )
    ).one_or_none()
    return JsonBlock(None if row is None else row[0])


_author = _facts(
    "SELECT u.username, u.role, CASE WHEN u.is_active THEN 'active' ELSE 'deactivated' END, u.created_at,"
    " (SELECT count(*) FROM (SELECT 1 FROM ideas i WHERE i.user_id = u.id LIMIT 1000) n),"
    " (SELECT count(*) FROM (SELECT 1 FROM scenes s WHERE s.user_id = u.id LIMIT 1000) n),"
    " (SELECT count(*) FROM (SELECT 1 FROM ideas i WHERE i.user_id = u.id"
    "   AND (i.status <> 'active' OR i.moderation_status = 'rejected') LIMIT 1000) n),"
    " coalesce((SELECT s.open_flags FROM greenroom.subjects s WHERE s.kind = 'user' AND s.id = u.id), 0),"
    " u.id AS user_link FROM users u WHERE u.id = ("
    "  SELECT user_id FROM ideas WHERE id = :id"
    "  UNION ALL SELECT user_id FROM user_topics WHERE id = :id"
    "  UNION ALL SELECT user_id FROM scenes WHERE id = :id"
    "  UNION ALL SELECT user_id FROM segments WHERE id = :id AND created_at = :created_at)",
    (
        ("Name", CellType.PERSON),
        ("Role", CellType.TEXT),
        ("Account", CellType.STATUS),
        ("Joined", CellType.TIME),
        ("Ideas", CellType.NUMBER),
        ("Scenes", CellType.NUMBER),
        ("Ideas taken down", CellType.NUMBER),
        ("Open flags", CellType.NUMBER),
    ),
    {"Name": "user"},
)


async def _summaries(connection: AsyncConnection, subject: Subject) -> Block:
    """What a job made of stretches of the scene, in order, each under the segments that it covers."""
    rows = await connection.execute(
        text(
            "SELECT summary, segments_covered, updated_at FROM scene_summaries WHERE scene_id = :id"
            " ORDER BY segments_covered[1], created_at, id LIMIT 50"
        ),
        {"id": subject.id},
    )
    return TextBlock("\n\n".join(f"{_stretch(row.segments_covered)}\n{row.summary}" for row in rows))


def _stretch(segments: list[int]) -> str:
    if not segments:
        return "No segments"
    first, last = min(segments), max(segments)
    return f"Segment {first}" if first == last else f"Segments {first} to {last}"


async def _jobs(connection: AsyncConnection, subject: Subject) -> Block:
    """The newest jobs of the scene: what each is at, how often it was tried, and what went wrong."""
    rows = await connection.execute(
        text(
            "SELECT type, status, stage, progress, retry_count, max_retries, error_code, error_message,"
            " created_at"
            " FROM jobs WHERE scene_id = :id ORDER BY created_at DESC, id LIMIT 20"
        ),
        {"id": subject.id},
    )
    facts: list[Fact] = []
    for row in rows:
        words = [row.status.replace("_", " ")]
        if row.status not in _SETTLED:
            words.append(f"{row.stage.replace('_', ' ')}, {row.progress} %")
        if row.retry_count:
            words.append(f"retried {row.retry_count} of {row.max_retries} times")
        if row.error_code or row.error_message:
            words.append(": ".join(each for each in (row.error_code, row.error_message) if each))
        facts.append(Fact(row.type.replace("_", " ").capitalize(), " · ".join(words)))
        facts.append(Fact("Begun", row.created_at, CellType.TIME))
    return FactsBlock(tuple(facts) or (Fact("Jobs", 0, CellType.NUMBER),))


_SETTLED = {"final_ready", "failed", "cancelled"}

_COUNTERS = {
    "segment_count": "Segments",
    "total_duration": "Length in seconds",
    "contributor_count": "Contributors",
    "last_segment_at": "Last segment",
    "like_count": "Likes",
    "view_count": "Views",
}


async def _counters(connection: AsyncConnection, subject: Subject) -> Block:
    """Every counter of the scene; where it says something else than there is, both."""
    held = await connection.scalar(text("SELECT greenroom.scene_counters(:id)"), {"id": subject.id})
    if held is None:
        raise NotFound(f"There is no {subject} any more", "It was deleted.", subject=subject)
    return FactsBlock(tuple(_counter(key, *held[key]) for key in _COUNTERS))


def _counter(key: str, says: Any, counted: Any) -> Fact:
    if key == "last_segment_at":
        says, counted = (None if each is None else datetime.fromisoformat(each) for each in (says, counted))
    if says == counted:
        return Fact(_COUNTERS[key], says, CellType.TIME if key == "last_segment_at" else CellType.NUMBER)
    first, second = (
        "nothing"
        if each is None
        else f"{each:%Y-%m-%d %H:%M:%S %Z}"
        if isinstance(each, datetime)
        else f"{each:,}"
        for each in (says, counted)
    )
    return Fact(_COUNTERS[key], f"says {first}, there are {second}")


BLOCKS: dict[tuple[str, str], Read] = {
    ("user_topic", "description"): _prose("SELECT description FROM user_topics WHERE id = :id"),
    ("user_topic", "facts"): _facts(
        "SELECT u.status, u.created_at, r.username, u.reviewed_at, u.rejection_reason, t.name,"
        " u.promoted_to_topic_id AS topic_link"
        " FROM user_topics u LEFT JOIN users r ON r.id = u.reviewed_by"
        " LEFT JOIN topics t ON t.id = u.promoted_to_topic_id WHERE u.id = :id",
        (
            ("Status", CellType.STATUS),
            ("Suggested", CellType.TIME),
            ("Reviewed by", CellType.PERSON),
            ("Reviewed", CellType.TIME),
            ("Reason", CellType.TEXT),
            ("Became", CellType.TEXT),
        ),
        {"Became": "topic"},
    ),
    ("user_topic", "author"): _author,
    ("user_topic", "similar"): _similar,
    ("topic", "description"): _prose("SELECT description FROM topics WHERE id = :id"),
    ("topic", "facts"): _facts(
        "SELECT slug, CASE WHEN is_active THEN 'active' ELSE 'retired' END, scene_count, display_order,"
        " created_at FROM topics WHERE id = :id",
        (
            ("Slug", CellType.TEXT),
            ("Status", CellType.STATUS),
            ("Scenes", CellType.NUMBER),
            ("Place", CellType.NUMBER),
            ("Created", CellType.TIME),
        ),
    ),
    ("idea", "prompt"): _prose("SELECT prompt FROM ideas WHERE id = :id"),
    ("idea", "facts"): _facts(
        "SELECT t.name, c.name, i.tags, i.status, i.moderation_status, i.created_at, i.scene_count,"
        " i.like_count, i.view_count, i.topic_id AS topic_link"
        " FROM ideas i JOIN topics t ON t.id = i.topic_id LEFT JOIN categories c ON c.id = i.category_id"
        " WHERE i.id = :id",
        (
            ("Topic", CellType.TEXT),
            ("Category", CellType.TEXT),
            ("Tags", CellType.TAGS),
            ("Status", CellType.STATUS),
            ("Moderation", CellType.STATUS),
            ("Written", CellType.TIME),
            ("Scenes", CellType.NUMBER),
            ("Likes", CellType.NUMBER),
            ("Views", CellType.NUMBER),
        ),
        {"Topic": "topic"},
    ),
    ("idea", "author"): _author,
    ("idea", "scenes"): _related(
        "SELECT 'scene', s.id, NULL::timestamptz, s.title, s.status, s.segment_count || ' segments'"
        " FROM scenes s WHERE s.idea_id = :id ORDER BY s.created_at DESC LIMIT 20"
    ),
    ("scene", "description"): _prose("SELECT description FROM scenes WHERE id = :id"),
    ("scene", "facts"): _facts(
        "SELECT i.title, t.name, s.status, s.segment_count, s.total_duration, s.contributor_count,"
        " s.view_count, s.like_count, s.bible_version, s.created_at, s.last_segment_at,"
        " s.idea_id AS idea_link, s.topic_id AS topic_link"
        " FROM scenes s JOIN ideas i ON i.id = s.idea_id JOIN topics t ON t.id = s.topic_id WHERE s.id = :id",
        (
            ("Idea", CellType.TEXT),
            ("Topic", CellType.TEXT),
            ("Status", CellType.STATUS),
            ("Segments", CellType.NUMBER),
            ("Length", CellType.DURATION),
            ("Contributors", CellType.NUMBER),
            ("Views", CellType.NUMBER),
            ("Likes", CellType.NUMBER),
            ("Bible version", CellType.NUMBER),
            ("Begun", CellType.TIME),
            ("Last segment", CellType.TIME),
        ),
        {"Idea": "idea", "Topic": "topic"},
    ),
    ("scene", "author"): _author,
    ("scene", "segments"): _related(
        "SELECT 'segment', g.id, g.created_at, 'Segment ' || g.sequence, g.status, g.duration || ' s'"
        " FROM segments g WHERE g.scene_id = :id ORDER BY g.sequence LIMIT 100"
    ),
    ("scene", "summaries"): _summaries,
    ("scene", "jobs"): _jobs,
    ("scene", "counters"): _counters,
    ("scene", "bible"): _bible,
    ("segment", "video"): _video,
    ("segment", "script"): _prose(
        "SELECT expanded_script FROM segments WHERE id = :id AND created_at = :created_at"
    ),
    ("segment", "input"): _prose(
        "SELECT input_text FROM segments WHERE id = :id AND created_at = :created_at"
    ),
    ("segment", "facts"): _facts(
        "SELECT s.title, g.sequence, g.status, g.duration, g.resolution, g.file_size, g.bible_version,"
        " g.created_at, g.scene_id AS scene_link FROM segments g JOIN scenes s ON s.id = g.scene_id"
        " WHERE g.id = :id AND g.created_at = :created_at",
        (
            ("Scene", CellType.TEXT),
            ("Place", CellType.NUMBER),
            ("Status", CellType.STATUS),
            ("Length", CellType.DURATION),
            ("Resolution", CellType.TEXT),
            ("Size", CellType.BYTES),
            ("Bible version", CellType.NUMBER),
            ("Made", CellType.TIME),
        ),
        {"Scene": "scene"},
    ),
    ("segment", "author"): _author,
    ("segment", "scene"): _related(
        "SELECT 'segment', o.id, o.created_at, 'Segment ' || o.sequence, o.status, o.duration || ' s'"
        " FROM segments g JOIN segments o ON o.scene_id = g.scene_id"
        " AND o.sequence BETWEEN g.sequence - 3 AND g.sequence + 3 AND o.id <> g.id"
        " WHERE g.id = :id AND g.created_at = :created_at ORDER BY o.sequence LIMIT 12"
    ),
    ("user", "facts"): _facts(
        "SELECT username, display_name, role, CASE WHEN is_active THEN 'active' ELSE 'deactivated' END,"
        " email_verified, created_at, last_login_at FROM users WHERE id = :id",
        (
            ("Username", CellType.PERSON),
            ("Display name", CellType.TEXT),
            ("Role", CellType.TEXT),
            ("Status", CellType.STATUS),
            ("E-mail verified", CellType.TEXT),
            ("Joined", CellType.TIME),
            ("Last seen", CellType.TIME),
        ),
    ),
    ("user", "avatar"): _avatar,
    ("user", "bio"): _prose("SELECT bio FROM users WHERE id = :id"),
    # Each leads to whoever raised it; what a detector raised leads nowhere else.
    ("user", "about"): _related(
        "SELECT 'user', coalesce(f.reporter_id, f.target_id), NULL::timestamptz,"
        " replace(f.reason, '_', ' ') || coalesce(' · by ' || u.username, ''), f.status, f.description"
        " FROM moderation_flags f LEFT JOIN users u ON u.id = f.reporter_id"
        " WHERE f.target_type = 'user' AND f.target_id = :id ORDER BY f.created_at DESC, f.id LIMIT 20"
    ),
    ("user", "reported"): _related(
        "SELECT f.target_type, f.target_id,"
        " CASE f.target_type WHEN 'segment'"
        " THEN (SELECT g.created_at FROM segments g WHERE g.id = f.target_id LIMIT 1) END,"
        " replace(f.reason, '_', ' '), f.status, f.description"
        " FROM moderation_flags f WHERE f.reporter_id = :id ORDER BY f.created_at DESC, f.id LIMIT 20"
    ),
    ("user", "work"): _related(
        "SELECT 'idea', i.id, NULL::timestamptz, i.title, i.status, i.moderation_status"
        " FROM ideas i WHERE i.user_id = :id ORDER BY i.created_at DESC LIMIT 20"
    ),
}


async def read_block(connection: AsyncConnection, subject: Subject, block: str) -> Block:
    """One block of a subject; KeyError for a block that the kind does not declare."""
    if block == "reports":
        return await _reports(connection, subject)
    if block == "history":
        return await _history(connection, subject)
    return await BLOCKS[subject.kind, block](connection, subject)
