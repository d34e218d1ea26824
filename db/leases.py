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
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:  # LK_LOCK gives up after ten seconds.
                if not wait:
                    raise
            else:
                return
else:
    import fcntl

    def _lock(file: BinaryIO, *, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _locked(path: Path) -> BinaryIO:
    """The file `path`, open and locked, waiting while somebody else holds it.

    Who held it may have removed it meanwhile: a lock on a file that is gone protects nothing.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        file = path.open("ab")
        try:
            _lock(file, wait=True)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
        except BaseException:
            file.close()
            raise
        file.close()


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting while another process holds it."""
    with _locked(path):
        yield


@dataclass(slots=True)
class Lease:
    """A locked file of this process in a folder of leases."""

    path: Path
    _file: BinaryIO

    @classmethod
    def take(cls, folder: Path) -> Lease:
        """Add a lease to `folder`."""
        path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        return cls(path, _locked(path))

    def give_back(self) -> None:
        """Drop the lease; a second call does nothing."""
        self._file.close()
        with suppress(OSError):  # On Windows somebody may be looking whether it is held.
            self.path.unlink()

    @staticmethod
    def anyone(folder: Path) -> bool:
        """Whether a living process holds a lease in `folder`; files of dead ones are swept away."""
        held = False
        for path in folder.glob("*"):
            try:
                with path.open("ab") as file:
                    _lock(file, wait=False)
                    if sys.platform != "win32":
                        path.unlink()
                if sys.platform == "win32":  # A file that is open cannot be removed there.
                    path.unlink()
            except OSError:
                held = True
        return held
