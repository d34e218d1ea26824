"""Locks that end with their process, however it ends: who starts, and who still uses, the servers."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO, *, wait: bool) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: BinaryIO, *, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting while another process holds it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        _lock(file, wait=True)
        yield


@dataclass(slots=True)
class Lease:
    """A locked file of this process in a folder of leases."""

    path: Path
    _file: BinaryIO

    @classmethod
    def take(cls, folder: Path) -> Lease:
        """Add a lease to `folder`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        file = path.open("ab")
        _lock(file, wait=False)
        return cls(path, file)

    def give_back(self) -> None:
        """Drop the lease; a second call does nothing."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    @staticmethod
    def anyone(folder: Path) -> bool:
        """Whether a living process holds a lease in `folder`; files of dead ones are swept away."""
        held = False
        for path in folder.glob("*"):
            try:
                with path.open("ab") as file:
                    _lock(file, wait=False)
            except OSError:
                held = True
            else:
                with suppress(OSError):
                    path.unlink()
        return held
