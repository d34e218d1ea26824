"""What was sealed once must be there later: a console that saw it says so when it is not."""

from __future__ import annotations

from typing import cast

import pytest

from console.domain.audit import AuditHead
from console.services.ports import Writer
from console.services.sealing import seal


class _Database:
    def __init__(self, head: AuditHead) -> None:
        self.head = head

    async def seal_audit(self) -> AuditHead:
        return self.head


class _Memory:
    def __init__(self, head: AuditHead | None) -> None:
        self.head = head
        self.evidence: list[AuditHead] = []

    async def contradicted(self, head: AuditHead) -> None:
        self.evidence.append(head)

    async def seen(self) -> AuditHead | None:
        return self.head

    async def remember(self, head: AuditHead) -> None:
        self.head = head


@pytest.mark.parametrize(
    ("seen", "now", "says"),
    [
        (None, AuditHead(0, None), None),
        (None, AuditHead(7, "a"), None),
        (AuditHead(7, "a"), AuditHead(7, "a"), None),
        (AuditHead(7, "a"), AuditHead(9, "c"), None),
        (AuditHead(7, "a"), AuditHead(6, "b"), "lost its end"),
        (AuditHead(7, "a"), AuditHead(7, "b"), "was changed"),
    ],
)
async def test_the_newest_seal_is_held_against_the_one_seen_last(
    seen: AuditHead | None, now: AuditHead, says: str | None
) -> None:
    memory, said = _Memory(seen), list[str]()
    for _ in range(2):
        await seal(cast("Writer", _Database(now)), memory, said.append)
    assert memory.head == now
    assert memory.evidence == ([seen] if says else [])
    # Told once: what is there now is what is held on to.
    assert [says in sentence for sentence in said if says] == ([True] if says else [])
    assert len(said) == (1 if says else 0)
