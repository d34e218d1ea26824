"""One PostgreSQL server: started, found dead and started again, stopped."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from console.domain.errors import Unavailable
from db.embedded import programs
from db.embedded.files import write_for_server

START_SECONDS = 60
LOG_DAYS = 6
LOG_BYTES = 10_000_000

SETTINGS = {
    "password_encryption": "scram-sha-256",
    "max_prepared_transactions": "0",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "wal_level": "replica",
    "hot_standby": "on",
    "hot_standby_feedback": "on",
    "max_slot_wal_keep_size": "4GB",
    "max_wal_size": "4GB",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "500ms",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    # One file a weekday, begun anew each week. Statements stay out: they hold people's texts.
    "logging_collector": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] %u@%d ",
}

THROWAWAY = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
"""What servers of tests do without: their data need not outlive the machine, and may lie in memory."""

HBA = "host all all 127.0.0.1/32 scram-sha-256\nhost replication replicator 127.0.0.1/32 scram-sha-256\n"
if sys.platform != "win32":
    HBA += "local all all scram-sha-256\nlocal replication replicator scram-sha-256\n"

# What a server says that cannot start while one that was killed still vanishes.
_VANISHING = re.compile("lock file|shared memory block")


@dataclass(frozen=True, slots=True)
class Server:
    """A server by its name (`primary` or `standby`), data folder, address and folder of logs.

    A `throwaway` one does not wait for the disk.
    """

    name: str
    folder: Path
    host: str
    port: int
    logs: Path
    throwaway: bool = False

    def running(self) -> bool:
        """Whether it accepts connections."""
        code, _ = programs.attempt("pg_isready", "-q", "-h", self.host, "-p", str(self.port), "-t", "3")
        return code == 0

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers; Unavailable quotes its log."""
        deadline = time.monotonic() + START_SECONDS
        while not self.running():
            self._clear_what_a_dead_server_left()
            self._sweep_logs()
            self._write_settings()
            before = self._log_sizes()
            # fsync of each commit stays on for people: the demo is measured against a durable floor.
            code, _ = programs.attempt(
                "pg_ctl", "start", "-D", str(self.folder), "-l", str(self._start_log()),
                "-w", "-t", str(START_SECONDS),
            )  # fmt: skip
            said = self._logged_since(before)
            if (code and not _VANISHING.search(said)) or time.monotonic() > deadline:
                raise Unavailable(
                    f"The embedded PostgreSQL {self.name} did not start: {said.strip()[-600:]}",
                    f"See the logs in {self.logs}.",
                )
            if code:
                time.sleep(0.1)

    def stop(self, mode: str = "fast") -> None:
        """Stop it if it runs; `mode` is pg_ctl's."""
        self._clear_what_a_dead_server_left()
        if self._pid_file().exists():
            programs.attempt("pg_ctl", "stop", "-D", str(self.folder), "-m", mode, "-w")

    def _clear_what_a_dead_server_left(self) -> None:
        """Remove the locks of a server that was killed.

        PostgreSQL does so itself where the process is gone, but takes a zombie, or another program that
        was given the same number since, for the living server. Windows knows neither.
        """
        if sys.platform == "win32" or not self._pid_file().exists() or self._process_lives():
            return
        for left in (self._pid_file(), *Path(self.host).glob(f".s.PGSQL.{self.port}*")):
            left.unlink(missing_ok=True)

    def _process_lives(self) -> bool:
        """Whether the process of the pid file is this folder's server. A zombie has no command line."""
        try:
            pid = int(self._pid_file().read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return False
        if Path("/proc/self/cmdline").exists():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
            except OSError:
                return False
        else:
            command = subprocess.run(
                ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
            ).stdout
        return str(self.folder) in command

    def _pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def _write_settings(self) -> None:
        settings = SETTINGS | {
            "port": str(self.port),
            "log_directory": str(self.logs),
            "log_filename": f"{self.name}-%a.log",
        }
        if self.throwaway:
            settings |= THROWAWAY
        if sys.platform == "win32":
            settings["listen_addresses"] = self.host
        else:
            settings["listen_addresses"] = ""
            # Files of its own: containers have little or no /dev/shm.
            settings["dynamic_shared_memory_type"] = "mmap"
            settings["unix_socket_directories"] = '"' + self.host.replace('"', '""') + '"'
        lines = (f"{key} = '{_escaped(value)}'\n" for key, value in settings.items())
        write_for_server(self.folder / "postgresql.conf", "".join(lines))
        write_for_server(self.folder / "pg_hba.conf", HBA)

    def _start_log(self) -> Path:
        return self.logs / f"{self.name}-start.log"

    def _sweep_logs(self) -> None:
        """PostgreSQL empties a file only when the day turns while it runs; the rest is done here."""
        old = time.time() - LOG_DAYS * 86_400
        for log in self.logs.glob(f"{self.name}-*.log"):
            found = log.stat()
            if found.st_mtime < old or found.st_size > LOG_BYTES or log == self._start_log():
                log.unlink()

    def _log_sizes(self) -> dict[Path, int]:
        return {log: log.stat().st_size for log in self.logs.glob(f"{self.name}-*.log")}

    def _logged_since(self, sizes: dict[Path, int]) -> str:
        said = []
        for log in sorted(self.logs.glob(f"{self.name}-*.log")):
            with log.open("rb") as file:
                file.seek(sizes.get(log, 0))
                said.append(file.read().decode("utf-8", errors="replace"))
        return "".join(said)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
