"""A keyring that is missing, locked or broken is told in plain words and holds nothing up."""

from __future__ import annotations

import os
import subprocess
import sys

import keyring
import keyring.errors
import pytest

from console.ui.signin import credentials

# A prompt that nobody answers, on the console's own loop: it must end, and the process with it.
_LOCKED = """
import threading
import keyring
from PySide6.QtWidgets import QApplication
from console.runtime.loop import run
from console.ui.signin import credentials

credentials.ANSWER_SECONDS = 0.1
keyring.get_password = lambda *_: threading.Event().wait()

async def ask() -> int:
    answer = await credentials.recall("demo", "mia")
    print(answer.problem)
    return 0

raise SystemExit(run(QApplication([]), ask, lambda *error: print(error)))
"""


def test_a_locked_keyring_neither_blocks_nor_keeps_the_program_from_ending() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LOCKED],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert ran.stdout.strip() == "The keyring is locked or does not answer; type the password."


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (keyring.errors.NoKeyringError(), "This system has no keyring; the password is not remembered."),
        (
            keyring.errors.KeyringLocked("dismissed"),
            "The keyring is locked or does not answer; type the password.",
        ),
        (keyring.errors.PasswordSetError("denied"), "The keyring refused: denied"),
        (ConnectionRefusedError("no bus"), "The keyring refused: no bus"),
    ],
)
async def test_what_a_keyring_raises_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str
) -> None:
    def broken(*_: str) -> None:
        raise error

    monkeypatch.setattr(keyring, "set_password", broken)
    answer = await credentials.remember("demo", "mia", "secret")
    assert answer == credentials.KeyringAnswer(problem=problem)


async def test_a_password_comes_back_and_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}

    def drop(service: str, login: str) -> None:
        if (service, login) not in kept:
            raise keyring.errors.PasswordDeleteError
        del kept[service, login]

    monkeypatch.setattr(keyring, "set_password", lambda s, n, p: kept.update({(s, n): p}))
    monkeypatch.setattr(keyring, "get_password", lambda s, n: kept.get((s, n)))
    monkeypatch.setattr(keyring, "delete_password", drop)
    await credentials.remember("demo", "mia", "secret")
    assert (await credentials.recall("demo", "mia")).password == "secret"
    for _ in range(2):
        assert await credentials.forget("demo", "mia") == credentials.KeyringAnswer()
    assert (await credentials.recall("demo", "mia")).password is None
