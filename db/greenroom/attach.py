"""Install the schema `greenroom` into a platform's database, bring it up to date, or take it away.

Tables are versioned steps; functions, grants, verbs and policies are laid anew at each attach. The platform's
own tables keep their columns, constraints and data: they get indexes, column grants and triggers only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, text

from console.domain.errors import ConfigurationError
from console.domain.queues import Platform, Verb
from console.domain.staff import Role
from db.greenroom import limits
from db.greenroom.trial import try_writes
from db.scripts import execute_script

ROLES = ("greenroom_owner", "greenroom_staffing", *(role.database_role for role in Role))

_OWN = files("db.greenroom") / "sql"


def steps() -> dict[int, Traversable]:
    """The scripts that make the schema's tables, by the version that each leads to, in order."""
    found = {
        int(script.name[:4]): script
        for script in _OWN.iterdir()
        if script.name[:4].isdigit() and script.name.endswith(".sql")
    }
    return dict(sorted(found.items()))


VERSION = max(steps())
"""The version of the schema that this console makes and speaks to."""
MINIMUM_CLIENT = "0.1.0"
"""The oldest console that may write to this version of the schema; older ones only read."""


class Difference(Protocol):
    """How a platform's tables differ from what its declaration needs."""

    @property
    def blocking(self) -> bool:
        """Whether the console cannot work with it."""

    @property
    def message(self) -> str:
        """A sentence that names the table and column."""


_WHO_ELSE = "Wait for it, or end it: pg_stat_activity has the oldest transactions"
_INDEX = re.compile(r"CREATE INDEX CONCURRENTLY IF NOT EXISTS (\w+)[^;]+")

Inspect = Callable[[Connection], Sequence[Difference]]


@dataclass(frozen=True, slots=True)
class AttachReport:
    """What attach did, and what it could not do with the rights it had (each with its remedy)."""

    version_before: int
    warnings: tuple[str, ...]


def attach(
    engine: Engine,
    platform: Platform,
    inspect: Inspect = lambda _: (),
    progress: Callable[[str], None] = lambda _: None,
) -> AttachReport:
    """Install or update. `engine` is a superuser, or owns database and tables and has CREATEROLE.

    `progress` is called with each index that is about to be made, since that may take long. Raises
    ConfigurationError when `inspect` finds a blocking difference, or when the schema was made by a newer
    console, and Busy when something else holds the tables; nothing is changed then.
    """
    with limits.giving_up("Attaching", f"Nothing was changed. {_WHO_ELSE}, then attach again."):
        report = _install(engine, platform, inspect)
    _make_indexes(engine, platform, progress)
    return report


def _install(engine: Engine, platform: Platform, inspect: Inspect) -> AttachReport:
    scripts = files(f"db.platforms.{platform.key}") / "greenroom"
    with engine.begin() as connection:
        # Grants and triggers lock the platform's tables for a moment: better to give up than to queue up
        # behind a long transaction, with all of the platform behind us.
        limits.in_force(connection, limits.LONG)
        # One attach at a time: the second waits, then finds everything done.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('greenroom attach'))"))
        differences = inspect(connection)
        if blocking := [each.message for each in differences if each.blocking]:
            harmless = [each.message for each in differences if not each.blocking]
            more = f". Different too, but no obstacle: {'; '.join(harmless)}" if harmless else ""
            raise ConfigurationError(
                f"{platform.title} cannot be attached: {'; '.join(blocking)}{more}",
                "These tables are not the ones that this console knows.",
            )
        superuser = bool(
            connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
        )
        before = version(connection)
        if before > VERSION:
            raise ConfigurationError(
                f"The schema greenroom is of version {before}; this console knows {VERSION}",
                "Update this console.",
            )
        _create_roles(connection, superuser=superuser)
        if before == 0:
            connection.execute(text("CREATE SCHEMA greenroom"))
        for step, script in steps().items():
            if step > before:
                execute_script(connection, script)
                connection.execute(
                    text("INSERT INTO greenroom.schema_version VALUES (:step)"), {"step": step}
                )
        if before == 0:
            connection.execute(
                text("INSERT INTO greenroom.settings (platform) VALUES (:key)"), {"key": platform.key}
            )
        for name in ("identity.sql", "claims.sql"):
            execute_script(connection, _OWN / name)
        for name in ("subjects.sql", "upkeep.sql", "bibles.sql", "flags.sql", "waiting.sql"):
            execute_script(connection, scripts / name)
        for name in (
            "decisions.sql",
            "policies.sql",
            "records.sql",
            "marks.sql",
            "changes.sql",
            "seals.sql",
            "servers.sql",
            "numbers.sql",
            "logins.sql",
            "staff.sql",
        ):
            execute_script(connection, _OWN / name)
        for name in ("curation.sql", "merges.sql", "jobs.sql", "grants.sql"):
            execute_script(connection, scripts / name)
        execute_script(connection, _OWN / "owner.sql")
        execute_script(connection, _OWN / "grants.sql")
        connection.execute(
            text("UPDATE greenroom.settings SET minimum_client = :client"), {"client": MINIMUM_CLIENT}
        )
        _lay_verbs(connection, platform)
        _lay_policies(connection)
        warnings = [each.message for each in differences] + _close_server(connection, superuser=superuser)
        warnings += try_writes(connection, platform)
    return AttachReport(before, tuple(warnings))


