"""`./dev bench`: measure everything on a large demo, print the table, write the JSON file."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from console.config import Directories
from console.demonstration import demo_folder
from console.domain.staff import Role
from db.demonstration import Demo, start_demo
from db.greenroom.attach import attach
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from db.routing import SignIn
from tests.bench.bible import bible
from tests.bench.bibles import bibles, views
from tests.bench.decisions import decisions
from tests.bench.desk import desk, memory, start
from tests.bench.editor import editor
from tests.bench.feed import feed
from tests.bench.filters import filters
from tests.bench.measure import Measurement, table, write
from tests.bench.merging import merging
from tests.bench.numbers import numbers
from tests.bench.pages import pages
from tests.bench.player import player
from tests.bench.routing import failover, reads, shares
from tests.bench.tour import tour
from tests.support.databases import Database
from tests.support.staff import add_staff


@dataclass(frozen=True)
class _Bench:
    """What the parts run on: the demo of a size, and the folder it lies in."""

    demo: Demo
    size: str
    data: Path

    @property
    def folder(self) -> Path:
        """Where windows keep their settings."""
        return self.data / "ui"

    @property
    def moderator(self) -> SignIn:
        return SignIn("moderator", self.demo.passwords["moderator"])

    @property
    def servers(self) -> tuple[str, str, SignIn]:
        """Both servers, and who signs in."""
        return self.demo.primary, self.demo.replica, self.moderator

    @cached_property
    def race(self) -> Database:
        return _race_database(Database(self.demo.cluster, "race"))


ALONE: dict[str, Callable[[], list[Measurement]]] = {
    "bible": bible,
    "editor": editor,
    "views": views,
    "failover": failover,
    "player": player,
}
ON_DEMO: dict[str, Callable[[_Bench], list[Measurement]]] = {
    "start": lambda on: [start(*on.servers)],
    "pages": lambda on: pages(*on.servers, on.folder),
    "reads": lambda on: reads(*on.servers),
    "filters": lambda on: filters(*on.servers),
    "desk": lambda on: desk(*on.servers, on.folder),
    "memory": lambda on: [memory(*on.servers)],
    "tour": lambda on: [tour(on.data, on.size)],
    "bibles": lambda on: bibles(on.race),
    "decisions": lambda on: decisions(on.race),
    "numbers": lambda on: numbers(on.race),
    "merging": lambda on: merging(on.race),
    "feed": lambda on: feed(on.race, on.folder),
    "shares": lambda on: shares(on.race),
}
"""In this order: the feed claims what the race has left."""


def main() -> int:
    """Run the benchmarks; never fails for a number."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("--size", choices=("small", "large"), default="large")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    parser.add_argument(
        "--only",
        action="append",
        choices=(*ALONE, *ON_DEMO),
        metavar="NAME",
        help=(f"one part, or several when given again: {', '.join((*ALONE, *ON_DEMO))}"),
    )
    options = parser.parse_args()
    wanted = options.only or [*ALONE, *ON_DEMO]
    rows = [row for name, part in ALONE.items() if name in wanted for row in part()]
    if ON_DEMO.keys() & set(wanted):
        rows += _on_demo(wanted, options.size)
    print(table(rows))
    print(f"written to {write(rows, options.out)}")
    return 0


def _on_demo(wanted: Sequence[str], size: str) -> list[Measurement]:
    with tempfile.TemporaryDirectory(prefix="gr-bench-") as name:
        folder = Path(name)
        os.environ["GREENROOM_BENCH_FOLDER"] = str(folder / "ui")
        demo = start_demo(
            demo_folder(Directories.of_user(folder), size),
            size,
            lambda what, *_: print(what, file=sys.stderr),
        )
        try:
            on = _Bench(demo, size, folder)
            return [row for name, part in ON_DEMO.items() if name in wanted for row in part(on)]
        finally:
            demo.close()
            demo.cluster.destroy()


def _race_database(database: Database) -> Database:
    """An empty platform of its own, so that the race is not about the demo's rows."""
    database.cluster.create_database(database.name)
    with database.engine() as engine:
        with engine.begin() as connection:
            migrate.upgrade(connection)
        attach(engine, SCENES)
    add_staff(database, "mia", Role.MODERATOR)
    add_staff(database, "ada", Role.ADMIN)
    return database


if __name__ == "__main__":
    sys.exit(main())
