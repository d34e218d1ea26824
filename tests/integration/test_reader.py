"""Every queue, block and search reads what the database holds, and never a write behind its own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from console.domain.decisions import Candidate, Decision, Target, Undo
from console.domain.errors import Stale
from console.domain.queues import BlockKind, Item, View
from console.domain.servers import Server
from console.domain.subjects import Subject
from db.platforms.scenes.declaration import SCENES
from tests.support.console import signed_in
from tests.support.content import add_content, add_flag, add_idea, one
from tests.support.databases import Database, wait_for_replay

BLOCK_TYPES = {
    BlockKind.TEXT: "TextBlock",
    BlockKind.FACTS: "FactsBlock",
    BlockKind.MEDIA: "MediaBlock",
    BlockKind.IMAGE: "ImageBlock",
    BlockKind.JSON: "JsonBlock",
    BlockKind.REPORTS: "ReportsBlock",
    BlockKind.HISTORY: "HistoryBlock",
    BlockKind.RELATED: "RelatedBlock",
}


def _sorted(keys: list[Any]) -> list[Any]:
    return sorted(keys)


async def test_every_order_of_every_queue_pages_through_everything_once(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        for number in range(7):
            idea = add_idea(c, content.author, content.topic, f"Idea {number}")
            add_flag(c, "idea", idea, "spam")
            c.execute(
                "INSERT INTO user_topics (user_id, name) VALUES (%s, %s)",
                [content.author, f"Topic {number}"],
            )
        for kind, target in (
            ("scene", content.scene),
            ("segment", content.segment),
            ("user", content.author),
            ("topic", content.topic),
        ):
            add_flag(c, kind, target, "violence")
    wait_for_replay(attached.cluster)
    expected = {
        "scenes.flags": 11,
        "scenes.ideas": 8,
        "scenes.user_topics": 7,
        "scenes.segments": 1,
        "scenes.escalated": 0,
        "scenes.scenes": 1,
    }
    async with signed_in(attached) as console:
        for queue in SCENES.queues:
            assert (await console.reader.count(queue.key)).value == expected[queue.key]
            for order in queue.orders:
                seen: list[Item] = []
                page = await console.reader.page(View(queue.key, order.key), None, 3)
                seen += page.items
                while page.more:
                    page = await console.reader.page(View(queue.key, order.key), page.items[-1].cursor, 3)
                    seen += page.items
                assert len(seen) == len({item.subject for item in seen}) == expected[queue.key]
                keys = [item.cursor.values for item in seen]
                assert keys in (_sorted(keys), _sorted(keys)[::-1])
                assert all(len(item.cells) == len(queue.columns) for item in seen)
                assert all(item.version for item in seen)
        narrowed = await console.reader.page(View("scenes.flags", "oldest", {"kind": "scene"}), None, 10)
        assert [item.subject.id for item in narrowed.items] == [content.scene]


async def test_every_declared_block_of_every_kind_can_be_read(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        row = c.execute(
            "INSERT INTO user_topics (user_id, name) VALUES (%s, 'Deep sea') RETURNING id", [content.author]
        ).fetchone()
        assert row is not None
        add_flag(c, "idea", content.idea)
        slug = str(one(c, "SELECT slug FROM topics WHERE id = %s", content.topic))
        c.execute("UPDATE topics SET slug = %s WHERE id = %s", [f"sea-{slug[:6]}", content.topic])
        slug = f"sea-{slug[:6]}"
    wait_for_replay(attached.cluster)
    subjects = {
        "user_topic": Subject("user_topic", row[0]),
        "topic": Subject("topic", content.topic),
        "idea": Subject("idea", content.idea),
        "scene": Subject("scene", content.scene),
        "segment": Subject("segment", content.segment, content.segment_created_at),
        "user": Subject("user", content.author),
    }
    async with signed_in(attached, "rey") as console:
        for queue in SCENES.queues:
            for kind in queue.kinds:
                for block in SCENES.blocks_for(queue.key, kind):
                    value = await console.reader.block(subjects[kind], block.key)
                    assert type(value).__name__ == BLOCK_TYPES[block.kind], (kind, block.key)
        for kind, subject in subjects.items():
            found = await console.reader.find(f"https://example.org/x/{subject.id}?y=1", 5)
            assert [item.subject for item in found] == [subject]
            assert (await console.reader.item(subject)).version
            assert subject.kind == kind
        assert [item.title for item in await console.reader.find("A TIDE", 5)] == ["A tide that stays"]
        assert await console.reader.find("%", 5) == []
        # A URL goes from the whole to its part, and may say more than where it leads.
        address = f"https://example.org/scenes/{content.scene}/segments/{content.segment}?t=3#top"
        assert [item.subject.id for item in await console.reader.find(address, 5)] == [
            content.segment,
            content.scene,
        ]
        for address in ("https://example.org/topics/%s/?tab=1#top", "https://example.org/topics/%s"):
            found = await console.reader.find(address % slug, 5)
            assert [item.subject.id for item in found] == [content.topic], address
        found = await console.reader.find("https://example.org/i/A%20tide%20that", 5)
        assert [item.title for item in found] == ["A tide that stays"]
        assert await console.reader.find("http://[half", 5) == []
        assert len(await console.reader.policies()) == 16


async def test_a_decision_goes_through_and_its_own_reader_sees_it_under_lag(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        other = add_idea(c, content.author, content.topic, "Second")
    wait_for_replay(attached.cluster)
    async with signed_in(attached) as console:
        view = View("scenes.ideas", "oldest")
        page = await console.reader.page(view, None, 10)
        first, second = page.items
        held = await console.writer.claim(first.subject)
        assert held.version == first.version
        with attached.connect(replica=True) as standby:
            standby.execute("SELECT pg_wal_replay_pause()")
            decision = Decision(
                uuid4(),
                "scenes.ideas",
                "approve",
                None,
                None,
                (Target(first.subject, first.version, first.title),),
            )
            outcome = await console.writer.decide(
                decision, [held.token], [Candidate(second.subject, second.version)]
            )
            assert outcome.next is not None
            assert outcome.next.subject.id == other
            after = await console.reader.page(view, None, 10)
            assert (after.served_by.server, [i.subject.id for i in after.items]) == (Server.PRIMARY, [other])
            standby.execute("SELECT pg_wal_replay_resume()")
        wait_for_replay(attached.cluster)
        assert (await console.reader.page(view, None, 10)).served_by.server is Server.REPLICA
        assert await console.writer.applied([decision.id, uuid4()]) == {decision.id}
        assert [r.id for r in await console.reader.my_decisions(None, 5)] == [decision.id]
        await console.writer.send(Undo(uuid4(), decision.id))
        with pytest.raises(Stale):
            await console.writer.decide(
                Decision(
                    uuid4(), "scenes.ideas", "approve", None, None, (Target(second.subject, "old", ""),)
                ),
                [outcome.next.token],
                [],
            )


async def test_health_names_both_servers(attached: Database) -> None:
    async with signed_in(attached) as console:
        primary, replica = await console.servers.health()
        assert (primary.server, primary.reachable, primary.lag) == (Server.PRIMARY, True, None)
        assert (replica.server, replica.reachable) == (Server.REPLICA, True)
        assert replica.lag is not None
