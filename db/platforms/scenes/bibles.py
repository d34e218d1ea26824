"""The bibles of scenes: history and versions (the port `Documents`). Saves go the way of a decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.documents import DocumentHistory, DocumentVersion
from console.domain.errors import NotFound
from console.domain.subjects import Subject
from db.answering import Answering


class SceneBibles(Answering):
    """Each read goes to a server that shows this console's own saves."""

    kinds = frozenset({"scene", "segment"})

    async def home(self, subject: Subject) -> Subject | None:
        """The scene of a segment, or the scene itself; nothing else has a bible."""
        if subject.kind == "scene":
            return subject
        if subject.kind not in self.kinds:
            return None

        async def read(connection: AsyncConnection) -> UUID | None:
            values = {"id": subject.id, "created_at": subject.partition_key}
            found: UUID | None = await connection.scalar(_HOME, values)
            return found

        found = await self._read(read)
        return None if found is None else Subject("scene", found)

    async def history(self, subject: Subject, *, fresh: bool = False) -> DocumentHistory:
        """Every version's facts, newest first; the documents stay where they are."""

        async def read(connection: AsyncConnection) -> DocumentHistory:
            scene = (await connection.execute(_SCENE, {"scene": subject.id})).one_or_none()
            if scene is None:
                raise NotFound("There is no such scene", "It may have been deleted.", subject=subject)
            rows = (await connection.execute(_HISTORY, {"scene": subject.id})).all()
            versions = tuple(map(_version, rows))
            base = max(versions[0].version, scene.bible_version) if versions else 0
            return DocumentHistory(scene.title, base, scene.last_segment, versions)

        if fresh:
            return await self._servers.read_primary(read)
        return await self._read(read)

    async def newest(self, subject: Subject) -> DocumentVersion | None:
        """The facts of the newest version."""

        async def read(connection: AsyncConnection) -> DocumentVersion | None:
            row = (await connection.execute(_NEWEST, {"scene": subject.id})).one_or_none()
            return None if row is None else _version(row)

        return await self._read(read)

    async def document(self, subject: Subject, version: int) -> str:
        """The text that PostgreSQL gives for the stored jsonb."""

        async def read(connection: AsyncConnection) -> str | None:
            found = await connection.scalar(_DOCUMENT, {"scene": subject.id, "version": version})
            return None if found is None else str(found)

        found = await self._read(read)
        if found is None:
            # What was heard of from the primary may not be on the replica yet.
            found = await self._servers.read_primary(read)
        if found is None:
            raise NotFound(f"There is no version {version} of this bible", "", subject=subject)
        return found


def _version(row: Row[Any]) -> DocumentVersion:
    made_by = "" if row.sequence is None else f"job of segment {row.sequence}"
    return DocumentVersion(row.version, row.created_at, row.login, made_by, row.note, row.size)


_HOME = text("SELECT scene_id FROM segments WHERE id = :id AND created_at = :created_at")
# The scene's own count leaves out the segments that are hidden or removed; they are there all the same.
_SCENE = text(
    "SELECT title, bible_version,"
    " coalesce((SELECT max(sequence) FROM segments WHERE scene_id = s.id), 0) AS last_segment"
    " FROM scenes AS s WHERE id = :scene"
)
# A bible does not tell its segment's month: the number is looked for by index in each.
_FACTS = (
    "SELECT b.version, b.created_at, d.login, d.note, pg_column_size(b.data) AS size, g.sequence"
    " FROM scene_bibles AS b"
    " LEFT JOIN greenroom.document_versions AS d ON d.kind = 'scene' AND d.id = b.scene_id"
    " AND d.version = b.version"
    " LEFT JOIN segments AS g ON g.scene_id = b.scene_id AND g.id = b.created_by_segment_id"
    " WHERE b.scene_id = :scene ORDER BY b.version DESC"
)
_HISTORY = text(_FACTS)
_NEWEST = text(f"{_FACTS} LIMIT 1")
_DOCUMENT = text("SELECT data::text FROM scene_bibles WHERE scene_id = :scene AND version = :version")
