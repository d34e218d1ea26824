"""What is missing or wrong in an attached database, each finding with its remedy.

Run as the owner or a superuser, on the primary: staff cannot see most of it. Every check is a bounded read.
"""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, text

from console.domain.findings import Finding
from console.domain.queues import Platform
from db.greenroom.attach import ROLES, VERSION, version
from db.greenroom.months import missing_months
from db.greenroom.trial import try_writes

_ATTACH = "Run greenroom attach."
_AS_SUPERUSER = "Run greenroom attach as a superuser."

# Area: what is said when nothing is wrong, and the remedy when something is.
_AREAS = {
    "functions": ("No function of the console is executable by everyone", _ATTACH),
    "grants": ("Staff may use the console's tables and functions", _ATTACH),
    "other databases": (
        "Staff can enter no other database of this server",
        "Admit staff to this database only in pg_hba.conf, or REVOKE CONNECT ON DATABASE … FROM PUBLIC:"
        " advisory locks taken in another database fill the same shared memory.",
    ),
    "passwords": (
        "Passwords are kept as SCRAM verifiers",
        "Set password_encryption = 'scram-sha-256' and give people new passwords.",
    ),
    "prepared transactions": (
        "Prepared transactions are off",
        "Set max_prepared_transactions = 0 and restart: a prepared transaction outlives its session.",
    ),
    "shared memory": ("Staff can take no advisory locks and make no temporary tables", _AS_SUPERUSER),
    "staff connections": (
        "Every member of staff has a connection limit",
        "Run greenroom staff grant for them: it sets the limit.",
    ),
    "staff groups": ("Every member of staff is in a group", "Run greenroom staff grant for them."),
    "staff rights": (
        "No member of staff has rights beyond their group",
        "Give them a login of its own for the console.",
    ),
    "subjects": ("Subjects agree with their flags", "As an admin: SELECT greenroom.reconcile();"),
    "triggers": (
        "The triggers on the platform's tables are on",
        "Run greenroom attach, enable those that are off, then SELECT greenroom.reconcile();",
    ),
    "watchdog": ("Stale staff sessions can be ended", _AS_SUPERUSER),
}


def examine(connection: Connection, platform: Platform) -> tuple[Finding, ...]:
    """All findings, the good ones too."""
    found = version(connection)
    if found != VERSION:
        said = "is not attached" if found == 0 else f"has version {found} of the schema greenroom"
        remedy = _ATTACH if found < VERSION else "Update this console."
        return (Finding("schema", False, f"{platform.title} {said}; this console needs {VERSION}", remedy),)
    missing = set(ROLES) - set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    if missing:
        return (Finding("schema", False, f"Roles are missing: {', '.join(sorted(missing))}", _ATTACH),)
    query = (files("db.greenroom") / "sql" / "doctor.sql").read_text(encoding="utf-8")
    wrong: dict[str, list[str]] = {}
    for area, message in connection.exec_driver_sql(query):
        wrong.setdefault(area, []).append(message)
    return (
        Finding("schema", True, f"The schema greenroom has version {found}"),
        *(
            Finding(area, False, "; ".join(wrong[area]), remedy)
            if area in wrong
            else Finding(area, True, good)
            for area, (good, remedy) in _AREAS.items()
        ),
        _writes(connection, platform),
        _indexes(connection, platform),
        _partitions(connection),
    )


def _writes(connection: Connection, platform: Platform) -> Finding:
    refused = try_writes(connection, platform)
    return Finding(
        "writes",
        not refused,
        "; ".join(refused) or "What verbs write is refused by no trigger of the platform",
        "Grant what is named, then decide again." if refused else "",
    )


def _indexes(connection: Connection, platform: Platform) -> Finding:
    named = {order.index for queue in platform.queues for order in queue.orders}
    indexes = connection.execute(
        text(
            "SELECT c.relname, i.indisvalid AND i.indisready FROM pg_index AS i"
            " JOIN pg_class AS c ON c.oid = i.indexrelid"
        )
    )
    found = {row[0]: bool(row[1]) for row in indexes}
    # One whose making was interrupted stays, is written to, and serves nobody.
    if invalid := sorted(n for n, usable in found.items() if n.startswith("greenroom_") and not usable):
        return Finding("indexes", False, f"Broken: {', '.join(invalid)}", f"DROP INDEX them. {_ATTACH}")
    if missing := sorted(named - found.keys()):
        return Finding("indexes", False, f"Missing: {', '.join(missing)}", _ATTACH)
    return Finding("indexes", True, "Every order of every queue has its index")


def _partitions(connection: Connection) -> Finding:
    if missing := [f"{table} {month}" for table, month in missing_months(connection)]:
        return Finding(
            "partitions",
            False,
            f"Missing for this or the next month: {', '.join(missing)}",
            "Before anybody writes into that month: `greenroom months --profile NAME --owner LOGIN`.",
        )
    return Finding("partitions", True, "This and the next month have their partitions")
