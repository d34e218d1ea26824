"""No address of a playlist reaches the player but through the loopback server."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import MediaProblem, MediaRefused
from console.domain.media import MediaRules
from console.media.allowlist import AllowList
from console.media.playlist import Playlist, rewrite

BASE = "https://media.example.org/scene/7/index.m3u8?sig=1"
LIST = AllowList(MediaRules(("media.example.org",)))


class Links(list[tuple[str, str, bool]]):
    """Checks and notes each address; replaces it by its place."""

    def __call__(self, url: str, kind: str, encrypted: bool) -> str:
        self.append((LIST.check(url), kind, encrypted))
        return f"http://127.0.0.1:1/t/{len(self)}"


def read(text: str) -> tuple[Playlist, Links]:
    links = Links()
    return rewrite(text.encode(), BASE, links), links


def test_a_master_playlist_tells_its_qualities() -> None:
    playlist, links = read(
        "\ufeff#EXTM3U\r\n#EXT-X-VERSION:6\r\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English, loud",URI="audio/en.m3u8"\r\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.42c01e,mp4a.40.2",AUDIO="a"\r\n'
        "360p/index.m3u8\r\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2",NAME="Sound"\r\n'
        "/sound.m3u8\r\n"
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="iframes.m3u8"\r\n'
    )
    assert playlist.master
    assert not playlist.audio_only
    first, second = playlist.qualities
    assert (first.bandwidth, first.width, first.height, first.name) == (800_000, 640, 360, "360p")
    assert (second.name, second.audio_only, second.codecs) == ("Sound", True, "mp4a.40.2")
    base = "https://media.example.org"
    assert [url for url, _, _ in links] == [
        f"{base}/scene/7/audio/en.m3u8", f"{base}/scene/7/360p/index.m3u8", f"{base}/sound.m3u8",
        f"{base}/scene/7/iframes.m3u8",
    ]  # fmt: skip
    assert {kind for _, kind, _ in links} == {"playlist"}
    assert (
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English, loud",URI="http://127.0.0.1:1/t/1"'
        in playlist.text
    )


def test_a_media_playlist_keeps_what_players_need() -> None:
    playlist, links = read(
        '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@0"\n'
        "#EXTINF:4.0,a title, https://evil.example/\n#EXT-X-BYTERANGE:100@700\nall.mp4\n"
        '#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=AES-128,URI="../key.bin",IV=0x01\n'
        "#EXTINF:3.52\n#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.678+01:00\nb.ts?x=1\n"
        "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\nc.ts\n#EXT-X-ENDLIST\n"
    )
    assert playlist.durations == (4.0, 3.52, 1.0)
    assert (playlist.encryption, playlist.live, playlist.empty, playlist.master) == (
        "AES-128",
        False,
        False,
        False,
    )
    assert [(kind, encrypted) for _, kind, encrypted in links] == [
        ("map", False), ("segment", False), ("key", True), ("segment", True), ("segment", False),
    ]  # fmt: skip
    for kept in (
        "#EXT-X-BYTERANGE:100@700",
        "#EXT-X-DISCONTINUITY",
        "IV=0x01",
        "05.678+01:00",
        "#EXT-X-ENDLIST",
    ):
        assert kept in playlist.text
    assert "title" not in playlist.text
    assert playlist.parts[1] == "https://media.example.org/scene/7/b.ts?x=1"


def test_unknown_tags_with_addresses_are_rewritten_and_options_go() -> None:
    playlist, links = read(
        '#EXTM3U\n#EXT-X-NEW:A=1,X-ASSET-URI="ad.m3u8"\n#EXT-X-BARE:URI=bare.bin\n#EXT-X-ODD:LINK="file:///etc/x"\n'
        '#EXT-X-TORN:URI="file:///etc/y\n#EXTVLCOPT:input-slave=file:///etc/z\n# file:///etc/c\n'
        "#EXTINF:1,\na.ts\n"
    )
    assert len(links) == 3
    assert "file:" not in playlist.text
    assert "VLC" not in playlist.text
    assert playlist.live


@pytest.mark.parametrize(
    "line",
    ["file:///etc/passwd", "smb://h/x", "//evil.example/x.ts", "https://evil.example/x", "concat:a",
     '#EXT-X-KEY:METHOD=AES-128,URI="data:text/plain,k"', '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x"',
     '#EXT-X-MAP:URI="file:///x"', '#EXT-X-WHATEVER:URI="file:///x"'],
)  # fmt: skip
def test_one_forbidden_address_refuses_the_playlist(line: str) -> None:
    with pytest.raises(MediaRefused):
        read(f"#EXTM3U\n#EXTINF:1,\na.ts\n{line}\n")


@pytest.mark.parametrize(
    "text", ["", "<html>", "#EXTINF:1,\na.ts", '#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="b"']
)
def test_what_is_no_playlist_is_named(text: str) -> None:
    with pytest.raises(MediaProblem) as problem:
        read(text)
    assert problem.value.kind == "not_media"
    assert "sig=1" not in str(problem.value)


def test_empty_and_without_a_key() -> None:
    assert read("#EXTM3U\n#EXT-X-ENDLIST\n")[0].empty
    assert read("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128\n#EXTINF:1,\na.ts\n")[0].keyless


tags = st.sampled_from(
    ["EXT-X-KEY", "EXT-X-MAP", "EXT-X-DATERANGE", "EXT-X-Q", "EXTINF", "EXTVLCOPT", "", "EXTALB"]
)
values = st.sampled_from(
    ["file:///a", "http://evil.example/", "a.ts", '"a', 'URI="b"', "URI=c", ",", "=", "X", ":", "\r"]
)


@given(st.lists(st.tuples(tags, st.lists(values, max_size=5)), max_size=6))
def test_no_address_survives(parts: list[tuple[str, list[str]]]) -> None:
    text = "#EXTM3U\n" + "\n".join(f"#{tag}:{''.join(rest)}" for tag, rest in parts)
    try:
        playlist, _ = read(text)
    except (MediaRefused, MediaProblem):
        return
    assert not re.search(r"(?<!:)//(?!127\.0\.0\.1:1/)|file:|evil", playlist.text)
    for line in playlist.text.splitlines():
        assert line.startswith(("#EXTM3U", "#EXTINF:", "#EXT-X-", "http://127.0.0.1:1/"))
