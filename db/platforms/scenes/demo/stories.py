"""Rows of ideas, scenes, segments and summaries."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from db.platforms.scenes.demo import prose
from db.platforms.scenes.demo.bibles import cast_of, last_version, version_at
from db.platforms.scenes.demo.drawing import CLIPS
from db.platforms.scenes.demo.hostile import LONG_PROSE, LONG_TITLE, SHORT, hostile
from db.platforms.scenes.demo.rows import Row, Rows
from db.platforms.scenes.demo.world import (
    DAY,
    REVIEW_WORDS,
    Content,
    Table,
    World,
    at,
    clip_of,
    key,
)

SEGMENTS_PER_SUMMARY = 8
_STRANGE_VIDEOS = (
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://media.example.com/gone/master.m3u8",
    "http://169.254.169.254/latest/meta-data/",
    "\\\\files.example.com\\share\\video.mp4",
)


def stories(world: World, media: str) -> list[Rows]:
    """The tables of this module; `media` is the base of their URLs."""
    plan = world.plan
    return [
        Rows(
            "ideas",
            (
                "id", "user_id", "topic_id", "category_id", "title", "prompt", "tags", "status",
                "moderation_status", "scene_count", "like_count", "view_count", "created_at", "updated_at",
            ),
            plan.ideas,
            lambda: _ideas(world),
        ),
        Rows(
            "scenes",
            (
                "id", "idea_id", "user_id", "topic_id", "title", "description", "status", "segment_count",
                "total_duration", "contributor_count", "view_count", "like_count", "thumbnail_url",
                "bible_version", "created_at", "updated_at", "last_segment_at",
            ),
            plan.scenes,
            lambda: _scenes(world, media),
        ),
        Rows(
            "segments",
            (
                "id", "scene_id", "user_id", "job_id", "sequence", "input_text", "expanded_script",
                "video_url", "hls_playlist_url", "thumbnail_url", "duration", "resolution", "file_size",
                "bible_version", "status", "created_at",
            ),
            plan.segments,
            lambda: _segments(world, media),
        ),
        Rows(
            "scene_summaries",
            ("id", "scene_id", "summary", "segments_covered", "created_at", "updated_at"),
            sum(
                (world.first_segment[n + 1] - world.first_segment[n]) // SEGMENTS_PER_SUMMARY
                for n in range(plan.scenes)
            ),
            lambda: _summaries(world),
        ),
    ]  # fmt: skip


def input_text(world: World, segment: int, cast: list[str]) -> str:
    """What a person typed for a segment, the same in the segment and its job."""
    strange = hostile(segment, world.plan.hostile_every)
    genre = world.genre_of_scene(world.segment_scene[segment])
    return strange or prose.continuation(Random(segment * 7 + 3), genre, cast)


def _ideas(world: World) -> Iterator[Row]:
    for n in range(world.plan.ideas):
        title, prompt, tags = _idea_text(world, n)
        topic, created = world.idea_topic[n], world.idea_created[n]
        waits = world.idea_review[n] == 0
        yield (
            key(Table.IDEAS, n),
            key(Table.USERS, world.idea_user[n]),
            key(Table.TOPICS, topic),
            key(Table.CATEGORIES, topic * 10 + n % 5) if n % 6 else None,
            title,
            prompt,
            tags,
            Content(world.idea_status[n]).word,
            REVIEW_WORDS[world.idea_review[n]],
            world.idea_scenes[n],
            world.idea_likes[n],
            world.idea_views[n],
            at(created),
            at(created if waits else min(created + DAY + n % DAY, world.today)),
        )


def _idea_text(world: World, n: int) -> tuple[str, str, list[str]]:
    strange = hostile(n, world.plan.hostile_every)
    # Now and then somebody posts again what stands a little further up, a little changed.
    copies = n >= 3 and n % 23 == 7
    source = n - 3 if copies else n
    chance = Random(source * 7)
    genre = world.genre_of_idea(source)
    title, prompt = prose.title(chance, genre), prose.prompt(chance, genre, long=source % 9 == 4)
    tags = prose.tags(chance, genre)
    if copies:
        title = (title.upper(), f"{title}!!", f"{title} (again)", title.lower(), f"{title} v2")[n // 23 % 5]
        prompt = prompt.replace(". ", "... ", 2) + " Please read!"
    if n % 181 == 90:
        title = LONG_TITLE
    if n % (world.plan.ideas // 3) == world.plan.ideas // 3 - 7:
        prompt = LONG_PROSE
    if strange is not None:
        title, prompt, tags = strange, f"{prompt}\n\n{strange}", [*tags, strange]
    return title, prompt, tags


def _scenes(world: World, media: str) -> Iterator[Row]:
    for n in range(world.plan.scenes):
        chance = Random(n * 7 + 4)
        genre, cast = world.genre_of_scene(n), cast_of(n)
        strange = hostile(n, world.plan.hostile_every)
        shown = [
            place
            for place in range(world.first_segment[n], world.first_segment[n + 1])
            if world.segment_status[place] == Content.ACTIVE
        ]
        last = world.segment_created[shown[-1]] if shown else None
        idea = world.scene_idea[n]
        title = prose.title(chance, genre)
        yield (
            key(Table.SCENES, n),
            key(Table.IDEAS, idea),
            key(Table.USERS, world.scene_user[n]),
            key(Table.TOPICS, world.idea_topic[idea]),
            strange or (LONG_TITLE if n % 173 == 60 else title),
            strange or (prose.scene_description(chance, genre, cast) if n % 12 else None),
            Content(world.scene_status[n]).word,
            len(shown),
            sum(CLIPS[clip_of(place)].seconds for place in shown),
            len({world.segment_user[place] for place in shown}),
            world.scene_views[n],
            world.scene_likes[n],
            f"{media}/{CLIPS[clip_of(world.first_segment[n])].name}/poster.jpg" if n % 15 else None,
            last_version(world, n),
            at(world.scene_created[n]),
            at(last or world.scene_created[n]),
            at(last) if last else None,
        )


def _segments(world: World, media: str) -> Iterator[Row]:
    scene, genre, cast = 0, world.genre_of_scene(0), cast_of(0)
    for n in range(world.plan.segments):
        if world.segment_scene[n] != scene:
            scene = world.segment_scene[n]
            genre, cast = world.genre_of_scene(scene), cast_of(scene)
        sequence = n - world.first_segment[scene] + 1
        script = prose.script(Random(n * 7 + 5), genre, cast)
        strange = hostile(n, world.plan.hostile_every)
        clip = CLIPS[clip_of(n)]
        folder = f"{media}/{clip.name}"
        video, playlist = f"{folder}/video.mp4", f"{folder}/master.m3u8" if n % 41 else None
        if n % 223 == 71:
            video = playlist = _STRANGE_VIDEOS[n // 223 % len(_STRANGE_VIDEOS)]
        elif n % 223 == 150:
            playlist = f"{media}/clip-99/master.m3u8"
        yield (
            key(Table.SEGMENTS, n),
            key(Table.SCENES, scene),
            key(Table.USERS, world.segment_user[n]),
            key(Table.JOBS, n),
            sequence,
            input_text(world, n, cast),
            f"{script}\n\n{strange}" if strange else script,
            video,
            playlist,
            f"{folder}/poster.jpg",
            clip.seconds,
            "360p" if n % 7 else "180p",
            clip.seconds * 88_000 + n % 4_096,
            version_at(world, sequence),
            Content(world.segment_status[n]).word,
            at(world.segment_created[n]),
        )


def _summaries(world: World) -> Iterator[Row]:
    number = 0
    for scene in range(world.plan.scenes):
        first, end = world.first_segment[scene], world.first_segment[scene + 1]
        genre, cast = world.genre_of_scene(scene), cast_of(scene)
        for part in range((end - first) // SEGMENTS_PER_SUMMARY):
            chance = Random(number * 7 + 6)
            told = [prose.event(chance, genre, cast) for _ in range(4)]
            summary = " ".join(f"{event} {consequence}" for event, consequence in told)
            if number % 31 == 9:
                summary = f"{SHORT[number // 31 % len(SHORT)]} {summary}"
            begun = part * SEGMENTS_PER_SUMMARY
            written = at(world.segment_created[first + begun + SEGMENTS_PER_SUMMARY - 1])
            yield (
                key(Table.SUMMARIES, number),
                key(Table.SCENES, scene),
                summary,
                list(range(begun + 1, begun + SEGMENTS_PER_SUMMARY + 1)),
                written,
                written,
            )
            number += 1
