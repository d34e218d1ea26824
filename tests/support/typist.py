"""A console of its own that opens a bible, types into it, and is killed: run as a program by a test."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID

import qasync
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.bibles import opened, working
from tests.support.databases import Database


@dataclass(frozen=True)
class _Elsewhere:
    """A database of a cluster that another process started."""

    primary: str
    replica: str
    passwords: dict[str, str]


async def _type(arguments: dict[str, str]) -> None:
    passwords = {"mia": arguments["password"]}
    database = cast("Database", _Elsewhere(arguments["primary"], arguments["replica"], passwords))
    async with working(database, Path(arguments["folder"])) as bench:
        await opened(bench, UUID(arguments["scene"]))
        for letter in arguments["typed"]:
            QTest.keyClicks(bench.editor, letter)
            await asyncio.sleep(0.01)
        sys.stdout.write("typed\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Type what the first argument says, then wait for the end."""
    loop = qasync.QEventLoop(QApplication([]))
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_type(json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
