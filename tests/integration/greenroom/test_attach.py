"""Attach changes what it says, twice as well as once, and detach leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from console.domain.errors import Busy, ConfigurationError
from console.domain.staff import Role
from db.greenroom import limits
from db.greenroom.attach import ROLES, VERSION, attach, detach, steps
from db.greenroom.staff import grant_staff, revoke_staff
from db.platforms.scenes.declaration import SCENES
from tests.support.content import Connection, add_content, add_flag, claim, decide, item, one
from tests.support.databases import Database
from tests.support.staff import add_staff, user_id

_STATE = """
SELECT format('relation %s %s %s %s', c.oid::regclass, c.relkind, c.relowner::regrole, ARRAY(SELECT acl::text
    FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) AS acl ORDER BY 1))
FROM pg_class AS c WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace,
    'information_schema'::regnamespace)
UNION ALL
SELECT format('column %s.%s %s', a.attrelid::regclass, a.attname, a.attacl)
FROM pg_attribute AS a WHERE a.attacl <> '{}'
UNION ALL
SELECT format('function %s %s', p.oid::regprocedure, ARRAY(SELECT acl::text FROM unnest(
    coalesce(p.proacl, acldefault('f', p.proowner))) AS acl ORDER BY 1)) FROM pg_proc AS p
UNION ALL
SELECT format('trigger %s on %s', t.tgname, t.tgrelid::regclass) FROM pg_trigger AS t
UNION ALL
SELECT format('schema %s %s', n.nspname, ARRAY(SELECT acl::text FROM unnest(
    coalesce(n.nspacl, acldefault('n', n.nspowner))) AS acl ORDER BY 1))
FROM pg_namespace AS n WHERE n.nspname !~ '^pg_(toast_)?temp'
UNION ALL
SELECT format('database %s', ARRAY(SELECT acl::text FROM unnest(
    coalesce(d.datacl, acldefault('d', d.datdba))) AS acl ORDER BY 1))
