"""Pictures in memory that both processes share: six slots a deck, each under a number of its own.

VLC writes into a slot that is not the one last announced. Whoever reads copies, and looks afterwards
whether the slot's number is still the one that was announced: a torn picture is never shown.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
import tempfile

from console.ui.player.protocol import DECKS

SLOTS = 6
WIDEST, HIGHEST = 2560, 1440
"""A larger picture is scaled down to this by VLC."""
PIXEL = 4
"""Bytes of a pixel: blue, green, red, nothing. VLC's RV32 and Qt's Format_RGB32."""
_HEADER = struct.Struct("<QII")
_HEADERS = 4096
_ROOM = WIDEST * HIGHEST * PIXEL
SIZE = _HEADERS + DECKS * SLOTS * _ROOM
"""Untouched pages take no memory."""


class FrameMemory:
    """The shared memory. `descriptor` is to be inherited by the process that writes."""

    def __init__(self, descriptor: int | None = None) -> None:
        """Make it, or open what was made elsewhere."""
        if descriptor is None:
            descriptor = _anonymous()
            os.ftruncate(descriptor, SIZE)
        self.descriptor = descriptor
        self._map = mmap.mmap(descriptor, SIZE)
        self._view = memoryview(self._map)

    def close(self) -> None:
        """Give the memory back."""
        self._view.release()
        self._map.close()
        os.close(self.descriptor)

    def address(self, deck: int, slot: int) -> int:
        """Where the pixels of a slot lie, for VLC. The mapping must not be closed any more."""
        return ctypes.addressof(ctypes.c_char.from_buffer(self._map, self._place(deck, slot)))

    def mark(self, deck: int, slot: int, number: int, width: int, height: int) -> None:
        """Put a picture's number and size on a slot; number 0 while it is written."""
        _HEADER.pack_into(self._map, self._header(deck, slot), number, width, height)

    def size(self, deck: int, slot: int, number: int) -> tuple[int, int] | None:
        """Width and height of the picture under this number; None when it is gone, or no picture's."""
        known, width, height = _HEADER.unpack_from(self._map, self._header(deck, slot))
        if known != number or not (0 < width <= WIDEST and 0 < height <= HIGHEST):
            return None
        return width, height

    def copy(self, deck: int, slot: int, number: int, target: memoryview) -> bool:
        """Copy the picture's pixels; False when another one came in between."""
        place = self._place(deck, slot)
        target[:] = self._view[place : place + len(target)]
        return self.size(deck, slot, number) is not None

    @staticmethod
    def _header(deck: int, slot: int) -> int:
        return (deck * SLOTS + slot) * _HEADER.size

    @staticmethod
    def _place(deck: int, slot: int) -> int:
        return _HEADERS + (deck * SLOTS + slot) * _ROOM


def fitting(width: int, height: int) -> tuple[int, int]:
    """The size, or one of the same shape that a slot has room for."""
    scale = min(1.0, WIDEST / width, HIGHEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _anonymous() -> int:
    """A file without a name, so that nothing is left behind however the processes end."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("greenroom-frames")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
