"""Every page comes straight from its index: no sort, nothing read in vain, deep down as at the top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Select, create_engine, func, literal, literal_column, select
from sqlalchemy.sql.compiler import SQLCompiler

from console.domain.queues import Cursor, Order, Queue, View
from db.platforms.scenes.declaration import SCENES
from db.platforms.scenes.models import Idea, Scene
from db.platforms.scenes.sources import SOURCES, matches
from tests.support.content import add_content, one
from tests.support.databases import Database, cloned

SHOWN = 100
DEEP = 1_000
ORDERS = [
    pytest.param(queue, order, id=f"{queue.key}-{order.key}")
    for queue in SCENES.queues
    for order in queue.orders
]

# Settled rows stand between the pending ones, as they do on a platform that is moderated.
_FILL = (
    "INSERT INTO users (email, username, password_hash)"
    " SELECT 'p' || n || '@example.org', 'person_' || n, 'hash' FROM generate_series(1, 3000) AS n",
    "INSERT INTO topics (name, slug) SELECT 'Topic ' || n, 'topic-' || n FROM generate_series(1, 50) AS n",
    "CREATE TEMP TABLE people AS SELECT id, row_number() OVER () AS place FROM users",
    "CREATE TEMP TABLE themes AS SELECT id, row_number() OVER () AS place FROM topics",
    "INSERT INTO ideas (user_id, topic_id, title, prompt, moderation_status, created_at)"
    " SELECT p.id, t.id, 'Idea ' || n, repeat('A prompt of ordinary length. ', 10),"
    " CASE WHEN mod(n, 3) = 0 THEN 'approved' ELSE 'pending' END, now() - n * interval '7 minutes'"
    " FROM generate_series(1, 6000) AS g (n)"
    " JOIN people AS p ON p.place = 1 + mod(n, 3000) JOIN themes AS t ON t.place = 1 + mod(n, 50)",
    "INSERT INTO user_topics (user_id, name, status, created_at)"
    " SELECT p.id, 'Suggestion ' || n, CASE WHEN mod(n, 3) = 0 THEN 'rejected' ELSE 'pending' END,"
    " now() - n * interval '5 minutes'"
    " FROM generate_series(1, 6000) AS g (n) JOIN people AS p ON p.place = 1 + mod(n, 3000)",
    "INSERT INTO segments (scene_id, user_id, job_id, sequence, input_text, expanded_script, video_url,"
    " duration, bible_version, created_at)"
    " SELECT s.id, p.id, gen_random_uuid(), 1 + n, 'go on', 'INT. HARBOUR', 'http://127.0.0.1/x', 8, 1,"
    " now() - n * interval '1 minute'"
    " FROM scenes AS s, generate_series(1, 4000) AS g (n) JOIN people AS p ON p.place = 1 + mod(n, 3000)",
    "INSERT INTO moderation_flags (target_type, target_id, reason, created_at)"
    " SELECT 'idea', i.id, 'spam', now() - row_number() OVER () * interval '1 minute' FROM ideas AS i",
    "INSERT INTO moderation_flags (target_type, target_id, reason, created_at)"
    " SELECT 'segment', s.id, 'violence', now() - row_number() OVER () * interval '2 minutes'"
    " FROM segments AS s WHERE mod(s.sequence, 2) = 0",
    "INSERT INTO moderation_flags (target_type, target_id, reason)"
    " SELECT 'idea', i.id, 'hate' FROM ideas AS i WHERE i.title LIKE '%7'",
    "UPDATE greenroom.subjects SET escalated_at = first_flag_at + interval '1 hour'"
    " WHERE open_flags > 0 AND get_byte(uuid_send(id), 0) % 3 = 0",
    "INSERT INTO scenes (idea_id, user_id, topic_id, title, status, created_at)"
    " SELECT i.id, i.user_id, i.topic_id, i.title, CASE WHEN mod(n, 3) = 0 THEN 'hidden' ELSE 'active' END,"
    " i.created_at FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM ideas) AS i WHERE n <= 4000",
    "VACUUM (ANALYZE)",
)


@pytest.fixture(scope="module")
def filled(attached_template: Database) -> Iterator[Database]:
    """The platform with some thousands of everything."""
    with cloned(attached_template, attached_template.cluster) as database:
        add_content(database)
        with database.connect() as c:
            for statement in _FILL:
                c.execute(statement.encode())
        yield database


def compiled(statement: Select[Any], paramstyle: Literal["pyformat", "numeric_dollar"]) -> SQLCompiler:
    """The statement as the console sends it, or with the numbered places that PREPARE wants."""
    made = statement.compile(
        create_engine("postgresql+psycopg://", paramstyle=paramstyle),
        compile_kwargs={"render_postcompile": True},
    )
    assert isinstance(made, SQLCompiler)
    return made


def explained(
    c: psycopg.Connection[Any], statement: Select[Any], *, generic: bool = False
) -> list[dict[str, Any]]:
    """Every node of the plan, the root first; `generic` is what the server may use for a prepared one."""
    if generic:
        made = compiled(statement, "numeric_dollar")
        values = [made.params[name] for name in made.positiontup or ()]
        c.execute("SET plan_cache_mode = force_generic_plan")
        c.execute("DEALLOCATE ALL")
        c.execute(f"PREPARE page AS {made}".encode())
        places = f" ({', '.join(['%s'] * len(values))})" if values else ""
        execute = psycopg.ClientCursor(c).mogrify(f"EXECUTE page{places}".encode(), values)
    else:
        made = compiled(statement, "pyformat")
        execute = psycopg.ClientCursor(c).mogrify(str(made).encode(), made.params)
    plan = one(c, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}")[0]["Plan"]
    return list(nodes(plan))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def read(node: dict[str, Any]) -> float:
    """How many rows the node looked at."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    rows: float = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return rows


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize(("queue", "order"), ORDERS)
def test_a_page_is_read_from_its_index(filled: Database, queue: Queue, order: Order, generic: bool) -> None:
    source = SOURCES[queue.key]
    with filled.connect("mia") as c:
        deep = compiled(source.page(View(queue.key, order.key), None, 1).offset(DEEP), "pyformat")
        row = c.execute(str(deep).encode(), deep.params).fetchone()
        assert row is not None, "the queue is shorter than the deep page"
        cursor = Cursor(tuple(row[8 + len(source.cells) :]))
        blocks = []
        for after in (None, cursor):
            plan = explained(c, source.page(View(queue.key, order.key), after, SHOWN + 1), generic=generic)
            assert plan[0]["Actual Rows"] == SHOWN + 1
            assert [node["Node Type"] for node in plan if "Sort" in node["Node Type"]] == []
            driving = [node for node in plan if node.get("Index Name") == order.index]
            assert len(driving) == 1
            assert read(driving[0]) <= 2 * SHOWN
            blocks.append(plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"])
        assert blocks[1] <= 2 * blocks[0]


def test_opening_a_segment_touches_one_partition(filled: Database) -> None:
    with filled.connect() as c:
        partitions = one(c, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'segments'::regclass")
    assert partitions > 1
    with filled.connect("mia") as c:
        segment, created = c.execute("SELECT id, created_at FROM segments LIMIT 1").fetchone() or (None, None)
        assert isinstance(segment, UUID)
        row = c.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON)"
            " SELECT input_text FROM segments WHERE id = %s AND created_at = %s",
            [segment, created],
        ).fetchone()
        assert row is not None
        touched = {
            node["Relation Name"]
            for node in nodes(row[0][0]["Plan"])
            if "Relation Name" in node and node["Actual Loops"]
        }
        assert len(touched) == 1


def test_a_page_of_segments_looks_into_no_partition_in_vain(filled: Database) -> None:
    with filled.connect("mia") as c:
        plan = explained(c, SOURCES["scenes.segments"].page(View("scenes.segments", "newest"), None, SHOWN))
    scans = [n for n in plan if str(n.get("Relation Name", "")).startswith("segments")]
    assert sum(node["Actual Loops"] for node in scans) <= SHOWN + len(scans)


@pytest.mark.parametrize(
    ("index", "id", "texts"),
    [
        ("greenroom_ideas_text", Idea.id, (Idea.title, Idea.prompt)),
        ("greenroom_scenes_text", Scene.id, (Scene.title, Scene.description)),
    ],
)
def test_words_are_looked_up_in_an_index(
    filled: Database, index: str, id: Any, texts: tuple[Any, ...]
) -> None:
    query = func.plainto_tsquery(literal_column("'simple'::regconfig"), literal("zephyr"))
    with filled.connect("mia") as c:
        c.execute("SET enable_seqscan = off")
        plan = explained(c, select(id).where(matches(query, *texts)))
    assert index in [node.get("Index Name") for node in plan]
