"""Folders and files that nobody else may look into."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from console.domain.errors import ConfigurationError
from db.embedded.programs import give_to_server


def make_private(folder: Path) -> None:
    """Make `folder` where it is missing, readable by this user only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_private_for_server(folder: Path) -> None:
    """The same for the user that the servers run as."""
    make_private(folder)
    folder.chmod(0o700)
    give_to_server(folder)


def make_private_in_public(folder: Path) -> None:
    """Make a private folder where everybody may write; ConfigurationError when somebody else was first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if sys.platform != "win32" and (not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid()):
        raise ConfigurationError(
            f"{folder} belongs to somebody else, who could read what goes to the database there",
            "Remove it, or keep the data in a folder with a shorter path (--data).",
        )
    folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, replacing any before it at once."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def write_for_server(path: Path, text: str) -> None:
    """Write a file that only the servers' user can read."""
    write_private(path, text)
    give_to_server(path)
