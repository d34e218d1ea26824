"""Topics, categories and what users suggest (the port `Catalogue`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.curation import CATEGORY, TOPIC, Category, Columns, Entry, Suggestion, Topic
from console.domain.errors import NotFound
from console.domain.merging import Contents, MergeState, TopicMerge
from console.domain.queues import Count
from console.domain.subjects import Subject
from db.answering import Answering

COUNTED = 9_999
PAGE = 200
"""Topics whose categories are read at once."""


class ScenesCatalogue(Answering):
    """Each read goes to a server that shows this console's own changes."""

    async def topics(self) -> Sequence[Topic]:
        """Every topic in order."""
        return [Topic(*row) for row in await self._rows(TOPICS)]

    async def categories(self, topics: Sequence[UUID]) -> Sequence[Category]:
        """Every category of these topics in order."""
        return [Category(*row) for row in await self._rows(_CATEGORIES, topics=list(topics))]

    async def matching(self, text: str) -> Sequence[Category]:
        """Categories by a part of their name or slug."""
        return [Category(*row) for row in await self._rows(_MATCHING, text=text)]

    async def ideas(self, topics: Sequence[UUID], categories: Sequence[UUID]) -> dict[UUID, Count]:
        """Counted by index, and no further than it is shown."""
        rows = await self._rows(_IDEAS, topics=list(topics), categories=list(categories), most=COUNTED + 1)
        return {row[0]: Count(min(row[1], COUNTED), capped=row[1] > COUNTED) for row in rows}

    async def entry(self, kind: str, id: UUID) -> Entry:
        """One row from the primary."""

        async def read(connection: AsyncConnection) -> Any:
            query = _TOPIC if kind == TOPIC else _CATEGORY
            return (await connection.execute(query, {"id": id})).one_or_none()

        row = await self._servers.read_primary(read)
        if row is None:
            raise NotFound(f"This {kind} does not exist any more", "", subject=Subject(kind, id))
        return Entry(kind, id, row[0], Columns(*row[1:]))

    async def entries(self) -> Sequence[Entry]:
        """Read in pages: thousands of rows at once would hold the loop for longer than a frame."""

        async def read(connection: AsyncConnection) -> list[Entry]:
            entries: list[Entry] = []
            rows = (await connection.execute(_ALL_TOPICS)).all()
            for first in range(0, len(rows), PAGE):
                page = rows[first : first + PAGE]
                below: dict[UUID, list[Entry]] = {row[0]: [] for row in page}
                found = await connection.execute(_ALL_CATEGORIES, {"topics": list(below)})
                for row in found:
                    below[row[-1]].append(Entry(CATEGORY, row[0], row[1], Columns(*row[2:])))
                for row in page:
                    entries.append(Entry(TOPIC, row[0], row[1], Columns(*row[2:])))
                    entries.extend(below[row[0]])
            return entries

        return await self._servers.read_primary(read)

    async def contents(self, topic: UUID) -> Contents:
        """Counted by the indexes on the topic."""
        return Contents(*(await self._rows(_CONTENTS, topic=topic))[0])

    async def merges(self) -> Sequence[TopicMerge]:
        """Of the last seven days."""
        return [_merge(row) for row in await self._rows(_MERGES)]

    async def merge(self, id: UUID) -> TopicMerge:
        """One row from the primary."""

        async def read(connection: AsyncConnection) -> Any:
            return (await connection.execute(_MERGE, {"id": id})).one_or_none()

        row = await self._servers.read_primary(read)
        if row is None:
            raise NotFound("There is no such merge", "")
        return _merge(row)

    async def suggestions(self) -> Sequence[Suggestion]:
        """Suggestions without a topic."""
        return [Suggestion(*row) for row in await self._rows(_SUGGESTIONS)]

    async def _rows(self, query: Executable, **values: Any) -> Sequence[Any]:
        async def read(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.execute(query, values)).all()

        return await self._read(read)


def _merge(row: Any) -> TopicMerge:
    key, topic, title, survivor, login, begun, until, state, moved = row
    return TopicMerge(key, topic, title, survivor, login, begun, until, MergeState(state), moved)


