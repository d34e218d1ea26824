"""The player, judged by the pictures that it shows."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.runtime.heartbeat import Heartbeat
from tests.support.media import MediaServer, make_stream
from tests.support.player import Seen, code_of, playing
from tests.support.waiting import until


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # Nobody has asked for its end yet: it is over all the same.
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize(
    "options",
    [{}, {"fmp4": True}, {"encrypted": True}, {"variants": 2}, {"discontinuity": True}],
    ids=str,
)
async def test_every_kind_of_stream_is_shown_from_its_first_picture_to_its_last(
    server: MediaServer, options: dict[str, Any]
) -> None:
    playlist = make_stream(server.folder, "s", 2, number=77, **options)
    async with playing(server) as seen:
        seen.player.open(server.url(playlist))
        await seen.until(lambda: seen.ends > 0)
    assert seen.problems == []
    assert None not in seen.codes
    assert {code[0] for code in seen.codes if code} == {77}
    # Where timestamps begin anew, VLC lets go of what it had buffered: up to a second is never shown.
    assert seen.frames[0] in ({0, 1, 25, 26} if "discontinuity" in options else {0, 1})
    assert seen.frames == sorted(set(seen.frames))
    assert seen.frames[-1] >= 47
    assert len(seen.firsts) == 1


async def test_what_was_opened_ahead_is_shown_at_once_and_goes_on(server: MediaServer) -> None:
    one = make_stream(server.folder, "one", 1, number=1)
    two = make_stream(server.folder, "two", 1, number=2, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(one))
        await seen.until(lambda: len(seen.codes) > 2)
        player.prepare(server.url(two))
        player.ended.connect(lambda: player.open(server.url(two)) if seen.ends == 1 else None)
        await seen.until(lambda: seen.ends > 1)
    assert [code[0] for code in seen.codes if code] == sorted(code[0] for code in seen.codes if code)
    second = [code for code in seen.codes if code and code[0] == 2]
    assert second[0] == (2, 0)
    assert second[-1][1] >= 23
    gap = seen.moments[seen.codes.index((2, 0))] - seen.moments[seen.codes.index((2, 0)) - 1]
    # A picture's time and 50 ms are the goal, which the benchmark holds.
    assert gap < 1
    assert seen.firsts[1] < 0.5


async def test_a_killed_process_is_noticed_and_another_goes_on_where_it_stood(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 6, number=9, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist))
        await seen.until(lambda: player.position > 1.5)
        before, stood = player.process_number, player.position
        os.kill(before, signal.SIGKILL)
        seen.forget()
        await seen.until(lambda: player.process_number not in {0, before} and len(seen.frames) > 5)
        assert stood - 0.2 < seen.positions[0] < stood + 0.5
        assert abs(seen.frames[0] / 25 - seen.positions[0]) < 0.6
        assert player.playing
        assert seen.problems == []


async def test_a_stopped_process_is_replaced_and_nothing_waits_for_it(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 8, number=10, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist))
        await seen.until(lambda: player.position > 1)
        before, stood = player.process_number, player.position
        os.kill(before, signal.SIGSTOP)
        heartbeat = Heartbeat()
        heartbeat.start()
        for _ in range(200):
            player.seek(player.position)
            player.set_speed(1.0)
        await seen.until(lambda: player.process_number not in {0, before})
        heartbeat.stop()
        assert max(heartbeat.stalls) < 1
        seen.forget()
        await seen.until(lambda: len(seen.frames) > 5)
        assert seen.positions[0] < stood + 1
        assert seen.frames[0] < (stood + 1) * 25
        with pytest.raises(ProcessLookupError):
            os.kill(before, 0)


async def test_a_process_that_cannot_stay_alive_is_given_up_with_words(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 4, number=3)
    async with playing(server) as seen:
        player, killed = seen.player, set[int]()
        player.open(server.url(playlist))
        while not seen.problems:
            await seen.until(lambda: bool(seen.problems) or player.process_number not in {0, *killed})
            if not seen.problems:
                killed.add(player.process_number)
                os.kill(player.process_number, signal.SIGKILL)
        assert seen.problems[0].kind == "player"
        assert not player.playing
        seen.forget()
        player.retry()
        await seen.until(lambda: len(seen.frames) > 2)


async def test_the_process_ends_with_the_console(server: MediaServer, tmp_path: Path) -> None:
    """Also when it is killed, and the player's process stands still."""
    lines = (
        "import asyncio, os, signal, qasync",
        "from PySide6.QtWidgets import QApplication",
        "from console.ui.player.process import PlayerProcess",
        "loop = qasync.QEventLoop(QApplication([])); asyncio.set_event_loop(loop)",
        f"process = PlayerProcess(__import__('pathlib').Path({str(tmp_path)!r}))",
        "def told(event): os.kill(process.number, signal.SIGSTOP); print(process.number, flush=True)",
        "process.told.connect(told, type=__import__('PySide6').QtCore.Qt.SingleShotConnection)",
        "loop.run_forever()",
    )
    console = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "\n".join(lines), stdout=subprocess.PIPE
    )
    assert console.stdout is not None
    number = int(await console.stdout.readline())
    os.kill(number, 0)
    console.kill()
    await console.wait()
    await until(lambda: gone(number))


