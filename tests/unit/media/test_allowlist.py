"""Only plainly spelled http(s) URLs of listed hosts are opened; each refusal names its rule."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from console.domain.errors import MediaRefused
from console.domain.media import HostPattern, MediaRules
from console.media.allowlist import AllowList, shown

LIST = AllowList(
    MediaRules(
        ("media.example.org", "*.cdn.example.org", "signed.example.org:8443", "127.0.0.1:9000", "[::1]:9000"),
        ("nas.example.org",),
    )
)


@pytest.mark.parametrize(
    "url",
    [
        "https://media.example.org/a/b.m3u8?sig=1",
        "http://media.example.org/a",
        "https://media.example.org:443/a",
        "HTTPS://MEDIA.example.org/a",
        "https://a.b.cdn.example.org/",
        "https://signed.example.org:8443/x",
        "http://127.0.0.1:9000/x",
        "http://[::1]:9000/x",
        "http://nas.example.org/x",
    ],
)
def test_listed_urls_are_opened(url: str) -> None:
    assert urlsplit(LIST.check(url)).hostname == urlsplit(url).hostname


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("file:///etc/passwd", "scheme"),
        ("smb://media.example.org/x", "scheme"),
        ("concat:http://media.example.org/a|file:///x", "spelling"),
        ("data:text/plain,x", "scheme"),
        ("//media.example.org/x", "scheme"),
        ("ftp://media.example.org/x", "scheme"),
        ("", "scheme"),
        ("https://mia:pw@media.example.org/", "user_info"),
        ("https://media.example.org@evil.example/", "user_info"),
        ("https://evil.example/", "host"),
        ("https://cdn.example.org/", "host"),
        ("https://evilcdn.example.org/", "host"),
        ("https://media.example.org.evil.example/", "host"),
        ("https://media.example.org:8443/", "host"),
        ("https://signed.example.org/", "host"),
        ("http://127.0.0.1/", "host"),
        ("http://127.1:9000/", "address_spelling"),
        ("http://2130706433:9000/", "address_spelling"),
        ("http://0x7f000001:9000/", "address_spelling"),
        ("http://0177.0.0.1:9000/", "address_spelling"),
        ("http://127.0.0.1.:9000/", "host_spelling"),
        ("http://[0:0:0:0:0:0:0:1]:9000/", "address_spelling"),
        ("https://media.example.org./", "host_spelling"),
        ("https://media%2eexample.org/", "host_spelling"),
        ("https://mediа.example.org/", "spelling"),
        ("https://media.example.org\\@evil.example/", "spelling"),
        ("https://media.example.org/\r\nX: y", "spelling"),
        ("https://media.example.org:/", "port"),
        ("https://media.example.org:0/", "port"),
        ("https://media.example.org:99999/", "spelling"),
        ("https://media.example.org/" + "a" * 9000, "length"),
    ],
)
def test_everything_else_is_refused_by_name(url: str, rule: str) -> None:
    with pytest.raises(MediaRefused) as refused:
        LIST.check(url)
    assert refused.value.rule == rule
    assert refused.value.kind == "refused"
    assert refused.value.remedy
    assert refused.value.url in str(refused.value)
    assert "pw@" not in str(refused.value)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.@:%\[\]\\]{1,40}/?", fullmatch=True))
@example("https://media.example.org#@evil.example/")
@example("https://media.example.org?@evil.example/")
def test_what_passes_is_a_listed_host_for_every_reader(url: str) -> None:
    try:
        checked = LIST.check(url)
    except MediaRefused:
        return
    parts = urlsplit(checked)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname in {
        "media.example.org", "signed.example.org", "127.0.0.1", "::1", "nas.example.org",
    } or str(parts.hostname).endswith(".cdn.example.org")  # fmt: skip
    assert "@" not in parts.netloc


@given(st.ip_addresses())
def test_a_public_name_never_leads_inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    # Releases of Python differ on an address that carries another; those have examples of their own below.
    assume(isinstance(address, ipaddress.IPv4Address) or (address.sixtofour or address.teredo) is None)
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        with pytest.raises(MediaRefused) as refused:
            LIST.check_addresses("https://media.example.org/", "media.example.org", [str(address)])
        assert refused.value.rule == "private_address"
    LIST.check_addresses("http://nas.example.org/", "nas.example.org", [str(address)])


@pytest.mark.parametrize("host", ["::ffff:7f00:1", "::ffff:127.0.0.1"])
def test_an_address_within_an_address_is_refused_however_python_spells_it(host: str) -> None:
    with pytest.raises(MediaRefused) as refused:
        LIST.check(f"http://[{host}]:9000/")
    assert refused.value.rule in {"host", "address_spelling"}


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "::1", "fe80::1%eth0", "fd00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1"],
)  # fmt: skip
def test_private_answers_in_every_disguise_are_refused(address: str) -> None:
    with pytest.raises(MediaRefused):
        LIST.check_addresses("https://media.example.org/", "media.example.org", ["93.184.216.34", address])


def test_public_answers_and_listed_addresses_pass() -> None:
    LIST.check_addresses("https://media.example.org/", "media.example.org", ["93.184.216.34", "2606:4700::1"])
    LIST.check_addresses("http://127.0.0.1:9000/", "127.0.0.1", ["127.0.0.1"])


@pytest.mark.parametrize(
    "text", ["", "*", "*.", "*.org", "*.127.0.0.1", "a b", "http://a.example", "a.example/", "u@a.example",
             "a.example:", "a.example:0", "a.example:x", "127.1", "ä.example", "a.*.example"]
)  # fmt: skip
def test_wrong_patterns_are_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        HostPattern.parse(text)


def test_what_is_shown_holds_no_secret() -> None:
    assert shown("https://u:pw@a.example/x?sig=secret#frag") == "https://a.example/x?…"
    assert shown("https://a.example/\n") == "https://a.example/�"
    assert len(shown("https://a.example/" + "x" * 500)) <= 202
