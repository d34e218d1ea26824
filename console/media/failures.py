"""What went wrong with a medium, as a sentence a person can read and a remedy."""

from __future__ import annotations

import ssl

import httpx

from console.domain.errors import MediaProblem
from console.media.allowlist import shown

_SERVER = "Try again; if it stays so, report it to those who run the media server."


def of_status(url: str, status: int) -> MediaProblem:
    """The problem that an HTTP status tells."""
    kind, what, remedy = "server", f"the media server answered with status {status}", _SERVER
    if status == 404:
        kind, what, remedy = "not_found", "it is not there (404)", "Decide without it: the medium is missing."
    elif status in {401, 403, 410}:
        kind, what = "expired", f"the address has expired or is not permitted ({status})"
        remedy = "Load the item again for a fresh address, or check media.access in profiles.toml."
    elif status == 416:
        kind, what = "truncated", "it is shorter than its playlist says (416)"
    elif status == 204:
        kind, what = "empty", "it is empty"
    return problem(kind, url, what, remedy)


def of_exception(url: str, error: BaseException, *, begun: bool) -> MediaProblem:
    """The problem behind an error of the network; `begun`: the body had begun to come."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            why = getattr(cause, "verify_message", "") or cause.reason or "no secure connection"
            return problem("tls", url, f"the server's certificate or TLS failed: {why}", _SERVER)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        return problem("timeout", url, "the server did not answer in time", _SERVER)
    if begun:
        return problem("truncated", url, "it ended before it was whole", _SERVER)
    if isinstance(error, httpx.RemoteProtocolError):
        return problem("server", url, "the server's answer is not HTTP, or it hung up", _SERVER)
    return problem("unreachable", url, "the server cannot be reached", "Check the network, then try again.")


def too_large(url: str, limit: int) -> MediaProblem:
    """More bytes came, or were announced, than are taken."""
    return problem("too_large", url, f"it is larger than {limit:,} bytes", "Have it made in smaller parts.")


def problem(kind: str, url: str, what: str, remedy: str = _SERVER) -> MediaProblem:
    """A problem whose sentence names the address as people may see it."""
    return MediaProblem(kind, f"{shown(url)} cannot be shown: {what}.", remedy, url=shown(url))
