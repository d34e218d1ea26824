"""A real player before a media server of the tests, and what it shows, read off the pictures themselves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QImage

from console.domain.errors import MediaProblem
from console.media.server import LoopbackServer
from console.media.upstream import Resolver, system_addresses
from console.runtime.tasks import Tasks
from console.ui.player.player import Player
from tests.support.loopback import loopback
from tests.support.media import MediaServer, read_code
from tests.support.waiting import until

PATIENCE = 40.0
SILENT = ("--aout=adummy",)
"""There is no sound card where tests run."""


def code_of(image: QImage) -> tuple[int, int] | None:
    """(segment, frame) that a picture carries, whatever its size."""
    if image.isNull():
        return None
    packed = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height, line = packed.width(), packed.height(), packed.bytesPerLine()
    data = bytes(packed.constBits())
    return read_code(b"".join(data[y * line :][: width * 3] for y in range(height)), width, height)


@dataclass
class Seen:
    """What a player has shown and said: `codes` of its pictures in order, with moments and positions."""

    player: Player
    server: LoopbackServer
    codes: list[tuple[int, int] | None] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    positions: list[float] = field(default_factory=list)
    problems: list[MediaProblem] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    ends: int = 0

    def watch(self) -> None:
        self.player.picture_changed.connect(self._look)
        self.player.failed.connect(self.problems.append)
        self.player.first_frame.connect(self.firsts.append)
        self.player.ended.connect(self._count)

    def _count(self) -> None:
        self.ends += 1

    def _look(self) -> None:
        if not self.player.picture.isNull():
            self.moments.append(time.perf_counter())
            self.codes.append(code_of(self.player.picture))
            self.positions.append(self.player.position)

    @property
    def frames(self) -> list[int]:
        """The frames' places, of pictures that were whole."""
        return [code[1] for code in self.codes if code is not None]

    @property
    def last(self) -> tuple[int, int] | None:
        return self.codes[-1] if self.codes else None

    def forget(self) -> None:
        for each in (self.codes, self.moments, self.positions, self.problems, self.firsts):
            each.clear()

    async def until(self, so: Callable[[], bool], what: str = "") -> None:
        """Wait until something is so; AssertionError when it never is."""
        await until(so, lambda: what or f"{self.codes[-5:]} {self.problems}")


@asynccontextmanager
async def playing(
    server: MediaServer,
    *,
    cache: Path | None = None,
    options: tuple[str, ...] = SILENT,
    private_hosts: tuple[str, ...] = (),
    resolve: Resolver = system_addresses,
) -> AsyncIterator[Seen]:
    """A player that may open what `server` has, and `private_hosts`, which `resolve` knows."""
    failures: list[BaseException] = []
    async with loopback(server, cache=cache, private_hosts=private_hosts, resolve=resolve) as source:
        tasks = Tasks(lambda _, error: failures.append(error))
        player = Player(source, tasks, modules=server.folder.parent / "vlc", options=options)
        seen = Seen(player, source)
        seen.watch()
        try:
            yield seen
        finally:
            await player.aclose()
            await tasks.close()
            player.deleteLater()
    assert failures == []
