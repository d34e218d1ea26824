"""Every counter that a row of the platform carries is right after each change, also with many writers."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.content import Connection, one
from tests.support.databases import Database

# Rows whose counters do not agree with what they count. Views are only added, so they are compared too.
WRONG = """
SELECT 'scene ' || s.id, to_jsonb(s) FROM scenes AS s WHERE
    (s.segment_count, s.total_duration, s.contributor_count, s.like_count, s.view_count) <> (
        (SELECT count(*) FROM segments AS g WHERE g.scene_id = s.id AND g.status = 'active'),
        (SELECT coalesce(sum(g.duration), 0) FROM segments AS g
         WHERE g.scene_id = s.id AND g.status = 'active'),
        (SELECT count(DISTINCT g.user_id) FROM segments AS g WHERE g.scene_id = s.id AND g.status = 'active'),
        (SELECT count(*) FROM likes AS l WHERE l.target_type = 'scene' AND l.target_id = s.id),
        (SELECT count(*) FROM scene_views AS v WHERE v.scene_id = s.id))
    OR s.last_segment_at IS DISTINCT FROM
        (SELECT max(g.created_at) FROM segments AS g WHERE g.scene_id = s.id AND g.status = 'active')
UNION ALL
SELECT 'idea ' || i.id, to_jsonb(i) FROM ideas AS i WHERE (i.scene_count, i.like_count) <> (
    (SELECT count(*) FROM scenes AS s WHERE s.idea_id = i.id AND s.status IN ('active', 'locked')),
    (SELECT count(*) FROM likes AS l WHERE l.target_type = 'idea' AND l.target_id = i.id))
UNION ALL
SELECT 'topic ' || t.id, to_jsonb(t) FROM topics AS t WHERE t.scene_count <>
    (SELECT count(*) FROM scenes AS s WHERE s.topic_id = t.id AND s.status IN ('active', 'locked'))
"""


@dataclass(frozen=True)
class World:
    """Four people, two topics with an idea each, and two scenes an idea."""

    database: Database
    people: list[UUID]
    topics: list[UUID]
    ideas: list[UUID]
    scenes: list[UUID]


@pytest.fixture
def world(scenes_database: Database) -> World:
    with scenes_database.connect() as c:
        people = [
            one(c, "INSERT INTO users (email, username) VALUES (%s, %s) RETURNING id", f"{name}@x", name)
            for name in ("ann", "bob", "cho", "dee")
        ]
        topics = [
            one(c, "INSERT INTO topics (name, slug) VALUES ('T', %s) RETURNING id", slug) for slug in "ab"
        ]
        ideas = [
            one(
                c,
                "INSERT INTO ideas (user_id, topic_id, title, prompt) VALUES (%s, %s, 'I', 'p') RETURNING id",
                people[0],
                topic,
            )
            for topic in topics
        ]
        scenes = [add_scene(c, people[0], ideas[n % 2], topics[n % 2]) for n in range(4)]
    return World(scenes_database, people, topics, ideas, scenes)


def add_scene(c: Any, person: UUID, idea: UUID, topic: UUID, status: str = "active") -> UUID:
    made: UUID = one(
        c,
        "INSERT INTO scenes (user_id, idea_id, topic_id, status, title) VALUES (%s, %s, %s, %s, 'S')"
        " RETURNING id",
        person,
        idea,
        topic,
        status,
    )
    return made


def add_segments(c: Any, scenes: list[UUID], person: UUID, seconds: int = 8) -> None:
    """One a scene, in one statement, in the order given."""
    c.execute(
        "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script, video_url,"
        " duration, bible_version)"
        " SELECT scene, %s, gen_random_uuid(), 1, 'i', 's', 'u', %s, 1 FROM unnest(%s::uuid[]) AS scene",
        [person, seconds, scenes],
    )


def scene(c: Any, id: UUID) -> tuple[Any, ...]:
    row: tuple[Any, ...] = c.execute(
        "SELECT segment_count, total_duration, contributor_count FROM scenes WHERE id = %s", [id]
    ).fetchone()
    return row


def scene_counts(c: Any, table: str) -> list[int]:
    """Of the world's two ideas or topics, in the order of their making."""
    rows = c.execute(f"SELECT scene_count FROM {table} ORDER BY created_at".encode()).fetchall()
    return [count for (count,) in rows]


def likes_and_views(c: Any, table: str, id: UUID) -> tuple[Any, ...]:
    row: tuple[Any, ...] = c.execute(
        f"SELECT like_count, view_count FROM {table} WHERE id = %s".encode(), [id]
    ).fetchone()
    return row


