"""The console's loop runs to the end of its main, and tells of errors that no task carries."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QApplication

from console.runtime.loop import run


@pytest.fixture
def application() -> QApplication:
    existing = QApplication.instance()
    return existing if isinstance(existing, QApplication) else QApplication([])


def test_what_main_returns_is_returned(application: QApplication) -> None:
    told: list[tuple[str, BaseException]] = []

    async def main() -> int:
        await asyncio.sleep(0.01)
        return 7

    assert run(application, main, lambda *error: told.append(error)) == 7
    assert told == []


def test_an_error_in_a_callback_is_told(application: QApplication) -> None:
    told: list[tuple[str, BaseException]] = []

    def fails() -> None:
        raise ValueError("in a callback")

    async def main() -> int:
        asyncio.get_running_loop().call_soon(fails)
        asyncio.get_running_loop().call_exception_handler({"message": "without an error"})
        await asyncio.sleep(0.05)
        return 0

    assert run(application, main, lambda *error: told.append(error)) == 0
    assert sorted(str(error) for _, error in told) == ["in a callback", "without an error"]


def test_an_error_of_main_itself_is_raised_and_the_loop_closed(application: QApplication) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> int:
        loops.append(asyncio.get_running_loop())
        raise LookupError("main")

    with pytest.raises(LookupError, match="main"):
        run(application, main, lambda *_: None)
    assert loops[0].is_closed()
