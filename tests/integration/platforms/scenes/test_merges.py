"""Merging topics: nothing is lost or left behind, whoever writes, dies or merges meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.content import Connection, add_content, add_idea, one
from tests.support.databases import Database


def topic(connection: Connection, name: str) -> UUID:
    made: UUID = one(connection, "INSERT INTO topics (name, slug) VALUES (%s, %s) RETURNING id", name, name)
    return made


def begin(connection: Connection, source: UUID, survivor: UUID, id: UUID | None = None) -> UUID:
    id = id or uuid4()
    one(connection, "SELECT greenroom.begin_merge(%s, %s, %s, 'tests')", id, source, survivor)
    return id


def carry(connection: Connection, merge: UUID | None = None) -> dict[str, Any] | None:
    """One transaction of a merge; what is locked by others is tried again, as a console does."""
    while True:
        try:
            answer: dict[str, Any] | None = one(
                connection, "SELECT greenroom.carry_merge(%s, 'tests')", merge
            )
        except psycopg.errors.LockNotAvailable:
            continue
        return answer


def carry_out(connection: Connection, merge: UUID, until: str = "merged") -> None:
    for _ in range(100_000):
        done = carry(connection, merge)
        if done is not None:
            assert done["touched"] <= 2000
            if done["state"] == until:
                return
    raise AssertionError(f"the merge is never {until}")


def steer(connection: Connection, merge: UUID, act: str) -> None:
    one(connection, "SELECT greenroom.steer_merge(%s, %s, %s, 'tests')", uuid4(), merge, act)


def fill(connection: Connection, author: UUID, topic: UUID, ideas: int) -> None:
    connection.execute(
        "INSERT INTO ideas (user_id, topic_id, title, prompt)"
        " SELECT %s, %s, 'x', 'x' FROM generate_series(1, %s)",
        [author, topic, ideas],
    )


def ideas(connection: Connection, topic: UUID) -> int:
    return int(one(connection, "SELECT count(*) FROM ideas WHERE topic_id = %s", topic))


def category(connection: Connection, topic: UUID, name: str) -> UUID:
    made: UUID = one(
        connection,
        "INSERT INTO categories (topic_id, name, slug) VALUES (%s, %s, %s) RETURNING id",
        topic,
        name,
        name,
    )
    return made


def test_everything_moves_in_short_transactions_and_goes_back(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect() as c:
        source, survivor = content.topic, topic(c, "Seas")
        slug = one(c, "SELECT slug FROM topics WHERE id = %s", source)
        fill(c, content.author, source, 4_000)
        fill(c, content.author, survivor, 5)
        clash = category(c, source, "quay")
        category(c, survivor, "quay")
        c.execute("UPDATE ideas SET category_id = %s WHERE id = %s", [clash, content.idea])
        promoted = one(
            c,
            "INSERT INTO user_topics (user_id, name, status, promoted_to_topic_id)"
            " VALUES (%s, 'x', 'approved', %s) RETURNING id",
            content.author,
            source,
        )
        merge = begin(ada, source, survivor)
        assert begin(ada, source, survivor, merge) == merge
        carry_out(ada, merge)
        assert ideas(c, source) == 0
        assert ideas(c, survivor) == 4_006
        assert one(c, "SELECT topic_id FROM scenes") == survivor
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", survivor) == 1
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", source) == 0
        assert one(c, "SELECT promoted_to_topic_id FROM user_topics WHERE id = %s", promoted) == survivor
        assert one(c, "SELECT slug FROM categories WHERE id = %s", clash) == "quay-2"
        assert one(c, "SELECT topic_id FROM categories WHERE id = %s", clash) == survivor
        assert one(c, "SELECT is_active FROM topics WHERE id = %s", source) is False
        assert one(ada, "SELECT greenroom.topic_of_slug(%s)", slug) == survivor
        assert one(c, "SELECT max(cardinality(row_ids)) FROM greenroom.topic_merge_parts") <= 2_000
        actions = one(c, "SELECT array_agg(action ORDER BY audit_id) FROM greenroom.audit")
        assert actions == ["topic.merge.begin", "topic.merge.end"]
        # What was moved on since stays there; what came later was never taken.
        elsewhere = topic(c, "Land")
        c.execute("UPDATE ideas SET topic_id = %s WHERE id = %s", [elsewhere, content.idea])
        newer = add_idea(c, content.author, survivor, "Newer")
        steer(ada, merge, "undo")
        carry_out(ada, merge, "undone")
        assert ideas(c, source) == 4_000
        assert ideas(c, survivor) == 6
        assert one(c, "SELECT topic_id FROM ideas WHERE id = %s", newer) == survivor
        assert one(c, "SELECT topic_id FROM ideas WHERE id = %s", content.idea) == elsewhere
        assert one(c, "SELECT kept FROM greenroom.topic_merges") == 1
        assert one(c, "SELECT slug FROM categories WHERE id = %s", clash) == "quay"
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", source) == 1
        assert one(c, "SELECT promoted_to_topic_id FROM user_topics WHERE id = %s", promoted) == source
        assert one(c, "SELECT is_active FROM topics WHERE id = %s", source) is True
        assert one(ada, "SELECT greenroom.topic_of_slug(%s)", slug) == source
        # It can be merged anew.
        begin(ada, source, survivor)


def test_of_ideas_that_come_in_a_flood_none_is_left_behind(attached: Database) -> None:
    content = add_content(attached)
    ended = Event()
    with attached.connect() as c:
        survivor = topic(c, "Seas")
        fill(c, content.author, content.topic, 3_000)

    def flood(_: int) -> int:
        with attached.connect() as writer:
            for made in range(1, 100_000):
                with writer.transaction():
                    idea = add_idea(writer, content.author, content.topic)
                    writer.execute(
                        "INSERT INTO scenes (idea_id, user_id, topic_id, title) VALUES (%s, %s, %s, 'x')",
                        [idea, content.author, content.topic],
                    )
                    writer.execute(
                        "UPDATE ideas SET like_count = like_count + 1 WHERE id = %s", [content.idea]
                    )
                if ended.is_set():
                    return made
        raise AssertionError("the flood has no end")

    with attached.connect("ada") as ada, attached.connect() as c, ThreadPoolExecutor(3) as pool:
        floods = [pool.submit(flood, each) for each in range(3)]
        try:
            merge = begin(ada, content.topic, survivor)
            moved: list[int] = []
            while sum(moved) < 3_200:
                done = carry(ada, merge)
                moved.append(0 if done is None else done["touched"])
        finally:
            ended.set()
        made = sum(each.result() for each in floods)
        # What was committed after the end is swept by anybody's console, without knowing of the merge.
        carry_out(ada, merge)
        late = add_idea(c, content.author, content.topic)
        with attached.connect("rey") as rey:
            swept = carry(rey)
            assert swept is not None
            assert (swept["merge_id"], swept["touched"]) == (str(merge), 1)
            assert carry(rey) is None
        assert one(c, "SELECT topic_id FROM ideas WHERE id = %s", late) == survivor
        assert ideas(c, content.topic) == 0
        assert ideas(c, survivor) == 3_000 + made + 2
        assert one(c, "SELECT like_count FROM ideas WHERE id = %s", content.idea) == made
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", survivor) == made + 1
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", content.topic) == 0


def test_a_merge_whose_console_died_is_carried_on_by_another(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("rey") as rey:
        survivor = topic(c, "Seas")
        fill(c, content.author, content.topic, 3_000)
        with attached.connect("ada") as ada:
            merge = begin(ada, content.topic, survivor)
            while ideas(c, survivor) == 0:
                carry(ada, merge)
            before = ideas(c, survivor)
            ada.execute("BEGIN")
            carry(ada, merge)
            c.execute("SELECT pg_terminate_backend(%s)", [ada.info.backend_pid])
            with pytest.raises(psycopg.OperationalError):
                ada.execute("COMMIT")
        # Nothing of what was not committed is there or recorded, and nobody steps in while it is fresh.
        recorded = (
            "SELECT sum(cardinality(row_ids)) FROM greenroom.topic_merge_parts WHERE relation = 'ideas'"
        )
        assert ideas(c, survivor) == before
        assert (one(c, recorded) or 0) == before
        assert carry(rey) is None
        c.execute("UPDATE greenroom.topic_merges SET carried_at = carried_at - interval '1 minute'")
        assert carry(rey) is not None
        carry_out(rey, merge)
        assert (ideas(c, content.topic), ideas(c, survivor)) == (0, 3_001)


def test_a_stopped_merge_rests_until_it_is_resumed(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect() as c:
        survivor = topic(c, "Seas")
        merge = begin(ada, content.topic, survivor)
        steer(ada, merge, "stop")
        c.execute("UPDATE greenroom.topic_merges SET carried_at = carried_at - interval '1 minute'")
        assert carry(ada) is None
        stopped = carry(ada, merge)
        assert stopped is not None
        assert (stopped["state"], stopped["touched"]) == ("stopped", 0)
        steer(ada, merge, "resume")
        carry_out(ada, merge)
        assert ideas(c, survivor) == 1


def test_merges_that_meet_end_with_nothing_between_them(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("ada") as other, attached.connect() as c:
        middle, last = topic(c, "Seas"), topic(c, "Oceans")
        for each in (content.topic, middle, last):
            fill(c, content.author, each, 1_000)
        first = begin(ada, content.topic, middle)
        with pytest.raises(psycopg.Error, match="was merged into another") as refused:
            begin(other, middle, content.topic)
        assert refused.value.sqlstate == "GR003"
        second = begin(other, middle, last)
        with ThreadPoolExecutor(2) as pool:
            both = pool.submit(carry_out, ada, first), pool.submit(carry_out, other, second)
            for running in both:
                running.result()
        while carry(ada) is not None:
            pass
        assert [ideas(c, each) for each in (content.topic, middle, last)] == [0, 0, 3_001]
        slug = one(c, "SELECT slug FROM topics WHERE id = %s", content.topic)
        assert one(ada, "SELECT greenroom.topic_of_slug(%s)", slug) == last
        # They go back in the other order than they came.
        with pytest.raises(psycopg.Error, match="merged itself since"):
            steer(ada, first, "undo")
        for merge in (second, first):
            steer(ada, merge, "undo")
            carry_out(ada, merge, "undone")
        assert [ideas(c, each) for each in (content.topic, middle, last)] == [1_001, 1_000, 1_000]


def test_only_admins_merge_and_not_for_ever_back(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        survivor = topic(c, "Seas")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            begin(mia, content.topic, survivor)
        for source, into in ((survivor, survivor), (uuid4(), survivor), (survivor, uuid4())):
            with pytest.raises(psycopg.Error) as error:
                begin(ada, source, into)
            assert error.value.sqlstate in {"GR007", "GR009"}
        merge = begin(ada, content.topic, survivor)
        c.execute("UPDATE greenroom.topic_merges SET undo_until = now() - interval '1 minute'")
        with pytest.raises(psycopg.Error, match="seven days"):
            steer(ada, merge, "undo")