def test_segments_are_counted_as_they_come_and_go(world: World) -> None:
    first, second, *_ = world.scenes
    ann, bob, *_ = world.people
    with world.database.connect() as c:
        add_segments(c, [first], ann, 8)
        add_segments(c, [first], ann, 6)
        add_segments(c, [first, first], bob, 10)
        assert scene(c, first) == (4, 34, 2)
        assert c.execute(WRONG).fetchall() == []
        c.execute("UPDATE segments SET status = 'hidden' WHERE user_id = %s", [bob])
        assert scene(c, first) == (2, 14, 1)
        assert c.execute(WRONG).fetchall() == []
        c.execute("UPDATE segments SET status = 'active' WHERE user_id = %s", [bob])
        c.execute("UPDATE segments SET duration = 9 WHERE duration = 8")
        c.execute("UPDATE segments SET user_id = %s WHERE duration = 6", [bob])
        assert scene(c, first) == (4, 35, 2)
        c.execute("UPDATE segments SET scene_id = %s WHERE user_id = %s", [second, bob])
        assert (scene(c, first), scene(c, second)) == ((1, 9, 1), (3, 26, 1))
        c.execute(
            "UPDATE segments SET created_at = created_at + interval '1 month' WHERE scene_id = %s", [second]
        )
        assert c.execute(WRONG).fetchall() == []
        c.execute("DELETE FROM segments WHERE duration = 10")
        assert scene(c, second) == (1, 6, 1)
        c.execute("DELETE FROM segments")
        assert (scene(c, first), scene(c, second)) == ((0, 0, 0), (0, 0, 0))
        assert one(c, "SELECT count(last_segment_at) FROM scenes") == 0
        assert c.execute(WRONG).fetchall() == []


def test_a_row_that_changes_nothing_counted_does_not_write_the_scene(world: World) -> None:
    with world.database.connect() as c:
        add_segments(c, world.scenes, world.people[0])
        before = c.execute("SELECT id, xmin::text FROM scenes ORDER BY id").fetchall()
        c.execute("UPDATE segments SET resolution = '720p'")
        assert c.execute("SELECT id, xmin::text FROM scenes ORDER BY id").fetchall() == before


@pytest.mark.parametrize(
    ("change", "ideas", "topics"),
    [
        ("UPDATE scenes SET status = 'locked'", [2, 2], [2, 2]),
        ("UPDATE scenes SET status = 'hidden'", [0, 0], [0, 0]),
        ("UPDATE scenes SET status = 'removed' WHERE idea_id = {a}", [0, 2], [0, 2]),
        ("UPDATE scenes SET title = 'other'", [2, 2], [2, 2]),
        ("UPDATE scenes SET idea_id = {a}", [4, 0], [2, 2]),
        ("UPDATE scenes SET idea_id = {a}, status = 'hidden'", [0, 0], [0, 0]),
        ("UPDATE scenes SET topic_id = {ta}", [2, 2], [4, 0]),
        ("DELETE FROM scenes WHERE idea_id = {b}", [2, 0], [2, 0]),
        (
            "INSERT INTO scenes (user_id, idea_id, topic_id, title, status)"
            " SELECT user_id, {a}, {tb}, 'S', s FROM users, unnest(ARRAY['active', 'hidden', 'locked']) AS s",
            [10, 2],
            [2, 10],
        ),
    ],
)
def test_scenes_are_counted_by_idea_and_topic(
    world: World, change: str, ideas: list[int], topics: list[int]
) -> None:
    names = {"a": world.ideas[0], "b": world.ideas[1], "ta": world.topics[0], "tb": world.topics[1]}
    statement = change.format(**{name: f"'{id}'" for name, id in names.items()})
    with world.database.connect() as c:
        c.execute(statement.replace("SELECT user_id", "SELECT users.id").encode())
        assert scene_counts(c, "ideas") == ideas
        assert scene_counts(c, "topics") == topics
        assert c.execute(WRONG).fetchall() == []


def test_hidden_scenes_come_back_into_the_count(world: World) -> None:
    with world.database.connect() as c:
        for status in ("hidden", "removed", "hidden", "active", "locked", "active"):
            c.execute("UPDATE scenes SET status = %s", [status])
            assert c.execute(WRONG).fetchall() == []
        assert scene_counts(c, "ideas") == [2, 2]


