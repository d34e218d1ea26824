"""A console older than the schema's minimum changes nothing; others, and what names no version, go on."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.support.content import add_content, one
from tests.support.databases import Database

NOTE = "SELECT greenroom.add_note(%s, 'idea', %s, 'Look here', %s)"


@pytest.mark.parametrize(
    ("minimum", "client", "accepted"),
    [
        ("0.1.0", "greenroom 0.1.0", True),
        ("0.2.0", "greenroom 0.1.9", False),
        ("0.2.0", "greenroom 0.10.0", True),
        ("1.0.0", "greenroom 0.99.99 (built)", False),
        ("1.0.0", "psql", True),
        ("1.0.0", None, True),
        ("1.0.0", "greenroom of another kind", True),
    ],
)
def test_who_may_write(attached: Database, minimum: str, client: str | None, accepted: bool) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("mia") as mia:
        c.execute("UPDATE greenroom.settings SET minimum_client = %s", [minimum])
        if accepted:
            assert one(mia, NOTE, uuid4(), content.idea, client)["repeated"] is False
        else:
            with pytest.raises(psycopg.Error) as caught:
                mia.execute(NOTE, [uuid4(), content.idea, client])
            assert caught.value.sqlstate == "GR010"
            assert minimum in str(caught.value)
        assert one(c, "SELECT count(*) FROM greenroom.notes") == int(accepted)


def test_a_minimum_is_a_version(attached: Database) -> None:
    with attached.connect() as c, pytest.raises(psycopg.errors.CheckViolation):
        c.execute("UPDATE greenroom.settings SET minimum_client = 'newest'")
