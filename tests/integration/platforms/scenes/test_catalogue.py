"""Topics and categories as the console reads and changes them, on the real servers."""

from __future__ import annotations

from uuid import uuid4

import pytest

from console.domain.blocks import RelatedBlock
from console.domain.curation import CATEGORY, TOPIC, Act, Columns, Curate, CurationChange, created, edited
from console.domain.decisions import Undo
from console.domain.errors import InvalidDecision, NotFound, Stale
from console.domain.queues import Count
from console.domain.subjects import Subject
from db.platforms.scenes.catalogue import ScenesCatalogue
from tests.support.console import signed_in
from tests.support.content import add_content, add_idea, one
from tests.support.databases import Database


async def test_what_was_changed_is_read_in_its_order(attached: Database) -> None:
    content = add_content(attached)
    async with signed_in(attached, "ada") as ada:
        catalogue = ScenesCatalogue(ada.servers)
        land, hills, vales = uuid4(), uuid4(), uuid4()
        changes = (
            created(TOPIC, land, Columns("Land", "land", "All that is dry", active=True)),
            created(CATEGORY, hills, Columns("Hills", "", "", active=True, topic_id=land)),
            created(CATEGORY, vales, Columns("Vales", "", "", active=False, topic_id=land)),
            CurationChange(Act.PLACE, TOPIC, land, "Land"),
            CurationChange(Act.PLACE, CATEGORY, hills, "Hills", after=vales),
        )
        done = await ada.writer.send(Curate(uuid4(), changes))
        topics = await catalogue.topics()
        assert [(t.name, t.categories, t.scenes, t.active) for t in topics] == [
            ("Land", 2, 0, True),
            ("Sea", 0, 1, True),
        ]
        below = await catalogue.categories([content.topic, land])
        assert [(c.name, c.topic_id, c.slug, c.active) for c in below] == [
            ("Vales", land, "vales", False),
            ("Hills", land, "hills", True),
        ]
        await ada.writer.send(Undo(uuid4(), done.id))
        assert [t.name for t in await catalogue.topics()] == ["Sea"]


async def test_an_edit_from_what_is_not_there_any_more_is_stale(attached: Database) -> None:
    content = add_content(attached)
    async with signed_in(attached, "ada") as ada:
        catalogue = ScenesCatalogue(ada.servers)
        seen = await catalogue.entry(TOPIC, content.topic)
        change = edited(seen, Columns("Seas", seen.columns.slug, "Salt water", active=True))
        assert change is not None
        await ada.writer.send(Curate(uuid4(), (change,)))
        now = await catalogue.entry(TOPIC, content.topic)
        assert now.columns == Columns("Seas", seen.columns.slug, "Salt water", active=True)
        assert edited(now, now.columns) is None
        with pytest.raises(Stale, match="last decided by ada"):
            await ada.writer.send(Curate(uuid4(), (change,)))
        taken = created(TOPIC, uuid4(), Columns("Other", now.columns.slug, "", active=True))
        with pytest.raises(InvalidDecision, match="is taken"):
            await ada.writer.send(Curate(uuid4(), (taken,)))
        with pytest.raises(NotFound):
            await catalogue.entry(CATEGORY, content.topic)


async def test_ideas_are_counted_no_further_than_shown(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        for _ in range(3):
            add_idea(c, content.author, content.topic)
        harbour = uuid4()
        c.execute(
            "INSERT INTO categories (id, topic_id, name, slug) VALUES (%s, %s, 'Harbour', 'harbour')",
            [harbour, content.topic],
        )
        c.execute("UPDATE ideas SET category_id = %s WHERE id = %s", [harbour, content.idea])
    async with signed_in(attached, "ada") as ada:
        catalogue = ScenesCatalogue(ada.servers)
        monkeypatch.setattr("db.platforms.scenes.catalogue.COUNTED", 2)
        assert await catalogue.ideas([content.topic], [harbour]) == {
            content.topic: Count(2, capped=True),
            harbour: Count(1),
        }


async def test_suggestions_without_a_topic_are_listed_approved_ones_first(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        for name, status, topic in (
            ("Waits", "pending", None),
            ("Agreed", "approved", None),
            ("Refused", "rejected", None),
            ("Done", "approved", content.topic),
        ):
            c.execute(
                "INSERT INTO user_topics (user_id, name, status, promoted_to_topic_id)"
                " VALUES (%s, %s, %s, %s)",
                [content.author, name, status, topic],
            )
    async with signed_in(attached, "ada") as ada:
        found = await ScenesCatalogue(ada.servers).suggestions()
        assert [(each.name, each.status) for each in found] == [("Agreed", "approved"), ("Waits", "pending")]
        change = CurationChange(
            Act.PROMOTE, "user_topic", found[0].id, "Agreed", version=found[0].version, topic_id=content.topic
        )
        work = Curate(uuid4(), (change,))
        assert work.words == "Promote “Agreed”"
        assert (await ada.writer.send(work)).repeated is False
        assert (await ada.writer.send(work)).repeated is True
        assert await ada.writer.applied([work.id]) == {work.id}


async def test_a_suggestion_names_topics_that_are_like_it_with_the_reason(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        suggestion = one(
            c,
            "INSERT INTO user_topics (user_id, name, description) VALUES (%s, 'SEAS', NULL) RETURNING id",
            content.author,
        )
    async with signed_in(attached, "mia") as mia:
        block = await mia.reader.block(Subject("user_topic", suggestion), "similar")
    assert isinstance(block, RelatedBlock)
    assert [(each.title, each.status, each.detail) for each in block.items] == [
        ("Sea", "active", "The same in singular and plural")
    ]
