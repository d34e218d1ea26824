"""Connections to media servers: each name is resolved here, and only what the allow-list lets is dialled.

The address that was checked is the one connected to, so that a second answer of the name server
(DNS rebinding) comes too late.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable

import httpcore
import httpx

from console.domain.errors import MediaProblem
from console.media.allowlist import AllowList

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Addresses of a host; raises `socket.gaierror`."""


async def system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says, without waiting on the loop."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def load_network() -> None:
    """Import what the first connection would import, so that it does not on the window's loop. Blocks."""
    asyncio.run(httpcore.AnyIOBackend().sleep(0))


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, allowed: AllowList, resolve: Resolver) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allowed = allowed
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name server did not answer for {host}") from error
        except OSError as error:
            raise _unknown(host) from error
        if not addresses:
            raise _unknown(host)
        self._allowed.check_addresses(f"//{host}", host, addresses)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:3]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or _unknown(host)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _unknown(host: str) -> MediaProblem:
    return MediaProblem(
        "dns", f"The name {host} is not known.", "Check the network, or the media's address.", url=host
    )


class CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over connections that the allow-list has checked. No proxy, no unix socket."""

    def __init__(self, allowed: AllowList, resolve: Resolver, *, tls: ssl.SSLContext | None = None) -> None:
        context = tls or httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        # httpx has no public way to hand a network backend in; an integration test shows that it is used.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=24,
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
            network_backend=_CheckedNetwork(allowed, resolve),
        )
