"""The fetcher against a real server on this machine: what it asks, refuses, and calls the failures."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import AsyncGeneratorType

import pytest

from console.domain.errors import MediaProblem, MediaRefused
from console.domain.media import MediaAccess, MediaRules
from console.media.fetcher import Limits, MediaFetcher
from console.media.upstream import Resolver, system_addresses
from tests.support.media import Fault, MediaServer

BODY = bytes(range(256)) * 400
QUICK = Limits(connect=0.5, read=0.3, total=0.6, playlist=1000, segment=1_000_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MediaServer]:
    (tmp_path / "a.ts").write_bytes(BODY)
    with MediaServer(tmp_path) as running:
        yield running


async def secret(entry: str) -> str | None:
    return {"cookie": "session=s3cret", "sign": "k&y"}.get(entry)


@asynccontextmanager
async def fetching(
    rules: MediaRules, resolve: Resolver = system_addresses, limits: Limits = QUICK
) -> AsyncIterator[MediaFetcher]:
    fetcher = MediaFetcher(rules, secret=secret, limits=limits, resolve=resolve)
    try:
        yield fetcher
    finally:
        await fetcher.aclose()


def rules(server: MediaServer, *more: str) -> MediaRules:
    return MediaRules((f"127.0.0.1:{server.port}", *more))


async def kind_of(fetcher: MediaFetcher, url: str, limit: int = 1_000_000) -> str:
    with pytest.raises(MediaProblem) as problem:
        await fetcher.read(url, limit)
    assert problem.value.remedy
    assert "s3cret" not in str(problem.value)
    return problem.value.kind


async def test_whole_and_ranges(server: MediaServer) -> None:
    async with fetching(rules(server)) as fetcher:
        url = server.url("a.ts")
        assert await fetcher.read(url, 1_000_000) == (url, BODY)
        async with fetcher.stream(url, 1_000_000, (100, 199)) as reply:
            assert (reply.partial, reply.first, reply.length, reply.whole) == (True, 100, 100, len(BODY))
            assert b"".join([chunk async for chunk in reply.chunks()]) == BODY[100:200]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("404", "not_found"),
        ("403", "expired"),
        ("410", "expired"),
        ("500", "server"),
        ("hang", "timeout"),
        ("slow", "timeout"),
        ("cut", "truncated"),
    ],
)
async def test_each_failure_has_its_name(server: MediaServer, fault: Fault, kind: str) -> None:
    server.fault("a.ts", fault)
    async with fetching(rules(server)) as fetcher:
        assert await kind_of(fetcher, server.url("a.ts") + "?sig=s3cret") == kind


async def test_more_failures_have_names(server: MediaServer) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{closed.getsockname()[1]}"
        async with fetching(rules(server, dead, "gone.example.org"), unknown_but_numbers(unknown)) as fetcher:
            assert await kind_of(fetcher, f"http://{dead}/x") == "unreachable"
            assert await kind_of(fetcher, "http://gone.example.org/x") == "dns"
            assert await kind_of(fetcher, f"https://127.0.0.1:{server.port}/a.ts") == "tls"
            assert await kind_of(fetcher, server.url("a.ts"), 1000) == "too_large"


def unknown_but_numbers(unknown: Resolver) -> Resolver:
    async def resolve(host: str, port: int) -> list[str]:
        return [host] if host == "127.0.0.1" else await unknown(host, port)

    return resolve


async def test_redirects_are_checked_one_by_one(server: MediaServer) -> None:
    async with fetching(rules(server)) as fetcher:
        server.fault("one", "redirect", "/two")
        server.fault("two", "redirect", server.url("a.ts"))
        assert (await fetcher.read(server.url("one"), 1_000_000))[0] == server.url("a.ts")
        for target in ("file:///etc/passwd", f"http://localhost:{server.port}/a.ts", "//evil.example/a.ts"):
            server.fault("two", "redirect", target)
            with pytest.raises(MediaRefused):
                await fetcher.read(server.url("one"), 1_000_000)
        server.fault("two", "redirect", "/one")
        assert await kind_of(fetcher, server.url("one")) == "loop"


async def test_a_listed_name_that_leads_inside_is_never_dialled(server: MediaServer) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    host = f"media.example.org:{server.port}"
    async with fetching(MediaRules((host,)), inside) as fetcher:
        with pytest.raises(MediaRefused) as refused:
            await fetcher.read(f"http://{host}/a.ts", 1_000_000)
    assert refused.value.rule == "private_address"
    assert server.requests == []
    async with fetching(MediaRules(private_hosts=(host,)), inside) as fetcher:
        assert (await fetcher.read(f"http://{host}/a.ts", 1_000_000))[1] == BODY
    assert server.requests[0].headers["host"] == host


async def test_credentials_go_where_the_profile_says(
    server: MediaServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    here = f"127.0.0.1:{server.port}"
    access = MediaAccess(
        here, (("Referer", "https://app.example/"),), (("Cookie", "cookie"),), (("s", "sign"),)
    )
    async with fetching(MediaRules((here, "media.example.org"), access=(access,))) as fetcher:
        url, _ = await fetcher.read(server.url("a.ts?v=1"), 1_000_000)
    seen = server.requests[0]
    assert seen.target == "/a.ts?v=1&s=k%26y"
    assert (seen.headers["referer"], seen.headers["cookie"]) == ("https://app.example/", "session=s3cret")
    assert "k%26y" not in url
    assert "s3cret" not in caplog.text
    assert "k%26y" not in caplog.text


async def test_credentials_stay_here(server: MediaServer) -> None:
    here = f"127.0.0.1:{server.port}"
    other = MediaAccess("media.example.org", secret_headers=(("Cookie", "cookie"),))
    missing = MediaAccess(here, secret_headers=(("Cookie", "nothing"),))
    async with fetching(MediaRules((here, "media.example.org"), access=(other,))) as fetcher:
        await fetcher.read(server.url("a.ts"), 1_000_000)
        assert "cookie" not in server.requests[0].headers
        with pytest.raises(MediaRefused) as refused:
            await fetcher.read("http://media.example.org/a.ts", 1_000_000)
        assert refused.value.rule == "plain_secret"
    async with fetching(MediaRules((here,), access=(missing,))) as fetcher:
        assert await kind_of(fetcher, server.url("a.ts")) == "credentials"


async def test_sizes_hold_without_a_promise(server: MediaServer) -> None:
    server.fault("a.ts", "no_length")
    async with fetching(rules(server)) as fetcher:
        assert (await fetcher.read(server.url("a.ts"), len(BODY)))[1] == BODY
        assert await kind_of(fetcher, server.url("a.ts"), len(BODY) - 1) == "too_large"


async def test_a_part_nobody_asked_for_is_refused(server: MediaServer) -> None:
    server.fault("a.ts", "wrong_range")
    async with fetching(rules(server)) as fetcher:
        with pytest.raises(MediaProblem, match="another part"):
            async with fetcher.stream(server.url("a.ts"), 1_000_000, (100, 199)):
                pytest.fail("the wrong bytes were handed on")


async def test_what_is_left_half_way_is_closed_at_once(server: MediaServer) -> None:
    server.fault("a.ts", "slow")
    async with fetching(rules(server)) as fetcher:
        async with fetcher.stream(server.url("a.ts"), 1_000_000) as reply:
            assert await anext(reply.chunks())
            body = reply._body
            assert isinstance(body, AsyncGeneratorType)
        assert body.ag_frame is None
