"""What stands between a screen and the servers for one signed-in person. No window, no Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console import __version__
from console.commands import platform_reads
from console.config import Profile, journal_folder
from console.domain.changes import ChangeBatch
from console.domain.errors import ConfigurationError, GreenroomError, Outdated, Refused
from console.domain.staff import Person
from console.services.carrying import keep_sweeping
from console.services.claims import ClaimBook
from console.services.counting import keep_counting
from console.services.decisions import DecisionPipeline, Resent, Tally
from console.services.ports import Feed
from console.services.sealing import keep_sealing
from db.announcing import Announcer
from db.feed import ChangeFeed
from db.greenroom.attach import VERSION
from db.greenroom.audit import SeenSeal
from db.journal import SqliteJournal
from db.reader import PlatformReader
from db.routing import Servers, SignIn
from db.writer import GreenroomWriter

RELEASE_SECONDS = 3.0
"""How long a sign-out waits to give claims back; otherwise the leases end by themselves."""


@dataclass(slots=True)
class DataLayer:
    """One person's reads, writes, claims and journal, from sign-in to sign-out."""

    person: Person
    servers: Servers
    reader: PlatformReader
    writer: GreenroomWriter
    journal: SqliteJournal
    claims: ClaimBook
    pipeline: DecisionPipeline
    feed: Feed
    _announcer: Announcer
    _seen: SeenSeal
    _alarm: Callable[[str], None]

    @classmethod
    async def open(
        cls,
        profile: Profile,
        sign_in: SignIn,
        data: Path,
        *,
        changed: Callable[[Tally], None],
        failed: Callable[[Exception], None],
        alarm: Callable[[str], None],
        resent: Callable[[Resent], None] = lambda _: None,
    ) -> DataLayer:
        """Connect as this person; their journal lies under `data`. Raises SignInFailed or Unavailable.

        `changed` is called when a decision was made or answered, `failed` with what went wrong and is
        nobody's answer, `alarm` with what a person should know of the journal or the audit,
        `resent` with what a failover had lost and was sent again.
        """
        servers = Servers(profile.primary, profile.replicas, sign_in, profile.max_lag, pooled=profile.pooled)
        announcer = Announcer(servers)
        writer = GreenroomWriter(servers, announcer.soon)
        try:
            person = await writer.person()
            outdated = _outdated(*await writer.schema())
            reader = PlatformReader(servers, platform_reads(profile.platform))
        except BaseException:
            await servers.close()
            raise
        folder = journal_folder(data, profile.name, person.login)
        journal = SqliteJournal(folder / "journal.sqlite3", alarm)
        claims = ClaimBook(writer)
        pipeline = DecisionPipeline(writer, journal, claims, changed, failed, resent)
        servers.moved = pipeline.primary_moved
        pipeline.closed = claims.closed = outdated
        feed = ChangeFeed(servers)
        seen = SeenSeal(folder)
        return cls(person, servers, reader, writer, journal, claims, pipeline, feed, announcer, seen, alarm)

    @property
    def read_only(self) -> Refused | None:
        """Why nothing can be changed by this console; None where it can."""
        return self.pipeline.closed

    def work(self, heard: Callable[[ChangeBatch], None]) -> tuple[tuple[Coroutine[Any, Any, None], str], ...]:
        """What goes on behind the person's back, each with a name for its task; all run until cancelled.

        `heard` is called with what others do.
        """
        return (
            (self.pipeline.run(), "send decisions"),
            (self.claims.keep_renewing(), "renew claims"),
            (self.claims.keep_resolving(), "resolve claims"),
            (self._announcer.run(), "announce what was written"),
            (self.feed.run(heard), "follow other consoles"),
            (keep_sealing(self.writer, self._seen, self._alarm), "seal the audit"),
            (keep_counting(self.writer), "count the numbers"),
            (keep_sweeping(self.writer), "sweep merged topics"),
        )

    async def let_go(self) -> None:
        """Give every claim back, where the primary can be told in time."""
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self.claims.release_all()
        except (GreenroomError, TimeoutError):
            return

    async def close(self) -> None:
        """Close what the work, which has ended, used."""
        await self.claims.close()
        await self.journal.close()
        await self.servers.close()


def _outdated(schema: int, minimum: str) -> Outdated | None:
    """Why this console only reads, if so. ConfigurationError when the database is the older one."""
    if schema < VERSION:
        raise ConfigurationError(
            f"The schema greenroom in the database is of version {schema}; this console needs {VERSION}",
            "An admin brings it up to date: greenroom attach.",
        )
    if _parts(__version__) >= _parts(minimum):
        return None
    return Outdated(
        f"Greenroom {__version__} is too old to change anything here: version {minimum} is needed",
        "Update Greenroom; until then it only reads.",
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
