"""What the doctor says of a machine that lacks something."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from console import doctor
from console.config import Directories


def test_an_old_python_is_named() -> None:
    finding = doctor.python_version((3, 9))
    assert not finding.ok
    assert "3.9" in finding.message
    assert doctor.python_version((3, 11)).ok


@pytest.mark.parametrize(
    ("environment", "platform", "ok"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen:size=800x600"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_window_needs_a_display(environment: dict[str, str], platform: str, ok: bool) -> None:
    assert doctor.display(environment, platform).ok is ok


def test_the_plugin_of_qt_is_loaded_or_named() -> None:
    assert "offscreen" in doctor.qt_platform({"QT_QPA_PLATFORM": "offscreen"}, "linux").message
    assert doctor.qt_platform({"QT_QPA_PLATFORM": "offscreen"}, "linux").ok
    missing = doctor.qt_platform({"QT_QPA_PLATFORM": "nonsense"}, "linux")
    assert not missing.ok
    assert "nonsense" in missing.message


def test_a_keyring_that_waits_for_its_owner_is_not_waited_for() -> None:
    never = threading.Event()
    started = time.monotonic()
    finding = doctor.keyring_usable(lambda: never.wait(30), seconds=0.05)
    assert time.monotonic() - started < 5
    assert "locked" in finding.message
    assert finding.ok
    assert finding.remedy
    never.set()


def test_a_keyring_that_fails_is_a_notice() -> None:
    def broken() -> object:
        raise RuntimeError("No backend. Install one, and so on.")

    finding = doctor.keyring_usable(broken)
    assert finding.ok
    assert finding.message == "There is no usable keyring: No backend"
    assert doctor.keyring_usable(lambda: None).remedy == ""


def test_missing_vlc_is_a_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_VLC_LIB_PATH", raising=False)
    not_a_library = tmp_path / "libvlc.so"
    not_a_library.write_text("")
    for found in ({}, {"vlc": str(not_a_library)}, {"vlc": "libc.so.6"}):
        finding = doctor.vlc(found.get)
        assert finding.ok
        assert "do not play" in finding.message
        assert "libvlc5" in finding.remedy


def test_profiles_are_looked_for_in_their_place(tmp_path: Path) -> None:
    file = tmp_path / "profiles.toml"
    assert str(file) in doctor.profiles(file).message
    file.write_text('[live]\nplatform = "scenes"\nprimary = "postgresql://h/d"\n')
    finding = doctor.profiles(file)
    assert (finding.ok, finding.message) == (True, f"live, from {file}")
    file.write_text("[live]\nplatform = 3\n")
    finding = doctor.profiles(file)
    assert not finding.ok
    assert f"{file}, line 2" in finding.message
    assert finding.remedy


def test_the_data_folder_must_be_ours_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert "first start" in doctor.data_folder(folder).message
    folder.mkdir()
    for mode, ok, remedy in ((0o777, False, True), (0o755, True, True), (0o700, True, False)):
        folder.chmod(mode)
        finding = doctor.data_folder(folder)
        assert (finding.ok, bool(finding.remedy)) == (ok, remedy)
    file = folder / "file"
    file.write_text("")
    assert not doctor.data_folder(file / "data").ok


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "cannot be written" in doctor.data_folder(tmp_path).message


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    finding = doctor.disk_room(tmp_path / "not" / "yet", lambda _: (0, 0, 200_000_000))
    assert not finding.ok
    assert "0.2 GB" in finding.message
    assert doctor.disk_room(tmp_path, lambda _: (0, 0, 2_000_000_000)).ok


def test_a_whole_machine_is_examined_once_for_each_area(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_ask_keyring", lambda: None)
    findings = doctor.examine_machine(Directories.of_user(tmp_path), {"QT_QPA_PLATFORM": "offscreen"})
    areas = [finding.area for finding in findings]
    assert len(set(areas)) == len(areas) == 8
    assert all(finding.ok or finding.remedy for finding in findings)
