"""Clusters of other PostgreSQL versions than the one that the console brings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.embedded import EmbeddedCluster, programs
from tests.support.folders import quick_folder

IN_WHEEL = "pginstall"
"""The wheel's other installation: PostgreSQL 16."""

MORE = "GREENROOM_TEST_POSTGRES"
"""Folders of more PostgreSQL programs to try, as in PATH: `/usr/lib/postgresql/15/bin`."""

# Only PostgreSQL 17 and later have collations of their own.
_NEWER = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def installations() -> list[str]:
    """Folders of programs: the wheel's, by name, and those that the environment names."""
    return [IN_WHEEL, *filter(None, os.environ.get(MORE, "").split(os.pathsep))]


@contextmanager
def cluster_of(installation: str) -> Iterator[EmbeddedCluster]:
    """A throwaway primary and standby, run by the programs of that installation."""
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        found = _unpacked(folder) if installation == IN_WHEEL else Path(installation)
        run = programs.run
        patch.setattr(programs, "folder", lambda: found)
        patch.setattr(
            programs, "run", lambda name, *a: run(name, *(each for each in a if each not in _NEWER))
        )
        cluster = EmbeddedCluster(folder, throwaway=True)
        try:
            with cluster.lease():
                yield cluster
        finally:
            cluster.destroy()


def _unpacked(folder: Path) -> Path:
    """A copy that the servers' user can run, with the libraries that it looks for beside the package."""
    package = programs.bundled().parent.parent
    shutil.copytree(package / IN_WHEEL, folder / package.name / IN_WHEEL, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / IN_WHEEL / "bin"
