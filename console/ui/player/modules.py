"""The few of VLC's modules that playing needs, as a folder of their own that VLC takes for its installation.

VLC asks every module that might fit what it is given: scripts in Lua, network discovery, archives, playlists
of ten kinds. It finds its modules beside its own library, so a copy of the library beside links to a chosen
few knows no others. Nothing here needs Qt; everything may block.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

NEEDED = (
    "access/libhttp_plugin*",
    "access/libhttps_plugin*",
    "audio_filter/lib*resampler*",
    "audio_filter/libsamplerate*",
    "audio_filter/libscaletempo*",
    "audio_filter/lib*channel_mixer*",
    "audio_filter/libaudio_format*",
    "audio_filter/libremap*",
    "audio_mixer/*",
    "audio_output/libadummy*",
    "audio_output/libafile*",
    "audio_output/libalsa*",
    "audio_output/libpulse*",
    "codec/libavcodec*",
    *(f"codec/lib{name}_plugin*" for name in ("dav1d", "faad", "flac", "mpg123", "opus", "vorbis", "vpx")),
    *(f"codec/lib{name}_plugin*" for name in ("lpcm", "subsdec", "webvtt", "ttml", "cc", "a52", "g711")),
    *(f"demux/lib{name}_plugin*" for name in ("adaptive", "ts", "mp4", "es", "mkv", "ogg", "wav", "flacsys")),
    "keystore/libmemory*",
    "packetizer/*",
    "stream_filter/libcache_*",
    "stream_filter/libprefetch*",
    "text_renderer/libfreetype*",
    "video_chroma/*",
    "video_filter/libblend*",
    "video_filter/libdeinterlace*",
    "video_filter/libscale*",
    "video_output/libvmem*",
)
_LIBRARIES = ("libvlccore.so.9", "libvlc.so.5")
_MAPS = Path("/proc/self/maps")


def chosen_library(folder: Path) -> Path | None:
    """A libvlc that knows the chosen modules alone, made in `folder` where it is not there yet.

    None where VLC is not installed, or not in the way that Linux distributions have it.
    """
    installed = _installed()
    if installed is None:
        return None
    home = folder / _name(installed)
    if not home.is_dir():
        _make(installed, home)
    # Loaded by its path first, so that the other library and the modules find this one by its name.
    ctypes.CDLL(str(home / _LIBRARIES[0]), ctypes.RTLD_GLOBAL)
    return home / _LIBRARIES[1]


def _installed() -> Path | None:
    """The folder of VLC's libraries and modules."""
    name = ctypes.util.find_library("vlc")
    places = (Path("/usr/lib") / f"{os.uname().machine}-linux-gnu", Path("/usr/lib64"), Path("/usr/lib"))
    if name is None or not _MAPS.exists():
        return None
    found = (each for each in places if all((each / library).exists() for library in _LIBRARIES))
    return next((each for each in found if (each / "vlc" / "plugins").is_dir()), None)


def _name(installed: Path) -> str:
    """Another one for another VLC, and for another choice."""
    marks = [(each, (installed / each).resolve().stat().st_mtime_ns) for each in _LIBRARIES]
    return f"vlc-{hashlib.sha256(repr((marks, NEEDED)).encode()).hexdigest()[:16]}"


def _make(installed: Path, home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=home.parent, prefix="vlc-partial-"))
    try:
        for library in _LIBRARIES:
            shutil.copyfile(installed / library, partial / library)
        for pattern in NEEDED:
            for module in sorted((installed / "vlc" / "plugins").glob(pattern)):
                link = partial / "vlc" / "plugins" / module.relative_to(installed / "vlc" / "plugins")
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(module)
        partial.rename(home)
    except OSError:
        # Another process may have made it in the meantime.
        if not home.is_dir():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
