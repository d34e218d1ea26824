"""The demo's videos, made for real, served for real, and decoded through the server."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
import pytest

from db.platforms.scenes.demo import Cancelled, MediaLibrary, MediaServer
from db.platforms.scenes.demo.drawing import CLIPS, FRAME_RATE
from db.platforms.scenes.demo.media import AVATARS, ICONS, _free_port

pytestmark = pytest.mark.timeout(180)


def quiet(what: str, done: int, whole: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> MediaLibrary:
    made = MediaLibrary(tmp_path_factory.mktemp("demo") / "media")
    made.make(quiet)
    return made


@pytest.fixture(scope="module")
def served(library: MediaLibrary) -> Iterator[MediaServer]:
    server = MediaServer(library.folder)
    server.start()
    yield server
    server.stop()


def answer(
    server: MediaServer, target: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; the target goes out as it is, unlike with urllib."""
    port = int(server.base.rsplit(":", 1)[1])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, target, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def wait_until_served(server: MediaServer) -> None:
    deadline = time.monotonic() + 10
    while server.hint is not None:
        assert time.monotonic() < deadline, server.hint
        time.sleep(0.05)


def test_every_playlist_plays_through_the_server(served: MediaServer) -> None:
    pictures = set()
    for clip in CLIPS:
        with av.open(f"{served.base}/{clip.name}/master.m3u8") as stream:
            kinds = sorted(s.codec_context.name for s in stream.streams)
            assert kinds == ["aac", "aac", "h264", "h264"]
            sizes = {(s.codec_context.width, s.codec_context.height) for s in stream.streams.video}
            assert sizes == {(640, 360), (320, 180)}
            frame = next(stream.decode(video=0))
            pictures.add(bytes(frame.planes[0])[::97])
            assert stream.duration == pytest.approx(clip.seconds * 1_000_000, rel=0.02)
    assert len(pictures) == len(CLIPS)


def test_a_whole_clip_decodes(served: MediaServer) -> None:
    clip = CLIPS[5]
    with av.open(f"{served.base}/{clip.name}/360p/index.m3u8") as stream:
        assert sum(1 for _ in stream.decode(video=0)) == clip.seconds * FRAME_RATE
    with av.open(f"{served.base}/{clip.name}/video.mp4") as stream:
        assert sum(1 for _ in stream.decode(video=0)) == clip.seconds * FRAME_RATE


def test_stills_are_pictures(served: MediaServer, library: MediaLibrary) -> None:
    for target in ("clip-01/poster.jpg", f"avatars/{AVATARS - 1:02}.png", f"icons/{ICONS - 1:02}.png"):
        with av.open(f"{served.base}/{target}") as picture:
            assert next(picture.decode(video=0)).width in {640, 128, 64}


def test_types_and_ranges(served: MediaServer, library: MediaLibrary) -> None:
    whole = (library.folder / "clip-01" / "video.mp4").read_bytes()
    status, headers, body = answer(served, "/clip-01/video.mp4")
    assert (status, headers["Content-Type"], body) == (200, "video/mp4", whole)
    status, headers, body = answer(served, "/clip-01/video.mp4", {"Range": "bytes=100-299"})
    assert (status, body) == (206, whole[100:300])
    assert headers["Content-Range"] == f"bytes 100-299/{len(whole)}"
    assert answer(served, "/clip-01/video.mp4", {"Range": "bytes=-50"})[2] == whole[-50:]
    assert answer(served, "/clip-01/video.mp4", {"Range": f"bytes={len(whole) - 7}-"})[2] == whole[-7:]
    status, headers, body = answer(served, "/clip-01/video.mp4", {"Range": f"bytes={len(whole)}-"})
    assert (status, headers["Content-Range"], body) == (416, f"bytes */{len(whole)}", b"")
    status, headers, body = answer(served, "/clip-01/master.m3u8", method="HEAD")
    assert (status, headers["Content-Type"], body) == (200, "application/vnd.apple.mpegurl", b"")


@pytest.mark.parametrize(
    "target",
    [
        "/../media.lock",
        "/../outside.png",
        "/%2e%2e/outside.png",
        "/..%2foutside.png",
        "/clip-01/../../outside.png",
        "//etc/passwd",
        "/link.png",
        "/%00.png",
        "/%ff.png",
        "/library.json",
        "/clip-01",
        "/",
        "/clip-99/master.m3u8",
    ],
)
def test_nothing_else_is_served(served: MediaServer, library: MediaLibrary, target: str) -> None:
    outside = library.folder.parent / "outside.png"
    outside.write_bytes(b"secret")
    link = library.folder / "link.png"
    link.unlink(missing_ok=True)
    link.symlink_to(outside)
    status, _, body = answer(served, target)
    assert status == 404
    assert b"secret" not in body


def test_making_again_keeps_what_is_there(library: MediaLibrary) -> None:
    before = (library.port, (library.folder / "clip-01" / "video.mp4").stat().st_mtime_ns)
    library.make(lambda *_: pytest.fail("nothing was to be made"))
    assert (library.port, (library.folder / "clip-01" / "video.mp4").stat().st_mtime_ns) == before


def test_stopping_half_way_leaves_nothing(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    with pytest.raises(Cancelled):
        library.make(quiet, cancelled=lambda: True)
    assert not library.complete()
    assert [path.name for path in tmp_path.iterdir()] == ["media.lock"]


def test_a_second_console_takes_over(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "still.png").write_bytes(b"picture")
    manifest = {"version": 1, "port": _free_port()}
    (folder / "library.json").write_text(json.dumps(manifest), encoding="utf-8")
    first, second = MediaServer(folder), MediaServer(folder)
    first.start()
    second.start()
    assert first.hint is None
    assert second.hint is not None
    first.stop()
    wait_until_served(second)
    assert answer(second, "/still.png")[2] == b"picture"
    second.stop()
    second.stop()
