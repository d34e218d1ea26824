"""Of several hosts the one on the highest timeline is written to, never a primary that came back."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from console.domain.errors import SignInFailed, Unavailable
from console.domain.staff import Role
from console.domain.subjects import Subject
from db.embedded import EmbeddedCluster, programs
from db.greenroom.attach import attach
from db.hosts import each_host
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.content import Content, add_content
from tests.support.databases import Database, wait_for_replay
from tests.support.staff import add_staff


@pytest.mark.parametrize(
    ("conninfo", "hosts"),
    [
        ("postgresql://a/x", [{"host": "a", "dbname": "x"}]),
        (
            "postgresql://a:1,b:2/x?target_session_attrs=read-write&sslmode=require",
            [
                {"host": "a", "port": "1", "dbname": "x", "sslmode": "require"},
                {"host": "b", "port": "2", "dbname": "x", "sslmode": "require"},
            ],
        ),
        (
            "host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5433 load_balance_hosts=random",
            [
                {"host": "a", "hostaddr": "10.0.0.1", "port": "5433"},
                {"host": "b", "hostaddr": "10.0.0.2", "port": "5433"},
            ],
        ),
    ],
)
def test_each_host_is_named_alone(conninfo: str, hosts: list[dict[str, str]]) -> None:
    assert [conninfo_to_dict(each) for each in each_host(conninfo)] == hosts


@pytest.fixture
def platform() -> Iterator[Database]:
    """An attached platform on a cluster of its own: its standby is promoted."""
    with tempfile.TemporaryDirectory(prefix="gr-") as folder:
        cluster = EmbeddedCluster(Path(folder) / "data")
        lease = cluster.attach()
        try:
            database = Database(cluster, "platform")
            cluster.create_database(database.name)
            with database.engine() as engine:
                with engine.begin() as connection:
                    migrate.upgrade(connection)
                attach(engine, SCENES)
            add_staff(database, "mia", Role.MODERATOR)
            yield database
        finally:
            lease.give_back()
            cluster.stop()
            cluster.destroy()


def both(database: Database) -> str:
    """A URL's parts that name the old primary first."""
    first, second = conninfo_to_dict(database.primary), conninfo_to_dict(database.replica)
    return make_conninfo(
        database.primary,
        host=f"{first['host']},{second['host']}",
        port=f"{first['port']},{second['port']}",
    )


def promote(database: Database) -> None:
    home = Path(str(database.cluster.home)) / "standby"
    programs.run("pg_ctl", "-D", str(home), "-w", "promote")


def kill(database: Database) -> None:
    """End the primary as a machine without power does.

    The processes of a killed postmaster notice only in a while, and answer until then.
    """
    with database.connect() as connection:
        children = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
    home = Path(str(database.cluster.home)) / "primary"
    postmaster = int((home / "postmaster.pid").read_text().split()[0])
    for pid in (postmaster, *children):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def claimed_on(servers: Servers, content: Content, database: Database) -> str:
    """Claim, and say which of the two has it."""
    writer = GreenroomWriter(servers)
    held = await writer.claim(Subject("idea", content.idea))
    found = []
    for name, url in (("old", database.primary), ("new", database.cluster.addresses.replica(database.name))):
        with psycopg.connect(url, user="mia", password=database.passwords["mia"]) as connection:
            row = connection.execute("SELECT count(*) FROM greenroom.claims WHERE holder = 'mia'").fetchone()
            if row == (1,):
                found.append(name)
    await writer.release([held.token])
    return "+".join(found)


async def test_a_promoted_standby_is_written_to_and_the_old_primary_is_not(platform: Database) -> None:
    content = add_content(platform)
    wait_for_replay(platform.cluster)
    sign_in = SignIn("mia", platform.passwords["mia"])
    servers = Servers(both(platform), (), sign_in)
    try:
        assert (await claimed_on(servers, content, platform)).startswith("old")
        promote(platform)
    finally:
        await servers.close()
    servers = Servers(both(platform), (), sign_in)
    try:
        assert await claimed_on(servers, content, platform) == "new"
        # The new one is lost; what the old one is told would be lost with it.
        standby = Path(str(platform.cluster.home)) / "standby"
        programs.run("pg_ctl", "-D", str(standby), "-w", "-m", "immediate", "stop")
        for _ in range(2):
            with pytest.raises(Unavailable):
                await GreenroomWriter(servers).claim(Subject("idea", content.idea))
        with pytest.raises(Unavailable, match="was the primary before"):
            await GreenroomWriter(servers).person()
    finally:
        await servers.close()


async def test_a_killed_primary_gives_way_within_five_seconds_of_the_promotion(platform: Database) -> None:
    content = add_content(platform)
    wait_for_replay(platform.cluster)
    servers = Servers(both(platform), (), SignIn("mia", platform.passwords["mia"]))
    writer = GreenroomWriter(servers)
    try:
        await writer.person()
        kill(platform)
        with pytest.raises(Unavailable):
            await writer.claim(Subject("idea", content.idea))
        with pytest.raises(Unavailable, match="takes writes"):
            await writer.claim(Subject("idea", content.idea))
        promote(platform)
        begun = time.monotonic()
        assert (await writer.claim(Subject("idea", content.idea))).subject.id == content.idea
        assert time.monotonic() - begun < 5
    finally:
        await servers.close()


async def test_a_wrong_password_is_told_as_one(platform: Database) -> None:
    servers = Servers(both(platform), (), SignIn("mia", "wrong"))
    try:
        with pytest.raises(SignInFailed):
            await GreenroomWriter(servers).person()
    finally:
        await servers.close()
