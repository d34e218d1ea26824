"""The player against bare libvlc in the same run: first picture, gap, lateness, processor time, memory."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from console.runtime.heartbeat import Heartbeat
from console.ui.player.view import PlayerView
from console.ui.theme.theme import Choice, Theme
from tests.bench.measure import Measurement, median, percentile
from tests.support.media import MediaServer, make_stream
from tests.support.player import Seen, playing

_ROUNDS = 12
_LONG_SECONDS = 60
_OPENED = 200
_GROWTH = 20.0
_STALL = 50.0


def player() -> list[Measurement]:
    """What issue 4 promises of the player."""
    known = QApplication.instance()
    application = known if isinstance(known, QApplication) else QApplication([])
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop, tempfile.TemporaryDirectory() as folder, MediaServer(Path(folder)) as server:
        theme = Theme(application, Choice.LIGHT)
        rows: list[Measurement] = []
        for part in (_first_picture, _gap, _long, _memory, _dead):
            rows += loop.run_until_complete(part(server, theme))
    return rows


@asynccontextmanager
async def _shown(server: MediaServer, theme: Theme) -> AsyncIterator[tuple[Seen, PlayerView]]:
    async with playing(server) as seen:
        view = PlayerView(theme, seen.player)
        view.resize(1280, 800)
        view.show()
        seen.player.warm()
        yield seen, view
        view.close()
        view.deleteLater()


def _bare(*arguments: str) -> list[float]:
    """What bare libvlc measured, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.bare_vlc", *arguments], stdout=subprocess.PIPE, check=True
    )
    found: list[float] = json.loads(told.stdout.splitlines()[-1])
    return found


async def _first_picture(server: MediaServer, theme: Theme) -> list[Measurement]:
    playlist = make_stream(server.folder, "first", 2, number=1, size=(1280, 720))
    url = server.url(playlist)
    bare = await asyncio.to_thread(_bare, "first", str(_ROUNDS), url)
    ours = []
    async with _shown(server, theme) as (seen, _):
        # Reading codes off large pictures is no work of the player's.
        seen.player.picture_changed.disconnect(seen._look)
        await asyncio.sleep(1)
        for _ in range(_ROUNDS):
            seen.forget()
            seen.player.open(url)
            await seen.until(lambda: bool(seen.firsts))
            ours.append(seen.firsts[0] * 1000)
            seen.player.close()
            await asyncio.sleep(0.2)
    # Before and after, so that what else the machine does weighs on both.
    bare += await asyncio.to_thread(_bare, "first", str(_ROUNDS), url)
    floor = median(bare)
    ratio = median(ours) / floor
    return [
        Measurement(
            "player: first picture", "ms", median(ours), percentile(ours, 0.95), floor, ratio,
            "within 1.2 of bare libvlc", ratio <= 1.2,
        )
    ]  # fmt: skip


async def _gap(server: MediaServer, theme: Theme) -> list[Measurement]:
    lists = [server.url(make_stream(server.folder, f"g{n}", 1, number=n, fmp4=True)) for n in range(6)]
    gaps, place = [], 0

    async with _shown(server, theme) as (seen, _):

        def following() -> None:
            nonlocal place
            place += 1
            if place < len(lists):
                seen.player.open(lists[place])
                if place + 1 < len(lists):
                    seen.player.prepare(lists[place + 1])

        seen.player.ended.connect(following)
        seen.player.open(lists[0])
        seen.player.prepare(lists[1])
        await seen.until(lambda: place >= len(lists))
        for n in range(1, len(lists)):
            first = next(each for each, code in enumerate(seen.codes) if code and code[0] == n)
            gaps.append((seen.moments[first] - seen.moments[first - 1]) * 1000)
    limit = 1000 / 25 + 50
    return [
        Measurement(
            "player: gap between segments", "ms", median(gaps), percentile(gaps, 0.95), None, None,
            "a picture's 40 ms + 50 ms", median(gaps) <= limit,
        )
    ]  # fmt: skip


async def _long(server: MediaServer, theme: Theme) -> list[Measurement]:
    playlist = make_stream(
        server.folder, "long", _LONG_SECONDS, number=7, size=(1280, 720), fmp4=True, part_seconds=4
    )
    url = server.url(playlist)
    (bare_cpu, bare_shown) = await asyncio.to_thread(_bare, "long", str(_LONG_SECONDS), url)
    async with _shown(server, theme) as (seen, _):
        seen.player.picture_changed.disconnect(seen._look)
        shown = 0

        def count() -> None:
            nonlocal shown
            shown += 1

        seen.player.picture_changed.connect(count)
        begun = _cpu(seen.player.process_number)
        ended = asyncio.Event()
        seen.player.ended.connect(ended.set)
        seen.player.open(url)
        async with asyncio.timeout(_LONG_SECONDS * 3):
            await ended.wait()
        used = _cpu(seen.player.process_number) - begun
    every = _LONG_SECONDS * 25
    dropped, bare_dropped = every - shown, every - bare_shown
    return [
        Measurement(
            "player: pictures left out in 60 s of 720p25", "", dropped, None, bare_dropped, None,
            "as few as bare libvlc, or 0.5 %", dropped <= max(bare_dropped, every // 200),
        ),
        Measurement(
            "player: processor time in 60 s of 720p25", "s", used, None, bare_cpu, used / bare_cpu,
            "told, painting included", True,
        ),
    ]  # fmt: skip


async def _memory(server: MediaServer, theme: Theme) -> list[Measurement]:
    lists = [server.url(make_stream(server.folder, f"m{n}", 1, number=n)) for n in range(4)]
    sizes = []
    async with _shown(server, theme) as (seen, _):
        for round_ in range(_OPENED + 40):
            seen.forget()
            seen.player.open(lists[round_ % 4])
            seen.player.prepare(lists[(round_ + 1) % 4])
            await seen.until(lambda: bool(seen.firsts))
            if round_ >= 40 and round_ % 20 == 0:
                sizes.append(_resident(seen.player.process_number) + _resident(0))
    growth = sizes[-1] - sizes[0]
    return [
        Measurement(
            f"player: memory after {_OPENED} videos", "MB", growth, None, sizes[0], None,
            "grown by less than 20 MB", growth < _GROWTH,
        )
    ]  # fmt: skip


async def _dead(server: MediaServer, theme: Theme) -> list[Measurement]:
    playlist = make_stream(server.folder, "dead", 1, number=1)
    server.fault(playlist, "hang")
    worst = []
    async with _shown(server, theme) as (seen, _):
        await seen.until(lambda: seen.player.process_number > 0)
        await asyncio.sleep(0.5)
        for _ in range(5):
            seen.forget()
            heartbeat = Heartbeat()
            heartbeat.start()
            seen.player.open(server.url(playlist))
            await seen.until(lambda: bool(seen.problems))
            heartbeat.stop()
            worst.append(max(heartbeat.stalls) * 1000)
    return [
        Measurement(
            "player: longest stall at a dead address", "ms", median(worst), max(worst), None, None,
            "under 50 ms", max(worst) < _STALL,
        )
    ]  # fmt: skip


def _cpu(process: int) -> float:
    """Seconds of processor time of this process and of VLC's."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = resource.getrusage(resource.RUSAGE_SELF)
    return (int(fields[11]) + int(fields[12])) / 100 + own.ru_utime + own.ru_stime


def _resident(process: int) -> float:
    """Megabytes that a process has to itself; 0 for this one."""
    rolled = Path(f"/proc/{process or 'self'}/smaps_rollup").read_text()
    private = [line.split()[1] for line in rolled.splitlines() if line.startswith("Private_")]
    return sum(map(int, private)) / 1024
