"""Which URLs may be opened at all: the profile's hosts over http and https, spelled plainly."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from console.domain.errors import MediaRefused
from console.domain.media import Address, HostPattern, MediaRules, literal, misspelled

PORTS = {"http": 80, "https": 443}
_LONGEST = 8192
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def shown(url: str) -> str:
    """A URL as people and logs may see it: without user, query, fragment and control characters."""
    plain = "".join(sign if sign.isprintable() else "�" for sign in url)
    head, mark, _ = re.split(r"[#]", plain, maxsplit=1)[0].partition("?")
    scheme, slashes, rest = head.partition("://")
    if slashes:
        host, slash, path = rest.partition("/")
        head = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
    head = head if len(head) <= 200 else f"{head[:120]}…{head[-79:]}"
    return head + ("?…" if mark else "")


class AllowList:
    """The rules of one profile, as a yes or a `MediaRefused` that names URL, rule and remedy."""

    def __init__(self, rules: MediaRules) -> None:
        """ValueError when a pattern is wrong; profiles are checked when they are read."""
        self._hosts = [HostPattern.parse(text) for text in rules.hosts]
        self._private = [HostPattern.parse(text) for text in rules.private_hosts]

    def check(self, url: str) -> str:
        """The URL without its fragment, when it may be opened; raises MediaRefused."""
        parts = _plain(url)
        host, default = parts.hostname or "", PORTS[parts.scheme]
        port = default if parts.port is None else parts.port
        if not any(pattern.matches(host, port, default) for pattern in (*self._hosts, *self._private)):
            named = (f"[{host}]" if ":" in host else host) + ("" if port == default else f":{port}")
            raise _refusal(
                url, "host", f"{named} is not on the profile's allow-list",
                f'If it is the platform\'s own, add "{named}" to media.hosts in profiles.toml.',
            )  # fmt: skip
        return parts._replace(fragment="").geturl()

    def check_addresses(self, url: str, host: str, addresses: Iterable[str]) -> None:
        """Refuse a name that leads into a private network, unless the list says that it is one there."""
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            if not _public(address) and not self._may_be_private(host):
                raise _refusal(
                    url, "private_address", f"{host} leads to the private address {address}",
                    f'If it belongs there, add "{host}" to media.private_hosts in profiles.toml.',
                )  # fmt: skip

    def _may_be_private(self, host: str) -> bool:
        """Private names, and addresses that the list names as such (`check` has seen the port)."""
        named = any(p.matches(host, 0, 0) for p in (_portless(pattern) for pattern in self._private))
        return named or (literal(host) is not None and any(host == p.host for p in self._hosts))


def _plain(url: str) -> SplitResult:
    """The parts of a plainly spelled http(s) URL; raises MediaRefused."""
    if len(url) > _LONGEST:
        raise _refusal(url, "length", f"the URL is longer than {_LONGEST} characters", "Shorten it.")
    if not url.isascii() or any(sign <= " " or sign in '\\"<>^`{|}\x7f' for sign in url):
        raise _refusal(
            url, "spelling", "the URL holds characters that URLs must not hold",
            "Percent-encode them; write a host's international name in its xn-- form.",
        )  # fmt: skip
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refusal(url, "spelling", f"it is not a URL: {error}", "Correct it.") from error
    if parts.scheme not in PORTS:
        raise _refusal(url, "scheme", f"{parts.scheme or 'no scheme'} is not allowed", "Use http or https.")
    if "@" in parts.netloc:
        raise _refusal(
            url, "user_info", "it names a user", "Put credentials into the keyring (media.access)."
        )
    if port == 0 or parts.netloc.endswith(":"):
        raise _refusal(url, "port", "its port is not one", "Leave the port out or give a number.")
    host = parts.hostname or ""
    wrong = misspelled(host)
    if wrong:
        raise _refusal(url, wrong[0], wrong[1], "Write the host's name, or its address in the usual form.")
    return parts


def _public(address: Address) -> bool:
    """Whether an address, and an IPv4 address that it carries, is one of the open Internet."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        carried = [each for each in inner if each is not None]
        if carried:
            return all(_public(each) for each in carried)
    return address.is_global and not address.is_multicast


def _portless(pattern: HostPattern) -> HostPattern:
    return HostPattern(pattern.host, pattern.below, None)


def _refusal(url: str, rule: str, why: str, remedy: str) -> MediaRefused:
    return MediaRefused(rule, f"{shown(url)} is not opened: {why}.", remedy, url=shown(url))
