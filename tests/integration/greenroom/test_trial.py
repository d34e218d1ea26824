"""A trigger of the platform that runs as whoever writes is found before a decision runs into it."""

from __future__ import annotations

import psycopg
import pytest

from db.greenroom.attach import attach
from db.greenroom.doctor import examine
from db.platforms.scenes.declaration import SCENES
from tests.support.content import add_content, claim, decide, item, one
from tests.support.databases import Database

_COUNTING = """
CREATE TABLE tally (scene_id uuid PRIMARY KEY, hidden integer NOT NULL DEFAULT 0);
CREATE FUNCTION count_hidden() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.tally AS t VALUES (NEW.id, 1)
    ON CONFLICT (scene_id) DO UPDATE SET hidden = t.hidden + 1;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_hidden AFTER UPDATE OF status ON scenes
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION count_hidden();
"""


def test_attach_names_the_trigger_and_what_it_needs_and_writes_nothing(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        c.execute(_COUNTING)
        before = c.execute("SELECT status, bible_version FROM scenes").fetchall()
    with attached.engine() as engine:
        warnings = [each for each in attach(engine, SCENES).warnings if "is refused" in each]
    assert len(warnings) == 1
    assert "permission denied for table tally" in warnings[0]
    assert "function count_hidden()" in warnings[0]
    assert "GRANT" in warnings[0]
    with attached.connect() as c:
        assert c.execute("SELECT status, bible_version FROM scenes").fetchall() == before
        assert one(c, "SELECT count(*) FROM topics WHERE slug LIKE 'greenroom-%%'") == 0
    with attached.connect("mia") as mia:
        held = claim(mia, "scene", content.scene)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            decide(mia, "scenes.scene", "hide", [item(held)], policy="spam")


def test_after_the_grant_nothing_is_refused(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        c.execute(_COUNTING)
        c.execute("GRANT SELECT, INSERT, UPDATE ON tally TO greenroom_owner")
    with attached.engine() as engine:
        assert not [each for each in attach(engine, SCENES).warnings if "is refused" in each]
        with engine.connect() as connection:
            found = next(each for each in examine(connection, SCENES) if each.area == "writes")
            assert found.ok
    with attached.connect("mia") as mia:
        decide(mia, "scenes.scene", "hide", [item(claim(mia, "scene", content.scene))], policy="spam")
    with attached.connect() as c:
        assert one(c, "SELECT hidden FROM tally") == 1


def test_the_doctor_names_it_too(attached: Database) -> None:
    add_content(attached)
    with attached.connect() as c:
        c.execute(_COUNTING)
    with attached.engine() as engine, engine.connect() as connection:
        found = next(each for each in examine(connection, SCENES) if each.area == "writes")
    assert not found.ok
    assert "count_hidden()" in found.message
