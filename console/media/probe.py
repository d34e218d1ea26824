"""What the first bytes of a medium are: media at all, a picture, and which kinds of streams."""

from __future__ import annotations

from dataclasses import dataclass

_BOXES = frozenset({b"ftyp", b"styp", b"moof", b"moov", b"sidx", b"emsg", b"prft", b"free", b"mdat"})
_STARTS = (b"\x1a\x45\xdf\xa3", b"OggS", b"RIFF", b"FLV\x01", b"ID3", b"WEBVTT", b"fLaC", b"\x0b\x77")
_VIDEO = frozenset({0x01, 0x02, 0x10, 0x1B, 0x24, 0x33, 0xD1, 0xEA})
_AUDIO = frozenset({0x03, 0x04, 0x0F, 0x11, 0x81, 0x87, 0xC1, 0xCF})
"""Stream types of MPEG-2 transport streams (ISO/IEC 13818-1, table 2-34, and ATSC's)."""
_PACKET = 188


@dataclass(frozen=True, slots=True)
class Streams:
    """Whether there are pictures and sound; `unknown` says that a stream is of a type nobody plays."""

    video: bool
    audio: bool
    unknown: bool = False


def is_media(data: bytes) -> bool:
    """Whether bytes begin as a container or stream that is played, and not as text or a page."""
    begin = data.lstrip(b"\xef\xbb\xbf")
    frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0
    return _transport(data) or data[4:8] in _BOXES or begin.startswith(_STARTS) or frame


def picture_type(data: bytes) -> str | None:
    """`image/png`, `image/jpeg`, `image/webp` or `image/gif` by content; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if data.startswith((b"GIF87a", b"GIF89a")) else None


def streams_of(data: bytes) -> Streams | None:
    """The streams that a transport stream's program map or an mp4's header names; None without one."""
    if _transport(data):
        return _program(data)
    if b"moov" not in data[:65536]:
        return None
    handlers = [data[place + 12 : place + 16] for place in _all(data, b"hdlr")]
    return Streams(b"vide" in handlers, b"soun" in handlers)


def _transport(data: bytes) -> bool:
    return data[:1] == b"G" and (len(data) <= _PACKET or data[_PACKET : _PACKET + 1] == b"G")


def _program(data: bytes) -> Streams | None:
    maps: set[int] = set()
    for start in range(0, min(len(data), 400 * _PACKET) - _PACKET + 1, _PACKET):
        packet = data[start : start + _PACKET]
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        if not packet[1] & 0x40 or (pid and pid not in maps):
            continue
        place = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        if place >= _PACKET:
            continue
        section = packet[place + 1 + packet[place] :]
        if len(section) < 12:
            continue
        body = section[: 3 + ((section[1] & 0x0F) << 8 | section[2]) - 4]
        if pid == 0 and section[0] == 0:
            entries = range(8, len(body) - 3, 4)
            maps |= {(body[e + 2] & 0x1F) << 8 | body[e + 3] for e in entries if body[e] or body[e + 1]}
        elif pid in maps and section[0] == 2:
            return _types(body)
    return None


def _types(body: bytes) -> Streams:
    types = []
    place = 12 + ((body[10] & 0x0F) << 8 | body[11])
    while place + 5 <= len(body):
        types.append(body[place])
        place += 5 + ((body[place + 3] & 0x0F) << 8 | body[place + 4])
    known = _VIDEO | _AUDIO | {0x05, 0x06, 0x15, 0x86}
    video, audio = not _VIDEO.isdisjoint(types), not _AUDIO.isdisjoint(types)
    return Streams(video, audio, unknown=any(kind not in known for kind in types))


def _all(data: bytes, mark: bytes) -> list[int]:
    places, place = [], data.find(mark)
    while place >= 0:
        places.append(place)
        place = data.find(mark, place + 1)
    return places