def test_likes_and_views(world: World) -> None:
    seen, idea = world.scenes[0], world.ideas[0]
    with world.database.connect() as c:
        for person in world.people[:3]:
            for kind, target in (("scene", seen), ("idea", idea)):
                c.execute(
                    "INSERT INTO likes (user_id, target_type, target_id) VALUES (%s, %s, %s)",
                    [person, kind, target],
                )
        c.execute("DELETE FROM likes WHERE user_id = %s AND target_type = 'idea'", [world.people[0]])
        c.execute(
            "INSERT INTO scene_views (scene_id) SELECT %s FROM generate_series(1, 5)"
            " UNION ALL SELECT %s UNION ALL SELECT gen_random_uuid()",
            [seen, world.scenes[2]],
        )
        assert likes_and_views(c, "scenes", seen) == (3, 5)
        assert likes_and_views(c, "ideas", idea) == (2, 6)
        c.execute(
            "UPDATE likes SET target_type = 'scene', target_id = %s WHERE target_type = 'idea'",
            [world.scenes[3]],
        )
        assert likes_and_views(c, "ideas", idea) == (0, 6)
        assert likes_and_views(c, "scenes", world.scenes[3]) == (2, 0)
        c.execute(
            "INSERT INTO likes (user_id, target_type, target_id) VALUES (%s, 'topic', %s)",
            [world.people[3], seen],
        )
        assert c.execute(WRONG).fetchall() == []


def segments_of_many(world: World, c: Connection, chance: random.Random) -> None:
    add_segments(c, chance.sample(world.scenes, 3), chance.choice(world.people), chance.randint(4, 12))


def segments_move(world: World, c: Connection, chance: random.Random) -> None:
    """Its own rows only: which rows two writers of one row lock first is theirs to agree on."""
    writer = chance.choice(world.people)
    c.execute(
        "UPDATE segments SET scene_id = %s, status = %s WHERE (id, created_at) IN"
        " (SELECT id, created_at FROM segments WHERE user_id = %s LIMIT 3 FOR UPDATE SKIP LOCKED)",
        [chance.choice(world.scenes), chance.choice(["active", "hidden"]), writer],
    )


def segments_go(world: World, c: Connection, chance: random.Random) -> None:
    c.execute(
        "DELETE FROM segments WHERE (id, created_at) IN"
        " (SELECT id, created_at FROM segments WHERE scene_id = %s LIMIT 2 FOR UPDATE SKIP LOCKED)",
        [chance.choice(world.scenes)],
    )


def scenes_of_many(world: World, c: Connection, chance: random.Random) -> None:
    """Ideas and topics in any order within one statement."""
    order = [0, 1] if chance.random() < 0.5 else [1, 0]
    c.execute(
        "INSERT INTO scenes (user_id, idea_id, topic_id, title)"
        " SELECT %s, i, t, 'S' FROM unnest(%s::uuid[], %s::uuid[]) AS n (i, t)",
        [world.people[0], [world.ideas[n] for n in order], [world.topics[n] for n in order]],
    )


def scenes_move(world: World, c: Connection, chance: random.Random) -> None:
    c.execute(
        "UPDATE scenes SET idea_id = %s, topic_id = %s, status = %s WHERE id = %s",
        [
            chance.choice(world.ideas),
            chance.choice(world.topics),
            chance.choice(["active", "hidden", "locked"]),
            chance.choice(world.scenes),
        ],
    )


def likes_of_many(world: World, c: Connection, chance: random.Random) -> None:
    targets = [("scene", id) for id in world.scenes] + [("idea", id) for id in world.ideas]
    chance.shuffle(targets)
    c.execute(
        "INSERT INTO likes (user_id, target_type, target_id)"
        " SELECT %s, kind, target FROM unnest(%s::text[], %s::uuid[]) AS n (kind, target)",
        [new_person(c), [kind for kind, _ in targets], [id for _, id in targets]],
    )


def new_person(c: Connection) -> UUID:
    name = uuid4().hex
    made: UUID = one(c, "INSERT INTO users (email, username) VALUES (%s, %s) RETURNING id", name, name)
    return made


def views_of_many(world: World, c: Connection, chance: random.Random) -> None:
    c.execute(
        "INSERT INTO scene_views (scene_id) SELECT unnest(%s::uuid[])",
        [chance.choices(world.scenes, k=8)],
    )


@pytest.mark.parametrize("writers", [4, 8])
def test_many_writers_count_right_and_none_is_sacrificed(world: World, writers: int) -> None:
    """A deadlock would be raised in a writer's thread, a lost count stay behind in a row."""
    acts: list[Callable[[World, Connection, random.Random], None]] = [
        segments_of_many,
        segments_move,
        segments_go,
        scenes_of_many,
        scenes_move,
        likes_of_many,
        views_of_many,
    ]
    barrier = Barrier(writers)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with world.database.connect() as connection:
            barrier.wait()
            for _ in range(40):
                chance.choice(acts)(world, connection, chance)

    with ThreadPoolExecutor(writers) as pool:
        for done in [pool.submit(write, seed) for seed in range(writers)]:
            done.result()
    with world.database.connect() as connection:
        assert connection.execute(WRONG).fetchall() == []
        assert one(connection, "SELECT sum(view_count) FROM scenes") == one(
            connection, "SELECT sum(view_count) FROM ideas"
        )
