"""Blocks of the items around the current one: each read once, kept while it is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from console.domain.blocks import Block, ReportsBlock
from console.domain.errors import GreenroomError
from console.domain.queues import BlockDeclaration, BlockKind, Item, Relation, Verb
from console.domain.servers import Served
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.ports import Reader
from console.ui.desk.cache import BlockCache

REMEMBERED = 100
"""Subjects of which is kept who answered: more than are ever on the way to the screen."""


class BlockReading(QObject):
    """Signals: `arrived(Subject, str, Block | GreenroomError)` for each block that was read, by its key."""

    arrived = Signal(object, str, object)

    def __init__(self, reader: Reader, tasks: Tasks) -> None:
        super().__init__()
        self._reader = reader
        self._tasks = tasks
        self._cache = BlockCache()
        self._under_way: set[tuple[Subject, str]] = set()
        self._served: dict[Subject, Served] = {}

    def of(self, subject: Subject) -> Mapping[str, Block]:
        """What is known of the subject, by the blocks' keys."""
        return self._cache.of(subject)

    def served(self, subject: Subject) -> Served | None:
        """Who answered the newest of its blocks."""
        return self._served.get(subject)

    def declared(self, scope: str, subject: Subject) -> tuple[BlockDeclaration, ...]:
        """The blocks that the subject is shown as."""
        return self._reader.platform.blocks_for(scope, subject.kind)

    def complete(self, scope: str, subject: Subject) -> bool:
        """Whether every declared block is known."""
        known = self.of(subject)
        return all(block.key in known for block in self.declared(scope, subject))

    def forget(self, subject: Subject) -> None:
        """What is known of the subject is not true any more."""
        self._cache.forget(subject)

    def begin(self, scope: str, item: Item) -> None:
        """Read what is not known yet."""
        known = self.of(item.subject)
        for block in self.declared(scope, item.subject):
            if block.key not in known and (item.subject, block.key) not in self._under_way:
                self._tasks.spawn(self.read(item.subject, block.key), f"read {block.key}", self)

    async def read(self, subject: Subject, key: str) -> Block | None:
        """Read one block; None when that failed, which `arrived` has told."""
        self._under_way.add((subject, key))
        try:
            block = await self._reader.block(subject, key)
        except GreenroomError as error:
            self.arrived.emit(subject, key, error)
            return None
        finally:
            self._under_way.discard((subject, key))
        if (served := self._reader.served) is not None:
            self._served.pop(subject, None)
            self._served[subject] = served
            while len(self._served) > REMEMBERED:
                del self._served[next(iter(self._served))]
        self._cache.put(subject, key, block)
        self.arrived.emit(subject, key, block)
        return block

    def reports_key(self, scope: str, verb: Verb, item: Item) -> str | None:
        """The block whose flags the verb settles; None for a verb that settles none."""
        if not any(change.relation is Relation.FLAGS for change in verb.changes):
            return None
        declared = self.declared(scope, item.subject)
        return next((block.key for block in declared if block.kind is BlockKind.REPORTS), None)

    def flags(self, scope: str, verb: Verb, item: Item) -> tuple[UUID, ...] | None:
        """The flags that the verb would settle, as far as they were read; None when they were not."""
        key = self.reports_key(scope, verb, item)
        if key is None:
            return ()
        block = self.of(item.subject).get(key)
        return tuple(report.flag_id for report in block.reports) if isinstance(block, ReportsBlock) else None

    async def count_flags(
        self, scope: str, verb: Verb, items: Sequence[Item]
    ) -> dict[Subject, tuple[UUID, ...]]:
        """The flags that the verb would settle on each of many items, read where need be.

        Items whose reports could not be read are left out.
        """
        named: dict[Subject, tuple[UUID, ...]] = {}
        for item in items:
            key = self.reports_key(scope, verb, item)
            if key is not None and self.flags(scope, verb, item) is None:
                await self.read(item.subject, key)
            flags = self.flags(scope, verb, item)
            if flags is not None:
                named[item.subject] = flags
        return named
