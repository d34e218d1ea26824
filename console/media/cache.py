"""Prefetched segments on disk: bounded by bytes, the least lately used go first, whole files or none.

A file is named for a digest of its URL without what signs it, and for its length, so that one which a
crash cut short is never taken for whole. Everything here may block: call it in a thread.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

_SIGNS = frozenset(
    {"token", "access_token", "jwt", "sig", "signature", "policy", "key-pair-id", "expires", "hdnts", "hdnea"}
)
"""Query parameters that CDNs sign with (CloudFront, Akamai, Azure), beside those of `x-amz-`, `x-goog-`."""
_FILES = (
    ".ts",
    ".m4s",
    ".mp4",
    ".m4a",
    ".m4v",
    ".aac",
    ".mp3",
    ".vtt",
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".gif",
)
_STALE_SECONDS = 3600


def cache_name(url: str, part: str = "") -> str | None:
    """A name for what lies at `url` (for a byte range: `part` of it) that no signature goes into.

    None, and nothing is kept, where the signature may be what tells one file from another.
    """
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in query if not _signs(pair[0].lower())]
    if len(kept) < len(query) and not parts.path.lower().endswith(_FILES):
        return None
    text = repr((parts.scheme, parts.netloc, parts.path, sorted(kept), part))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _signs(name: str) -> bool:
    return name in _SIGNS or name.startswith(("x-amz-", "x-goog-"))


class SegmentCache:
    """Files in `folder`, `limit` bytes altogether; several consoles may share the folder."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()

    def open(self, name: str) -> tuple[BinaryIO, int] | None:
        """The open file and its length, now the last one to go; None when it is not there."""
        for path in self._folder.glob(f"{name}-*"):
            length = _length(path)
            try:
                if length is None or path.stat().st_size != length:
                    path.unlink(missing_ok=True)
                    continue
                os.utime(path)
                return path.open("rb"), length
            except FileNotFoundError:
                continue
        return None

    def has(self, name: str) -> bool:
        """Whether it is there, whole or not."""
        return any(self._folder.glob(f"{name}-*"))

    def write(self, name: str) -> CacheWriter:
        """A writer of a new file; OSError when the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return CacheWriter(self, self._folder / f"partial-{secrets.token_hex(8)}", name, self._limit // 4)

    def keep(self, partial: Path, name: str, length: int) -> None:
        """Take a whole file in, and let the oldest go until the bound holds."""
        with self._lock:
            partial.replace(self._folder / f"{name}-{length}")
            self._shrink()

    def _shrink(self) -> None:
        files = []
        for path in self._folder.iterdir():
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            files.append((status.st_mtime_ns, status.st_size, path))
        files.sort(key=lambda file: file[0])
        newest = files[-1][0] if files else 0
        total = sum(size for _, size, _ in files)
        for when, size, path in files:
            abandoned = path.name.startswith("partial-") and newest - when > _STALE_SECONDS * 10**9
            if abandoned or (total > self._limit and not path.name.startswith("partial-")):
                path.unlink(missing_ok=True)
                total -= size


class CacheWriter:
    """One file on its way in: `add` bytes, then `finish`; leaving the block without it leaves nothing."""

    def __init__(self, cache: SegmentCache, partial: Path, name: str, largest: int) -> None:
        self._cache = cache
        self._partial = partial
        self._name = name
        self._largest = largest
        self._length = 0
        self._file = partial.open("xb")

    def add(self, data: bytes) -> None:
        """Append; what grows beyond a quarter of the cache is not kept."""
        self._length += len(data)
        if self._length <= self._largest:
            self._file.write(data)

    def finish(self) -> None:
        """Keep it, when it is not empty and not too large."""
        self._file.close()
        if 0 < self._length <= self._largest:
            self._cache.keep(self._partial, self._name, self._length)

    def close(self) -> None:
        """Let go of what was not finished; a second call does nothing."""
        self._file.close()
        self._partial.unlink(missing_ok=True)

    def __enter__(self) -> CacheWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _length(path: Path) -> int | None:
    text = path.name.rpartition("-")[2]
    return int(text) if text.isdecimal() else None
