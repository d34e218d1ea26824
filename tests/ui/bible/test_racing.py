"""Three people and a job save one bible at once: everything of everybody is in it at the end."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg

from tests.support.bibles import Bench, bible, job_saves, opened, working
from tests.support.content import Content, add_content, one
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until

PEOPLE, ROUNDS = ("mia", "max", "rey"), 4


async def add_and_save(bench: Bench, name: str) -> None:
    """Add a character each round, and save it as a person would: again when it did not go through."""
    for number in range(ROUNDS):
        person = {"entityId": f"char_{name}{number}", "canonicalName": name}
        bench.rewrite(characters=[*bench.document()["characters"], person])
        bench.bibles.save()
        await until(lambda: not bench.bibles.saving, f"{name}: {bench.workspace.state_words}")
        await until(lambda: not bench.bibles.modified, f"{name}: {bench.workspace.banner.text}")


def job(database: Database, content: Content) -> None:
    """A job as the platform has them: it reads, works, and saves beside every function of ours."""
    with database.connect() as c:
        for number in range(ROUNDS):
            for _ in range(100):
                newest: Any = one(
                    c,
                    "SELECT data FROM scene_bibles WHERE scene_id = %s ORDER BY version DESC LIMIT 1",
                    content.scene,
                )
                person = {"entityId": f"char_job{number}", "canonicalName": "job"}
                document = {**newest, "characters": [*newest["characters"], person]}
                try:
                    with c.transaction():
                        # The optimistic lock that the platform's jobs keep.
                        moved = c.execute(
                            "UPDATE scenes SET bible_version = bible_version + 1"
                            " WHERE id = %s AND bible_version = %s",
                            [content.scene, newest["version"]],
                        ).rowcount
                        if moved:
                            version = newest["version"] + 1
                            c.execute(
                                "INSERT INTO scene_bibles (scene_id, version, data) VALUES (%s, %s, %s)",
                                [content.scene, version, json.dumps({**document, "version": version})],
                            )
                except psycopg.errors.UniqueViolation:
                    continue
                if moved:
                    break


async def test_nothing_is_lost_and_nobody_is_asked(attached: Database, tmp_path: Path) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        job_saves(c, content.scene, None, bible(characters=[]))
    wait_for_replay(attached.cluster)
    async with AsyncExitStack() as stack:
        benches = [
            await stack.enter_async_context(working(attached, tmp_path / login, login)) for login in PEOPLE
        ]
        for bench in benches:
            await opened(bench, content.scene)
        await asyncio.gather(
            asyncio.to_thread(job, attached, content),
            *(add_and_save(bench, name) for bench, name in zip(benches, PEOPLE, strict=True)),
        )
        assert not any(bench.workspace.merging for bench in benches)
    with attached.connect() as c:
        rows = c.execute(
            "SELECT version, data FROM scene_bibles WHERE scene_id = %s ORDER BY version", [content.scene]
        ).fetchall()
    assert [version for version, _ in rows] == list(range(1, len(rows) + 1))
    everybody = {f"char_{name}{number}" for name in (*PEOPLE, "job") for number in range(ROUNDS)}
    assert sorted(person["entityId"] for person in rows[-1][1]["characters"]) == sorted(everybody)
