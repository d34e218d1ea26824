"""Blocks read ahead are kept, the least used go first, what was decided is forgotten."""

from __future__ import annotations

from uuid import UUID

from console.domain.blocks import TextBlock
from console.domain.subjects import Subject
from console.ui.desk.cache import BlockCache


def test_the_least_recently_used_goes_first() -> None:
    cache = BlockCache(kept=2)
    one, two, three = (Subject("idea", UUID(int=n)) for n in (1, 2, 3))
    cache.put(one, "prompt", TextBlock("1"))
    cache.put(two, "prompt", TextBlock("2"))
    assert cache.of(one) == {"prompt": TextBlock("1")}
    cache.put(three, "prompt", TextBlock("3"))
    assert cache.of(two) == {}
    assert cache.of(one)
    cache.forget(one)
    assert cache.of(one) == {}
