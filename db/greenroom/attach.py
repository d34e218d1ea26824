"""Install the schema `greenroom` into a platform's database, bring it up to date, or take it away.

Tables are versioned steps; functions, grants, verbs and policies are laid anew at each attach. The platform's
own tables keep their columns, constraints and data: they get indexes, column grants and triggers only.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.resources import files

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, text

from console.domain.errors import ConfigurationError
from console.domain.queues import Platform, Verb
from console.domain.staff import Role
from db.scripts import execute_script

VERSION = 1
ROLES = ("greenroom_owner", *(role.database_role for role in Role))

_OWN = files("db.greenroom") / "sql"


@dataclass(frozen=True, slots=True)
class AttachReport:
    """What attach did, and what it could not do with the rights it had (each with its remedy)."""

    version_before: int
    warnings: tuple[str, ...]


def attach(engine: Engine, platform: Platform) -> AttachReport:
    """Install or update. `engine` connects as the database's owner or a superuser.

    Raises ConfigurationError when the schema was made by a newer console.
    """
    scripts = files(f"db.platforms.{platform.key}") / "greenroom"
    with engine.begin() as connection:
        # One attach at a time: the second waits, then finds everything done.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('greenroom attach'))"))
        superuser = bool(
            connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
        )
        _create_roles(connection)
        before = _version(connection)
        if before > VERSION:
            raise ConfigurationError(
                f"The schema greenroom is of version {before}; this console knows {VERSION}",
                "Update this console.",
            )
        if before == 0:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS greenroom"))
            execute_script(connection, _OWN / "0001_tables.sql")
            connection.execute(text("INSERT INTO greenroom.schema_version VALUES (1)"))
            connection.execute(
                text("INSERT INTO greenroom.settings (platform) VALUES (:key)"), {"key": platform.key}
            )
        for script in ("identity.sql", "claims.sql"):
            execute_script(connection, _OWN / script)
        for script in ("subjects.sql", "upkeep.sql"):
            execute_script(connection, scripts / script)
        execute_script(connection, _OWN / "decisions.sql")
        execute_script(connection, scripts / "grants.sql")
        execute_script(connection, _OWN / "owner.sql")
        execute_script(connection, _OWN / "grants.sql")
        _lay_verbs(connection, platform)
        _lay_policies(connection)
        warnings = _close_server(connection, superuser=superuser)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (scripts / "indexes.sql").read_text(encoding="utf-8").split(";"):
            # CREATE INDEX CONCURRENTLY runs alone, outside any transaction.
            if statement.strip():
                connection.exec_driver_sql(statement)
    return AttachReport(before, tuple(warnings))


def detach(engine: Engine, platform: Platform) -> None:
    """Remove all that attach added. Staff logins stay, without any right from here."""
    with engine.begin() as connection:
        execute_script(connection, files(f"db.platforms.{platform.key}") / "greenroom" / "detach.sql")
        connection.execute(text("DROP SCHEMA IF EXISTS greenroom CASCADE"))
        execute_script(connection, _OWN / "detach.sql")


def _version(connection: Connection) -> int:
    if connection.scalar(text("SELECT to_regclass('greenroom.schema_version')")) is None:
        return 0
    return int(connection.scalar(text("SELECT max(version) FROM greenroom.schema_version")) or 0)


def _create_roles(connection: Connection) -> None:
    known = set(
        connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'greenroom%'")).all()
    )
    if not known.issuperset(ROLES):
        execute_script(connection, _OWN / "roles.sql")


def _lay_verbs(connection: Connection, platform: Platform) -> None:
    rows = [
        _verb_row(queue.key, verb, queue.kinds, in_queue=True)
        for queue in platform.queues
        for verb in queue.verbs
    ] + [
        _verb_row(kind.scope, verb, (kind.key,), in_queue=False)
        for kind in platform.kinds
        for verb in kind.verbs
    ]
    connection.execute(text("DELETE FROM greenroom.verbs"))
    connection.execute(
        text(
            "INSERT INTO greenroom.verbs (scope, verb, title, past, rank, reason, kinds, changes, effect,"
            " reversible, in_queue) VALUES (:scope, :verb, :title, :past, :rank, :reason, :kinds,"
            " CAST(:changes AS jsonb), :effect, :reversible, :in_queue)"
        ),
        rows,
    )


def _verb_row(scope: str, verb: Verb, kinds: tuple[str, ...], *, in_queue: bool) -> dict[str, object]:
    return {
        "scope": scope,
        "verb": verb.key,
        "title": verb.title,
        "past": verb.past,
        "rank": int(verb.role),
        "reason": verb.reason.value,
        "kinds": sorted(verb.kinds or kinds),
        "changes": json.dumps(
            [{"relation": change.relation.value, "values": dict(change.values)} for change in verb.changes]
        ),
        "effect": verb.effect,
        "reversible": verb.reversible,
        "in_queue": in_queue,
    }


@dataclass(frozen=True, slots=True)
class _ShippedPolicy:
    key: str
    title: str
    family: str
    severity: int
    help_text: str
    dsa_category: str


def _lay_policies(connection: Connection) -> None:
    """The shipped policies, only where a team has none of that name yet: teams edit their own."""
    shipped = json.loads((files("resources") / "policies" / "default.json").read_text(encoding="utf-8"))
    rows = [asdict(_ShippedPolicy(**entry)) for entry in shipped["policies"]]
    connection.execute(
        text(
            "INSERT INTO greenroom.policies (policy_key, version, title, family, severity, help_text,"
            " dsa_category) SELECT :key, 1, :title, :family, :severity, :help_text, :dsa_category"
            " WHERE NOT EXISTS (SELECT FROM greenroom.policies WHERE policy_key = :key)"
        ),
        rows,
    )


def _close_server(connection: Connection, *, superuser: bool) -> list[str]:
    """Take from PUBLIC what a hostile login could fill the server with; the platform's roles keep it."""
    if superuser:
        execute_script(connection, _OWN / "close.sql")
        return []
    return [
        "Staff can still take advisory locks, make large objects and temporary tables, and stale sessions"
        " are not ended: run attach once as a superuser."
    ]


def attached(connection: sa.Connection) -> bool:
    """Whether the database has the schema."""
    return _version(connection) > 0
