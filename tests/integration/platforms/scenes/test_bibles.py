"""Saving bibles: one winner for each base version, nothing lost, nothing doubled, nothing loaded in vain."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain.documents import DocumentSave
from console.domain.errors import NotFound, Stale
from console.domain.subjects import Subject
from db.platforms.scenes.bibles import SceneBibles
from tests.support.console import signed_in
from tests.support.content import add_content, add_segments, one
from tests.support.databases import Database, wait_for_replay

EMPTY = {"version": 1, "characters": [], "setting": {}, "timeline": []}


def save_of(scene: UUID, base: int, *, seed: object, note: str | None = None) -> DocumentSave:
    text = json.dumps({**EMPTY, "style": {"tone": seed}})
    return DocumentSave(uuid4(), Subject("scene", scene), "Harbour", base, text, note)


async def test_a_scene_without_a_bible_saves_version_one_first(attached: Database) -> None:
    content = add_content(attached)
    scene = Subject("scene", content.scene)
    wait_for_replay(attached.cluster)
    async with signed_in(attached, "rey") as rey:
        bibles = SceneBibles(rey.servers)
        assert (await bibles.history(scene)).base == 0
        first = await rey.writer.send(save_of(content.scene, 0, seed="calm", note="begun"))
        second = await rey.writer.send(save_of(content.scene, 1, seed="loud"))
        assert (first.version, second.version) == (1, 2)
        history = await bibles.history(scene)
        assert (history.base, history.last_entry, history.title) == (2, 1, "Harbour")
        assert [(each.version, each.author, each.note) for each in history.versions] == [
            (2, "rey", None),
            (1, "rey", "begun"),
        ]
        stored = json.loads(await bibles.document(scene, 2))
        assert (stored["version"], stored["style"]) == (2, {"tone": "loud"})
    with attached.connect() as c:
        assert one(c, "SELECT bible_version FROM scenes WHERE id = %s", content.scene) == 2
        changed = c.execute(
            "SELECT changed FROM greenroom.audit WHERE action = 'scenes.bible.save' ORDER BY audit_id"
        )
        assert [row[0] for row in changed] == [{"bible_version": [1, 1]}, {"bible_version": [1, 2]}]


async def test_the_last_segment_is_told_by_its_number_hidden_ones_included(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        add_segments(c, content, {2: "hidden", 3: "active", 5: "removed"})
        # The scene's own counter is of what viewers see.
        assert one(c, "SELECT segment_count FROM scenes WHERE id = %s", content.scene) == 2
        empty = one(
            c,
            "INSERT INTO scenes (idea_id, user_id, topic_id, title) VALUES (%s, %s, %s, 'Mole') RETURNING id",
            content.idea,
            content.author,
            content.topic,
        )
    wait_for_replay(attached.cluster)
    async with signed_in(attached, "rey") as rey:
        bibles = SceneBibles(rey.servers)
        assert (await bibles.history(Subject("scene", content.scene))).last_entry == 5
        assert (await bibles.history(Subject("scene", empty))).last_entry == 0


async def test_a_save_on_an_old_version_is_refused_with_the_name_of_who_was_first(attached: Database) -> None:
    content = add_content(attached)
    async with signed_in(attached) as mia, signed_in(attached, "max") as other:
        await mia.writer.send(save_of(content.scene, 0, seed=1))
        await other.writer.send(save_of(content.scene, 1, seed=2))
        with pytest.raises(Stale, match="max saved version 2 meanwhile"):
            await mia.writer.send(save_of(content.scene, 1, seed=3))
        with pytest.raises(Stale):
            await mia.writer.send(save_of(content.scene, 0, seed=3))
        with pytest.raises(Stale):
            await mia.writer.send(save_of(content.scene, 7, seed=3))


async def test_a_job_that_saved_first_is_told_as_a_job(attached: Database) -> None:
    content = add_content(attached)
    async with signed_in(attached) as mia:
        bibles = SceneBibles(mia.servers)
        await mia.writer.send(save_of(content.scene, 0, seed=1))
        with attached.connect() as c:
            c.execute(
                "INSERT INTO scene_bibles (scene_id, version, data, created_by_segment_id)"
                " VALUES (%s, 2, '{}', %s)",
                [content.scene, content.segment],
            )
            c.execute("UPDATE scenes SET bible_version = 2 WHERE id = %s", [content.scene])
        with pytest.raises(Stale, match="A job saved version 2 meanwhile"):
            await mia.writer.send(save_of(content.scene, 1, seed=2))
        wait_for_replay(attached.cluster)
        newest = (await bibles.history(Subject("scene", content.scene))).versions[0]
        assert (newest.author, newest.made_by) == (None, "job of segment 1")


async def test_a_save_sent_twice_saves_once_and_one_that_changes_nothing_saves_nothing(
    attached: Database,
) -> None:
    content = add_content(attached)
    async with signed_in(attached) as mia:
        bibles = SceneBibles(mia.servers)
        first = save_of(content.scene, 0, seed="calm")
        assert (await mia.writer.send(first)).version == 1
        again = await mia.writer.send(first)
        assert (again.version, again.repeated) == (1, True)
        assert await mia.writer.applied([first.id]) == {first.id}
        same = await mia.writer.send(save_of(content.scene, 1, seed="calm"))
        assert (same.version, same.unchanged) == (1, True)
        assert len((await bibles.history(first.subject)).versions) == 1


async def test_the_newest_version_is_told_alone_and_fresh_history_comes_from_the_primary(
    attached: Database,
) -> None:
    content = add_content(attached)
    scene = Subject("scene", content.scene)
    async with signed_in(attached) as mia, signed_in(attached, "max") as other:
        bibles = SceneBibles(mia.servers)
        assert await bibles.newest(scene) is None
        await other.writer.send(save_of(content.scene, 0, seed=1, note="begun"))
        # Another console's save: the replica need not have it yet, the primary has.
        assert (await bibles.history(scene, fresh=True)).base == 1
        assert json.loads(await bibles.document(scene, 1))["style"] == {"tone": 1}
        wait_for_replay(attached.cluster)
        newest = await bibles.newest(scene)
        assert newest is not None
        assert (newest.version, newest.author, newest.note) == (1, "max", "begun")


async def test_a_segments_bible_is_its_scenes_and_an_idea_has_none(attached: Database) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with signed_in(attached) as mia:
        bibles = SceneBibles(mia.servers)
        scene = Subject("scene", content.scene)
        segment = Subject("segment", content.segment, content.segment_created_at)
        assert await bibles.home(scene) == scene
        assert await bibles.home(segment) == scene
        assert await bibles.home(Subject("segment", uuid4(), content.segment_created_at)) is None
        assert await bibles.home(Subject("idea", content.idea)) is None


async def test_a_document_larger_than_any_buffer_is_saved(attached: Database) -> None:
    content = add_content(attached)
    async with signed_in(attached) as mia:
        first = await mia.writer.send(save_of(content.scene, 0, seed="x" * 4_000_000))
        assert first.version == 1
        # The position of that write is known: this reads it back, wherever that is.
        stored = json.loads(await SceneBibles(mia.servers).document(Subject("scene", content.scene), 1))
        assert len(stored["style"]["tone"]) == 4_000_000
        with pytest.raises(Stale):
            await mia.writer.send(save_of(content.scene, 0, seed="y" * 4_000_000))
        assert mia.servers.written is not None
        assert mia.servers.written.lsn > 0


async def test_numbers_come_back_as_they_were_typed(attached: Database) -> None:
    content = add_content(attached)
    scene = Subject("scene", content.scene)
    async with signed_in(attached) as mia:
        bibles = SceneBibles(mia.servers)
        text = '{"big": 123456789012345678901234567890, "one": 1.0, "zero": 0, "no": false, "none": null}'
        await mia.writer.send(DocumentSave(uuid4(), scene, "", 0, text, None))
        stored = await bibles.document(scene, 1)
        assert '"big": 123456789012345678901234567890' in stored
        assert '"one": 1.0' in stored
        with pytest.raises(NotFound):
            await bibles.document(scene, 2)
        with pytest.raises(NotFound):
            await bibles.history(Subject("scene", uuid4()))


def test_of_racing_saves_one_wins_each_base(attached: Database) -> None:
    content = add_content(attached)
    query = "SELECT greenroom.save_bible(%s, %s, %s, %s, NULL, 'test') ->> 'version'"

    def person(number: int) -> list[int]:
        won = []
        with attached.connect("mia" if number % 2 else "rey") as c:
            for attempt in range(20):
                base = one(c, "SELECT coalesce(max(version), 0) FROM scene_bibles")
                document = json.dumps({**EMPTY, "by": [number, attempt]})
                try:
                    won.append(int(one(c, query, uuid4(), content.scene, base, document)))
                except psycopg.Error as error:
                    if error.sqlstate != "GR003":
                        raise
        return won

    with ThreadPoolExecutor(8) as pool:
        won = [version for versions in pool.map(person, range(8)) for version in versions]
    assert sorted(won) == list(range(1, len(won) + 1))
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM scene_bibles") == len(won)
        assert one(c, "SELECT bible_version FROM scenes WHERE id = %s", content.scene) == len(won)
    assert len(won) >= 8


async def test_a_history_is_listed_without_its_documents(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        c.execute(
            "INSERT INTO scene_bibles (scene_id, version, data) SELECT %s, n, jsonb_build_object('text',"
            " (SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, 20000) AS m))"
            " FROM generate_series(1, 50) AS n",
            [content.scene],
        )
        c.execute("UPDATE scenes SET bible_version = 50 WHERE id = %s", [content.scene])
    wait_for_replay(attached.cluster)
    async with signed_in(attached) as mia:
        bibles = SceneBibles(mia.servers)
        scene = Subject("scene", content.scene)
        await bibles.document(scene, 1)
        started = time.perf_counter()
        await bibles.document(scene, 50)
        one_document = time.perf_counter() - started
        started = time.perf_counter()
        history = await bibles.history(scene)
        listed = time.perf_counter() - started
    assert [each.version for each in history.versions] == list(range(50, 0, -1))
    assert history.versions[0].size > 300_000
    # Fifty documents of 640 kB could not be read in less than ten times the time of one.
    assert listed < 10 * one_document


def test_who_may_not_save(attached: Database) -> None:
    content = add_content(attached)
    query = "SELECT greenroom.save_bible(%s, %s, %s, %s, %s, 'test')"
    with attached.connect("rey") as rey:
        for arguments, state in (
            ([None, content.scene, 0, "{}", None], "GR007"),
            ([uuid4(), content.scene, None, "{}", None], "GR007"),
            ([uuid4(), content.scene, -1, "{}", None], "GR007"),
            ([uuid4(), content.scene, 0, "[]", None], "GR007"),
            ([uuid4(), content.scene, 0, "null", None], "GR007"),
            ([uuid4(), content.scene, 0, "{}", "n" * 10_001], "GR007"),
            ([uuid4(), uuid4(), 0, "{}", None], "GR009"),
            ([uuid4(), content.scene, 0, '{"a": "\\u0000"}', None], "22P05"),
        ):
            with pytest.raises(psycopg.Error) as refused:
                rey.execute(query, arguments)
            assert refused.value.sqlstate == state
        for statement in (
            "INSERT INTO scene_bibles (scene_id, version, data) SELECT id, 9, '{}' FROM scenes",
            "UPDATE scenes SET bible_version = 9",
            "DELETE FROM greenroom.document_versions",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                rey.execute(statement.encode())
        taken = uuid4()
        rey.execute(query, [taken, content.scene, 0, "{}", None])
    with attached.connect("mia") as mia, pytest.raises(psycopg.Error) as stolen:
        mia.execute(query, [taken, content.scene, 1, "{}", None])
    assert stolen.value.sqlstate == "GR007"
