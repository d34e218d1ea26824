"""A look at a medium before it is played: its qualities, its parts, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.errors import MediaProblem
from console.media.bodies import Bodies
from console.media.failures import problem
from console.media.fetcher import Limits
from console.media.medium import Linked, Medium
from console.media.playlist import Playlist, Quality
from console.media.probe import Streams, streams_of

_PROBE = 64 << 10
_FIRST = 8
_PLAYED = (
    *("avc1", "avc3", "hvc1", "hev1", "vp08", "vp8", "vp09", "vp9", "av01", "mp4v", "mp4a"),
    *("ac-3", "ec-3", "opus", "flac", "alac", "mp3", "vorbis", "wvtt", "stpp"),
)
"""How the codecs begin (RFC 6381) that VLC has decoders for."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a medium is. `durations` are seconds of its segments, whose first few are `first`.

    `problem` is why it cannot be played as it should; `audio_only` media do play.
    """

    qualities: tuple[Quality, ...] = ()
    durations: tuple[float, ...] = ()
    encrypted: bool = False
    live: bool = False
    audio_only: bool = False
    first: tuple[Linked, ...] = ()
    problem: MediaProblem | None = None


async def inspect(bodies: Bodies, medium: Medium, limits: Limits) -> Inspection:
    """Read the playlists, try the key, and look at the first segment. Problems are in the answer."""
    looked = _Look(bodies, medium, limits)
    try:
        await looked.at(Linked(medium.source, "medium"))
    except MediaProblem as found:
        looked.problem = found
    media = looked.media
    return Inspection(
        looked.qualities,
        media.durations if media else (),
        bool(media and media.encryption),
        bool(media and media.live),
        looked.audio_only,
        tuple(looked.first),
        looked.problem,
    )


class _Look:
    def __init__(self, bodies: Bodies, medium: Medium, limits: Limits) -> None:
        self._bodies = bodies
        self._medium = medium
        self._limits = limits
        self.qualities: tuple[Quality, ...] = ()
        self.media: Playlist | None = None
        self.first: list[Linked] = []
        self.audio_only = False
        self.problem: MediaProblem | None = None

    async def at(self, linked: Linked) -> None:
        """Look at a playlist or a plain file, and at what the first quality leads to."""
        async with self._bodies.open(linked, None) as body:
            if not body.playlist and linked.kind == "medium":
                head = body.head
                async for chunk in body.rest:
                    head += chunk
                    if len(head) >= _PROBE:
                        break
                self._streams(linked, streams_of(head))
                return
            data = await body.whole_text(self._limits.playlist)
            playlist = await self._medium.rewrite(data, linked, body.source)
        if playlist.empty:
            raise problem("empty", linked.url, "its playlist has no parts", "Decide without it.")
        if not playlist.master:
            self.media = playlist
            await self._parts(linked, playlist)
            return
        self.qualities = playlist.qualities
        self._codecs(linked, playlist)
        leads = self._medium.find_url(playlist.qualities[0].url)
        if leads is not None:
            await self.at(leads)

    def _codecs(self, linked: Linked, playlist: Playlist) -> None:
        codecs = {
            codec.strip()
            for quality in playlist.qualities
            for codec in quality.codecs.split(",")
            if codec.strip()
        }
        strange = sorted(codec for codec in codecs if not codec.lower().startswith(_PLAYED))
        if strange:
            raise problem("wrong_codec", linked.url, f"its codec {strange[0][:40]} is not one that is played")

    async def _parts(self, linked: Linked, playlist: Playlist) -> None:
        trail = (*linked.trail, linked.url)
        encrypted = bool(playlist.encryption)
        if encrypted:
            await self._key(linked, playlist)
        seen = list(dict.fromkeys(playlist.parts))
        if len(seen) == len(playlist.parts):
            self.first = [
                Linked(self._medium.checked(url), "segment", encrypted, trail) for url in seen[:_FIRST]
            ]
        header = self._medium.first_of("map", trail)
        probe = header or Linked(self._medium.checked(seen[0]), "segment", encrypted, trail)
        async with self._bodies.open(probe, (0, _PROBE - 1)) as body:
            head = b"".join([chunk async for chunk in body.chunks()])
        if not encrypted:
            self._streams(linked, streams_of(head))

    async def _key(self, linked: Linked, playlist: Playlist) -> None:
        """Whether the key can be had; a player says nothing of a key that it did not get."""
        key = self._medium.first_of("key", (*linked.trail, linked.url))
        why = "its playlist names no key"
        if playlist.encryption != "AES-128":
            why = f"it is encrypted by {playlist.encryption[:40]}, which is not supported"
        elif key is not None and not playlist.keyless:
            try:
                async with self._bodies.open(key, None) as body:
                    data = await body.whole_text(self._limits.key)
            except MediaProblem as found:
                why = f"its key cannot be had ({found})"
            else:
                if len(data) == 16:
                    return
                why = f"its key has {len(data)} bytes instead of 16"
        raise problem("encrypted_without_key", linked.url, why)

    def _streams(self, linked: Linked, streams: Streams | None) -> None:
        if streams is None:
            return
        if not streams.video and streams.unknown:
            raise problem("wrong_codec", linked.url, "its pictures are of a kind that is not played")
        if not streams.video:
            self.audio_only = True
            if streams.audio:
                what = "it has sound but no pictures"
                raise problem("audio_only", linked.url, what, "Play it to hear it, and decide by the sound.")
            raise problem("empty", linked.url, "it has neither pictures nor sound", "Decide without it.")
