"""VLC's chosen modules: the needed ones and no others, made once, and never left half made."""

from __future__ import annotations

import ctypes.util
import subprocess
import sys
from pathlib import Path

import pytest

from console.ui.player.modules import NEEDED, chosen_library


def chosen(folder: Path) -> Path:
    """What another process is given: loading the library here would stay for all other tests."""
    code = (
        "import sys; from pathlib import Path; from console.ui.player.modules import chosen_library;"
        " print(chosen_library(Path(sys.argv[1])))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True, timeout=60
    )
    return Path(told.stdout.strip())


def test_the_copy_has_the_needed_modules_alone(tmp_path: Path) -> None:
    library = chosen(tmp_path / "cache")
    home = library.parent
    assert library.name == "libvlc.so.5"
    assert not library.is_symlink()
    assert not (home / "libvlccore.so.9").is_symlink()
    plugins = home / "vlc" / "plugins"
    links = [path for path in plugins.rglob("*") if not path.is_dir()]
    assert all(link.is_symlink() and link.exists() for link in links)
    names = [link.relative_to(plugins) for link in links]
    assert all(any(name.match(pattern) for pattern in NEEDED) for name in names)
    assert {"libhttp_plugin.so", "libadaptive_plugin.so", "libvmem_plugin.so"} <= {
        each.name for each in names
    }
    assert not any("lua" in str(name) or name.parts[0] == "services_discovery" for name in names)
    assert [path.name for path in home.parent.iterdir()] == [home.name]


def test_it_is_made_once(tmp_path: Path) -> None:
    first = chosen(tmp_path)
    made = first.parent.stat().st_ino
    assert chosen(tmp_path) == first
    assert first.parent.stat().st_ino == made


def test_where_nothing_can_be_written_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        chosen_library(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_vlc_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    assert chosen_library(tmp_path / "cache") is None
    assert not (tmp_path / "cache").exists()
