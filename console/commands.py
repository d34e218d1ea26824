"""The commands without a window: attach, detach, months, staff, audit, doctor."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from console.config import Directories, Profile, journal_prefix, load_profiles
from console.doctor import examine_machine
from console.domain.errors import ConfigurationError, GreenroomError
from console.domain.findings import Finding
from console.domain.staff import Role
from db.administration import (
    READS,
    Owner,
    attach_platform,
    detach_platform,
    examine_platform,
    grant,
    make_months,
    platform_named,
    revoke,
    verify_audit,
)
from db.greenroom.audit import seen_here
from db.reader import PlatformReads


def profile_named(directories: Directories, name: str | None) -> Profile:
    """The profile called `name`, or the only one; ConfigurationError names the file and the choices."""
    path = directories.config / "profiles.toml"
    profiles = load_profiles(path)
    if name is None and len(profiles) == 1:
        return next(iter(profiles.values()))
    if name is None or name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise ConfigurationError(
            f"{'No profile was named' if name is None else f'There is no profile {name}'} (known: {known})",
            f"Profiles are described in {path}; `greenroom demo` needs none.",
        )
    return profiles[name]


def profile_list(directories: Directories, name: str | None) -> list[Profile]:
    """The profiles to choose from at sign-in: the one named, else all; at least one."""
    if name is not None:
        return [profile_named(directories, name)]
    profiles = list(load_profiles(directories.config / "profiles.toml").values())
    return profiles or [profile_named(directories, None)]


def platform_reads(key: str) -> PlatformReads:
    """The reads of a platform; ConfigurationError when there is none of that name."""
    platform_named(key)
    return READS[key]


def attach(data: Path | None, profile: str | None, owner: str | None) -> int:
    """`greenroom attach`."""
    chosen = profile_named(Directories.of_user(data), profile)

    def show(what: str) -> None:
        print(what, file=sys.stderr)

    report = attach_platform(chosen.platform, _owner(chosen, owner), show)
    for line in report:
        print(line)
    print(f"{chosen.title}: attached. People sign in after `greenroom staff grant`.")
    return 0


def detach(data: Path | None, profile: str | None, owner: str | None) -> int:
    """`greenroom detach`."""
    chosen = profile_named(Directories.of_user(data), profile)
    detach_platform(chosen.platform, _owner(chosen, owner))
    print(f"{chosen.title}: detached. The platform's tables are as they were.")
    return 0


def months(data: Path | None, profile: str | None, owner: str | None) -> int:
    """`greenroom months`."""
    chosen = profile_named(Directories.of_user(data), profile)
    made = make_months(chosen.platform, _owner(chosen, owner))
    for month in made:
        print(f"made {month}")
    if not made:
        print(f"{chosen.title}: this and the next month have their partitions.")
    return 0


def staff_grant(
    data: Path | None, profile: str | None, owner: str | None, login: str, role: str, username: str
) -> int:
    """`greenroom staff grant`: asks for the new login's password, which is sent as a SCRAM verifier."""
    chosen = profile_named(Directories.of_user(data), profile)
    password = _ask(f"New password of {login} (empty keeps the one it has): ") or None
    grant(_owner(chosen, owner), login, Role[role.upper()], username, password)
    print(f"{login} is {role} on {chosen.title}.")
    return 0


def staff_revoke(data: Path | None, profile: str | None, owner: str | None, login: str) -> int:
    """`greenroom staff revoke`: the login can no longer sign in; what it decided stays."""
    chosen = profile_named(Directories.of_user(data), profile)
    revoke(_owner(chosen, owner), login)
    print(f"{login} is no longer staff on {chosen.title}.")
    return 0


def audit_verify(data: Path | None, profile: str | None, owner: str | None) -> int:
    """`greenroom audit verify`: 1 when a row or a seal is not what it was."""
    directories = Directories.of_user(data)
    chosen = profile_named(directories, profile)
    seen = seen_here(directories.data / "journals", journal_prefix(chosen.name))

    def show(seal: int) -> None:
        print(f"held against its rows up to seal {seal}", file=sys.stderr)

    problems = verify_audit(_owner(chosen, owner), seen, show)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{chosen.title}: the audit is whole; seals seen from this machine: {len(seen)}.")
    return 1 if problems else 0


def doctor(data: Path | None, profile: str | None) -> int:
    """`greenroom doctor`: the machine, and with a profile its database; 1 when something is wrong."""
    directories = Directories.of_user(data)
    findings = examine_machine(directories)
    if profile is not None:
        findings += _examine_database(directories, profile)
    for finding in findings:
        print(_told(finding))
    return 0 if all(finding.ok for finding in findings) else 1


def _examine_database(directories: Directories, profile: str) -> tuple[Finding, ...]:
    try:
        chosen = profile_named(directories, profile)
        return examine_platform(chosen.platform, _owner(chosen, None))
    except GreenroomError as error:
        # What was found out about the machine is told all the same: it may be the reason.
        return (Finding("Database", False, str(error), error.remedy),)


def _told(finding: Finding) -> str:
    mark = ("note" if finding.remedy else "ok") if finding.ok else "WRONG"
    line = f"{mark:<6} {finding.area}: {finding.message}"
    return f"{line}\n       {finding.remedy}" if finding.remedy else line


def _owner(profile: Profile, login: str | None) -> Owner:
    name = login or os.environ.get("PGUSER") or getpass.getuser()
    password = os.environ.get("PGPASSWORD")
    if password is None and sys.stdin.isatty():
        password = _ask(f"Password of {name} (empty: as libpq finds it): ") or None
    return Owner(profile.primary, name, password)


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
