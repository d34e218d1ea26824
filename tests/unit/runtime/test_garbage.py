"""Qt objects in cycles are freed on the GUI thread, however busy other threads are."""

from __future__ import annotations

import asyncio
import gc
import threading

from PySide6.QtCore import QObject

from console.runtime.garbage import GarbageCollection


class _Cycle(QObject):
    """An object in a cycle with itself, which notes the thread that freed it."""

    def __init__(self, freed: list[int]) -> None:
        super().__init__()
        self._self = self
        self._freed = freed

    def __del__(self) -> None:
        self._freed.append(threading.get_ident())


async def test_cycles_are_freed_on_the_gui_thread() -> None:
    garbage = GarbageCollection()
    freed: list[int] = []
    try:
        for _ in range(50):
            _Cycle(freed)
        await asyncio.to_thread(lambda: [[n] for n in range(200_000)])
        assert freed == []
        garbage.collect()
        gc.collect()
        assert set(freed) == {threading.get_ident()}
    finally:
        garbage.stop()
        gc.disable()


async def test_what_was_imported_before_is_not_looked_through_and_nothing_is_left_at_the_end() -> None:
    freed: list[int] = []
    early = _Cycle(freed)
    garbage = GarbageCollection()
    try:
        assert gc.get_freeze_count() > 1_000
        del early
        gc.collect()
        assert freed == []
    finally:
        garbage.stop()
    try:
        assert len(freed) == 1
        assert gc.isenabled()
        assert gc.get_freeze_count() == 0
    finally:
        gc.disable()
