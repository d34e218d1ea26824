"""Rows of jobs: one that made each segment, and those that failed, were cancelled or still run."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from db.platforms.scenes.demo import prose
from db.platforms.scenes.demo.bibles import cast_of, last_version, version_at
from db.platforms.scenes.demo.hostile import SHORT
from db.platforms.scenes.demo.rows import Row, Rows
from db.platforms.scenes.demo.stories import input_text
from db.platforms.scenes.demo.world import DAY, Table, World, at, key

_ERRORS = (
    ("SCRIPT_TIMEOUT", "The script model did not answer within 120 s"),
    ("CONTINUITY_CONFLICT", "The script contradicts the bible: a character acts who is not active"),
    ("VIDEO_BACKEND_BUSY", "No renderer became free in 900 s"),
    ("RENDER_FAILED", "Renderer exited with status 139 at frame 118 of 225"),
    ("UPLOAD_FAILED", "Storage answered 503 to part 3 of 7"),
    ("CONTENT_REFUSED", "The safety filter refused the expanded script"),
    ("BIBLE_VERSION_STALE", "The scene's bible moved on while the job ran"),
    ("QUOTA_EXCEEDED", "The contributor has used today's 40 minutes"),
)
_RUNNING = (
    ("queued", "pending", 0, "Waiting for a free slot"),
    ("processing", "script_expansion", 12, "Expanding the script"),
    ("script_ready", "continuity_validation", 35, "Checking continuity"),
    ("continuity_checked", "video_generation", 55, "Rendering 90 of 225 frames"),
    ("preview_ready", "upload", 85, "Uploading the preview"),
)


def jobs(world: World) -> Rows:
    """All jobs."""
    return Rows(
        "jobs",
        (
            "id", "scene_id", "user_id", "type", "status", "stage", "progress", "message", "input_text",
            "bible_version", "context_data", "result_data", "error_code", "error_message", "retry_count",
            "created_at", "started_at", "completed_at", "idempotency_key",
        ),
        world.plan.segments + world.plan.extra_jobs,
        lambda: _jobs(world),
    )  # fmt: skip


def _jobs(world: World) -> Iterator[Row]:
    yield from _finished(world)
    yield from _others(world)


def _finished(world: World) -> Iterator[Row]:
    chance = Random("finished jobs")
    scene, cast = 0, cast_of(0)
    for n in range(world.plan.segments):
        if world.segment_scene[n] != scene:
            scene = world.segment_scene[n]
            cast = cast_of(scene)
        sequence = n - world.first_segment[scene] + 1
        done, took = world.segment_created[n], 60 + int(240 * chance.random())
        yield (
            key(Table.JOBS, n),
            key(Table.SCENES, scene),
            key(Table.USERS, world.segment_user[n]),
            "continuation" if sequence > 1 else "opening",
            "final_ready",
            "completed",
            100,
            None,
            input_text(world, n, cast),
            version_at(world, sequence),
            _context(version_at(world, sequence), sequence),
            f'{{"segmentId": "{key(Table.SEGMENTS, n)}", "seconds": {took}}}',
            None,
            None,
            2 if n % 53 == 8 else 1 if n % 11 == 5 else 0,
            at(done - took - 15),
            at(done - took),
            at(done),
            f"continue-{scene}-{sequence}" if n % 10 else None,
        )


def _context(bible_version: int, sequence: int) -> str:
    """What a job for the `sequence`th segment was given, as JSON."""
    recent = list(range(max(1, sequence - 3), sequence))
    return f'{{"bibleVersion": {bible_version}, "recentSegments": {recent}}}'


def _others(world: World) -> Iterator[Row]:
    chance = Random("other jobs")
    first = world.plan.segments
    for n in range(first, first + world.plan.extra_jobs):
        scene = int(world.plan.scenes * chance.random())
        luck = chance.random()
        running = luck > 0.8
        begun = world.scene_created[scene] + 900
        created = begun + int(max(0, world.today - 7200 - begun) * chance.random())
        status, stage, progress, doing = _RUNNING[n % len(_RUNNING)]
        message: str | None = doing
        code: str | None = None
        error: str | None = None
        retries = 0
        if running:
            created = world.today - 60 - int(min(7000, world.today - begun) * chance.random())
        elif luck > 0.65:
            status, stage, message = "cancelled", "pending", "Cancelled by the contributor"
        else:
            status, stage, message = "failed", "error", None
            code, error = _ERRORS[int(len(_ERRORS) * chance.random())]
            retries = int(4 * chance.random())
            if n % 17 == 3:
                error = f"{error}: {SHORT[n // 17 % len(SHORT)]}"
        started = None if status == "queued" else at(created + 20)
        sequence = world.first_segment[scene + 1] - world.first_segment[scene] + 1
        yield (
            key(Table.JOBS, n),
            key(Table.SCENES, scene),
            key(Table.USERS, int(world.users_before(created) * chance.random())),
            "continuation" if n % 6 else "regeneration",
            status,
            stage,
            progress if running else int(95 * chance.random()),
            message,
            prose.continuation(chance, world.genre_of_scene(scene), cast_of(scene)),
            last_version(world, scene),
            _context(last_version(world, scene), sequence),
            None,
            code,
            error,
            retries,
            at(created),
            started,
            None if running else at(min(created + 60 + int(DAY * 0.01 * chance.random()), world.today)),
            f"retry-{n}",
        )
