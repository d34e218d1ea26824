"""What libvlc says in C: its structures and callbacks, where python-vlc's own reading of them falls short.

`vlc` is the module of that name, handed in by `child.py`, which alone imports it.
"""

from __future__ import annotations

import ctypes
from typing import Any

from console.ui.player.protocol import Track

_VIDEO = 1
"""VLC's number of this kind of track."""
memcmp = ctypes.CDLL(None).memcmp
memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

SetUp = ctypes.CFUNCTYPE(
    ctypes.c_uint,
    ctypes.c_void_p,
    ctypes.c_void_p,
    *(ctypes.POINTER(ctypes.c_uint),) * 4,
)
"""python-vlc's own type makes the chroma a copy, which cannot be answered into."""


def visible(width: Any, height: Any) -> tuple[int, int]:
    """What is to be seen of a decoder's picture, which is padded.

    VLC 3 passes pointers into its description of the format, where the visible size stands four fields on.
    """
    coded = width[0], height[0]
    if ctypes.addressof(height.contents) - ctypes.addressof(width.contents) == ctypes.sizeof(ctypes.c_uint):
        seen = width[4], width[5]
        if all(0 < part <= whole < part + 256 for part, whole in zip(seen, coded, strict=True)):
            return seen
    return coded


def tracks(told: Any) -> tuple[Track, ...]:
    """The tracks of one of VLC's lists of numbers and titles."""
    return tuple(
        Track(number, title.decode(errors="replace") if isinstance(title, bytes) else str(title))
        for number, title in told or ()
    )


def video_of(vlc: Any, player: Any) -> tuple[float, float]:
    """Seconds of a picture (0: not told) and the shape of a pixel."""
    medium = player.get_media()
    if medium is None:
        return 0.0, 1.0
    found = ctypes.POINTER(vlc.MediaTrack)()
    many = vlc.libvlc_media_tracks_get(medium, ctypes.byref(found))
    seconds, aspect = 0.0, 1.0
    each = ctypes.cast(found, ctypes.POINTER(ctypes.POINTER(vlc.MediaTrack)))
    for place in range(many):
        track = each[place].contents
        if track.type.value == _VIDEO:
            # A union in C: python-vlc makes three pointers of it, of which the first is the one.
            video = ctypes.cast(track.audio, ctypes.POINTER(vlc.VideoTrack)).contents
            if video.frame_rate_num and video.frame_rate_den:
                seconds = video.frame_rate_den / video.frame_rate_num
            if video.sar_num and video.sar_den:
                aspect = video.sar_num / video.sar_den
    if many:
        vlc.libvlc_media_tracks_release(each, many)
    medium.release()
    return seconds, aspect


def lost_pictures(vlc: Any, player: Any) -> int:
    """How many pictures of the player's medium came too late; 0 while nobody knows."""
    medium = player.get_media()
    if medium is None:
        return 0
    stats = vlc.MediaStats()
    many = int(stats.lost_pictures) if medium.get_stats(stats) else 0
    medium.release()
    return many
