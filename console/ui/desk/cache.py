"""Blocks of the items around the current one, read ahead."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from console.domain.blocks import Block
from console.domain.subjects import Subject

KEPT = 64
"""Items whose blocks are kept: some screens back and forth, a few megabytes at most."""


class BlockCache:
    """Blocks by subject; the least recently used subject goes first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._blocks: OrderedDict[Subject, dict[str, Block]] = OrderedDict()

    def of(self, subject: Subject) -> Mapping[str, Block]:
        """What is known of the subject."""
        if subject in self._blocks:
            self._blocks.move_to_end(subject)
        return self._blocks.get(subject, {})

    def put(self, subject: Subject, key: str, block: Block) -> None:
        """Keep one block."""
        self._blocks.setdefault(subject, {})[key] = block
        self._blocks.move_to_end(subject)
        while len(self._blocks) > self._kept:
            self._blocks.popitem(last=False)

    def forget(self, subject: Subject) -> None:
        """Drop what a decision has made old."""
        self._blocks.pop(subject, None)
