"""Pictures in shared memory: whole, or not at all."""

from __future__ import annotations

import ctypes

from console.ui.player.frames import HIGHEST, WIDEST, FrameMemory, fitting


def test_a_picture_is_read_under_its_number_only() -> None:
    memory = FrameMemory()
    data = bytes(range(256)) * 4
    writer = FrameMemory(memory.descriptor)
    ctypes.memmove(writer.address(1, 2), data, len(data))
    writer.mark(1, 2, 9, 16, 16)
    assert memory.size(1, 2, 9) == (16, 16)
    assert memory.size(1, 2, 8) is None
    assert memory.size(0, 2, 9) is None
    target = bytearray(len(data))
    assert memory.copy(1, 2, 9, memoryview(target))
    assert target == data
    writer.mark(1, 2, 0, 0, 0)
    assert not memory.copy(1, 2, 9, memoryview(target))


def test_a_size_that_no_slot_holds_is_no_picture() -> None:
    memory = FrameMemory()
    memory.mark(0, 0, 1, WIDEST + 1, 10)
    assert memory.size(0, 0, 1) is None
    memory.close()


def test_large_pictures_keep_their_shape() -> None:
    assert fitting(640, 360) == (640, 360)
    assert fitting(3840, 2160) == (WIDEST, HIGHEST)
    assert fitting(1080, 4000) == (389, HIGHEST)
