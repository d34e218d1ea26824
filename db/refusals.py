"""Room kept on the disk for refusals: when it is full, one that was shown must not be sent again later."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from db.leases import exclusive

SLOTS, SLOT_BYTES = 64, 512
_ID_BYTES = 16


class RefusalReserve:
    """A file whose blocks are there already, a slot for each refusal that the journal could not take.

    All consoles of a journal share it. Every method raises OSError.
    """

    def __init__(self, path: Path, lock: Path) -> None:
        """`lock` is the lock file that the consoles of the journal share."""
        self._path, self._lock = path, lock

    def make(self) -> None:
        """Take the room, where that was not done before; readable by its owner alone."""
        if self._path.exists() and self._path.stat().st_size == SLOTS * SLOT_BYTES:
            return
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(bytes(SLOTS * SLOT_BYTES))
            file.flush()
            os.fsync(file.fileno())

    def keep(self, id: UUID, message: str) -> None:
        """Write a refusal; it is on the disk when this returns. A long message is cut."""
        text = message.encode()[: SLOT_BYTES - _ID_BYTES].decode(errors="ignore").encode()
        with exclusive(self._lock):
            free = next((slot for slot, kept in enumerate(self._slots()) if not any(kept)), None)
            if free is None:
                raise OSError("no room is left for refusals")
            self._write(free, (id.bytes + text).ljust(SLOT_BYTES, b"\0"))

    def kept(self) -> dict[UUID, str]:
        """What was written and not cleared."""
        return {
            UUID(bytes=slot[:_ID_BYTES]): slot[_ID_BYTES:].rstrip(b"\0").decode()
            for slot in self._slots()
            if any(slot)
        }

    def clear(self, id: UUID) -> None:
        """The journal has this refusal now."""
        with exclusive(self._lock):
            for place, slot in enumerate(self._slots()):
                if slot.startswith(id.bytes):
                    self._write(place, bytes(SLOT_BYTES))

    def _slots(self) -> list[bytes]:
        content = self._path.read_bytes() if self._path.exists() else b""
        return [content[start : start + SLOT_BYTES] for start in range(0, len(content), SLOT_BYTES)]

    def _write(self, slot: int, content: bytes) -> None:
        with self._path.open("r+b", buffering=0) as file:
            file.seek(slot * SLOT_BYTES)
            file.write(content)
            os.fsync(file.fileno())
