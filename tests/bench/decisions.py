"""Eight moderators as processes on one queue, against pgbench with the same functions, and a floor."""

from __future__ import annotations

import json
import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from console.domain.staff import Role
from db.embedded import SUPERUSER
from db.embedded import programs as postgres
from db.embedded.files import write_for_server
from tests.bench.measure import Measurement
from tests.support.content import add_content, one
from tests.support.databases import Database
from tests.support.staff import add_staff

PEOPLE = tuple(f"person{number}" for number in range(1, 9))
ITEMS = 5_000
OFFERED = 20
"""Candidates that go with a decision, as many as the desk sends."""
ROUND = 5
"""Decisions that pgbench makes on one list: it cannot drop from it what has been passed, as the desk does."""
ROUNDS = 100

_LIST = (
    "SELECT i.id, i.created_at, greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id,"
    " i.status, i.moderation_status) FROM ideas AS i"
    " WHERE i.moderation_status = 'pending' AND i.status = 'active' AND (i.created_at, i.id) > (%s, %s)"
    " ORDER BY i.created_at, i.id LIMIT 100"
)
_CLAIM = "SELECT greenroom.claim_next('scenes.ideas', %s)"
_DECIDE = "SELECT greenroom.decide(%s, 'scenes.ideas', 'approve', NULL, NULL, %s, %s, 'bench')"

_SAME_LIST = f"""
SELECT coalesce(jsonb_agg(jsonb_build_object('kind', 'idea', 'id', i.id, 'version',
    greenroom.idea_version(i.title, i.prompt, i.tags, i.topic_id, i.category_id, i.status,
        i.moderation_status)))::text, '[]') AS candidates
FROM (SELECT * FROM ideas WHERE moderation_status = 'pending' AND status = 'active'
      ORDER BY created_at, id LIMIT {OFFERED}) AS i \\gset
\\if :more
\\else
SELECT coalesce(x.held, 'null')::text AS held, (x.held IS NOT NULL)::int AS more
FROM (SELECT greenroom.claim_next('scenes.ideas', (:candidates)::jsonb) AS held OFFSET 0) AS x \\gset
\\endif
"""
_SAME_DECISION = """
\\if :more
SELECT x.held::text AS held, (x.held <> 'null')::int AS more
FROM (SELECT greenroom.decide(gen_random_uuid(), 'scenes.ideas', 'approve', NULL, NULL,
          jsonb_build_array((:held)::jsonb || '{"title": "Idea"}'), (:candidates)::jsonb, 'bench')
          -> 'next' AS held OFFSET 0) AS x \\gset
\\endif
"""


def decisions(database: Database) -> list[Measurement]:
    """Eight processes decide 5,000 ideas; pgbench does with the same functions; the processes write bare."""
    for login in PEOPLE:
        add_staff(database, login, Role.MODERATOR)
    _fill(database)
    rate = _together(database, _moderate, PEOPLE)
    with database.connect() as c:
        decided = one(c, "SELECT count(*) FROM greenroom.decision_items")
        distinct = one(c, "SELECT count(DISTINCT id) FROM greenroom.decision_items")
    _fill(database)
    same = _pgbench(database)
    _fill(database)
    floor = _together(database, _write_bare, (SUPERUSER,) * len(PEOPLE))
    sound = decided == distinct == ITEMS
    detail = f"{decided} decided, {distinct} distinct of {ITEMS}"
    return [
        Measurement(
            "decisions a second, 8 people, to pgbench", "1/s", rate, None, same, rate / same,
            "at least 0.70, none twice, none lost", sound and rate / same >= 0.70, detail,
        ),
        Measurement(
            "decisions a second, 8 people, to the floor", "1/s", rate, None, floor, rate / floor,
            "at least 0.50 of one UPDATE and one INSERT", rate / floor >= 0.50, "the same clients and tables",
        ),
    ]  # fmt: skip


Work = Callable[[psycopg.Connection[Any], int], int]


