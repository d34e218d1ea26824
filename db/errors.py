"""Driver errors become the console's own, once, here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from console.domain import errors
from console.domain.subjects import Subject

_REFUSALS: dict[str, type[errors.Refused]] = {
    "GR002": errors.NotPermitted,
    "GR003": errors.Stale,
    "GR004": errors.ClaimLost,
    "GR006": errors.TooManyClaims,
    "GR007": errors.InvalidDecision,
    "GR008": errors.UndoRefused,
    "GR009": errors.NotFound,
    "GR010": errors.Outdated,
}
# While connecting, libpq hands on the server's words and no code.
_NOT_LET_IN = (
    "password authentication failed",
    "no password supplied",
    "is not permitted to log in",
    "no pg_hba.conf entry",
    "permission denied for database",
)
_NOT_SAFE = (
    "SSL was required",
    "does not support SSL",
    "does not match host name",
    "certificate verify failed",
    "root certificate file",
    "authentication method requirement",
)
_AGAIN = "It is tried again by itself."


@contextmanager
def translated() -> Iterator[None]:
    """Raise the domain's error for a driver's; anything unknown passes as the bug it is.

    A line that breaks and a server that does not answer in the time that the caller gives are Unavailable.
    """
    try:
        yield
    except (TimeoutError, PoolTimeout) as error:
        raise errors.Unavailable("The server did not answer in time", _AGAIN) from error
    except OSError as error:
        raise errors.Unavailable(f"The server cannot be reached: {error}", _AGAIN) from error
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise translate(error.orig) from error
        raise
    except psycopg.Error as error:
        raise translate(error) from error


def translate(error: psycopg.Error) -> Exception:
    """The domain's error for `error`, or `error` itself when it is our bug."""
    state = error.sqlstate or ""
    message = error.diag.message_primary or str(error)
    remedy = error.diag.message_hint or ""
    if state.startswith("GR"):
        return _refusal(state, message, remedy, _detail(error))
    if state.startswith("28") or (not state and any(each in message for each in _NOT_LET_IN)):
        return errors.SignInFailed(
            "The server does not accept this login and password", "Check both; an admin can reset them."
        )
    if not state and any(each in message for each in _NOT_SAFE):
        return errors.Unavailable(
            f"The connection would not be safe: {message.strip()}",
            "Mend the server's certificate or its pg_hba.conf; sslrootcert in the profile's URL names an"
            " authority of your own, and sslmode=disable is for a network that you trust.",
        )
    if state in {"3D000", "3F000"} or (not state and "database" in message and "does not exist" in message):
        return errors.ConfigurationError(
            f"This database is not one that Greenroom is attached to: {message.strip()}",
            "Check the profile's database; an admin can attach to it.",
        )
    if state == "42501":
        return errors.NotPermitted("Your role may not read or do this", "An admin can change your role.")
    if state == "57014":
        return errors.TooSlow("This took longer than a statement may, and the server has ended it", _AGAIN)
    if state in {"55P03", "40P01", "40001"}:
        return errors.Busy("The server was too busy to answer in time", _AGAIN)
    if state == "25006":
        return errors.Unavailable("This server is not the primary any more", _AGAIN)
    if state.startswith(("08", "57P", "53")) or (isinstance(error, psycopg.OperationalError) and not state):
        return errors.Unavailable(f"The server cannot be reached: {message.strip()}", _AGAIN)
    return error


def _detail(error: psycopg.Error) -> dict[str, Any]:
    try:
        detail = json.loads(error.diag.message_detail or "{}")
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}


def _refusal(state: str, message: str, remedy: str, detail: dict[str, Any]) -> Exception:
    if state == "GR001":
        return errors.SignInFailed(message, remedy)
    subject = Subject(detail["kind"], UUID(detail["id"])) if "kind" in detail and "id" in detail else None
    if state == "GR005":
        return errors.Taken(
            message, remedy, subject=subject, holder=str(detail["holder"]), since=_time(detail.get("since"))
        )
    if state == "GR003" and detail.get("decided_by"):
        message = f"{message} (last decided by {detail['decided_by']})"
    # A newer schema may have rules that this console does not know; its words are good enough.
    return _REFUSALS.get(state, errors.Refused)(message, remedy, subject=subject)


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
