"""A small HTTP server for the demo's media: this machine only, byte ranges, nothing outside its folder."""

from __future__ import annotations

import errno
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from db.platforms.scenes.demo.media import MediaLibrary

RETRY_SECONDS = 1.0
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}
"""What is served at all; a file of another kind does not exist."""

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class MediaServer:
    """Serves a media folder on 127.0.0.1 at the port that its library chose.

    The URLs are in the database, so the port never moves. While another console serves the same folder,
    this one waits and takes over when that ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._port = MediaLibrary(folder).port
        self._stopped = threading.Event()
        self._bound = threading.Event()
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None
        self._lock = threading.Lock()

    @property
    def base(self) -> str:
        """The URL that the folder is served under."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def hint(self) -> str | None:
        """A sentence for the person while the port belongs to somebody else, else None."""
        if self._bound.is_set():
            return None
        return (
            f"Port {self._port} is in use: by another console of this demo, which serves the same videos, or"
            " by another program; then end that, or make the demo anew with --reset."
        )

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        self._bind()
        self._thread = threading.Thread(target=self._serve, name="demo media", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop and free the port; a second call does nothing."""
        self._stopped.set()
        with self._lock:
            if self._server is not None:
                self._server.shutdown()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        while self._server is None and not self._stopped.wait(RETRY_SECONDS):
            self._bind()
        if self._server is not None:
            with self._server as server:
                server.serve_forever(poll_interval=0.1)

    def _bind(self) -> None:
        with self._lock:
            if self._stopped.is_set():
                return
            try:
                self._server = _Server(self._folder, self._port)
            except OSError as error:
                if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                    raise
            else:
                self._bound.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A player that closes its connection half-way is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "greenroom-demo"
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        """Send a file, or the part of it that was asked for."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send what GET would say about a file."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: requests are not news."""

    def _answer(self, *, with_body: bool) -> None:
        path = _inside(self.server.folder, self.path)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with path.open("rb") as file:
            size = path.stat().st_size
            asked = _span(self.headers.get("Range"), size)
            if asked is None:
                self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            first, last, partial = asked
            self.send_response(HTTPStatus.PARTIAL_CONTENT if partial else HTTPStatus.OK)
            self.send_header("Content-Type", TYPES[path.suffix])
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(last - first + 1))
            if partial:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.end_headers()
            if with_body:
                file.seek(first)
                # The demo's files are some hundred kilobytes at most.
                self.wfile.write(file.read(last - first + 1))


def _inside(folder: Path, target: str) -> Path | None:
    """The file of a request target, if it is one of ours and inside `folder` after all links."""
    try:
        name = unquote(urlsplit(target).path, errors="strict").lstrip("/")
        path = (folder / name).resolve()
    except ValueError:
        return None
    ours = path.is_relative_to(folder) and path.suffix in TYPES and path.is_file()
    return path if ours else None


def _span(header: str | None, size: int) -> tuple[int, int, bool] | None:
    """First byte, last byte and whether it is a part (RFC 9110, 14.1.2); None when it lies outside.

    Several ranges at once, or another unit, are answered with the whole file, as the RFC allows.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return 0, size - 1, False
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size - 1, True) if length else None
    begin = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < begin:
        return 0, size - 1, False
    return (begin, end, True) if begin < size else None