def _together(database: Database, work: Work, logins: tuple[str, ...]) -> float:
    """How many pieces of work a second these people do, from the moment when all of them are signed in."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        ready = manager.Barrier(len(logins))
        with context.Pool(len(logins)) as pool:
            passwords = {**database.passwords, SUPERUSER: database.cluster.password}
            done = pool.starmap(
                _person,
                [
                    (work, ready, database.primary, login, passwords[login], n)
                    for n, login in enumerate(logins)
                ],
            )
    return sum(count for count, _ in done) / max(seconds for _, seconds in done)


def _person(
    work: Work, ready: Barrier, conninfo: str, login: str, password: str, number: int
) -> tuple[int, float]:
    with psycopg.connect(conninfo, user=login, password=password, autocommit=True) as connection:
        ready.wait()
        begun = time.perf_counter()
        return work(connection, number), time.perf_counter() - begun


def _moderate(connection: psycopg.Connection[Any], number: int) -> int:
    """One person at the queue, as at the desk: decide, get the next in the answer, offer what follows it."""
    decided = 0
    while True:
        rows = _page(connection, None)
        held = one(connection, _CLAIM, _offered(rows)) if rows else None
        if held is None:
            return decided
        while held is not None:
            place = next((n for n, row in enumerate(rows) if row["id"] == held["id"]), len(rows))
            last, rows = rows[-1] if rows else None, rows[place + 1 :]
            if len(rows) < OFFERED and last is not None:
                rows += _page(connection, last)
            answer = one(
                connection,
                _DECIDE,
                uuid4(),
                json.dumps([held | {"title": "Idea"}]),
                _offered(rows),
            )
            decided += 1
            held = answer["next"]


def _offered(rows: list[dict[str, Any]]) -> str:
    return json.dumps([{key: row[key] for key in ("kind", "id", "version")} for row in rows[:OFFERED]])


def _page(connection: psycopg.Connection[Any], after: dict[str, Any] | None) -> list[dict[str, Any]]:
    place = (after["at"], after["id"]) if after else ("-infinity", UUID(int=0))
    return [
        {"kind": "idea", "id": str(id), "version": version, "at": at}
        for id, at, version in connection.execute(_LIST, place)
    ]


def _write_bare(connection: psycopg.Connection[Any], number: int) -> int:
    """The floor: the owner writes the same column and one row of audit, one transaction an idea."""
    mine = connection.execute(
        "SELECT id FROM ideas WHERE moderation_status = 'pending' ORDER BY id"
    ).fetchall()
    mine = mine[number :: len(PEOPLE)]
    for row in mine:
        with connection.transaction():
            connection.execute("UPDATE ideas SET moderation_status = 'approved' WHERE id = %s", row)
            connection.execute(
                "INSERT INTO greenroom.audit (at, login, action, kind, id)"
                " VALUES (clock_timestamp(), session_user, 'scenes.ideas.approve', 'idea', %s)",
                row,
            )
    return len(mine)


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
        c.execute("VACUUM (ANALYZE)")


def _pgbench(database: Database) -> float:
    """Decisions a second of the same functions by eight logins, one client of pgbench each."""
    parts = psycopg.conninfo.conninfo_to_dict(database.primary)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "script.sql"
        file.write_text(_SAME_LIST + _SAME_DECISION * ROUND, encoding="utf-8")
        file.chmod(0o644)
        passfile = database.cluster.home / "bench.pgpass"
        write_for_server(
            passfile, "".join(f"*:*:*:{login}:{database.passwords[login]}\n" for login in PEOPLE)
        )

        def run(login: str) -> float:
            output = postgres.run(
                "pgbench", "-n", "-c", "1", "-M", "prepared", "-D", "more=0", "-t", str(ROUNDS),
                "-f", str(file),
                f"host={parts['host']} port={parts['port']} dbname={parts['dbname']} user={login}"
                f" passfile={passfile}",
            )  # fmt: skip
            found = re.search(r"latency average = ([0-9.]+) ms", output)
            if found is None:
                raise RuntimeError(f"pgbench said no latency: {output}")
            return ROUNDS * float(found.group(1)) / 1000

        with database.connect() as c:
            before = one(c, "SELECT count(*) FROM greenroom.decisions")
            with ThreadPoolExecutor(len(PEOPLE)) as pool:
                seconds = max(pool.map(run, PEOPLE))
            return float(one(c, "SELECT count(*) FROM greenroom.decisions") - before) / seconds
