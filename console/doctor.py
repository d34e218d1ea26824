"""Looks at this machine for what the console needs. Nothing is changed, and no window opens."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
import os
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import keyring

from console.config import Directories, load_profiles
from console.domain.errors import ConfigurationError
from console.domain.findings import Finding

PYTHON = (3, 11)
DISK_BYTES = 1_000_000_000
"""What the small demo takes with its write-ahead log, about."""
KEYRING_SECONDS = 3
_NO_DISPLAY_NEEDED = frozenset({"offscreen", "minimal", "vnc", "linuxfb", "eglfs"})


def examine_machine(
    directories: Directories, environment: Mapping[str, str] = os.environ
) -> tuple[Finding, ...]:
    """All findings about this machine. Takes up to `KEYRING_SECONDS` and a moment: run it in a thread."""
    return (
        python_version(sys.version_info[:2]),
        display(environment, sys.platform),
        qt_platform(environment, sys.platform),
        keyring_usable(),
        vlc(),
        profiles(directories.profiles),
        data_folder(directories.data),
        disk_room(directories.data),
    )


def python_version(version: tuple[int, ...]) -> Finding:
    """Whether this Python is new enough."""
    said = ".".join(map(str, version))
    if version < PYTHON:
        return Finding("Python", False, f"Python is {said}", "Use Python 3.11 or later.")
    return Finding("Python", True, f"Python is {said}")


def display(environment: Mapping[str, str], platform: str) -> Finding:
    """Whether there is a screen to open a window on."""
    wanted = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if wanted in _NO_DISPLAY_NEEDED:
        return Finding("Display", True, f"None is needed: QT_QPA_PLATFORM is {wanted}")
    if platform in {"darwin", "win32"}:
        return Finding("Display", True, "The system's own")
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        if environment.get(name):
            return Finding("Display", True, f"{name} is {environment[name]}")
    return Finding(
        "Display",
        False,
        "Neither WAYLAND_DISPLAY nor DISPLAY is set",
        "Run it in a desktop session, with `ssh -X`, or under xvfb-run.",
    )


def qt_platform(environment: Mapping[str, str], platform: str) -> Finding:
    """Whether Qt and its plugin for the display load, with every library they need."""
    area = "Qt"
    remedy = "Run ./dev setup, or install the libraries that the README lists."
    try:
        core = importlib.import_module("PySide6.QtCore")
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        return Finding(area, False, f"Qt does not load: {error}", remedy)
    name = _qt_plugin(environment, platform)
    folder = Path(core.QLibraryInfo.path(core.QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    found = [path for path in sorted(folder.glob("*")) if path.stem.removeprefix("lib") == f"q{name}"]
    if not found:
        return Finding(area, False, f"Qt has no platform plugin {name}", "Unset QT_QPA_PLATFORM.")
    loader = core.QPluginLoader(str(found[0]))
    if not loader.load():
        return Finding(area, False, f"Qt's platform plugin {name}: {loader.errorString()}", remedy)
    return Finding(area, True, f"Qt {core.qVersion()} with the platform plugin {name}")


def keyring_usable(ask: Callable[[], object] | None = None, seconds: float = KEYRING_SECONDS) -> Finding:
    """Whether passwords can be remembered. A locked keyring asks the person, so it gets a time limit."""
    answers: list[Exception | None] = []

    def look() -> None:
        try:
            (ask or _ask_keyring)()
        except Exception as error:  # noqa: BLE001  # backends raise what their system raises
            answers.append(error)
        else:
            answers.append(None)

    thread = threading.Thread(target=look, name="doctor's keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    remedy = "Passwords are asked for at each start; a secret service such as gnome-keyring remembers them."
    if not answers:
        return Finding("Keyring", True, "The keyring is locked or does not answer", remedy)
    if answers[0] is not None:
        # Some backends explain themselves at length: the first sentence says it.
        reason = str(answers[0]).partition(".")[0]
        return Finding("Keyring", True, f"There is no usable keyring: {reason}", remedy)
    return Finding("Keyring", True, "Passwords can be remembered")


def vlc(find: Callable[[str], str | None] = ctypes.util.find_library) -> Finding:
    """Whether libvlc loads and finds its plugins."""
    remedy = "On Debian: apt-get install libvlc5 vlc-plugin-base. Elsewhere install VLC."
    name = os.environ.get("PYTHON_VLC_LIB_PATH") or find("vlc")
    if name is None:
        return Finding("Video", True, "VLC is not installed: videos do not play", remedy)
    try:
        library = ctypes.CDLL(name)
        library.libvlc_new.restype = ctypes.c_void_p
        library.libvlc_release.argtypes = [ctypes.c_void_p]
        instance = library.libvlc_new(0, None)
    except (OSError, AttributeError) as error:
        return Finding("Video", True, f"VLC does not load, videos do not play: {error}", remedy)
    if instance is None:
        return Finding("Video", True, "VLC has no plugins: videos do not play", remedy)
    library.libvlc_release(instance)
    return Finding("Video", True, "VLC is installed")


def profiles(path: Path) -> Finding:
    """Where profiles are described, and whether they can be read."""
    try:
        known = load_profiles(path)
    except ConfigurationError as error:
        return Finding("Profiles", False, str(error), error.remedy)
    if not known:
        return Finding("Profiles", True, f"None yet: {path} would describe them; the demo needs none")
    return Finding("Profiles", True, f"{', '.join(sorted(known))}, from {path}")


def data_folder(folder: Path) -> Finding:
    """Whether the folder of secrets and servers can be written, and by this person only."""
    area = "Data folder"
    existing = _existing(folder)
    if not existing.is_dir():
        return Finding(area, False, f"{existing} is not a folder", "Name another one with --data.")
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            area, False, f"{existing} cannot be written", "Change its owner, or name another one with --data."
        )
    if existing != folder:
        return Finding(area, True, f"{folder} will be made at the first start")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if sys.platform != "win32" and mode & 0o022:
        return Finding(area, False, f"{folder} can be changed by others", f"chmod go-w {folder}")
    if sys.platform != "win32" and mode & 0o077:
        return Finding(area, True, f"{folder} can be listed by others", f"chmod 700 {folder}")
    return Finding(area, True, f"{folder} is private")


def disk_room(folder: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """Whether the demo has room there."""
    free = usage(_existing(folder))[2]
    message = f"{free / 1e9:.1f} GB are free for {folder}"
    if free < DISK_BYTES:
        return Finding("Disk", False, message, "Make room, or name a folder elsewhere with --data.")
    return Finding("Disk", True, message)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _qt_plugin(environment: Mapping[str, str], platform: str) -> str:
    named = environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if named:
        return named
    if platform in {"darwin", "win32"}:
        return "cocoa" if platform == "darwin" else "windows"
    return "wayland" if environment.get("WAYLAND_DISPLAY") else "xcb"


def _ask_keyring() -> object:
    return keyring.get_password("greenroom doctor", "nobody")
