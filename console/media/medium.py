"""One opened medium: where its playlists lead to, and what the child that plays it may ask for."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from console.domain.errors import MediaProblem
from console.media.failures import problem
from console.media.fetcher import MediaFetcher
from console.media.playlist import Playlist, rewrite

DEEPEST = 5
_MOST = 50_000
_LARGE = 4 << 10
_ENDINGS = frozenset(
    {".m3u8", ".ts", ".m4s", ".mp4", ".m4a", ".m4v", ".aac", ".mp3", ".vtt", ".webm", ".mov"}
)

OnProblem = Callable[[MediaProblem], None]


@dataclass(frozen=True, slots=True)
class Linked:
    """An address behind a loopback URL. `trail`: the playlists that led to it, the outermost first."""

    url: str
    kind: str
    encrypted: bool = False
    trail: tuple[str, ...] = ()


class Medium:
    """What one token opens. `url` is for the player; `problems` is what went wrong, in order.

    `on_problem` is called on the loop with each new problem.
    """

    def __init__(self, fetcher: MediaFetcher, base: str, url: str, on_problem: OnProblem | None) -> None:
        """MediaRefused when the address may not be opened."""
        self._fetcher = fetcher
        self._on_problem = on_problem
        self._links: list[Linked] = []
        self._places: dict[Linked, int] = {}
        self._lock = threading.Lock()
        self.token = secrets.token_urlsafe(24)
        self._base = f"{base}/{self.token}"
        self.problems: list[MediaProblem] = []
        self.source = fetcher.allowed.check(url)
        self.url = self.link(Linked(self.source, "medium"))

    def link(self, linked: Linked) -> str:
        """A loopback URL for an address, the same one each time."""
        with self._lock:
            place = self._places.get(linked)
            if place is None:
                if len(self._links) >= _MOST:
                    raise problem("too_large", linked.url, f"it has more than {_MOST:,} parts")
                place = self._places[linked] = len(self._links)
                self._links.append(linked)
        name = urlsplit(linked.url).path.rpartition("/")[2].lower()
        ending = name[name.rfind(".") :] if "." in name else ""
        if linked.kind == "playlist":
            ending = ".m3u8"
        return f"{self._base}/{place}{ending if ending in _ENDINGS else ''}"

    def find(self, place: int) -> Linked | None:
        """What the loopback URL of this number stands for."""
        return self._links[place] if 0 <= place < len(self._links) else None

    def find_url(self, url: str) -> Linked | None:
        """What a loopback URL of this medium stands for."""
        number = url.removeprefix(f"{self._base}/").partition(".")[0]
        return self.find(int(number)) if number.isdecimal() else None

    def first_of(self, kind: str, trail: tuple[str, ...]) -> Linked | None:
        """The first address of a kind that the playlist at the end of `trail` named."""
        return next((each for each in self._links if each.kind == kind and each.trail == trail), None)

    def checked(self, url: str) -> str:
        """The address, as the allow-list lets it be opened; raises MediaRefused."""
        return self._fetcher.allowed.check(url)

    async def rewrite(self, data: bytes, linked: Linked, base: str) -> Playlist:
        """A playlist that came from `base`, made to lead here. MediaProblem: a loop, or too deep.

        A large one is read in a thread: this loop is the window's.
        """
        if len(data) > _LARGE:
            return await asyncio.to_thread(self._rewrite, data, linked, base)
        return self._rewrite(data, linked, base)

    def _rewrite(self, data: bytes, linked: Linked, base: str) -> Playlist:
        trail = (*linked.trail, linked.url)

        def link(url: str, kind: str, encrypted: bool) -> str:
            checked = self._fetcher.allowed.check(url)
            if kind != "key" and (checked in trail or checked == base):
                raise problem("loop", checked, "it is a playlist that leads back to itself")
            if kind == "playlist" and len(trail) >= DEEPEST:
                raise problem("loop", checked, f"it lies more than {DEEPEST} playlists deep")
            return self.link(Linked(checked, kind, encrypted, trail))

        if len(trail) > DEEPEST:
            raise problem("loop", linked.url, f"it lies more than {DEEPEST} playlists deep")
        return rewrite(data, base, link)

    def report(self, found: MediaProblem) -> None:
        """Note a problem, once."""
        if any((known.kind, known.url) == (found.kind, found.url) for known in self.problems):
            return
        self.problems.append(found)
        if self._on_problem is not None:
            self._on_problem(found)
