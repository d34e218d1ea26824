"""What admins do to topics and categories: once each, in order, together with others, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.slugs import slug_of
from tests.support.content import Connection, add_content, add_idea, claim, one, undo
from tests.support.databases import Database

CURATE = "SELECT greenroom.curate(%s, %s, 'tests')"


def curate(connection: Connection, *changes: dict[str, Any], id: UUID | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = one(connection, CURATE, id or uuid4(), Jsonb([_texts(each) for each in changes]))
    return answer


def refused(connection: Connection, *changes: Any, state: str) -> str:
    with pytest.raises(psycopg.Error) as error:
        connection.execute(CURATE.encode(), [uuid4(), Jsonb([_texts(each) for each in changes])])
    assert error.value.sqlstate == state, error.value
    return str(error.value)


def create(name: str, topic: UUID | None = None, id: UUID | None = None, **values: Any) -> dict[str, Any]:
    kind = "topic" if topic is None else "category"
    more = {} if topic is None else {"topic_id": topic}
    return {"act": "create", "kind": kind, "id": id or uuid4(), "values": {"name": name, **more, **values}}


def edit(kind: str, id: UUID, version: str, **values: Any) -> dict[str, Any]:
    return {"act": "edit", "kind": kind, "id": id, "version": version, "values": values}


def place(kind: str, id: UUID, after: UUID | None) -> dict[str, Any]:
    return {"act": "place", "kind": kind, "id": id, "after": after}


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(each) for key, each in value.items()}
    return str(value) if isinstance(value, UUID) else value


def version(connection: Connection, kind: str, id: UUID) -> str:
    query = (
        "SELECT greenroom.topic_version(name, slug, description, icon_url, is_active)"
        " FROM topics WHERE id = %s"
        if kind == "topic"
        else "SELECT greenroom.category_version(topic_id, name, slug, description, is_active)"
        " FROM categories WHERE id = %s"
    )
    return str(one(connection, query, id))


def names(connection: Connection, topic: UUID | None = None) -> list[str]:
    table = "topics" if topic is None else "categories"
    where = "" if topic is None else f" WHERE topic_id = '{topic}'"
    rows = connection.execute(
        f'SELECT name FROM {table}{where} ORDER BY display_order, name COLLATE "C", id'.encode()
    )
    return [row[0] for row in rows]


def topics(connection: Connection, orders: Sequence[int]) -> list[UUID]:
    """Topics called 00, 01, … with these orders."""
    return [
        one(
            connection,
            "INSERT INTO topics (name, slug, display_order) VALUES (%s, %s, %s) RETURNING id",
            f"{place:02}",
            uuid4().hex,
            order,
        )
        for place, order in enumerate(orders)
    ]


def test_a_topic_is_made_once_with_a_slug_of_its_name(attached: Database) -> None:
    id, decision = uuid4(), uuid4()
    with attached.connect("ada") as ada, attached.connect() as c:
        assert curate(ada, create("  Crème Brûlée & Straße ", id=id), id=decision)["repeated"] is False
        assert curate(ada, create("Crème Brûlée & Straße", id=id), id=decision)["repeated"] is True
        row = c.execute("SELECT name, slug, is_active, is_curated FROM topics").fetchall()
        assert row == [("Crème Brûlée & Straße", "creme-brulee-strasse", True, True)]
        curate(ada, create("Creme brulee strasse"))
        curate(ada, create("Harbours", id))
        assert one(c, "SELECT slug FROM topics WHERE id <> %s", id) == "creme-brulee-strasse-2"
        assert one(c, "SELECT topic_id FROM categories") == id
        assert one(c, "SELECT count(*) FROM greenroom.audit WHERE action = 'scenes.curation.create'") == 3
        assert one(c, "SELECT count(*) FROM greenroom.outbox WHERE event = 'curation'") == 3
        assert one(c, "SELECT count(*) FROM greenroom.change_log WHERE kind IN ('topic', 'category')") == 3
        audited = one(c, "SELECT string_agg(changed::text, '') FROM greenroom.audit")
        assert "Crème" not in audited
        assert "Crème Brûlée" in one(c, "SELECT string_agg(content::text, '') FROM greenroom.evidence")


@pytest.mark.parametrize(
    "name",
    [
        "Sea",
        "Crème Brûlée",
        "  --A  b_c--",
        "Łódź øre đaß",
        "海",
        "İstanbul",
        "Ünïcödé ½ ﬁn",
        "x" * 95,
        "a" * 89 + " bc",
    ],
)
def test_console_and_database_make_the_same_slug(attached: Database, name: str) -> None:
    with attached.connect() as c:
        assert one(c, "SELECT greenroom.slug(%s)", name) == slug_of(name)


def test_only_admins_curate_and_nobody_writes_by_hand(attached: Database) -> None:
    for login in ("rey", "mia"):
        with attached.connect(login) as c:
            refused(c, create("Sea"), state="42501")
    with attached.connect("ada") as ada:
        for statement in (
            "UPDATE topics SET name = 'x'",
            "DELETE FROM categories",
            "INSERT INTO topics (name, slug) VALUES ('a', 'a')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ada.execute(statement)


def test_an_edit_writes_what_differs_and_is_refused_on_what_was_not_seen(attached: Database) -> None:
    with attached.connect("ada") as ada, attached.connect() as c:
        sea, land = uuid4(), uuid4()
        curate(ada, create("Sea", id=sea), create("Land", id=land))
        seen = version(c, "topic", sea)
        done = curate(ada, edit("topic", sea, seen, name="Seas", description="", is_active=False, slug="sea"))
        assert c.execute(
            "SELECT name, slug, description, is_active FROM topics WHERE id = %s", [sea]
        ).fetchall() == [("Seas", "sea", None, False)]
        written = one(
            c, "SELECT after FROM greenroom.decision_changes WHERE decision_id = %s", done["decision_id"]
        )
        assert written == {"name": "Seas", "is_active": False}
        told = refused(ada, edit("topic", sea, seen, name="Oceans"), state="GR003")
        assert "changed after it was shown" in told
        assert '"decided_by": "ada"' in told
        current = version(c, "topic", sea)
        for column, value, words in (
            ("slug", "land", "slug is taken"),
            ("slug", "Sea Side", "small letters"),
            ("name", " ", "empty"),
            ("name", "x" * 101, "longer than 100"),
            ("icon_url", "javascript:alert(1)", "http or https"),
            ("description", "x" * 10_001, "longer"),
            ("display_order", "3", "cannot be set"),
            ("topic_id", str(land), "cannot be set"),
            ("is_active", "yes", "true or false"),
        ):
            assert words in refused(ada, edit("topic", sea, current, **{column: value}), state="GR007")
        refused(ada, edit("topic", uuid4(), current, name="x"), state="GR009")


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [1],
        [{}],
        [{"act": "drop", "kind": "topic", "id": str(uuid4())}],
        [{"act": "place", "kind": "user_topic", "id": str(uuid4())}],
        [{"act": "create", "kind": "topic", "id": "7", "values": {"name": "x"}}],
        [{"act": "create", "kind": "topic", "id": str(uuid4()), "values": []}],
        [{"act": "create", "kind": "topic", "id": str(uuid4()), "values": {}}],
        [{"act": "create", "kind": "topic", "id": str(uuid4()), "values": {"name": {"a": 1}}}],
        [{"act": "create", "kind": "category", "id": str(uuid4()), "values": {"name": "x"}}],
        [{"act": "place", "kind": "topic", "id": "-" * 36}],
    ],
)
def test_what_is_no_change_is_refused(attached: Database, changes: list[Any]) -> None:
    with attached.connect("ada") as ada:
        with pytest.raises(psycopg.Error) as error:
            ada.execute(CURATE, [uuid4(), Jsonb(changes)])
        assert error.value.sqlstate in {"GR007", "GR009"}, error.value


def test_of_many_changes_all_are_made_or_none(attached: Database) -> None:
    with attached.connect("ada") as ada, attached.connect() as c:
        sea = uuid4()
        refused(
            ada,
            create("Sea", id=sea),
            create("Harbour", sea),
            create("Quay", sea, slug="harbour"),
            state="GR007",
        )
        assert one(c, "SELECT count(*) FROM topics") == 0
        done = curate(ada, create("Sea", id=sea), create("Harbour", sea), create("Quay", sea))
        assert names(c, sea) == ["Harbour", "Quay"]
        undo(ada, done["decision_id"])
        assert one(c, "SELECT count(*) FROM topics") == 0


def _fewest(orders: list[int], at: int) -> int:
    """How few siblings must change to let one in at a place: looked for by trying every stretch of them."""
    for size in range(len(orders) + 1):
        for first in range(max(0, at - size), min(at, len(orders) - size) + 1):
            end = first + size
            low = orders[first - 1] if first else None
            high = orders[end] if end < len(orders) else None
            if low is None or high is None or high - low > size + 1:
                return size
    raise AssertionError


def test_a_move_touches_as_few_rows_as_possible(attached: Database) -> None:
    random = Random(4)
    with attached.connect("ada") as ada, attached.connect() as c:
        for _ in range(60):
            c.execute("TRUNCATE topics CASCADE")
            orders = sorted(random.choices(range(random.choice((1, 6, 14, 60))), k=9))
            ids = topics(c, orders)
            moved = random.randrange(9)
            after = random.choice([None, *(each for each in range(9) if each != moved)])
            rest = [each for each in range(9) if each != moved]
            at = 0 if after is None else rest.index(after) + 1
            done = curate(ada, place("topic", ids[moved], None if after is None else ids[after]))
            assert names(c) == [f"{each:02}" for each in (*rest[:at], moved, *rest[at:])]
            written = one(
                c,
                "SELECT count(*) FROM greenroom.decision_changes WHERE decision_id = %s",
                done["decision_id"],
            )
            stays = at == moved
            assert written == (0 if stays else 1 + _fewest([orders[each] for each in rest], at))


def test_an_undo_puts_a_row_back_where_it_stood(attached: Database) -> None:
    with attached.connect("ada") as ada, attached.connect() as c:
        ids = topics(c, range(6))
        done = curate(ada, place("topic", ids[5], ids[1]))
        assert names(c) == ["00", "01", "05", "02", "03", "04"]
        undo(ada, done["decision_id"])
        assert names(c) == ["00", "01", "02", "03", "04", "05"]
        done = curate(ada, place("topic", ids[5], ids[1]))
        curate(ada, place("topic", ids[5], None))
        with pytest.raises(psycopg.Error, match="display_order was changed since by ada"):
            undo(ada, done["decision_id"])


def test_two_admins_who_reorder_at_once_end_in_one_order_and_lose_no_row(attached: Database) -> None:
    with attached.connect() as c:
        ids = topics(c, range(8))

    def move(seed: int) -> None:
        random = Random(seed)
        with attached.connect("ada") as ada, attached.connect("ada") as reader:
            for _ in range(250):
                moved, after = random.sample(ids, 2)
                curate(ada, place("topic", moved, after))
                # Two that were placed in one gap without knowing of each other would stand at one number.
                assert one(reader, "SELECT count(DISTINCT display_order) FROM topics") == len(ids)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(move, (1, 2)))
    with attached.connect("ada") as ada, attached.connect() as c:
        assert sorted(names(c)) == [f"{each:02}" for each in range(8)]
        # The last of several hundred moves holds exactly.
        curate(ada, place("topic", ids[3], ids[6]))
        order = names(c)
        assert order[order.index("06") + 1] == "03"
        assert one(c, "SELECT count(DISTINCT display_order) FROM topics") == 8


def test_a_category_moves_with_its_ideas_and_scenes_and_back(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect() as c:
        land, harbour = uuid4(), uuid4()
        curate(
            ada, create("Land", id=land), create("Harbour", content.topic, id=harbour), create("Quay", land)
        )
        c.execute("UPDATE ideas SET category_id = %s WHERE id = %s", [harbour, content.idea])
        other = add_idea(c, content.author, content.topic, "Elsewhere")
        before = one(c, "SELECT scene_count FROM topics WHERE id = %s", content.topic)
        assert before == 1
        done = curate(ada, edit("category", harbour, version(c, "category", harbour), topic_id=land))
        assert names(c, land) == ["Quay", "Harbour"]
        assert one(c, "SELECT topic_id FROM ideas WHERE id = %s", content.idea) == land
        assert one(c, "SELECT topic_id FROM scenes") == land
        assert one(c, "SELECT topic_id FROM ideas WHERE id = %s", other) == content.topic
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", land) == 1
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", content.topic) == 0
        undo(ada, done["decision_id"])
        assert names(c, content.topic) == ["Harbour"]
        assert one(c, "SELECT topic_id FROM scenes") == content.topic
        assert one(c, "SELECT scene_count FROM topics WHERE id = %s", content.topic) == 1
        curate(ada, create("Harbour", land))
        current = version(c, "category", harbour)
        assert "slug is taken" in refused(
            ada, edit("category", harbour, current, topic_id=land), state="GR007"
        )
        refused(ada, edit("category", harbour, current, topic_id=uuid4()), state="GR009")


def test_a_category_that_holds_too_much_stays(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect() as c:
        land, harbour = uuid4(), uuid4()
        curate(ada, create("Land", id=land), create("Harbour", content.topic, id=harbour))
        c.execute(
            "INSERT INTO ideas (user_id, topic_id, category_id, title, prompt)"
            " SELECT %s, %s, %s, 'x', 'x' FROM generate_series(1, 2001)",
            [content.author, content.topic, harbour],
        )
        current = version(c, "category", harbour)
        assert "2,000" in refused(ada, edit("category", harbour, current, topic_id=land), state="GR007")
        c.execute("DELETE FROM ideas WHERE id = (SELECT id FROM ideas WHERE category_id IS NOT NULL LIMIT 1)")
        done = curate(ada, edit("category", harbour, current, topic_id=land))
        assert one(c, "SELECT count(*) FROM ideas WHERE topic_id = %s", land) == 2000
        undo(ada, done["decision_id"])
        assert one(c, "SELECT count(*) FROM ideas WHERE topic_id = %s", land) == 0


def suggest(
    connection: Connection, author: UUID, name: str = "Tides", status: str = "approved"
) -> tuple[UUID, str]:
    row = connection.execute(
        "INSERT INTO user_topics (user_id, name, status) VALUES (%s, %s, %s)"
        " RETURNING id, greenroom.user_topic_version(name, description, status, promoted_to_topic_id)",
        [author, name, status],
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def promote(id: UUID, seen: str, topic: UUID) -> dict[str, Any]:
    return {"act": "promote", "kind": "user_topic", "id": id, "version": seen, "values": {"topic_id": topic}}


def test_a_suggestion_becomes_a_topic_or_is_folded_into_one_and_back(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect("mia") as mia, attached.connect() as c:
        approved, seen = suggest(c, content.author)
        made = uuid4()
        done = curate(ada, create("Tides", id=made), promote(approved, seen, made))
        assert c.execute("SELECT verb, scope FROM greenroom.decisions").fetchall() == [
            ("promote", "scenes.curation")
        ]
        assert one(c, "SELECT promoted_to_topic_id FROM user_topics") == made
        assert "meanwhile" in refused(ada, promote(approved, seen, content.topic), state="GR003")
        undo(ada, done["decision_id"])
        assert c.execute("SELECT status, promoted_to_topic_id, reviewed_by FROM user_topics").fetchall() == [
            ("approved", None, None)
        ]
        assert one(c, "SELECT count(*) FROM topics") == 1
        pending, seen = suggest(c, content.author, "Sea", "pending")
        claim(mia, "user_topic", pending)
        assert "mia is deciding" in refused(ada, promote(pending, seen, content.topic), state="GR005")
        one(
            mia,
            "SELECT greenroom.release(ARRAY(SELECT token FROM unnest(%s::uuid[]) AS token))",
            [one(c, "SELECT token FROM greenroom.claims")],
        )
        curate(ada, promote(pending, seen, content.topic))
        assert (
            one(
                c,
                "SELECT verb FROM greenroom.decisions WHERE undoes IS NULL ORDER BY decided_at DESC LIMIT 1",
            )
            == "fold"
        )
        assert c.execute(
            "SELECT status, promoted_to_topic_id, reviewed_by IS NOT NULL FROM user_topics WHERE id = %s",
            [pending],
        ).fetchall() == [("approved", content.topic, True)]
        rejected, seen = suggest(c, content.author, "Sea 2", "rejected")
        refused(ada, promote(rejected, seen, content.topic), state="GR003")
        refused(ada, promote(uuid4(), seen, content.topic), state="GR009")


def test_an_id_means_one_thing_and_an_undo_of_what_is_in_use_is_refused(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("ada") as ada, attached.connect() as c:
        decision, sea = uuid4(), uuid4()
        curate(ada, create("Ocean", id=sea), id=decision)
        with pytest.raises(psycopg.Error, match="another decision"):
            curate(ada, place("topic", sea, None), id=decision)
        add_idea(c, content.author, sea)
        with pytest.raises(psycopg.Error, match="is in use"):
            undo(ada, decision)


def test_somebody_who_keeps_a_curation_open_delays_others_and_blocks_none_for_long(
    attached: Database,
) -> None:
    with attached.connect("ada") as ada, attached.connect("ada") as other:
        with ada.transaction():
            curate(ada, create("Sea"))
            refused(other, create("Land"), state="55P03")
        curate(other, create("Land"))
