"""Where it is played: four consoles on a primary and a standby of their own, by lines that can be cut."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from console.domain.staff import Role
from db.embedded import SUPERUSER, EmbeddedCluster, programs
from db.greenroom.attach import attach
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from tests.e2e.processes import PATIENCE_SECONDS, ConsoleProcess
from tests.support.content import add_content, add_idea, one
from tests.support.databases import Database
from tests.support.folders import quick_folder
from tests.support.staff import add_staff
from tests.support.waiting import wait_until
from tests.support.wire import Wire, wire_to

PEOPLE = ("mia", "max", "zoe", "tom")
LOAD_IDEAS = 2_000
SHARED_SCENES = 3
"""Whose bibles the load saves: several people at each, so that some are refused."""
_VERSION = (
    "SELECT greenroom.idea_version(title, prompt, tags, topic_id, category_id, status, moderation_status)"
    " FROM ideas WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class Lines:
    """What one console's connections go through."""

    primary: Wire
    standby: Wire


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea that no load touches, and the content version that is shown of it."""

    id: UUID
    version: str


class Stage:
    """Attributes: `consoles` and their `lines`, in the order of PEOPLE; `database` on the cluster.

    The primary is written to by name: `primary` is "primary" until the standby has been promoted.
    """

    def __init__(
        self, database: Database, consoles: tuple[ConsoleProcess, ...], lines: tuple[Lines, ...]
    ) -> None:
        self.database = database
        self.consoles = consoles
        self.lines = lines
        self.primary = "primary"
        content = add_content(database)
        self._author, self._topic = content.author, content.topic
        with database.connect() as c:
            c.execute("UPDATE greenroom.staff SET claim_cap = 20")
        self._scenes = [self.add_scene() for _ in range(SHARED_SCENES)]
        self.add_load()

    def superuser(self, server: str | None = None) -> psycopg.Connection[tuple[Any, ...]]:
        """An autocommit connection to "primary" or "standby" by its first name; to what is written to now."""
        at = self.database.cluster.addresses
        named = at.primary if (server or self.primary) == "primary" else at.replica
        return psycopg.connect(
            named(self.database.name),
            user=SUPERUSER,
            password=self.database.cluster.password,
            autocommit=True,
        )

    def add_idea(self) -> Idea:
        """A pending idea for a command."""
        with self.superuser() as c:
            id = add_idea(c, self._author, self._topic, "Scripted")
            return Idea(id, one(c, _VERSION, id))

    def add_scene(self) -> UUID:
        """A scene without a bible."""
        with self.superuser() as c:
            idea = add_idea(c, self._author, self._topic, "Scripted")
            made: UUID = one(
                c,
                "INSERT INTO scenes (idea_id, user_id, topic_id, title) VALUES (%s, %s, %s, 'Scripted')"
                " RETURNING id",
                idea,
                self._author,
                self._topic,
            )
            return made

    def add_load(self) -> None:
        """See to it that there is enough to decide for some time."""
        with self.superuser() as c:
            c.execute(
                "INSERT INTO ideas (user_id, topic_id, title, prompt, created_at)"
                " SELECT %s, %s, 'Load ' || n, 'The sea waits.', now() - n * interval '1 minute'"
                " FROM generate_series(1, %s - (SELECT count(*) FROM ideas WHERE title LIKE 'Load %%'"
                " AND moderation_status = 'pending')) AS n",
                [self._author, self._topic, LOAD_IDEAS],
            )

    def moderate(self) -> None:
        """Let all four decide, and return once each has."""
        before = [console.done for console in self.consoles]
        for console in self.consoles:
            console.ask("moderate", scenes=self._scenes)

        def all_decided() -> bool:
            return all(each.done >= n + 2 for each, n in zip(self.consoles, before, strict=True))

        wait_until(all_decided, "everybody decides")

    def settle(self) -> None:
        """Let the load end, and return once nothing waits for an answer at any console."""
        for answer in [console.ask("pause") for console in self.consoles]:
            answer.result(PATIENCE_SECONDS)
        wait_until(lambda: not any(console.waiting for console in self.consoles), "nothing waits")

    def healthy(self) -> None:
        """Return once every console reaches every server."""

        def reached() -> bool:
            answers = [console.ask("health") for console in self.consoles]
            return all(all(answer.result(PATIENCE_SECONDS)["reachable"]) for answer in answers)

        wait_until(reached, "every console reaches every server")

    def kill(self, server: str) -> None:
        """End a server as a machine without power does."""
        processes = self._processes(server)
        for pid in processes:
            _signal(pid, signal.SIGKILL)
        wait_until(lambda: not any(_lives(pid) for pid in processes), f"the {server} is dead")

    def freeze(self, server: str) -> None:
        """Stop every process of a server where it stands."""
        # A postmaster that still runs would start others while its children are being stopped.
        for pid in self._processes(server):
            _signal(pid, signal.SIGSTOP)

    def wake(self, server: str) -> None:
        """Let a frozen server go on."""
        for pid in self._processes(server):
            _signal(pid, signal.SIGCONT)

    def start(self, server: str) -> None:
        """Start a server that was killed."""
        self.database.cluster._server(server).start()

    def streams(self) -> None:
        """Return once the standby follows the primary."""

        def following() -> bool:
            with suppress(psycopg.OperationalError), self.superuser("standby") as c:
                return bool(one(c, "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'"))
            return False

        wait_until(following, "the standby follows")

    def stop_following(self) -> None:
        """Cut the standby from the primary: what is written from now on it will never have."""
        with self.superuser("standby") as c:
            c.execute("ALTER SYSTEM SET primary_conninfo = ''")
            c.execute("SELECT pg_reload_conf()")
            wait_until(
                lambda: one(c, "SELECT count(*) FROM pg_stat_wal_receiver") == 0, "the standby is cut off"
            )

    def promote(self) -> None:
        """Make the standby the primary."""
        home = self.database.cluster.home / "standby"
        programs.run("pg_ctl", "-D", str(home), "-w", "promote")
        self.primary = "standby"

    def _processes(self, server: str) -> list[int]:
        """The postmaster, then its children."""
        pid_file = self.database.cluster.home / server / "postmaster.pid"
        postmaster = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
        children = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                # The name may hold anything, also brackets: what follows the last one is regular.
                if int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1]) == postmaster:
                    children.append(int(stat.parent.name))
        return [postmaster, *children]


def _signal(pid: int, which: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, which)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def stage(seed: int = 1) -> Iterator[Stage]:
    """Everything started and signed in; ended and gone afterwards."""
    with ExitStack() as ending:
        folder = ending.enter_context(quick_folder())
        cluster = EmbeddedCluster(folder, throwaway=True)
        ending.callback(cluster.destroy)
        people = folder / "people"
        people.mkdir(mode=0o700)
        lease = cluster.attach()
        ending.callback(lease.give_back)
        database = Database(cluster, "platform")
        cluster.create_database(database.name)
        with database.engine() as engine:
            with engine.begin() as connection:
                migrate.upgrade(connection)
            attach(engine, SCENES)
        for login in PEOPLE:
            add_staff(database, login, Role.MODERATOR)
        lines = tuple(
            Lines(
                ending.enter_context(wire_to(database.primary)),
                ending.enter_context(wire_to(database.replica)),
            )
            for _ in PEOPLE
        )
        consoles = tuple(
            ConsoleProcess(
                {
                    "primary": _either(each),
                    "replicas": [each.standby.conninfo],
                    "login": login,
                    "password": database.passwords[login],
                    "seed": seed + place,
                },
                people,
            )
            for place, (login, each) in enumerate(zip(PEOPLE, lines, strict=True))
        )
        played = Stage(database, consoles, lines)
        for console in consoles:
            ending.callback(console.close)
            console.start()
        for console in consoles:
            console.wait_until_ready()
        played.healthy()
        yield played
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda console: console.close(), consoles))


def _either(lines: Lines) -> str:
    """A URL's parts that name both servers, as a profile does for failover."""
    first, second = (conninfo_to_dict(each.conninfo) for each in (lines.primary, lines.standby))
    return make_conninfo(
        lines.primary.conninfo,
        host=f"{first['host']},{second['host']}",
        port=f"{first['port']},{second['port']}",
    )
