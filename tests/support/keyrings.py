"""A real gnome-keyring on a message bus of its own, away from the person's."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# No service folders: what is not started here is not there, so that nobody answers a prompt.
_BUS = """
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
PASSWORD = b"opens the keyring"


class Keyring:
    """A session bus under `folder`, with a keyring once it is started.

    Attributes: `environment` is what programs need that should use it.
    """

    def __init__(self, folder: Path) -> None:
        self.environment = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ} | {
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}",
            "QT_QPA_PLATFORM": "offscreen",
        }
        configuration = folder / "bus.conf"
        configuration.write_text(_BUS.format(socket=folder / "bus"), encoding="utf-8")
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        assert self._bus.stdout is not None
        assert self._bus.stdout.readline(), "the bus did not start"
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the keyring's daemon, unlocked."""
        self._daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        assert self._daemon.stdin is not None
        self._daemon.stdin.write(PASSWORD)
        self._daemon.stdin.close()
        deadline = time.monotonic() + 20
        while "true" not in self._call("DBus", "/", "DBus.NameHasOwner", "string:org.freedesktop.secrets"):
            assert time.monotonic() < deadline, "the keyring did not start"
            time.sleep(0.02)

    def lock(self) -> None:
        """Close it, as it is before a person has typed its password."""
        self._call(
            "secrets",
            "/org/freedesktop/secrets",
            "Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/aliases/default",
        )

    def freeze(self) -> None:
        """Let the daemon answer nothing, as one that waits for a person does."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGSTOP)

    def _call(self, name: str, path: str, method: str, argument: str) -> str:
        return subprocess.run(
            ["dbus-send", "--session", "--print-reply", f"--dest=org.freedesktop.{name}", path,
             f"org.freedesktop.{method}", argument],
            env=self.environment, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def stop(self) -> None:
        """End what was started, by its process."""
        for process in (self._daemon, self._bus):
            if process is not None:
                process.kill()
                process.wait()
        assert self._bus.stdout is not None
        self._bus.stdout.close()


@contextmanager
def private_keyring(folder: Path) -> Iterator[Keyring]:
    """A bus of its own that ends with the block; its keyring is not started yet."""
    keyring = Keyring(folder)
    try:
        yield keyring
    finally:
        keyring.stop()
