"""Eight moderators as processes on one queue, against pgbench with the same functions, and a floor."""

from __future__ import annotations

import json
import multiprocessing
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from console.domain.staff import Role
from db.embedded import programs as postgres
from db.embedded.files import write_for_server
from tests.bench.measure import Measurement
from tests.support.content import add_content, one
from tests.support.databases import Database
from tests.support.staff import add_staff

PEOPLE = tuple(f"person{number}" for number in range(1, 9))
ITEMS = 5_000
PGBENCH_SECONDS = 8

_NEXT = (
    "SELECT jsonb_agg(jsonb_build_object('kind', 'idea', 'id', i.id, 'version',"
    " greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id, i.status,"
    " i.moderation_status)))"
    " FROM (SELECT * FROM ideas WHERE moderation_status = 'pending' AND status = 'active'"
    " ORDER BY created_at, id LIMIT 50) AS i"
)
_SAME_SQL = f"""
SELECT greenroom.decide(gen_random_uuid(), 'scenes.ideas', 'approve', NULL, NULL,
    jsonb_build_array(c.held || '{{"title": "Idea"}}'), '[]', 'pgbench')
FROM (SELECT greenroom.claim_next('scenes.ideas', ({_NEXT})) AS held) AS c WHERE c.held IS NOT NULL;
"""
_FLOOR = """
\\set place random(1, 5000)
BEGIN;
UPDATE bench_floor SET status = 'approved' WHERE id = :place;
INSERT INTO bench_audit (at, login, action, row_id) VALUES (clock_timestamp(), 'mia', 'approve', :place);
END;
"""


def decisions(database: Database) -> list[Measurement]:
    """Decide 5,000 ideas by eight processes; then the same through pgbench; then the floor."""
    for login in PEOPLE:
        add_staff(database, login, Role.MODERATOR)
    _fill(database)
    context = multiprocessing.get_context("spawn")
    begun = time.perf_counter()
    with context.Pool(len(PEOPLE)) as pool:
        work = [(database.primary, login, database.passwords[login]) for login in PEOPLE]
        counts = pool.starmap(_moderate, work)
    seconds = time.perf_counter() - begun
    with database.connect() as c:
        decided = one(c, "SELECT count(*) FROM greenroom.decision_items")
        distinct = one(c, "SELECT count(DISTINCT id) FROM greenroom.decision_items")
    # The processes start within the time: what counts is how long they worked.
    rate = sum(count for count, _ in counts) / max(worked for _, worked in counts)
    _fill(database)
    same = _pgbench(database, _SAME_SQL)
    floor = _pgbench(database, _FLOOR)
    sound = decided == distinct == ITEMS
    detail = f"{decided} decided, {distinct} distinct of {ITEMS}; {seconds:.1f} s in all"
    return [
        Measurement(
            "decisions a second, 8 people, to pgbench", "1/s", rate, None, same, rate / same,
            "at least 0.70, none twice, none lost", sound and rate / same >= 0.70, detail,
        ),
        Measurement(
            "decisions a second, 8 people, to the floor", "1/s", rate, None, floor, rate / floor,
            "at least 0.50 of one UPDATE and one INSERT", rate / floor >= 0.50,
        ),
    ]  # fmt: skip


def _moderate(conninfo: str, login: str, password: str) -> tuple[int, float]:
    """One person at the queue, as the console does it: decide, and get the next with the answer."""
    decided, begun = 0, time.perf_counter()
    with psycopg.connect(conninfo, user=login, password=password, autocommit=True) as connection:
        while candidates := one(connection, _NEXT):
            held = one(connection, "SELECT greenroom.claim_next('scenes.ideas', %s)", Jsonb(candidates))
            while held is not None:
                item = {key: held[key] for key in ("kind", "id", "partition_key", "token", "version")}
                candidates = [each for each in candidates if each["id"] != held["id"]]
                answer: dict[str, Any] = one(
                    connection,
                    "SELECT greenroom.decide(%s, 'scenes.ideas', 'approve', NULL, NULL, %s, %s, 'bench')",
                    uuid4(),
                    json.dumps([item | {"title": "Idea"}]),
                    json.dumps(candidates),
                )
                decided += 1
                held = answer["next"]
    return decided, time.perf_counter() - begun


def _fill(database: Database) -> None:
    content = add_content(database)
    with database.connect() as c:
        c.execute("DELETE FROM ideas WHERE id NOT IN (SELECT idea_id FROM scenes)")
        c.execute("UPDATE ideas SET moderation_status = 'approved'")
        c.execute(
            "INSERT INTO ideas (user_id, topic_id, title, prompt, created_at)"
            " SELECT %s, %s, 'Idea ' || n, repeat('A prompt of ordinary length. ', 12),"
            " now() - n * interval '1 minute' FROM generate_series(1, %s) AS n",
            [content.author, content.topic, ITEMS],
        )
        c.execute("CREATE TABLE IF NOT EXISTS bench_floor (id int PRIMARY KEY, status text)")
        c.execute(
            "INSERT INTO bench_floor SELECT n, 'pending' FROM generate_series(1, %s) AS n"
            " ON CONFLICT DO NOTHING",
            [ITEMS],
        )
        c.execute(
            "CREATE TABLE IF NOT EXISTS bench_audit ("
            "audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, login text,"
            " action text, row_id int)"
        )
        c.execute("GRANT SELECT, UPDATE ON bench_floor TO greenroom_reviewer")
        c.execute("GRANT INSERT ON bench_audit TO greenroom_reviewer")
        c.execute("VACUUM (ANALYZE)")


def _pgbench(database: Database, script: str) -> float:
    """Transactions a second of `script` by eight logins, one client each."""
    parts = psycopg.conninfo.conninfo_to_dict(database.primary)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "script.sql"
        file.write_text(script, encoding="utf-8")
        file.chmod(0o644)
        passfile = database.cluster.home / "bench.pgpass"
        write_for_server(
            passfile, "".join(f"*:*:*:{login}:{database.passwords[login]}\n" for login in PEOPLE)
        )

        def run(login: str) -> float:
            output = postgres.run(
                "pgbench", "-n", "-c", "1", "-T", str(PGBENCH_SECONDS), "-f", str(file),
                f"host={parts['host']} port={parts['port']} dbname={parts['dbname']} user={login}"
                f" passfile={passfile}",
            )  # fmt: skip
            found = re.search(r"tps = ([0-9.]+)", output)
            if found is None:
                raise RuntimeError(f"pgbench said no rate: {output}")
            return float(found.group(1))

        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            return sum(pool.map(run, PEOPLE))
