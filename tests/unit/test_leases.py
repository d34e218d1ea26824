"""Leases and locks are held by living processes only, and keep two of them apart."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.leases import Lease, exclusive

_HOLDS = """
import sys
from pathlib import Path
from db.leases import Lease
lease = Lease.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""
_COUNTS = """
import sys
from pathlib import Path
from db.leases import exclusive
folder = Path(sys.argv[1])
for _ in range(50):
    with exclusive(folder / "lock"):
        count = int((folder / "count").read_text())
        (folder / "count").write_text(str(count + 1))
        if count % 7 == 0:
            (folder / "lock").unlink()
"""


@contextmanager
def another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a lease."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lease_is_seen_until_it_is_given_back(tmp_path: Path) -> None:
    assert not Lease.anyone(tmp_path / "none yet")
    first, second = Lease.take(tmp_path), Lease.take(tmp_path)
    assert Lease.anyone(tmp_path)
    first.give_back()
    first.give_back()
    assert Lease.anyone(tmp_path)
    second.give_back()
    assert not Lease.anyone(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_lease_ends_with_its_process(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        assert Lease.anyone(tmp_path)
        process.kill()
        process.wait()
        assert list(tmp_path.iterdir()) != [], "a killed process leaves its file"
        assert not Lease.anyone(tmp_path)
        assert list(tmp_path.iterdir()) == [], "which is swept away"


def test_looking_takes_no_lease_away(tmp_path: Path) -> None:
    with another(tmp_path):
        for _ in range(3):
            assert Lease.anyone(tmp_path)


def test_one_at_a_time_even_when_the_lock_file_is_removed(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", _COUNTS, str(tmp_path)]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert (tmp_path / "count").read_text() == "200"


def test_a_lock_makes_its_folder(tmp_path: Path) -> None:
    with exclusive(tmp_path / "new" / "lock"):
        assert (tmp_path / "new").stat().st_mode & 0o077 == 0
