"""The media section of a profile is read strictly, and never holds a secret's value."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.config import load_profiles
from console.domain.errors import ConfigurationError
from console.domain.media import MediaAccess, MediaRules

PLAIN = '[live]\nplatform = "scenes"\nprimary = "postgresql://db.example/scenes"\n'


def read(folder: Path, text: str) -> MediaRules:
    path = folder / "profiles.toml"
    path.write_text(PLAIN + text, encoding="utf-8")
    return load_profiles(path)["live"].media


def test_without_the_section_no_host_is_open(tmp_path: Path) -> None:
    assert read(tmp_path, "") == MediaRules()


def test_a_whole_section(tmp_path: Path) -> None:
    rules = read(
        tmp_path,
        '[live.media]\nhosts = ["media.example.org", "*.cdn.example.org"]\nprivate_hosts = ["nas.lan:8080"]\n'
        '[[live.media.access]]\nhost = "*.cdn.example.org"\n'
        'headers = { Referer = "https://app.example.org/" }\n'
        'secret_headers = { Cookie = "cdn-cookie" }\nsecret_query = { token = "cdn-token" }\n',
    )
    access = MediaAccess(
        "*.cdn.example.org",
        (("Referer", "https://app.example.org/"),),
        (("Cookie", "cdn-cookie"),),
        (("token", "cdn-token"),),
    )
    assert rules == MediaRules(("media.example.org", "*.cdn.example.org"), ("nas.lan:8080",), (access,))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("media = 1", "'media' is not a table"),
        ("[live.media]\nhost = 1", "unknown key media.host"),
        ('[live.media]\nhosts = "a.example"', "media.hosts"),
        ('[live.media]\nhosts = ["https://a.example"]', "https://a.example"),
        ('[live.media]\nprivate_hosts = ["*.lan"]', "too wide"),
        ("[live.media]\naccess = 1", "media.access"),
        ("[live.media]\naccess = [1]", "media.access"),
        ("[[live.media.access]]\nheaders = {}", "media.host"),
        ('[[live.media.access]]\nhost = "a.example"\ncookie = "x"', "media.access.cookie"),
        ('[[live.media.access]]\nhost = "a.example"\nheaders = { Host = "x" }', "Host"),
        ('[[live.media.access]]\nhost = "a.example"\nheaders = { "A b" = "x" }', "A b"),
        ('[[live.media.access]]\nhost = "a.example"\nheaders = { A = "x\\ny" }', "'A'"),
        ('[[live.media.access]]\nhost = "a.example"\nsecret_query = { a = 1 }', "secret_query"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert named in str(caught.value)
    assert "profile 'live'" in str(caught.value)
    assert caught.value.remedy
