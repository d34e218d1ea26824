"""The console's end of the player's process: starts it, speaks to it, and notices at once when it is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal

from console.ui.player.frames import FrameMemory
from console.ui.player.protocol import Command, decode, encode

SILENCE_MILLISECONDS = 4_000
"""It beats four times a second: after so long without a word it hangs, or was stopped."""
DOOR = "--player-process"
"""The first argument by which the built program becomes the player's process."""
_LONGEST = 1 << 16


class PlayerProcess(QObject):
    """One process of VLC and the memory that it paints into.

    Signals: `told(Event)` for each of its events, `gone(str)` once, with why, when it ended or hung.
    """

    told = Signal(object)
    gone = Signal(str)

    def __init__(self, modules: Path, options: tuple[str, ...] = (), parent: QObject | None = None) -> None:
        """Start it, without waiting; `modules` is a folder for VLC's chosen modules, `options` are its."""
        super().__init__(parent)
        self.frames = FrameMemory()
        self._rest = b""
        self._over = False
        self._dead = asyncio.Event()
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment())
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(lambda *_: self._end("the player's process ended"))
        self._process.errorOccurred.connect(self._failed)
        self._silence = QTimer(self)
        self._silence.setInterval(SILENCE_MILLISECONDS)
        self._silence.timeout.connect(self._hung)
        # The memory has no name: the process gets it by inheriting the descriptor.
        os.set_inheritable(self.frames.descriptor, True)
        program, *arguments = _command(self.frames.descriptor, modules, options)
        self._process.start(program, arguments)
        os.set_inheritable(self.frames.descriptor, False)
        self._silence.start()

    @property
    def number(self) -> int:
        """The process's number, 0 when it does not run."""
        return int(self._process.processId())

    def say(self, command: Command) -> None:
        """Send a command; it is obeyed in its turn."""
        if not self._over:
            self._process.write(encode(command))

    def end(self) -> None:
        """End it; `gone` is not told."""
        if not self._over:
            self._over = True
            self._silence.stop()
            self.frames.close()
            # It takes a moment to go, and may not be deleted before it has gone.
            self.setParent(QCoreApplication.instance())
            if self._process.state() is QProcess.ProcessState.NotRunning:
                self._bury()
            else:
                self._process.finished.connect(self._bury)
                self._process.kill()

    def _bury(self) -> None:
        self._dead.set()
        self.deleteLater()

    async def gone_for_good(self) -> None:
        """Wait until the process has ended."""
        await self._dead.wait()

    def _read(self) -> None:
        *lines, rest = (self._rest + self._process.readAllStandardOutput().data()).split(b"\n")
        self._rest = rest[:_LONGEST]
        self._silence.start()
        for line in lines:
            try:
                event = decode(line)
            except ValueError as error:
                self._end(str(error))
                return
            if self._over:
                return
            self.told.emit(event)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(f"the player's process cannot be started: {self._process.errorString()}")

    def _hung(self) -> None:
        self._end(f"the player's process said nothing for {SILENCE_MILLISECONDS // 1000} s")

    def _end(self, why: str) -> None:
        if not self._over:
            self.end()
            self.gone.emit(why)


def _command(descriptor: int, modules: Path, options: tuple[str, ...]) -> list[str]:
    """The program and its arguments. A built program has no modules to run by name, so it runs itself."""
    door = [DOOR] if getattr(sys, "frozen", False) else ["-m", "console.ui.player.child"]
    return [sys.executable, *door, str(descriptor), str(modules), *options]


def _environment() -> QProcessEnvironment:
    """The console's own, without the proxies that VLC would ask for a loopback URL."""
    environment = QProcessEnvironment.systemEnvironment()
    for name in list(environment.keys()):
        if name.lower().endswith("_proxy"):
            environment.remove(name)
    environment.insert("no_proxy", "*")
    return environment
