"""The migrations make what the models say, from nothing, and take all of it away again."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from db.embedded import EmbeddedCluster
from db.platforms.scenes import migrate
from db.platforms.scenes.models import Base
from tests.support.databases import Database, cloned

# What a migration makes, extensions and their functions apart.
MADE = sa.text(
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " UNION ALL SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace ORDER BY 1"
)


@pytest.fixture
def empty(cluster: EmbeddedCluster) -> Iterator[Database]:
    """A database without anything in it."""
    with cloned(None, cluster) as database:
        yield database


def differences(connection: sa.Connection) -> list[object]:
    """What Alembic would change to make the database equal to the models."""

    def ours(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
        # Months are partitions of a table that the models have.
        return not (kind == "table" and reflected and str(name).startswith(("segments_", "jobs_")))

    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": True,
            "include_object": ours,
            "version_table": "scenes_schema_version",
        },
    )
    return list(compare_metadata(context, Base.metadata))


def made(connection: sa.Connection) -> list[str]:
    return list(connection.scalars(MADE))


def test_models_and_database_are_equal(scenes_database: Database) -> None:
    with scenes_database.engine() as engine, engine.connect() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE likes ADD COLUMN weight integer",
        "ALTER TABLE ideas ALTER COLUMN title TYPE varchar(300)",
        "ALTER TABLE users ALTER COLUMN role SET DEFAULT 'admin'",
        "ALTER TABLE categories ALTER COLUMN slug DROP NOT NULL",
        "ALTER TABLE oauth_accounts DROP CONSTRAINT oauth_accounts_user_id_fkey",
        "DROP INDEX idx_segments_scene_sequence",
    ],
)
def test_a_difference_would_be_seen(scenes_database: Database, change: str) -> None:
    with scenes_database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(change)
        assert len(differences(connection)) == 1


def test_down_to_nothing_and_up_again(empty: Database) -> None:
    with empty.engine() as engine:
        with engine.begin() as connection:
            migrate.upgrade(connection)
            first = made(connection)
        with engine.begin() as connection:
            migrate.downgrade(connection)
            left = [name for name in made(connection) if "scenes_schema_version" not in name]
            assert left == []
        with engine.begin() as connection:
            migrate.upgrade(connection)
            assert made(connection) == first
            assert differences(connection) == []


def test_a_second_upgrade_changes_nothing(scenes_database: Database) -> None:
    with scenes_database.engine() as engine, engine.begin() as connection:
        before = made(connection)
        migrate.upgrade(connection)
        assert made(connection) == before


def test_an_upgrade_that_fails_leaves_nothing(empty: Database) -> None:
    with empty.engine() as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE likes ()")
        with pytest.raises(psycopg.errors.DuplicateTable, match="likes"), engine.begin() as connection:
            migrate.upgrade(connection)
        with engine.connect() as connection:
            assert [name for name in made(connection) if not name.startswith("_")] == ["likes", "likes"]
