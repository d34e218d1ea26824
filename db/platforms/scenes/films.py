"""Scenes as films: every segment in sequence, with its open flags and its marks (the port `Films`)."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.domain.errors import NotFound
from console.domain.scenes import Mark, Reported, Scene, SceneSegment, Script, times_named
from console.domain.subjects import Subject
from db.answering import Answering

SEGMENTS_SHOWN = 1_000
"""More segments than a person reviews in one go; a longer scene says that it goes on."""
REPORTS_SHOWN = 20
"""Open flags of one segment that are read: enough to know what is wrong with it."""


class SceneFilms(Answering):
    """Each read goes to a server that shows what this console wrote."""

    async def scene_of(self, segment: Subject) -> Subject:
        """The scene that a segment is of; one partition is read."""

        async def read(connection: AsyncConnection) -> UUID | None:
            found: UUID | None = await connection.scalar(SCENE_OF, _addressed(segment))
            return found

        scene = await self._read(read)
        if scene is None:
            raise NotFound(f"There is no {segment} any more", "It was deleted.", subject=segment)
        return Subject("scene", scene)

    async def script(self, segment: Subject) -> Script:
        """Both texts of a segment; one partition is read."""

        async def read(connection: AsyncConnection) -> Script | None:
            row = (await connection.execute(SCRIPT, _addressed(segment))).one_or_none()
            return None if row is None else Script(row.input_text, row.expanded_script, row.bible_version)

        script = await self._read(read)
        if script is None:
            raise NotFound(f"There is no {segment} any more", "It was deleted.", subject=segment)
        return script

    async def film(self, scene: Subject) -> Scene:
        """The scene and its segments as they are now."""
        return await self._read(lambda connection: _film(connection, scene))


def _addressed(segment: Subject) -> dict[str, object]:
    return {"id": segment.id, "created_at": segment.partition_key}


async def _film(connection: AsyncConnection, scene: Subject) -> Scene:
    found = (await connection.execute(_SCENE, {"id": scene.id})).one_or_none()
    if found is None:
        raise NotFound("There is no such scene", "It may have been deleted.", subject=scene)
    rows = (await connection.execute(SEGMENTS, {"id": scene.id, "limit": SEGMENTS_SHOWN + 1})).all()
    subjects = {row.id: Subject("segment", row.id, row.created_at) for row in rows[:SEGMENTS_SHOWN]}
    marks = await _marks(connection, subjects)
    spans = {mark.flag_id: mark.begins for each in marks.values() for mark in each if mark.flag_id}
    reports = await _reports(connection, {row.id: row.duration for row in rows}, spans)
    segments = tuple(
        SceneSegment(
            subjects[row.id],
            row.version,
            row.sequence,
            row.status,
            row.duration,
            row.bible_version,
            row.url,
            row.thumbnail_url,
            row.username,
            row.due,
            tuple(reports[row.id]),
            tuple(marks[row.id]),
        )
        for row in rows[:SEGMENTS_SHOWN]
    )
    return Scene(
        scene,
        found.version,
        found.title,
        found.status,
        found.bible_version,
        segments,
        len(rows) > SEGMENTS_SHOWN,
    )


async def _marks(connection: AsyncConnection, subjects: dict[UUID, Subject]) -> dict[UUID, list[Mark]]:
    made: dict[UUID, list[Mark]] = defaultdict(list)
    for row in await connection.execute(_MARKS, {"ids": list(subjects)}):
        made[row.id].append(
            Mark(
                row.mark_id,
                subjects[row.id],
                row.begins_ms,
                row.ends_ms,
                row.policy_key,
                row.note,
                row.login,
                row.created_at,
                row.flag_id,
            )
        )
    return made


async def _reports(
    connection: AsyncConnection, durations: dict[UUID, int], spans: dict[UUID, int]
) -> dict[UUID, list[Reported]]:
    """Open flags by segment. A flag that was raised from a mark is at that mark, whatever its text says."""
    made: dict[UUID, list[Reported]] = defaultdict(list)
    values = {"ids": list(durations), "each": REPORTS_SHOWN}
    for row in await connection.execute(_REPORTS, values):
        # A duration is in whole seconds, and the last one has moments too.
        named = times_named(row.description, (durations[row.target_id] + 1) * 1000)
        times = (spans[row.id],) if row.id in spans else named
        made[row.target_id].append(
            Reported(row.id, row.reason, row.description, row.username, row.created_at, times)
        )
    return made


SCENE_OF = text("SELECT scene_id FROM segments WHERE id = :id AND created_at = :created_at")
SCRIPT = text(
    "SELECT input_text, expanded_script, bible_version FROM segments"
    " WHERE id = :id AND created_at = :created_at"
)
_SCENE = text(
    "SELECT title, status, bible_version, greenroom.scene_version(title, description, status) AS version"
    " FROM scenes WHERE id = :id"
)
# A scene does not tell its segments' months: they are found by index in each.
SEGMENTS = text(
    "SELECT g.id, g.created_at, g.sequence, g.status, g.duration, g.bible_version, g.thumbnail_url,"
    " coalesce(g.hls_playlist_url, g.video_url) AS url, u.username, s.review_due_at IS NOT NULL AS due,"
    " greenroom.segment_version(g.input_text, g.expanded_script, g.video_url, g.hls_playlist_url, g.status)"
    " AS version"
    " FROM (SELECT * FROM segments WHERE scene_id = :id ORDER BY sequence, created_at, id LIMIT :limit) AS g"
    " LEFT JOIN users AS u ON u.id = g.user_id"
    " LEFT JOIN greenroom.subjects AS s ON s.kind = 'segment' AND s.id = g.id"
    " ORDER BY g.sequence, g.created_at, g.id"
)
_MARKS = text(
    "SELECT mark_id, id, begins_ms, ends_ms, policy_key, note, login, created_at, flag_id"
    " FROM greenroom.marks WHERE kind = 'segment' AND id = ANY (:ids) AND removed_at IS NULL"
    " ORDER BY id, begins_ms, created_at"
)
_REPORTS = text(
    "SELECT f.* FROM unnest(CAST(:ids AS uuid[])) AS g (id), LATERAL ("
    " SELECT f.id, f.target_id, f.reason, f.description, f.created_at, u.username"
    " FROM moderation_flags AS f LEFT JOIN users AS u ON u.id = f.reporter_id"
    " WHERE f.target_type = 'segment' AND f.target_id = g.id AND f.status IN ('pending', 'reviewing')"
    " ORDER BY f.created_at, f.id LIMIT :each) AS f ORDER BY f.created_at, f.id"
)
