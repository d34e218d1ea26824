"""What a profile says about media: which servers may be asked, and with which headers and signatures."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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


NO_MEDIA = MediaRules()
"""No host is open."""


@dataclass(frozen=True, slots=True)
class Care:
    """How a video is begun for the sake of who has to look at it; each can be lifted by choice."""

    blur: bool = True
    grey: bool = True
    mute: bool = True


FULL_CARE = Care()
"""What was flagged begins like this."""
NO_CARE = Care(blur=False, grey=False, mute=False)
CAREFUL = 4
"""Severity from which on a policy asks for care."""


@dataclass(frozen=True, slots=True)
class HostPattern:
    """`example.org`, `*.example.org` (any depth below, not itself) or an IP address, with a port or without.

    Without a port only the scheme's own one (80, 443) matches.
    """

    host: str
    below: bool
    port: int | None

    @classmethod
    def parse(cls, text: str) -> HostPattern:
        """ValueError says what is wrong with the pattern."""
        below = text.startswith("*.")
        rest = text.removeprefix("*.").lower()
        try:
            parts = urlsplit(f"//{rest}")
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ValueError(f"{text!r} is not a host: {error}") from error
        if rest != parts.netloc or "@" in rest or rest.endswith(":") or port == 0:
            raise ValueError(f"{text!r} must be a host alone, with a port at most")
        if below and (literal(host) or "." not in host):
            raise ValueError(f"{text!r} is too wide: write *.example.org")
        wrong = misspelled(host)
        if wrong:
            raise ValueError(f"{text!r}: {wrong[1]}")
        return cls(host, below, port)

    def matches(self, host: str, port: int, default: int) -> bool:
        """Whether a host (lower case) and port are meant, `default` being the scheme's port."""
        named = host.endswith(f".{self.host}") if self.below else host == self.host
        return named and port == (default if self.port is None else self.port)


def misspelled(host: str) -> tuple[str, str] | None:
    """The rule that a host's spelling breaks, and why; None for a plain name or address."""
    if literal(host) is not None:
        return None
    labels = host.split(".")
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        return "address_spelling", f"{host} is an address in an unusual spelling"
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return "host_spelling", f"{host or 'an empty name'} is not a plain host name"
    return None


def literal(host: str) -> Address | None:
    """The address that a host is in its canonical spelling."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return address if str(address) == host and "%" not in host else None
