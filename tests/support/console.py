"""The console's own data layer, signed in on a test's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from db.platforms.scenes.reads import READS
from db.reader import PlatformReader
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter
from tests.support.databases import Database


@dataclass(frozen=True)
class SignedIn:
    """One person's connections."""

    servers: Servers
    reader: PlatformReader
    writer: GreenroomWriter


@asynccontextmanager
async def signed_in(database: Database, login: str = "mia") -> AsyncIterator[SignedIn]:
    """Reader and writer of `login`, closed at the end."""
    servers = Servers(database.primary, (database.replica,), SignIn(login, database.passwords[login]))
    try:
        yield SignedIn(servers, PlatformReader(servers, READS), GreenroomWriter(servers))
    finally:
        await servers.close()