FROM pg_database AS d WHERE d.datname = current_database()
UNION ALL
SELECT format('default %s', d.defaclacl) FROM pg_default_acl AS d
ORDER BY 1
"""


def state(database: Database) -> list[str]:
    with database.connect() as connection:
        return [str(row[0]) for row in connection.execute(_STATE.encode())]


@contextmanager
def role(connection: Connection, name: str, rights: str = "LOGIN") -> Iterator[str]:
    connection.execute(f"CREATE ROLE {name} {rights} PASSWORD '{name}-password'".encode())
    try:
        yield name
    finally:
        connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_detach_leaves_the_platform_as_it_was(scenes_database: Database) -> None:
    with scenes_database.connect() as owner, role(owner, "old_service"):
        before = state(scenes_database)
        with scenes_database.engine() as engine:
            attach(engine, SCENES)
            assert state(scenes_database) != before
            detach(engine, SCENES)
            assert state(scenes_database) == before
            detach(engine, SCENES)
            assert attach(engine, SCENES).version_before == 0


def test_attaching_again_changes_nothing_and_keeps_everything(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        made = decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
    with attached.connect() as owner:
        owner.execute("UPDATE greenroom.policies SET title = 'Ours' WHERE policy_key = 'spam'")
        at = one(owner, "SELECT attached_at FROM greenroom.settings")
    with attached.engine() as engine:
        attach(engine, SCENES)
        before = state(attached)
        report = attach(engine, SCENES)
    assert state(attached) == before
    assert (report.version_before, report.warnings) == (VERSION, ())
    with attached.connect() as owner, attached.connect("mia") as mia:
        assert one(owner, "SELECT title FROM greenroom.policies WHERE policy_key = 'spam'") == "Ours"
        assert one(owner, "SELECT attached_at FROM greenroom.settings") == at
        mia.execute("SELECT greenroom.undo(%s, %s, '')", [uuid4(), made["decision_id"]])


def test_an_older_schema_is_brought_up_in_place(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as owner:
        add_flag(owner, "idea", content.idea)
        later = "".join(script.read_text("utf-8") for step, script in steps().items() if step > 1)
        for table in re.findall(r"CREATE TABLE (greenroom\.\w+)", later):
            owner.execute(f"DROP TABLE {table} CASCADE".encode())
        for table, column in re.findall(r"ALTER TABLE (greenroom\.\w+) ADD COLUMN (\w+)", later):
            owner.execute(f"ALTER TABLE {table} DROP COLUMN {column}".encode())
        for index in re.findall(r"CREATE INDEX (\w+)", later):
            owner.execute(f"DROP INDEX IF EXISTS greenroom.{index}".encode())
        owner.execute("DELETE FROM greenroom.schema_version WHERE version > 1")
    with attached.engine() as engine:
        assert attach(engine, SCENES).version_before == 1
    with attached.connect() as owner:
        assert one(owner, "SELECT max(version) FROM greenroom.schema_version") == VERSION
        assert one(owner, "SELECT count(*) FROM greenroom.missed") == 0
        assert one(owner, "SELECT open_flags FROM greenroom.subjects WHERE id = %s", content.idea) == 1


def test_a_newer_schema_is_left_alone(attached: Database) -> None:
    with attached.connect() as owner:
        owner.execute("INSERT INTO greenroom.schema_version VALUES (999)")
    before = state(attached)
    with attached.engine() as engine, pytest.raises(ConfigurationError, match="999"):
        attach(engine, SCENES)
    assert state(attached) == before


def test_it_does_not_queue_up_behind_a_long_transaction_of_the_platform(
    scenes_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LONG", limits.Limit(0.2, 60))
    monkeypatch.setattr(limits, "INDEX", limits.Limit(0.2, 60))
    told: list[str] = []
    with scenes_database.engine() as engine, scenes_database.connect() as other:
        with other.transaction():
            other.execute("LOCK TABLE moderation_flags IN ROW EXCLUSIVE MODE")
            with pytest.raises(Busy, match=r"^Attaching was kept waiting") as held:
                attach(engine, SCENES, progress=told.append)
        assert "Nothing was changed" in held.value.remedy
        assert one(other, "SELECT to_regnamespace('greenroom')") is None
        with other.transaction():
            # An index made beside the platform's work waits for every older snapshot.
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute("SELECT 1")
            with pytest.raises(Busy, match=r"^Making the index greenroom_") as held:
                attach(engine, SCENES, progress=told.append)
        assert "it goes on from here" in held.value.remedy
        assert len(told) == 1
        attach(engine, SCENES, progress=told.append)
        assert len(set(told)) == len(told) - 1
        assert attach(engine, SCENES, progress=pytest.fail).version_before == VERSION
        assert one(other, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0


@dataclass(frozen=True)
class Found:
    blocking: bool
    message: str


def test_a_blocking_difference_stops_it_before_anything_is_changed(scenes_database: Database) -> None:
    before = state(scenes_database)

    def inspect(_: sa.Connection) -> list[Found]:
        return [Found(True, "ideas.moderation_status is missing"), Found(False, "likes has an index more")]

    with scenes_database.engine() as engine:
        with pytest.raises(ConfigurationError, match="moderation_status is missing"):
            attach(engine, SCENES, inspect)
        assert state(scenes_database) == before
        report = attach(engine, SCENES, lambda _: [Found(False, "likes has an index more")])
    assert report.warnings == ("likes has an index more",)


def test_an_interrupted_index_is_made_anew(attached: Database) -> None:
    with attached.connect() as owner:
        owner.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'greenroom_ideas_pending'::regclass"
        )
    with attached.engine() as engine:
        attach(engine, SCENES)
    with attached.connect() as owner:
        assert one(
            owner, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'greenroom_ideas_pending'::regclass"
        )


def test_roles_of_the_platform_keep_what_is_taken_from_everyone(scenes_database: Database) -> None:
    acts = ("SELECT pg_advisory_lock(1)", "SELECT lo_create(0)", "CREATE TEMP TABLE scratch (id int)")
    with scenes_database.connect() as owner, role(owner, "old_service") as service:
        scenes_database.passwords[service] = f"{service}-password"
        with scenes_database.engine() as engine:
            attach(engine, SCENES)
        add_staff(scenes_database, "mia", Role.MODERATOR)
        for act in acts:
            with scenes_database.connect(service) as connection:
                connection.execute(act.encode())
            with scenes_database.connect("mia") as mia, pytest.raises(psycopg.errors.InsufficientPrivilege):
                mia.execute(act.encode())
        # A login that becomes staff loses what it was given as a role of the platform.
        account = user_id("mia")
        grant_staff(owner, service, Role.REVIEWER, account, "Was a service", None)
        for act in acts:
            with (
                scenes_database.connect(service) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(act.encode())


def test_an_owner_who_is_no_superuser_can_attach_and_is_told_what_is_missing(
    scenes_database: Database,
) -> None:
    with scenes_database.connect() as root, role(root, "keeper", "LOGIN CREATEROLE") as keeper:
        # The roles are there from other databases of this server: whoever attaches must administer them.
        for group in ROLES:
            if not root.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [group]).fetchone():
                root.execute(f"CREATE ROLE {group}".encode())
            root.execute(f"GRANT {group} TO {keeper} WITH ADMIN OPTION".encode())
        root.execute(
            (
                f'ALTER DATABASE "{scenes_database.name}" OWNER TO {keeper};'
                f" ALTER SCHEMA public OWNER TO {keeper}"
            ).encode()
        )
        for (table,) in root.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p')"
        ).fetchall():
            root.execute(f"ALTER TABLE {table} OWNER TO {keeper}".encode())
        engine = sa.create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(
                scenes_database.primary, user=keeper, password=f"{keeper}-password"
            ),
            poolclass=sa.NullPool,
        )
        report = attach(engine, SCENES)
        assert len(report.warnings) == 1
        assert "superuser" in report.warnings[0]
        add_staff(scenes_database, "mia", Role.MODERATOR)
        content = add_content(scenes_database)
        with scenes_database.connect("mia") as mia:
            decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
        attach(engine, SCENES)
        detach(engine, SCENES)
        engine.dispose()
        root.execute(f"REASSIGN OWNED BY {keeper} TO postgres".encode())


@pytest.mark.parametrize("rights", ["SUPERUSER", "CREATEROLE", "CREATEDB", "BYPASSRLS", "IN ROLE pg_monitor"])
def test_a_login_with_rights_of_its_own_does_not_become_staff(attached: Database, rights: str) -> None:
    with (
        attached.connect() as owner,
        role(owner, "mighty", f"LOGIN {rights}") as login,
        pytest.raises(ConfigurationError, match="mighty"),
    ):
        grant_staff(owner, login, Role.REVIEWER, user_id("rey"), "Mighty", None)


def test_a_staff_member_can_change_role_and_leave(attached: Database) -> None:
    add_staff(attached, "ivy", Role.ADMIN)
    with attached.connect() as owner:
        add_staff(attached, "ivy", Role.REVIEWER)
        with attached.connect("ivy") as ivy:
            assert one(ivy, "SELECT greenroom.me() ->> 'role'") == "reviewer"
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ivy.execute("SELECT email FROM users")
        revoke_staff(owner, "ivy")
        with pytest.raises(psycopg.OperationalError):
            attached.connect("ivy")
        with pytest.raises(ConfigurationError):
            revoke_staff(owner, "nobody")
