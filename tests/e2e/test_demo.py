"""`greenroom demo --no-window` and `greenroom tour`, as processes on one demo made for both."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from db.embedded import SUPERUSER, EmbeddedCluster
from tests.support.content import one
from tests.support.folders import quick_folder

PATIENCE_SECONDS = 180


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder of the demo's own, whose servers are gone in the end."""
    with quick_folder() as folder:
        yield folder
        EmbeddedCluster(folder / "demo").destroy()


def start(data: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "console", *words, "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The demo without a window, and what it printed."""
    with start(data, "demo", "--no-window") as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def running(data: Path) -> bool:
    return EmbeddedCluster(data / "demo").running()


@pytest.mark.timeout(PATIENCE_SECONDS)
def test_one_line_says_where_and_as_whom(data: Path) -> None:
    with serving(data) as (process, line):
        assert list(line) == ["primary", "replica", "logins"]
        assert list(line["logins"]) == ["admin", "moderator", "reviewer"]
        owner = {urlsplit(line[server]).username for server in ("primary", "replica")}
        assert owner == {SUPERUSER}
        with psycopg.connect(line["primary"]) as primary, psycopg.connect(line["replica"]) as replica:
            assert one(primary, "SELECT pg_is_in_recovery()") is False
            assert one(replica, "SELECT pg_is_in_recovery()") is True
            assert one(primary, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
            assert one(replica, "SELECT count(*) > 100 FROM moderation_flags") is True
        for role, url in line["logins"].items():
            assert urlsplit(url).password
            with psycopg.connect(url) as person:
                assert one(person, "SELECT session_user::text") == role
                assert one(person, "SELECT greenroom.me() ->> 'role'") == role
                assert one(person, "SELECT pg_is_in_recovery()") is False
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert rest == "", "nothing but the one line"
    assert process.returncode == 0
    assert not running(data)


@pytest.mark.timeout(PATIENCE_SECONDS)
def test_a_killed_demo_leaves_servers_that_the_next_one_takes_over_and_stops(data: Path) -> None:
    with serving(data) as (killed, before):
        killed.kill()
        killed.wait(60)
    assert running(data)
    with serving(data) as (process, line):
        assert line == before
        with psycopg.connect(line["logins"]["moderator"]) as person:
            assert one(person, "SELECT greenroom.me() ->> 'login'") == "moderator"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert not running(data)


@pytest.mark.timeout(PATIENCE_SECONDS)
def test_secrets_of_the_demo_are_its_persons_alone(data: Path) -> None:
    kept = [data / "demo" / "demo.json", *(data / "demo" / "secrets").iterdir()]
    assert {oct(path.stat().st_mode & 0o777) for path in kept} == {"0o600"}


@pytest.mark.timeout(PATIENCE_SECONDS)
def test_the_tour_does_the_main_job_and_leaves_its_pictures(data: Path, tmp_path: Path) -> None:
    with start(data, "tour", "--out", str(tmp_path)) as process:
        said, problems = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, problems
    assert said.startswith("tour: 7 decisions, as shown; longest stall ")
    pictures = sorted(path.name for path in tmp_path.iterdir())
    assert [name[:2] for name in pictures] == [f"{number:02}" for number in range(1, 13)]
    assert pictures[0] == "01-sign-in-refused-light.png"
    with serving(data) as (process, line):
        with psycopg.connect(line["primary"]) as primary:
            settled = one(
                primary,
                "SELECT count(DISTINCT target_id) FROM moderation_flags AS f JOIN greenroom.staff AS s"
                " ON s.user_id = f.reviewed_by WHERE s.login = 'moderator' AND f.status = 'dismissed'"
                " AND f.reviewed_at > now() - interval '5 minutes'",
            )
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert settled == 1
