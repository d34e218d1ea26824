"""The cache is bounded, forgets the oldest, and takes nothing half for whole."""

from __future__ import annotations

import os
from pathlib import Path

from console.media.cache import SegmentCache, cache_name


def put(cache: SegmentCache, name: str, data: bytes) -> None:
    with cache.write(name) as writer:
        writer.add(data)
        writer.finish()


def get(cache: SegmentCache, name: str) -> bytes | None:
    found = cache.open(name)
    if found is None:
        return None
    file, length = found
    with file:
        data = file.read()
    assert len(data) == length
    return data


def age(folder: Path, name: str, seconds: int) -> None:
    (path,) = folder.glob(f"{name}-*")
    os.utime(path, (1_700_000_000 - seconds, 1_700_000_000 - seconds))


def test_the_least_lately_used_goes(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path, 400)
    for place, name in enumerate("abcd"):
        put(cache, name, name.encode() * 100)
        age(tmp_path, name, 100 - place)
    assert get(cache, "a") == b"a" * 100
    put(cache, "e", b"e" * 100)
    assert get(cache, "b") is None
    assert get(cache, "a") == b"a" * 100
    assert get(cache, "e") == b"e" * 100
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 400


def test_too_large_and_empty_are_not_kept(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path, 400)
    put(cache, "a", b"a" * 101)
    put(cache, "b", b"")
    assert list(tmp_path.iterdir()) == []


def test_unfinished_and_torn_files_are_nothing(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path, 400)
    with cache.write("a") as writer:
        writer.add(b"half")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "b-100").write_bytes(b"torn")
    assert cache.has("b")
    assert get(cache, "b") is None
    assert not cache.has("b")


def test_leftovers_of_a_crash_go_with_time(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path, 400)
    (tmp_path / "partial-old").write_bytes(b"x")
    os.utime(tmp_path / "partial-old", (1_700_000_000, 1_700_000_000))
    (tmp_path / "partial-new").write_bytes(b"x")
    put(cache, "a", b"a")
    assert {path.name for path in tmp_path.iterdir()} == {"partial-new", "a-1"}


def test_signatures_do_not_name_files() -> None:
    base = "https://m.example/a.ts"
    assert cache_name(f"{base}?Signature=x&Expires=1&v=2") == cache_name(f"{base}?v=2&Signature=y")
    assert cache_name(f"{base}?X-Amz-Signature=x") == cache_name(base)
    assert (
        len({cache_name(base), cache_name(f"{base}?v=1"), cache_name(f"{base}?v=2"), cache_name(base, "0-9")})
        == 4
    )
    assert cache_name("https://m.example/get?token=abc") is None
