"""HLS playlists (RFC 8216), read and rewritten so that each address in them leads to the loopback server.

Only tags of HLS come out again: comments, titles and the options that players read from `#EXTVLCOPT` go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin

from console.domain.errors import MediaProblem
from console.media.allowlist import shown

MAGIC = b"#EXTM3U"
_LINES = 100_000
_ATTRIBUTE = re.compile(r'\s*([A-Za-z0-9_-]+)\s*=\s*("[^"]*"|[^",]*)\s*(?:,|$)')
_PLAYLISTS = frozenset({"EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-RENDITION-REPORT"})
_KEYS = frozenset({"EXT-X-KEY", "EXT-X-SESSION-KEY"})
_SIMPLE = re.compile(r"[A-Za-z0-9:.@+-]*", re.ASCII)
_SOUND = ("mp4a", "ac-3", "ec-3", "opus", "flac", "alac", "mp3", "vorbis")

Link = Callable[[str, str, bool], str]
"""(absolute URL, kind, encrypted) to a loopback URL; kinds: playlist, segment, map, key, other."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A variant of a master playlist: loopback `url`, bits a second, size in pixels, codecs as written."""

    url: str
    bandwidth: int
    width: int | None
    height: int | None
    codecs: str
    name: str

    @property
    def audio_only(self) -> bool:
        """Whether the playlist says that there is no picture."""
        codecs = [codec.strip().lower() for codec in self.codecs.split(",") if codec.strip()]
        return self.width is None and bool(codecs) and all(c.startswith(_SOUND) for c in codecs)


@dataclass(frozen=True, slots=True)
class Playlist:
    """What a playlist says, and its rewritten `text`. `durations` are seconds; `parts` URLs of segments.

    `encryption` is the METHOD of the first key, "" for none; `live`: it goes on (no end is written).
    """

    text: str
    qualities: tuple[Quality, ...]
    durations: tuple[float, ...]
    parts: tuple[str, ...]
    encryption: str
    keyless: bool
    live: bool

    @property
    def master(self) -> bool:
        """Whether it lists qualities instead of segments."""
        return bool(self.qualities)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to play."""
        return not self.qualities and not self.parts

    @property
    def audio_only(self) -> bool:
        """Whether each quality says that it has no picture."""
        return self.master and all(quality.audio_only for quality in self.qualities)


@dataclass(slots=True)
class _Reading:
    lines: list[str] = field(default_factory=list)
    qualities: list[Quality] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    encryption: str = ""
    encrypted: bool = False
    keyless: bool = False
    ended: bool = False
    stream: dict[str, str] | None = None


def rewrite(data: bytes, base: str, link: Link) -> Playlist:
    """Read a playlist whose address is `base`. `link` checks each address (MediaRefused) and replaces it.

    MediaProblem "not_media" when it is not a playlist that can be rewritten. Linear in its size.
    """
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(base, "it is not UTF-8 text") from error
    lines = re.split(r"\r\n|\n|\r", text)
    if lines[0].strip() != "#EXTM3U":
        raise _unreadable(base, "it does not begin with #EXTM3U")
    if len(lines) > _LINES:
        raise _unreadable(base, f"it has more than {_LINES:,} lines")
    reading = _Reading(["#EXTM3U"])
    for line in lines[1:]:
        bare = line.strip()
        if bare.startswith("#EXT"):
            _tag(reading, bare[1:], base, link)
        elif bare and not bare.startswith("#"):
            _address(reading, bare, base, link)
    return Playlist(
        "\n".join(reading.lines) + "\n",
        tuple(reading.qualities),
        tuple(reading.durations),
        tuple(reading.parts),
        reading.encryption,
        reading.keyless,
        live=not reading.ended,
    )


def _tag(reading: _Reading, bare: str, base: str, link: Link) -> None:
    name, _, rest = bare.partition(":")
    if name == "EXTINF":
        duration = _number(rest.partition(",")[0])
        reading.durations.append(duration)
        reading.lines.append(f"#EXTINF:{duration:.6f},")
    elif name == "EXT-X-DEFINE":
        raise _unreadable(base, "it uses variables (EXT-X-DEFINE), which are not supported")
    elif not name.startswith("EXT-X-"):
        return
    elif not rest or _SIMPLE.fullmatch(rest):
        reading.ended |= name == "EXT-X-ENDLIST"
        reading.lines.append(f"#{name}{':' if rest else ''}{rest}")
    else:
        _attributes(reading, name, rest, base, link)


def _attributes(reading: _Reading, name: str, rest: str, base: str, link: Link) -> None:
    """A tag with attributes, its addresses replaced; one that is not well-formed is left out."""
    values: dict[str, str] = {}
    place = 0
    while place < len(rest):
        found = _ATTRIBUTE.match(rest, place)
        if found is None:
            return
        values[found[1]], place = found[2], found.end()
    if name in _KEYS:
        method = values.get("METHOD", "")
        reading.encrypted = method not in {"", "NONE"}
        reading.encryption = reading.encryption or (method if reading.encrypted else "")
        reading.keyless |= reading.encrypted and not values.get("URI", "").strip('"')
    kind = "playlist" if name in _PLAYLISTS else "key" if name in _KEYS else "other"
    kind = {"EXT-X-MAP": "map", "EXT-X-PART": "segment", "EXT-X-PRELOAD-HINT": "segment"}.get(name, kind)
    for key, value in values.items():
        plain = value.strip('"')
        if key.upper().endswith("URI"):
            if plain:
                values[key] = f'"{link(urljoin(base, plain), kind, reading.encrypted)}"'
        elif "://" in plain:
            return
    if name == "EXT-X-STREAM-INF":
        reading.stream = values
    reading.lines.append(f"#{name}:" + ",".join(f"{key}={value}" for key, value in values.items()))


def _address(reading: _Reading, bare: str, base: str, link: Link) -> None:
    url = urljoin(base, bare)
    if reading.stream is None:
        looped = link(url, "segment", reading.encrypted)
        reading.parts.append(url)
    else:
        looped = link(url, "playlist", False)
        values = {key: value.strip('"') for key, value in reading.stream.items()}
        size = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", values.get("RESOLUTION", ""), re.ASCII)
        width, height = (int(size[1]), int(size[2])) if size else (None, None)
        rate = int(_number(values.get("BANDWIDTH", "0")))
        name = values.get("NAME") or (f"{height}p" if height else f"{rate // 1000} kbit/s")
        codecs = values.get("CODECS", "")
        reading.qualities.append(Quality(looped, rate, width, height, codecs, name))
        reading.stream = None
    reading.lines.append(looped)


def _number(text: str) -> float:
    """A duration or a rate; 0 for what is none."""
    found = re.match(r"\d{1,12}(\.\d{0,9})?", text.strip(), re.ASCII)
    return float(found[0]) if found else 0.0


def _unreadable(base: str, why: str) -> MediaProblem:
    return MediaProblem(
        "not_media",
        f"The playlist {shown(base)} cannot be read: {why}.",
        "Report it to those who run the media server.",
        url=shown(base),
    )
