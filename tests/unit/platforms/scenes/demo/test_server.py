"""Byte ranges as RFC 9110 says, and no file outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.platforms.scenes.demo.server import _inside, _span


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        (None, (0, 99, False)),
        ("bytes=0-0", (0, 0, True)),
        ("bytes=10-19", (10, 19, True)),
        ("bytes=90-500", (90, 99, True)),
        ("bytes=95-", (95, 99, True)),
        ("bytes=-5", (95, 99, True)),
        ("bytes=-500", (0, 99, True)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=20-10", (0, 99, False)),
        ("bytes=0-1,5-6", (0, 99, False)),
        ("bytes=-", (0, 99, False)),
        ("lines=0-5", (0, 99, False)),
    ],
)
def test_span(header: str | None, answer: tuple[int, int, bool] | None) -> None:
    assert _span(header, 100) == answer


def test_inside(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "a.png").touch()
    (tmp_path / "b.png").touch()
    assert _inside(folder, "/a.png?size=2") == folder / "a.png"
    for target in ("/../b.png", "/%2e%2e/b.png", "/..", "/", "/a.txt", f"/{tmp_path}/b.png", "/%00.png"):
        assert _inside(folder, target) is None
