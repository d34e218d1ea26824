"""The system's keyring for real: passwords come and go, and one that fails holds no window up."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.keyrings import Keyring, private_keyring

# A process of its own, since a keyring is chosen once a process. Each argument is a question, asked in turn.
_CONSOLE = """
import json, sys, time
from PySide6.QtWidgets import QApplication
from console.runtime.heartbeat import Heartbeat
from console.runtime.loop import run
from console.ui.signin import credentials

credentials.ANSWER_SECONDS = 1.0

async def ask():
    answers, heartbeat = [], Heartbeat()
    heartbeat.start()
    for question in sys.argv[1:]:
        verb, *arguments = question.split()
        began = time.monotonic()
        answer = await getattr(credentials, verb)("demo", *arguments)
        answers.append([answer.password, answer.problem, time.monotonic() - began])
    print(json.dumps([answers, max(heartbeat.stalls)]))
    return 0

raise SystemExit(run(QApplication([]), ask, lambda *error: print(error)))
"""
LOCKED = "The keyring is locked or does not answer; type the password."
STILL = 0.8
"""Less than the second that is waited for an answer, more than a busy machine takes the processor away."""
NONE = "This system has no keyring; the password is not remembered."


@dataclass(frozen=True)
class Said:
    """What came back for each question, how long the longest took, and how long the window stood still."""

    passwords: list[str | None]
    problems: list[str | None]
    seconds: float
    stall: float


@pytest.fixture
def keyring() -> Iterator[Keyring]:
    with tempfile.TemporaryDirectory(prefix="gr-") as folder, private_keyring(Path(folder)) as made:
        yield made


def ask(keyring: Keyring, *questions: str) -> Said:
    """Ask as a console does, in a process that uses this keyring."""
    ran = subprocess.run(
        [sys.executable, "-c", _CONSOLE, *questions],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=keyring.environment,
    )
    answers, stall = json.loads(ran.stdout)
    passwords, problems, seconds = zip(*answers, strict=True)
    return Said(list(passwords), list(problems), max(seconds), stall)


def test_a_password_is_remembered_by_the_next_console_and_forgotten(keyring: Keyring) -> None:
    keyring.start()
    said = ask(keyring, "recall mia", "remember mia pass-wörd", "remember max other")
    assert said.problems == [None, None, None]
    assert said.passwords[0] is None
    said = ask(keyring, "recall mia", "forget mia", "recall mia", "forget mia", "recall max")
    assert said.passwords == ["pass-wörd", None, None, None, "other"]
    assert said.problems == [None] * 5


def test_a_later_password_takes_the_place_of_an_earlier_one(keyring: Keyring) -> None:
    keyring.start()
    said = ask(keyring, "remember mia first", "remember mia second", "recall mia", "forget mia", "recall mia")
    assert said.passwords[2:] == ["second", None, None]


@pytest.mark.parametrize("question", ["recall mia", "remember mia new", "forget mia"])
def test_a_locked_keyring_that_nobody_opens(keyring: Keyring, question: str) -> None:
    keyring.start()
    assert ask(keyring, "remember mia old").problems == [None]
    keyring.lock()
    said = ask(keyring, question)
    assert said.passwords == [None]
    assert said.problems == [LOCKED]
    assert said.stall < STILL


@pytest.mark.parametrize("question", ["recall mia", "remember mia new", "forget mia"])
def test_a_keyring_that_does_not_answer(keyring: Keyring, question: str) -> None:
    keyring.start()
    keyring.freeze()
    said = ask(keyring, question)
    assert said.problems == [LOCKED]
    assert 0.9 < said.seconds < 15
    assert said.stall < STILL


def test_a_bus_without_a_keyring(keyring: Keyring) -> None:
    said = ask(keyring, "recall mia", "remember mia new")
    assert said.problems == [NONE, NONE]
    assert said.stall < STILL


def test_no_bus_at_all(keyring: Keyring) -> None:
    keyring.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    said = ask(keyring, "recall mia", "remember mia new")
    assert said.problems == [NONE, NONE]
    assert said.stall < STILL