async def settled(seen: Seen, code: tuple[int, int]) -> None:
    await seen.until(lambda: seen.last == code)


async def test_seeking_and_stepping_show_the_very_picture(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 4, number=21, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist), play=False)
        await settled(seen, (21, 0))
        await seen.until(lambda: player.duration == pytest.approx(4, abs=0.1))
        for frame in (50, 37, 80, 3):
            player.seek(frame * 0.04)
            await settled(seen, (21, frame))
            assert player.position == pytest.approx(frame * 0.04)
        for frame in (4, 5):
            player.step(1)
            await settled(seen, (21, frame))
            assert player.position == pytest.approx(frame * 0.04)
        for frame in (4, 3, 2):
            player.step(-1)
            await settled(seen, (21, frame))
        assert player.snapshot().width() == 320
        assert code_of(player.snapshot()) == (21, 2)


async def test_opening_at_a_time_shows_that_picture_first(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 4, number=22, fmp4=True)
    async with playing(server) as seen:
        seen.player.open(server.url(playlist), start=2.2, play=False)
        await settled(seen, (22, 55))
        assert seen.player.position == pytest.approx(2.2)


async def test_speed_loop_and_stretch(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 2, number=23, fmp4=True)
    async with playing(server) as seen:
        player = seen.player
        player.set_speed(4.0)
        player.open(server.url(playlist))
        await seen.until(lambda: seen.ends == 1)
        # Half a second instead of two; a machine with much to do may take twice that.
        assert seen.moments[-1] - seen.moments[0] < 1.5
        player.set_speed(1.0)
        player.set_loop(True)
        seen.forget()
        player.seek(1.6)
        player.play()
        await seen.until(lambda: len([place for place in seen.frames if place < 5]) > 0)
        assert seen.ends == 1
        player.set_loop(False)
        player.set_ab(0.4, 0.8)
        player.seek(0.4)
        await seen.until(lambda: player.position < 0.6)
        # Round and round, once it has got there.
        await seen.until(lambda: len(seen.frames) > 40 and all(8 <= each <= 26 for each in seen.frames[-30:]))


async def test_a_chosen_quality_is_what_is_shown(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 2, number=24, variants=2)
    async with playing(server) as seen:
        player = seen.player
        player.open(server.url(playlist), play=False)
        await seen.until(lambda: len(player.qualities) == 3)
        assert [(each.title, each.chosen) for each in player.qualities] == [
            ("As the network allows", False),
            ("180p", True),
            ("90p", False),
        ]
        await seen.until(lambda: player.picture.height() == 180)
        player.choose_quality("90")
        await seen.until(lambda: player.picture.height() == 90)
        assert seen.last is not None
        assert seen.last[0] == 24
        assert [each.title for each in player.qualities if each.chosen] == ["90p"]
        assert [each.title for each in player.audio_tracks] == [seen.player.audio_tracks[0].title, "No sound"]


async def test_vlc_loads_no_module_that_talks_or_scripts(server: MediaServer) -> None:
    playlist = make_stream(server.folder, "s", 1, number=25)
    async with playing(server) as seen:
        seen.player.open(server.url(playlist))
        await seen.until(lambda: seen.ends > 0)
        maps = await asyncio.to_thread(Path(f"/proc/{seen.player.process_number}/maps").read_text)
    modules = {line.rpartition("/")[2] for line in maps.splitlines() if "_plugin.so" in line}
    assert {"libadaptive_plugin.so", "libts_plugin.so", "libavcodec_plugin.so"} <= modules
    talks = ("lua", "sap", "taglib", "archive", "playlist", "upnp", "mtp", "dbus", "record", "access_", "gme")
    assert [name for name in modules if any(word in name for word in talks)] == []
    assert "liblua" not in maps
    assert "Qt6" not in maps