TOPICS = text(
    "SELECT t.id, t.name, t.slug, coalesce(t.description, ''), t.is_active, t.scene_count,"
    " coalesce(c.categories, 0)"
    " FROM topics AS t LEFT JOIN (SELECT topic_id, count(*) AS categories FROM categories GROUP BY topic_id)"
    ' AS c ON c.topic_id = t.id ORDER BY t.display_order, t.name COLLATE "C", t.id'
)
_CATEGORIES = text(
    "SELECT c.id, c.topic_id, c.name, c.slug, c.is_active"
    " FROM unnest(CAST(:topics AS uuid[])) WITH ORDINALITY AS w (id, place)"
    " JOIN categories AS c ON c.topic_id = w.id"
    ' ORDER BY w.place, c.display_order, c.name COLLATE "C", c.id'
)
_MATCHING = text(
    "SELECT c.id, c.topic_id, c.name, c.slug, c.is_active"
    " FROM categories AS c JOIN topics AS t ON t.id = c.topic_id"
    " WHERE position(lower(:text) IN lower(c.name)) > 0 OR position(lower(:text) IN c.slug) > 0"
    ' ORDER BY t.display_order, t.name COLLATE "C", t.id, c.display_order, c.name COLLATE "C", c.id LIMIT 500'
)
_IDEAS = text(
    "SELECT w.id, (SELECT count(*) FROM (SELECT FROM ideas AS i WHERE i.topic_id = w.id LIMIT :most) AS f)"
    " FROM unnest(CAST(:topics AS uuid[])) AS w (id)"
    " UNION ALL"
    " SELECT w.id,"
    " (SELECT count(*) FROM (SELECT FROM ideas AS i WHERE i.category_id = w.id LIMIT :most) AS f)"
    " FROM unnest(CAST(:categories AS uuid[])) AS w (id)"
)
_TOPIC_COLUMNS = (
    " greenroom.topic_version(t.name, t.slug, t.description, t.icon_url, t.is_active), t.name, t.slug,"
    " coalesce(t.description, ''), t.is_active, coalesce(t.icon_url, '') FROM topics AS t"
)
_TOPIC = text(f"SELECT{_TOPIC_COLUMNS} WHERE t.id = :id")
_ALL_TOPICS = text(f'SELECT t.id,{_TOPIC_COLUMNS} ORDER BY t.display_order, t.name COLLATE "C", t.id')
_CATEGORY_COLUMNS = (
    " greenroom.category_version(c.topic_id, c.name, c.slug, c.description, c.is_active),"
    " c.name, c.slug,"
    " coalesce(c.description, ''), c.is_active, '', c.topic_id FROM categories AS c"
)
_CATEGORY = text(f"SELECT{_CATEGORY_COLUMNS} WHERE c.id = :id")
_ALL_CATEGORIES = text(
    f"SELECT c.id,{_CATEGORY_COLUMNS} WHERE c.topic_id = ANY (CAST(:topics AS uuid[]))"
    ' ORDER BY c.topic_id, c.display_order, c.name COLLATE "C", c.id'
)
_CONTENTS = text(
    "SELECT (SELECT count(*) FROM categories WHERE topic_id = :topic),"
    " (SELECT count(*) FROM scenes WHERE topic_id = :topic),"
    " (SELECT count(*) FROM ideas WHERE topic_id = :topic),"
    " (SELECT count(*) FROM user_topics WHERE promoted_to_topic_id = :topic)"
)
_MERGE_COLUMNS = (
    "SELECT m.merge_id, m.topic_id, m.title, t.name, m.login, m.begun_at, m.undo_until, m.state, m.moved"
    " FROM greenroom.topic_merges AS m JOIN topics AS t ON t.id = m.survivor_id"
)
_MERGE = text(f"{_MERGE_COLUMNS} WHERE m.merge_id = :id")
_MERGES = text(
    f"{_MERGE_COLUMNS} WHERE m.state IN ('moving', 'stopped', 'undoing')"
    " OR (m.state = 'merged' AND m.undo_until > now()) ORDER BY m.begun_at DESC LIMIT 100"
)
_SUGGESTIONS = text(
    "SELECT s.id, greenroom.user_topic_version(s.name, s.description, s.status, s.promoted_to_topic_id),"
    " s.name, coalesce(s.description, ''), u.username, s.status, s.created_at"
    " FROM ((SELECT * FROM user_topics WHERE status = 'approved' AND promoted_to_topic_id IS NULL"
    "   ORDER BY created_at, id LIMIT 500)"
    "  UNION ALL"
    "  (SELECT * FROM user_topics WHERE status = 'pending' AND promoted_to_topic_id IS NULL"
    "   ORDER BY created_at, id LIMIT 500)) AS s"
    " JOIN users AS u ON u.id = s.user_id ORDER BY s.status, s.created_at, s.id LIMIT 500"
)
