"""Tasks are named, owned, told about when they fail, and all ended on close."""

from __future__ import annotations

import asyncio
import gc
import weakref

from PySide6.QtCore import QObject

from console.runtime.tasks import Tasks


async def test_a_failure_is_told_with_its_name() -> None:
    told: list[tuple[str, str]] = []
    tasks = Tasks(lambda name, error: told.append((name, str(error))))

    async def fail() -> None:
        raise ValueError("broken")

    task = tasks.spawn(fail(), "read the queue")
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert told == [("read the queue", "broken")]


async def test_a_task_ends_with_its_owner_and_with_the_house() -> None:
    tasks = Tasks(lambda *_: None)
    owner = QObject()
    owned = tasks.spawn(asyncio.sleep(60), "owned", owner)
    free = tasks.spawn(asyncio.sleep(60), "free")
    owner.deleteLater()
    await asyncio.sleep(0.05)
    assert owned.cancelled()
    assert not free.done()
    await tasks.close()
    assert free.cancelled()


async def test_an_owner_does_not_keep_what_its_tasks_have_brought() -> None:
    tasks = Tasks(lambda *_: None)
    owner = QObject()
    task = tasks.spawn(asyncio.sleep(0, "rows"), "read", owner)
    assert await task == "rows"
    kept = weakref.ref(task)
    del task
    await asyncio.sleep(0.01)
    gc.collect()
    assert kept() is None
    owner.deleteLater()
    await asyncio.sleep(0.01)


async def test_a_task_that_has_just_ended_holds_nothing_up() -> None:
    """Its end is not noted yet: on Python 3.12 and later this kept the house waiting for ever."""
    failures: list[str] = []
    tasks = Tasks(lambda name, _: failures.append(name))
    brief = tasks.spawn(asyncio.sleep(0), "brief")
    while not brief.done():
        await asyncio.sleep(0)
    await tasks.close()
    assert failures == []
