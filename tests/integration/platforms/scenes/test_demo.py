"""A small demo on a real server: whole, repeatable, with right counters, and nasty where it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from psycopg import sql

from db.platforms.scenes.demo import Cancelled, MediaLibrary, SeedReport, Size, seed
from db.platforms.scenes.demo.hostile import LONG_PROSE, LONG_TITLE, SHORT
from tests.support.databases import Database, cloned

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PLAN = Size.SMALL.plan
TABLES = (
    "users",
    "oauth_accounts",
    "topics",
    "categories",
    "user_topics",
    "ideas",
    "scenes",
    "segments",
    "scene_summaries",
    "jobs",
    "job_idempotency_keys",
    "scene_bibles",
    "moderation_flags",
    "likes",
    "scene_views",
)


@dataclass(frozen=True)
class Seeded:
    database: Database
    report: SeedReport
    media: MediaLibrary

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.connect() as connection:
            return connection.execute(query.encode()).fetchall()

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def count(self, rows: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {rows}"))


def quiet(what: str, done: int, whole: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaLibrary:
    folder: Path = tmp_path_factory.mktemp("media")
    (folder / "library.json").write_text('{"version": 1, "port": 20001}', encoding="utf-8")
    return MediaLibrary(folder)


@pytest.fixture(scope="module")
def seeded(attached_template: Database, media: MediaLibrary) -> Iterator[Seeded]:
    with cloned(attached_template, attached_template.cluster) as database:
        with database.connect() as connection:
            report = seed(connection, Size.SMALL, NOW, media, quiet)
        yield Seeded(database, report, media)


def test_holds_what_was_planned(seeded: Seeded) -> None:
    rows = seeded.report.rows
    assert rows["users"] == PLAN.users
    assert rows["ideas"] == PLAN.ideas
    assert rows["segments"] == PLAN.segments
    assert rows["moderation_flags"] == PLAN.flags
    for table in set(TABLES) - {"job_idempotency_keys", "users"}:
        assert seeded.count(f"{table}") == rows[table], table
    assert seeded.count("user_topics WHERE status = 'pending'") == PLAN.pending_user_topics
    assert seeded.count("ideas WHERE moderation_status = 'pending'") == PLAN.pending_ideas
    assert seeded.count("moderation_flags WHERE status = 'pending'") == PLAN.flags // 2


@pytest.mark.parametrize(
    ("column", "table", "wanted"),
    [
        ("status", "scenes", {"active", "hidden", "removed", "locked"}),
        ("status", "segments", {"active", "hidden", "removed"}),
        ("status", "ideas", {"active", "hidden", "removed"}),
        ("moderation_status", "ideas", {"pending", "approved", "rejected"}),
        ("status", "user_topics", {"pending", "approved", "rejected"}),
        ("status", "moderation_flags", {"pending", "reviewing", "resolved", "dismissed"}),
        ("target_type", "moderation_flags", {"idea", "scene", "segment", "user", "topic"}),
        ("role", "users", {"user", "moderator", "admin"}),
        (
            "status",
            "jobs",
            {
                "queued", "processing", "script_ready", "continuity_checked", "preview_ready", "final_ready",
                "failed", "cancelled",
            },
        ),
    ],
)  # fmt: skip
def test_has_every_status(seeded: Seeded, column: str, table: str, wanted: set[str]) -> None:
    assert {row[0] for row in seeded.rows(f"SELECT DISTINCT {column} FROM {table}")} == wanted


def test_the_same_day_gives_the_same_rows(
    seeded: Seeded, scenes_template: Database, media: MediaLibrary
) -> None:
    staff = "WHERE id NOT IN (SELECT user_id FROM greenroom.staff)"
    with cloned(scenes_template, scenes_template.cluster) as other:
        with other.connect() as connection:
            seed(connection, Size.SMALL, NOW - timedelta(hours=15), media, quiet)
        again = Seeded(other, seeded.report, media)
        for table in TABLES:
            digest = f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t"
            here = f"{digest} {staff}" if table == "users" else digest
            assert seeded.rows(here) == again.rows(digest), table


def test_counters_are_right(seeded: Seeded) -> None:
    wrong = {
        "scenes": """
            SELECT s.id FROM scenes AS s LEFT JOIN LATERAL (
                SELECT count(*) AS n, coalesce(sum(g.duration), 0) AS seconds,
                       count(DISTINCT g.user_id) AS people, max(g.created_at) AS last_at
                FROM segments AS g WHERE g.scene_id = s.id AND g.status = 'active') AS c ON true
            WHERE (s.segment_count, s.total_duration, s.contributor_count, s.last_segment_at)
                  IS DISTINCT FROM (c.n, c.seconds, c.people, c.last_at)
               OR s.like_count <> (
                    SELECT count(*) FROM likes WHERE target_type = 'scene' AND target_id = s.id)
               OR s.view_count <> (SELECT count(*) FROM scene_views WHERE scene_id = s.id)
               OR s.bible_version <> (SELECT max(version) FROM scene_bibles WHERE scene_id = s.id)""",
        "ideas": """
            SELECT i.id FROM ideas AS i
            WHERE i.scene_count <> (SELECT count(*) FROM scenes
                                    WHERE idea_id = i.id AND status IN ('active', 'locked'))
               OR i.like_count <> (
                    SELECT count(*) FROM likes WHERE target_type = 'idea' AND target_id = i.id)
               OR i.view_count <> (SELECT count(*) FROM scene_views AS v JOIN scenes AS s ON s.id = v.scene_id
                                   WHERE s.idea_id = i.id)""",
        "topics": """
            SELECT t.id FROM topics AS t WHERE t.scene_count <> (
                SELECT count(*) FROM scenes WHERE topic_id = t.id AND status IN ('active', 'locked'))""",
    }
    for table, query in wrong.items():
        assert seeded.rows(query) == [], table
    assert seeded.value("SELECT sum(like_count) FROM ideas") > 0
    assert seeded.value("SELECT sum(scene_count) FROM topics") > 0


def test_triggers_count_on_afterwards(seeded: Seeded) -> None:
    with seeded.database.connect() as connection, connection.transaction(force_rollback=True):
        made = connection.execute(
            "WITH one AS (SELECT id, like_count FROM scenes ORDER BY id LIMIT 1), made AS ("
            " INSERT INTO likes (user_id, target_type, target_id)"
            " SELECT (SELECT user_id FROM greenroom.staff LIMIT 1), 'scene', id FROM one RETURNING target_id)"
            " SELECT one.id, like_count FROM one JOIN made ON made.target_id = one.id"
        ).fetchone()
        assert made is not None
        after = connection.execute("SELECT like_count FROM scenes WHERE id = %s", [made[0]]).fetchone()
        assert after == (made[1] + 1,)


def test_no_reference_dangles(seeded: Seeded) -> None:
    keys = seeded.rows("""
        SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
        FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace""")
    assert len(keys) >= 12
    soft = [
        ("segments", "scene_id", "scenes"),
        ("segments", "user_id", "users"),
        ("segments", "job_id", "jobs"),
        ("jobs", "scene_id", "scenes"),
        ("jobs", "user_id", "users"),
        ("scene_views", "scene_id", "scenes"),
        ("scene_bibles", "created_by_segment_id", "segments"),
    ]
    for table, column, target in (*keys, *soft):
        lost = f"SELECT count(*) FROM {table} AS t WHERE t.{column} IS NOT NULL AND NOT EXISTS ("
        assert seeded.value(f"{lost} SELECT FROM {target} AS o WHERE o.id = t.{column})") == 0, (
            table,
            column,
        )
    for kind, target in (("idea", "ideas"), ("scene", "scenes"), ("segment", "segments"), ("user", "users")):
        for table in ("moderation_flags", "likes"):
            lost = f"SELECT count(*) FROM {table} AS t WHERE t.target_type = '{kind}' AND NOT EXISTS ("
            assert seeded.value(f"{lost} SELECT FROM {target} AS o WHERE o.id = t.target_id)") == 0, (
                table,
                kind,
            )
    assert seeded.count("pg_constraint WHERE NOT convalidated") == 0
    assert (
        seeded.value(
            "SELECT count(*) FROM jobs AS j FULL JOIN job_idempotency_keys AS k USING (idempotency_key)"
            " WHERE (j.id IS NULL OR k.job_id IS NULL) AND idempotency_key IS NOT NULL"
        )
        == 0
    )


def test_sequences_have_no_gap(seeded: Seeded) -> None:
    assert (
        seeded.rows("""
        SELECT scene_id FROM (
            SELECT scene_id, sequence,
                   row_number() OVER (PARTITION BY scene_id ORDER BY created_at, id) AS place
            FROM segments) AS s WHERE sequence <> place""")
        == []
    )


def test_bibles_are_valid_and_grow(seeded: Seeded) -> None:
    schema = json.loads(
        (files("resources") / "schemas" / "scene_bible.schema.json").read_text(encoding="utf-8")
    )
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    before: dict[Any, Any] = {}
    for scene, version, data in seeded.rows(
        "SELECT scene_id, version, data FROM scene_bibles ORDER BY scene_id, version"
    ):
        validator.validate(data)
        assert data["version"] == version
        assert data != before.get(scene)
        before[scene] = data
    assert max(data["version"] for data in before.values()) > 10
    assert any(len(data["characters"]) > 3 for data in before.values())


def test_hostile_strings_are_everywhere(seeded: Seeded) -> None:
    titles = {row[0] for row in seeded.rows("SELECT title FROM ideas")}
    assert titles >= set(SHORT)
    assert LONG_TITLE in titles
    assert seeded.value("SELECT max(octet_length(prompt)) FROM ideas") >= 20_000
    assert LONG_PROSE in {row[0] for row in seeded.rows("SELECT prompt FROM ideas")}
    strange = sql.SQL(", ").join(sql.Literal(one) for one in SHORT).as_string()
    for table, column in (
        ("users", "display_name"),
        ("users", "username"),
        ("user_topics", "name"),
        ("scenes", "title"),
        ("segments", "input_text"),
        ("moderation_flags", "description"),
    ):
        assert seeded.count(f"{table} WHERE {column} IN ({strange})") > 0, (
            table,
            column,
        )
    assert seeded.count("segments WHERE video_url LIKE 'javascript:%'") > 0


def test_secrets_can_be_looked_for(seeded: Seeded) -> None:
    assert seeded.count("users WHERE password_hash LIKE 'demo-password-hash-%'") > 100
    assert seeded.count("users WHERE password_hash IS NULL") > 0
    assert seeded.count("oauth_accounts WHERE access_token LIKE 'demo-access-token-%'") > 0
    assert seeded.count("scene_views WHERE ip_hash LIKE 'demo-ip-hash-%'") > 0


def test_times_are_in_order_and_in_the_past(seeded: Seeded) -> None:
    for table, columns in (
        ("users", ("created_at", "updated_at", "last_login_at")),
        ("user_topics", ("created_at",)),
        ("ideas", ("created_at", "updated_at")),
        ("scenes", ("created_at", "updated_at", "last_segment_at")),
        ("segments", ("created_at",)),
        ("jobs", ("created_at", "started_at", "completed_at")),
        ("scene_bibles", ("created_at",)),
        ("moderation_flags", ("created_at", "reviewed_at")),
        ("likes", ("created_at",)),
    ):
        where = " AND username NOT IN ('ada', 'mia', 'max', 'rey')" if table == "users" else ""
        for column in columns:
            first, last = seeded.rows(f"SELECT min({column}), max({column}) FROM {table} WHERE true{where}")[
                0
            ]
            assert last <= NOW, (table, column)
            assert first >= NOW - timedelta(days=430), (table, column)
    for earlier, later, rows in (
        ("u.created_at", "i.created_at", "users AS u JOIN ideas AS i ON i.user_id = u.id"),
        ("i.created_at", "s.created_at", "ideas AS i JOIN scenes AS s ON s.idea_id = i.id"),
        ("s.created_at", "g.created_at", "scenes AS s JOIN segments AS g ON g.scene_id = s.id"),
        ("created_at", "reviewed_at", "moderation_flags"),
        ("created_at", "reviewed_at", "user_topics"),
        ("created_at", "started_at", "jobs"),
        ("started_at", "completed_at", "jobs"),
        ("g.created_at", "f.created_at", "segments AS g JOIN moderation_flags AS f ON f.target_id = g.id"),
        ("i.created_at", "f.created_at", "ideas AS i JOIN moderation_flags AS f ON f.target_id = i.id"),
    ):
        assert seeded.count(f"{rows} WHERE {earlier} > {later}") == 0, (earlier, later)


def test_people_have_a_history(seeded: Seeded) -> None:
    record = """
        SELECT count(*) FROM (SELECT reporter_id FROM moderation_flags WHERE reporter_id IS NOT NULL
        GROUP BY reporter_id HAVING count(*) FILTER (WHERE status = '{}') >= 5
        AND count(*) FILTER (WHERE status = '{}') <= 1) AS r"""
    assert seeded.value(record.format("resolved", "dismissed")) >= 3
    assert seeded.value(record.format("dismissed", "resolved")) >= 3
    offenders = """
        SELECT count(*) FROM (SELECT user_id FROM ideas
        WHERE status <> 'active' OR moderation_status = 'rejected'
        GROUP BY user_id HAVING count(*) >= 4) AS o"""
    assert seeded.value(offenders) >= 3
    assert seeded.count("users WHERE NOT is_active") >= 5


def test_reasons_are_policies(seeded: Seeded) -> None:
    shipped = json.loads((files("resources") / "policies" / "default.json").read_text(encoding="utf-8"))
    used = {row[0] for row in seeded.rows("SELECT DISTINCT reason FROM moderation_flags")}
    assert len(used) > 8
    assert used <= {policy["key"] for policy in shipped["policies"]}


def test_queues_are_filled(seeded: Seeded) -> None:
    assert seeded.report.review_due == PLAN.review_due
    due = seeded.rows("""
        SELECT count(*), bool_and(g.status = 'active'), min(g.created_at) > max(o.newest)
        FROM greenroom.subjects AS s JOIN segments AS g ON g.id = s.id AND g.created_at = s.partition_key,
             (SELECT max(created_at) AS newest FROM segments WHERE status = 'active' AND id NOT IN (
                SELECT id FROM greenroom.subjects WHERE review_due_at IS NOT NULL)) AS o
        WHERE s.review_due_at IS NOT NULL""")
    assert due == [(PLAN.review_due, True, True)]
    assert seeded.count("greenroom.subjects WHERE open_flags > 0") >= PLAN.open_subjects - 5
    assert seeded.value("SELECT max(open_flags) FROM greenroom.subjects") >= 15
    assert seeded.count("greenroom.subjects WHERE escalated_at IS NOT NULL") > 0
    assert seeded.value("SELECT greenroom.reconcile()") == 0


def test_indexes_are_as_they_were(seeded: Seeded, attached_template: Database) -> None:
    query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    before = {row[0] for row in Seeded(attached_template, seeded.report, seeded.media).rows(query)}
    assert before <= {row[0] for row in seeded.rows(query)}
    assert seeded.count("pg_index WHERE NOT indisvalid") == 0


def test_urls_are_the_librarys(seeded: Seeded) -> None:
    ours = "http://127.0.0.1:20001/clip-%/master.m3u8"
    assert seeded.count(f"segments WHERE hls_playlist_url LIKE '{ours}'") > 1_000


def test_stopping_leaves_nothing(scenes_database: Database, media: MediaLibrary) -> None:
    steps: list[str] = []
    with scenes_database.connect() as connection:
        with pytest.raises(Cancelled):
            seed(
                connection,
                Size.SMALL,
                NOW,
                media,
                lambda what, *_: steps.append(what),
                cancelled=lambda: "Writing likes" in steps,
            )
        assert "Writing likes" in steps
        for table in TABLES:
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,), table
