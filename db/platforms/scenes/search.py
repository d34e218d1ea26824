"""Find anything of `scenes`: by id, by the beginning of a name, or by a pasted URL that holds either."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)

_BY_KIND = (
    "SELECT 'idea' AS kind, i.id, NULL::timestamptz AS partition_key, i.title,"
    " greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id, i.status,"
    " i.moderation_status) AS version, i.status AS status FROM ideas i WHERE {idea}",
    "SELECT 'scene', s.id, NULL, s.title, greenroom.scene_version(s.title, s.description, s.status), s.status"
    " FROM scenes s WHERE {scene}",
    "SELECT 'user', u.id, NULL, u.username, greenroom.user_version(u.username, u.display_name, u.avatar_url,"
    " u.bio, u.role, u.is_active), CASE WHEN u.is_active THEN 'active' ELSE 'deactivated' END"
    " FROM users u WHERE {user}",
    "SELECT 'topic', t.id, NULL, t.name, greenroom.topic_version(t.name, t.slug, t.description, t.icon_url,"
    " t.is_active), CASE WHEN t.is_active THEN 'active' ELSE 'retired' END FROM topics t WHERE {topic}",
    "SELECT 'user_topic', p.id, NULL, p.name, greenroom.user_topic_version(p.name, p.description, p.status,"
    " p.promoted_to_topic_id), p.status FROM user_topics p WHERE {user_topic}",
)
_SEGMENT = (
    "SELECT 'segment', g.id, g.created_at, 'Segment ' || g.sequence || ' of ' || s.title,"
    " greenroom.segment_version(g.input_text, g.expanded_script, g.video_url, g.hls_playlist_url, g.status),"
    " g.status FROM segments g JOIN scenes s ON s.id = g.scene_id WHERE g.id = ANY (:ids)"
)


def _union(parts: tuple[str, ...], conditions: dict[str, str]) -> str:
    return " UNION ALL ".join(f"({part.format(**conditions)} LIMIT :limit)" for part in parts)


_BY_ID = text(
    _union(
        (*_BY_KIND, _SEGMENT),
        {
            "idea": "i.id = ANY (:ids)",
            "scene": "s.id = ANY (:ids)",
            "user": "u.id = ANY (:ids)",
            "topic": "t.id = ANY (:ids)",
            "user_topic": "p.id = ANY (:ids)",
        },
    )
)
_BY_NAME = text(
    _union(
        _BY_KIND,
        {
            "idea": "lower(i.title) LIKE :prefix",
            "scene": "lower(s.title) LIKE :prefix",
            "user": "lower(u.username) LIKE :prefix",
            "topic": "lower(t.name) LIKE :prefix OR t.slug = :exact",
            "user_topic": "lower(p.name) LIKE :prefix",
        },
    )
)


async def find(connection: AsyncConnection, wanted: str, limit: int) -> list[Any]:
    """Rows of kind, id, partition_key, title, version, status; exact names first, then by kind.

    Of several ids the last comes first: a URL goes from the whole to its part.
    """
    ids = [UUID(each) for each in reversed(_UUID.findall(wanted))]
    if ids:
        result = await connection.execute(_BY_ID, {"ids": ids, "limit": limit})
        return sorted(result.all(), key=lambda row: ids.index(row[1]))
    name = named_by(wanted).lower()
    if len(name) < 2:
        return []
    escaped = re.sub(r"([\\%_])", r"\\\1", name)
    result = await connection.execute(_BY_NAME, {"prefix": f"{escaped}%", "exact": name, "limit": limit})
    rows = list(result.all())
    rows.sort(key=lambda row: (row[3].lower() != name, row[3].lower()))
    return rows[:limit]


def named_by(wanted: str) -> str:
    """The name that was typed; of a URL the last part of its path, since that is where names stand."""
    text = wanted.strip()
    if "://" not in text:
        return text
    try:
        path = urlsplit(text).path
    except ValueError:  # brackets of no IPv6 address: somebody's name, not a URL
        return text
    return unquote(path.rstrip("/").rpartition("/")[2]) or text
