"""Which demo is opened, and what a demo that is made anew forgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import demonstration as console_side
from console.config import Directories
from db import demonstration
from db.demonstration import start_demo
from db.embedded import EmbeddedCluster
from tests.support.folders import quick_folder


class NoMedia:
    """In place of a server for videos that nobody drew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self) -> None:
        """Nothing to serve."""

    def stop(self) -> None:
        """Nothing to end."""


def test_each_size_has_a_demo_of_its_own() -> None:
    directories = Directories.of_user(Path("/data"))
    folders = [console_side.demo_folder(directories, size) for size in ("small", "large")]
    assert folders == [Path("/data/demo"), Path("/data/demo-large")]


def test_made_anew_it_leaves_no_record_of_the_one_before_and_touches_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def make(*_: object) -> dict[str, str]:
        made.append("made")
        return {"moderator": f"password {len(made)}"}

    monkeypatch.setattr(demonstration, "_make", make)
    monkeypatch.setattr(demonstration, "_keep_current", lambda _: None)
    monkeypatch.setattr(demonstration, "MediaServer", NoMedia)
    with quick_folder() as folder:
        directories = Directories.of_user(folder)
        mine = folder / "journals" / "demo-moderator"
        others = [folder / "journals" / name for name in ("demo%2dlarge-moderator", "production-mia")]
        for journal in (mine, *others):
            journal.mkdir(parents=True)
            (journal / "journal.sqlite3").write_text("what was decided")

        def started(*, reset: bool) -> dict[str, str]:
            demo = start_demo(
                console_side.demo_folder(directories, "small"),
                "small",
                lambda *_: None,
                reset=reset,
                forget=console_side._local_records(directories, "small"),
            )
            demo.close()
            return demo.passwords

        try:
            assert started(reset=False) == started(reset=False) == {"moderator": "password 1"}
            assert mine.exists()
            assert started(reset=True) == {"moderator": "password 2"}
            assert not mine.exists()
            assert all(journal.exists() for journal in others)
        finally:
            EmbeddedCluster(folder / "demo").destroy()
