"""What a profile says about media: which servers may be asked, and with which headers and signatures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaAccess:
    """What goes along with requests to hosts that match `host` (a pattern of the allow-list).

    `headers` are (name, value); `secret_headers` and `secret_query` are (name, name of the keyring's
    entry): their values are never in a profile, and go only over https or to this machine.
    """

    host: str
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = ()
    secret_query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MediaRules:
    """The allow-list of a profile. `hosts` are patterns: `example.org`, `*.example.org`, `example.org:8443`.

    `private_hosts` are patterns too; only these names may lie in a private network or on this machine.
    """

    hosts: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()
    access: tuple[MediaAccess, ...] = ()
