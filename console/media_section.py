"""The `[PROFILE.media]` section of a profile, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from console.domain.errors import GreenroomError
from console.domain.media import HostPattern, MediaAccess, MediaRules

_HEADER = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
_OURS = frozenset({"host", "range", "connection", "content-length", "transfer-encoding", "accept-encoding"})

Wrong = Callable[[str, str], GreenroomError]


def media_rules(value: object, wrong: Wrong) -> MediaRules:
    """The rules of a parsed section; raises what `wrong(what, remedy)` makes of a mistake."""
    table = _table(value, "media", {"hosts", "private_hosts", "access"}, wrong)
    access = table.get("access", [])
    if not isinstance(access, list):
        raise wrong("'media.access' must be a list", "Write [[PROFILE.media.access]].")
    return MediaRules(
        _hosts(table, "hosts", wrong),
        _hosts(table, "private_hosts", wrong),
        tuple(_access(each, wrong) for each in access),
    )


def _access(value: object, wrong: Wrong) -> MediaAccess:
    keys = {"host", "headers", "secret_headers", "secret_query"}
    table = _table(value, "media.access", keys, wrong)
    (host,) = _hosts({"host": [table.get("host")]}, "host", wrong)
    headers, secret = (_pairs(table, key, wrong) for key in ("headers", "secret_headers"))
    for name, text in (*headers, *secret):
        if not _HEADER.fullmatch(name) or name.lower() in _OURS or not text.isprintable():
            raise wrong(f"{name!r} is not a header that can be set", "Use names such as Referer or Cookie.")
    return MediaAccess(host, headers, secret, _pairs(table, "secret_query", wrong))


def _table(value: object, name: str, keys: set[str], wrong: Wrong) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise wrong(f"{name!r} is not a table", f"Write it as a section: [PROFILE.{name}].")
    unknown = sorted(value.keys() - keys)
    if unknown:
        raise wrong(f"unknown key {name}.{unknown[0]}", f"Known keys: {', '.join(sorted(keys))}.")
    return value


def _hosts(table: Mapping[str, object], key: str, wrong: Wrong) -> tuple[str, ...]:
    hosts = table.get(key, [])
    example = f'Write {key} = ["media.example.org", "*.cdn.example.org", "127.0.0.1:8080"].'
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise wrong(f"'media.{key}' must be host names", example)
    for host in hosts:
        try:
            HostPattern.parse(host)
        except ValueError as error:
            raise wrong(f"'media.{key}': {error}", example) from error
    return tuple(hosts)


def _pairs(table: Mapping[str, object], key: str, wrong: Wrong) -> tuple[tuple[str, str], ...]:
    pairs = table.get(key, {})
    if not isinstance(pairs, dict) or not all(isinstance(text, str) and text for text in pairs.values()):
        raise wrong(f"'media.access.{key}' must be a table of texts", f'Write {key} = {{ Name = "…" }}.')
    return tuple(pairs.items())
