"""Named tasks with an owner: none is lost, none fails in silence, none outlives what it works for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject

T = TypeVar("T")

Failed = Callable[[str, BaseException], None]


class Tasks:
    """Spawns tasks, keeps them referenced, and ends them all on `close`.

    `failed` is told the name and the error of every task that raised.
    """

    def __init__(self, failed: Failed) -> None:
        self._failed = failed
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, T], name: str, owner: QObject | None = None) -> asyncio.Task[T]:
        """Run `work` as a task called `name`; it is cancelled when `owner` is destroyed."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        if owner is not None:
            # A function of the task alone: a bound method would keep the owner alive. It goes with the
            # task, or a window that lives all day would keep every result it ever asked for.
            orphaned = owner.destroyed.connect(lambda *_: task.cancel())
            task.add_done_callback(lambda _: QObject.disconnect(orphaned))
        return task

    async def close(self) -> None:
        """Cancel every task and wait until all have ended."""
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
            # From Python 3.12 on, gathering what has ended already gives no other callback its turn.
            await asyncio.sleep(0)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                self._failed(task.get_name(), error)
