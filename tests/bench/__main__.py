"""`./dev bench`: measure everything on a large demo, print the table, write the JSON file."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from console.config import Directories
from console.demonstration import demo_folder
from console.domain.staff import Role
from db.demonstration import start_demo
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
from tests.bench.measure import Measurement, table, write
from tests.bench.pages import pages
from tests.bench.tour import tour
from tests.support.databases import Database
from tests.support.staff import add_staff


def main() -> int:
    """Run the benchmarks; never fails for a number."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--size", choices=("small", "large"), default="large")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    rows: list[Measurement] = [*bible(), *editor(), *views()]
    with tempfile.TemporaryDirectory(prefix="gr-bench-") as name:
        folder = Path(name)
        os.environ["GREENROOM_BENCH_FOLDER"] = str(folder / "ui")
        demo = start_demo(
            demo_folder(Directories.of_user(folder), options.size),
            options.size,
            lambda what, *_: print(what, file=sys.stderr),
        )
        try:
            moderator = SignIn("moderator", demo.passwords["moderator"])
            rows.append(start(demo.primary, demo.replica, moderator))
            rows.extend(pages(demo.primary, demo.replica, moderator, folder / "ui"))
            rows.extend(desk(demo.primary, demo.replica, moderator, folder / "ui"))
            rows.append(memory(demo.primary, demo.replica, moderator))
            rows.append(tour(folder, options.size))
            race = _race_database(Database(demo.cluster, "race"))
            rows.extend(bibles(race))
            rows.extend(decisions(race))
            rows.extend(feed(race, folder / "ui"))
        finally:
            demo.close()
            demo.cluster.destroy()
    print(table(rows))
    print(f"written to {write(rows, options.out)}")
    return 0


def _race_database(database: Database) -> Database:
    """An empty platform of its own, so that the race is not about the demo's rows."""
    database.cluster.create_database(database.name)
    with database.engine() as engine:
        with engine.begin() as connection:
            migrate.upgrade(connection)
        attach(engine, SCENES)
    add_staff(database, "mia", Role.MODERATOR)
    return database


if __name__ == "__main__":
    sys.exit(main())
