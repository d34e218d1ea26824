"""What a platform's owner does from the command line: attach, detach, examine, months, staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa

from console.domain.audit import AuditHead
from console.domain.errors import ConfigurationError
from console.domain.findings import Finding
from console.domain.queues import Platform
from console.domain.staff import Role
from db.errors import translate, translated
from db.greenroom import limits
from db.greenroom.attach import Inspect, attach, detach
from db.greenroom.audit import verify
from db.greenroom.doctor import examine
from db.greenroom.staff import grant_staff, revoke_staff
from db.platforms.scenes import counters, inspection, partitions
from db.platforms.scenes import reads as scenes_reads
from db.platforms.scenes.declaration import SCENES
from db.reader import PlatformReads
from db.transport import never_typed

PLATFORMS: dict[str, Platform] = {SCENES.key: SCENES}
INSPECTIONS: dict[str, Inspect] = {SCENES.key: inspection.inspect}
DRIFTS: dict[str, Callable[[sa.Connection], list[str]]] = {SCENES.key: counters.drift}
MONTHS: dict[str, Callable[[sa.Connection], list[str]]] = {SCENES.key: partitions.make_missing_months}
READS: dict[str, PlatformReads] = {SCENES.key: scenes_reads.READS}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who administers: `password` None leaves it to libpq (its password file, peer or certificate)."""

    url: str
    login: str
    password: str | None = field(repr=False)

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to the primary; SignInFailed or Unavailable when there is none."""
        try:
            return psycopg.connect(
                never_typed(self.url),
                user=self.login,
                password=self.password,
                autocommit=autocommit,
                connect_timeout=10,
                application_name="greenroom owner",
            )
        except psycopg.Error as error:
            raise translate(error) from error


def attach_platform(key: str, owner: Owner, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Check and attach; returns what the owner should know, a sentence each.

    `progress` hears what may take long.
    """
    engine = _engine(owner)
    try:
        with translated():
            report = attach(engine, platform_named(key), INSPECTIONS[key], progress)
            progress("comparing the platform's counters with what they count")
            remedy = "All is attached; attach again to compare them when the server has less to do."
            with limits.giving_up("Comparing the platform's counters", remedy), engine.begin() as connection:
                limits.in_force(connection, limits.LONG)
                return [*report.warnings, *DRIFTS[key](connection)]
    finally:
        engine.dispose()


def detach_platform(key: str, owner: Owner) -> None:
    """Remove everything that attach added."""
    engine = _engine(owner)
    try:
        with translated():
            detach(engine, platform_named(key))
    finally:
        engine.dispose()


def examine_platform(key: str, owner: Owner) -> tuple[Finding, ...]:
    """What is right and wrong in the platform's database."""
    engine = _engine(owner)
    try:
        with translated(), engine.begin() as connection:
            limits.in_force(connection, limits.SHORT)
            return examine(connection, platform_named(key))
    finally:
        engine.dispose()


def make_months(key: str, owner: Owner) -> list[str]:
    """Make the partitions of this and the next month that are missing; tells each."""
    engine = _engine(owner)
    try:
        remedy = "No partition was made. Try again when the platform's long transactions have ended."
        with limits.giving_up("Making months", remedy), engine.begin() as connection:
            # A platform that writes is not held up for a partition that is not needed yet.
            limits.in_force(connection, limits.SHORT)
            return MONTHS[key](connection)
    finally:
        engine.dispose()


def grant(owner: Owner, login: str, role: Role, username: str, password: str | None) -> None:
    """Make `login` staff on behalf of the platform's account `username`."""
    with owner.connect(autocommit=True) as connection:
        row = connection.execute(
            "SELECT id, coalesce(display_name, username) FROM users WHERE username = %s", [username]
        ).fetchone()
        if row is None:
            raise ConfigurationError(
                f"The platform has no account called {username}", "Give --user the person's username there."
            )
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
        if known is None and password is None:
            raise ConfigurationError(f"{login} is new and needs a password", "Type one when asked.")
        grant_staff(connection, login, role, row[0], str(row[1]), password)


def revoke(owner: Owner, login: str) -> None:
    """End a person's staff rights; ConfigurationError when `login` is not staff."""
    with owner.connect(autocommit=True) as connection:
        revoke_staff(connection, login)


def verify_audit(owner: Owner, seen: Mapping[str, AuditHead], progress: Callable[[int], None]) -> list[str]:
    """What is wrong with the audit, a sentence each; `owner` may be an admin's login."""
    with translated(), owner.connect(autocommit=True) as connection:
        return verify(connection, seen, progress)


def platform_named(key: str) -> Platform:
    """The declared platform; ConfigurationError names the known ones."""
    if key not in PLATFORMS:
        raise ConfigurationError(
            f"There is no platform called {key}", f"Known platforms: {', '.join(sorted(PLATFORMS))}."
        )
    return PLATFORMS[key]


def _engine(owner: Owner) -> sa.Engine:
    return sa.create_engine("postgresql+psycopg://", creator=owner.connect, poolclass=sa.NullPool)
