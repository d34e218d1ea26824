"""The doctor's findings about a database, each broken for real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from console.domain.findings import Finding
from db.administration import Owner, examine_platform
from db.greenroom.doctor import examine
from db.platforms.scenes.declaration import SCENES
from tests.support.databases import Database


def after(database: Database, *damage: str) -> dict[str, Finding]:
    """What the doctor finds after `damage`, which is then rolled back: logins belong to the whole server."""
    with database.engine() as engine, engine.connect() as connection:
        for statement in damage:
            connection.execute(text(statement))
        found = examine(connection, SCENES)
        connection.rollback()
    assert len({finding.area for finding in found}) == len(found)
    assert all(bool(finding.remedy) is not finding.ok for finding in found)
    return {finding.area: finding for finding in found}


def test_an_attached_database_is_sound_but_for_the_others_on_its_server(closed: Database) -> None:
    found = after(closed)
    assert [area for area, finding in found.items() if not finding.ok] == ["other databases"]
    assert len(found) > 10


def test_a_database_without_the_schema_says_so(scenes_database: Database) -> None:
    (schema,) = after(scenes_database).values()
    assert not schema.ok
    assert "not attached" in schema.message
    assert "attach" in schema.remedy


@pytest.mark.parametrize(("version", "remedy"), [(1, "attach"), (99, "Update")])
def test_another_version_of_the_schema_is_named(attached: Database, version: int, remedy: str) -> None:
    (schema,) = after(
        attached,
        "DELETE FROM greenroom.schema_version",
        f"INSERT INTO greenroom.schema_version (version) VALUES ({version})",
    ).values()
    assert not schema.ok
    assert str(version) in schema.message
    assert remedy in schema.remedy


@pytest.mark.parametrize(
    ("area", "damage", "named"),
    [
        (
            "triggers",
            "ALTER TABLE moderation_flags DISABLE TRIGGER greenroom_flags_added",
            "greenroom_flags_added",
        ),
        ("triggers", "DROP TRIGGER greenroom_segments_added ON segments", "greenroom_segments_added"),
        ("indexes", "DROP INDEX greenroom_ideas_pending", "Missing: greenroom_ideas_pending"),
        (
            "indexes",
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'greenroom_ideas_title'::regclass",
            "Broken: greenroom_ideas_title",
        ),
        (
            "staff groups",
            "INSERT INTO greenroom.staff (login, user_id, display_name)"
            " VALUES ('ghost', gen_random_uuid(), 'Ghost')",
            "ghost",
        ),
        ("staff groups", "REVOKE greenroom_reviewer FROM rey GRANTED BY greenroom_staffing", "rey"),
        ("staff groups", "ALTER ROLE rey NOLOGIN", "rey"),
        ("staff rights", "ALTER ROLE mia SUPERUSER", "mia"),
        ("staff rights", "ALTER ROLE mia BYPASSRLS", "mia"),
        ("staff rights", "GRANT pg_read_all_data TO mia", "mia is a member of pg_read_all_data"),
        ("staff rights", "ALTER TABLE scenes OWNER TO mia", "mia"),
        ("staff connections", "ALTER ROLE max CONNECTION LIMIT -1", "max"),
        ("shared memory", "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC", "pg_advisory_lock"),
        ("shared memory", "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC", "lo_create"),
        ("shared memory", "GRANT CREATE ON SCHEMA public TO rey", "rey may create in the schema public"),
        ("watchdog", "REVOKE pg_signal_backend FROM greenroom_owner", "pg_signal_backend"),
        ("functions", "GRANT EXECUTE ON FUNCTION greenroom.reconcile() TO PUBLIC", "reconcile"),
        ("grants", "REVOKE EXECUTE ON FUNCTION greenroom.me() FROM greenroom_reviewer", "me"),
        ("grants", "REVOKE SELECT (login, user_id, display_name, active) ON greenroom.staff"
         " FROM greenroom_reviewer", "greenroom.staff"),
        ("passwords", "SET LOCAL password_encryption = 'md5'", "md5"),
    ],
)  # fmt: skip
def test_damage_is_found(closed: Database, area: str, damage: str, named: str) -> None:
    finding = after(closed, damage)[area]
    assert not finding.ok
    assert named in finding.message


def test_temporary_tables_for_all_are_found(attached: Database) -> None:
    assert "temporary tables" in after(attached)["shared memory"].message


def test_a_month_without_partition_is_found(attached: Database) -> None:
    following = (datetime.now(UTC).replace(day=1) + timedelta(days=32)).replace(day=1)
    partitions = after(
        attached, "SET LOCAL TIME ZONE 'Asia/Kolkata'", f"DROP TABLE segments_{following:%Y_%m}"
    )["partitions"]
    assert not partitions.ok
    assert partitions.message.endswith(f": segments {following:%Y-%m}")


def test_flags_that_no_trigger_saw_are_found(attached: Database) -> None:
    subjects = after(
        attached,
        "ALTER TABLE moderation_flags DISABLE TRIGGER ALL",
        "INSERT INTO moderation_flags (target_type, target_id, reason)"
        " VALUES ('segment', gen_random_uuid(), 'spam')",
    )["subjects"]
    assert not subjects.ok
    assert "1 of the newest" in subjects.message


def test_an_owner_examines_by_profile(closed: Database) -> None:
    owner = Owner(closed.primary, "postgres", closed.cluster.password)
    assert list(examine_platform("scenes", owner)) == list(after(closed).values())
