"""The bibles of scenes: history and versions (the port `Documents`). Saves go the way of a decision."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.documents import DocumentHistory, DocumentVersion
from console.domain.errors import NotFound
from console.domain.subjects import Subject
from db.routing import Servers


class SceneBibles:
    """Each read goes to a server that shows this console's own saves."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    async def history(self, subject: Subject) -> DocumentHistory:
        """Every version's facts, newest first; the documents stay where they are."""

        async def read(connection: AsyncConnection) -> DocumentHistory:
            scene = (await connection.execute(_SCENE, {"scene": subject.id})).one_or_none()
            if scene is None:
                raise NotFound("There is no such scene", "It may have been deleted.", subject=subject)
            rows = (await connection.execute(_HISTORY, {"scene": subject.id})).all()
            versions = tuple(
                DocumentVersion(
                    row.version,
                    row.created_at,
                    row.login,
                    "" if row.sequence is None else f"job of segment {row.sequence}",
                    row.note,
                    row.size,
                )
                for row in rows
            )
            base = max(versions[0].version, scene.bible_version) if versions else 0
            return DocumentHistory(scene.title, base, scene.segment_count, versions)

        history, _ = await self._servers.read(read)
        return history

    async def document(self, subject: Subject, version: int) -> str:
        """The text that PostgreSQL gives for the stored jsonb."""

        async def read(connection: AsyncConnection) -> str | None:
            found = await connection.scalar(_DOCUMENT, {"scene": subject.id, "version": version})
            return None if found is None else str(found)

        found, _ = await self._servers.read(read)
        if found is None:
            raise NotFound(f"There is no version {version} of this bible", "", subject=subject)
        return found


_SCENE = text("SELECT title, bible_version, segment_count FROM scenes WHERE id = :scene")
# A bible does not tell its segment's month: the number is looked for by index in each.
_HISTORY = text(
    "SELECT b.version, b.created_at, d.login, d.note, pg_column_size(b.data) AS size, g.sequence"
    " FROM scene_bibles AS b"
    " LEFT JOIN greenroom.document_versions AS d ON d.kind = 'scene' AND d.id = b.scene_id"
    " AND d.version = b.version"
    " LEFT JOIN segments AS g ON g.scene_id = b.scene_id AND g.id = b.created_by_segment_id"
    " WHERE b.scene_id = :scene ORDER BY b.version DESC"
)
_DOCUMENT = text("SELECT data::text FROM scene_bibles WHERE scene_id = :scene AND version = :version")
