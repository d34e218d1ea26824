"""What is copied into one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """`make` begins the rows anew at each call; `count` is how many there will be, for the progress."""

    table: str
    columns: tuple[str, ...]
    count: int
    make: Callable[[], Iterator[Row]]
