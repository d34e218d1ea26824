"""Where the tests' servers lie: in memory where there is room for them."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from console.domain.errors import Unavailable
from db.embedded import EmbeddedCluster

# Linux has it in memory; elsewhere it is not there. Several runs at once use some 600 MB each.
_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM_BYTES = 4_000_000_000
_PREFIX = "gr-"
_OLD_SECONDS = 600


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder with a short path that the servers' user may enter, gone at the end."""
    base = _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES else None
    if base is not None:
        _sweep(base)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=base) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def _sweep(base: Path) -> None:
    """Give back the memory of runs that were killed: nobody holds their servers any more."""
    for left in base.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError, PermissionError, Unavailable):
            if left.stat().st_mtime < time.time() - _OLD_SECONDS:
                EmbeddedCluster(left, throwaway=True).destroy()
                shutil.rmtree(left)
