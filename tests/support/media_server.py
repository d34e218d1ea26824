"""A local HTTP server for a folder, with byte ranges and with the faults that real servers have."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Literal
from urllib.parse import unquote, urlsplit

Fault = Literal[
    "slow", "cut", "redirect", "404", "403", "410", "500", "hang", "wrong_length", "no_length", "no_range",
    "wrong_range",
]  # fmt: skip
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came: path with query, and headers with names in lower case."""

    target: str
    headers: dict[str, str] = field(hash=False)

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path


class MediaServer:
    """Serves `folder` on 127.0.0.1 at a free port while the block runs.

    Attributes: `requests`, what was asked for, in order; `base`, the URL of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.requests: list[Seen] = []
        self.faults: dict[str, tuple[Fault, str]] = {}
        self.released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: Path | str) -> str:
        """The URL of a file in the folder, or of a path below it."""
        if isinstance(path, Path):
            path = path.resolve().relative_to(self.folder).as_posix()
        return f"{self.base}/{path.lstrip('/')}"

    def fault(self, path: Path | str, kind: Fault | None, to: str = "") -> None:
        """Let each request of `path` fail so from now on; None heals it. A redirect goes to the URL `to`.

        slow: 1/20 of the body each 50 ms; cut: half of the body, then the connection ends; hang: nothing
        until the server stops; wrong_length: the header promises one byte less than is sent; no_length: it
        promises none; no_range: the whole body whatever range was asked for; wrong_range: another range.
        """
        target = urlsplit(self.url(path)).path
        if kind is None:
            self.faults.pop(target, None)
        else:
            self.faults[target] = (kind, to)

    def __enter__(self) -> MediaServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, media: MediaServer) -> None:
        self.media = media
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes half-way is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    # As real servers do: else the second of two writes waits 40 ms for the first one's receipt.
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        media = self.server.media
        headers = {name.lower(): value for name, value in self.headers.items()}
        media.requests.append(Seen(self.path, headers))
        path = urlsplit(self.path).path
        kind, to = media.faults.get(path, (None, ""))
        if kind == "hang":
            media.released.wait()
            self.close_connection = True
        elif kind == "redirect":
            self._reply(302, b"", {"Location": to})
        elif kind in {"403", "404", "410", "500"}:
            self._reply(int(kind), b"")
        else:
            file = (media.folder / unquote(path).lstrip("/")).resolve()
            if file.is_relative_to(media.folder) and file.is_file():
                self._file(file, kind)
            else:
                self._reply(404, b"")

    def _file(self, file: Path, kind: Fault | None) -> None:
        body, status = file.read_bytes(), 200
        headers = {"Content-Type": _TYPES.get(file.suffix, "application/octet-stream")}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and kind != "no_range":
            first, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
            if kind == "wrong_range":
                first += 1
            if first >= len(body):
                self._reply(416, b"", {"Content-Range": f"bytes */{len(body)}"})
                return
            headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
            body, status = body[first : last + 1], 206
        self._reply(status, body, headers, kind)

    def _reply(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: Fault | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if kind != "no_length":
            self.send_header("Content-Length", str(len(body) - (kind == "wrong_length")))
        self.end_headers()
        if kind == "slow":
            step = len(body) // 20 + 1
            for place in range(0, len(body), step):
                self.wfile.write(body[place : place + step])
                if self.server.media.released.wait(0.05):
                    return
        elif kind == "cut":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)
        if kind in {"wrong_length", "no_length"}:
            self.close_connection = True
