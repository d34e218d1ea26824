"""A line to a server that a test can cut, freeze and mend."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg.conninfo


class Wire:
    """Forwards a port of this machine to a server.

    Attributes: `conninfo` reaches it through this wire; `delay` is how many seconds an answer takes longer.
    """

    def __init__(self, conninfo: str) -> None:
        parts = psycopg.conninfo.conninfo_to_dict(conninfo)
        self._host, self._port = str(parts["host"]), int(str(parts["port"]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._whole = threading.Event()
        self._whole.set()
        self._down = False
        self._lose_answer = False
        self._to_lose: set[UUID] = set()
        self.delay = 0.0
        self.conninfo = psycopg.conninfo.make_conninfo(
            conninfo, host="127.0.0.1", port=self._listener.getsockname()[1], sslmode="disable"
        )
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and take no new one."""
        self._down = True
        self._end_all()

    def cut_once(self) -> None:
        """End every connection, as a server does that is started again."""
        self._end_all()

    def lose_the_next_answer(self) -> None:
        """Let the next bytes through to the server, and end the connection instead of answering."""
        self._lose_answer = True

    def lose_the_answer_to(self, id: UUID) -> None:
        """Let the statement that names `id` through, and end its connection before the answer."""
        self._to_lose.add(id)

    @property
    def every_answer_lost(self) -> bool:
        """Whether all answers that were to be lost have been."""
        return not self._to_lose

    def freeze(self) -> None:
        """Keep connections open and let nothing through."""
        self._whole.clear()

    def mend(self) -> None:
        """Work again."""
        self._down = False
        self._to_lose.clear()
        self._whole.set()

    def close(self) -> None:
        """End it."""
        self._listener.close()
        self.cut()
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._down:
                    near.close()
                    continue
                try:
                    far = self._reach()
                except OSError:  # The server is down: so is the line to it.
                    near.close()
                    continue
                self._open |= {near, far}
                asked = threading.Event()
                threading.Thread(target=self._forward, args=(near, far, False, asked), daemon=True).start()
                threading.Thread(target=self._forward, args=(far, near, True, asked), daemon=True).start()

    def _reach(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(str(Path(self._host) / f".s.PGSQL.{self._port}"))
        except OSError:
            far.close()
            raise
        return far

    def _forward(
        self, source: socket.socket, target: socket.socket, answers: bool, asked: threading.Event
    ) -> None:
        """`asked` is set once this connection has sent the statement whose answer is to be lost."""
        with suppress(OSError):
            while data := source.recv(65536):
                self._whole.wait()
                if answers and self.delay:
                    time.sleep(self.delay)
                if not answers and (named := self._named_in(data)):
                    self._to_lose -= named
                    asked.set()
                if answers and (self._lose_answer or asked.is_set()):
                    self._lose_answer = False
                    break
                target.sendall(data)
        self._end(source)
        self._end(target)

    def _named_in(self, data: bytes) -> set[UUID]:
        """Of the ids whose answers are to be lost, those that are in a statement's text or parameters."""
        return {
            id
            for id in self._to_lose
            if any(way in data for way in (id.bytes, id.hex.encode(), str(id).encode()))
        }

    def _end_all(self) -> None:
        for each in list(self._open):
            self._end(each)

    def _end(self, each: socket.socket) -> None:
        self._open.discard(each)
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def wire_to(conninfo: str) -> Iterator[Wire]:
    """A wire that is closed at the end."""
    wire = Wire(conninfo)
    try:
        yield wire
    finally:
        wire.close()