def _make_indexes(engine: Engine, platform: Platform, progress: Callable[[str], None]) -> None:
    scripts = files(f"db.platforms.{platform.key}") / "greenroom"
    wanted = list(_INDEX.finditer((scripts / "indexes.sql").read_text(encoding="utf-8")))
    # CREATE INDEX CONCURRENTLY runs alone, outside any transaction.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        limits.in_force(connection, limits.INDEX, local=False)
        remedy = f"All else is attached. {_WHO_ELSE}, then attach again: it goes on from here."
        with limits.giving_up("Removing an index that was left half made", remedy):
            _drop_broken_indexes(connection)
        there = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relkind IN ('i', 'I')")))
        for place, index in enumerate(wanted, 1):
            if index[1] not in there:
                progress(f"index {place} of {len(wanted)}: {index[1]}")
                with limits.giving_up(f"Making the index {index[1]}", remedy):
                    connection.exec_driver_sql(index[0])


def detach(engine: Engine, platform: Platform) -> None:
    """Remove all that attach added. Staff logins stay, without any right from here."""
    remedy = f"Nothing was changed. {_WHO_ELSE}, then detach again."
    with limits.giving_up("Detaching", remedy), engine.begin() as connection:
        limits.in_force(connection, limits.LONG)
        execute_script(connection, files(f"db.platforms.{platform.key}") / "greenroom" / "detach.sql")
        if connection.scalar(text("SELECT to_regclass('greenroom.taken_from_public')")) is not None:
            execute_script(connection, _OWN / "open.sql")
        connection.execute(text("DROP SCHEMA IF EXISTS greenroom CASCADE"))
        execute_script(connection, _OWN / "detach.sql")


def version(connection: Connection) -> int:
    """The version of the schema in the database; 0 where it is not attached."""
    if connection.scalar(text("SELECT to_regclass('greenroom.schema_version')")) is None:
        return 0
    return int(connection.scalar(text("SELECT max(version) FROM greenroom.schema_version")) or 0)


def _create_roles(connection: Connection, *, superuser: bool) -> None:
    known = set(
        connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'greenroom%'")).all()
    )
    staffing = text(
        "SELECT rolcreaterole AND pg_has_role(oid, 'greenroom_admin', 'MEMBER')"
        " FROM pg_roles WHERE rolname = 'greenroom_staffing'"
    )
    if not known.issuperset(ROLES) or not connection.scalar(staffing):
        execute_script(connection, _OWN / "roles.sql")
    if not superuser:
        # Giving the schema and its functions to their owners takes membership in those roles.
        connection.execute(text("GRANT greenroom_owner, greenroom_staffing TO CURRENT_USER"))


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
    # Without kinds: decide() refuses these, undo() and the record know them.
    rows += [_verb_row(platform.curation_scope, verb, (), in_queue=False) for verb in platform.curation]
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
    example: str
    dsa_category: str
    statement: str
    points: int
    points_days: int


def _lay_policies(connection: Connection) -> None:
    """The shipped policies, only where a team has none of that name yet: teams edit their own."""
    shipped = json.loads((files("resources") / "policies" / "default.json").read_text(encoding="utf-8"))
    rows = [asdict(_ShippedPolicy(**entry)) for entry in shipped["policies"]]
    connection.execute(
        text(
            "INSERT INTO greenroom.policies (policy_key, version, title, family, severity, help_text,"
            " example, dsa_category, statement, points, points_days) SELECT :key, 1, :title, :family,"
            " :severity, :help_text, :example, :dsa_category, :statement, :points, :points_days"
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


def _drop_broken_indexes(connection: Connection) -> None:
    """Drop what an interrupted CREATE INDEX CONCURRENTLY left: it costs writes and serves no read."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"{driver!r} is not a psycopg connection")
    broken = driver.execute(
        "SELECT n.nspname, c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE NOT i.indisvalid AND c.relname LIKE 'greenroom\\_%'"
    ).fetchall()
    for schema, name in broken:
        driver.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(schema, name)))
