"""The driver's side of a console: a process that is started, asked, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

PATIENCE_SECONDS = 60.0
"""For anything that is to happen: much longer than it takes, so that only a fault of ours is reported."""
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Shown:
    """What a person saw of one thing they did.

    `kind` is decide, undo or save, `of` what it was done to; `state` is waiting until the console showed
    done, refused or unrecorded. `survived` is false when its console was killed while it waited.
    """

    kind: str
    of: UUID
    state: str = "waiting"
    message: str = ""
    survived: bool = True


class ConsoleProcess:
    """One person's console. Attributes: `ledger` is what was shown, by id, over all its runs; `waiting` the
    count that it shows; `told` what it said beyond that, as (kind of error, words); `bugs` our own.
    """

    def __init__(self, given: dict[str, Any], folder: Path) -> None:
        """`given` is what the process is told first (see its `_main`); it has its files in `folder`."""
        self.login: str = given["login"]
        self.ledger: dict[UUID, Shown] = {}
        self.told: list[tuple[str, str]] = []
        self.bugs: list[str] = []
        self.waiting = 0
        self._given = given | {"data": str(folder / self.login)}
        self._errors = folder / f"{self.login}.stderr"
        self._answers: dict[int, Future[dict[str, Any]]] = {}
        self._number = 0
        self._ready = threading.Event()
        self._recovered = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    @property
    def journal(self) -> Path:
        """The file of its journal."""
        return Path(self._given["data"]) / "journals" / f"e2e-{self.login}" / "journal.sqlite3"

    @property
    def done(self) -> int:
        """How many things were shown as done."""
        return sum(each.state == "done" for each in list(self.ledger.values()))

    def start(self) -> None:
        """Start it; `wait_until_ready` says when it is signed in."""
        self._ready.clear()
        self._recovered.clear()
        with self._errors.open("a", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.console"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
            )
        self._listener = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._listener.start()
        self._say(self._given)

    def wait_until_ready(self) -> None:
        """Return once it is signed in."""
        assert self._ready.wait(PATIENCE_SECONDS), f"{self.login} does not start: {self._last_words()}"

    def wait_until_recovered(self) -> None:
        """Return once all that an earlier run left is settled."""
        assert self._recovered.wait(PATIENCE_SECONDS), (
            f"{self.login} does not settle what an earlier run left"
        )

    def ask(self, do: str, **arguments: Any) -> Future[dict[str, Any]]:
        """Its answer to a command, once it comes."""
        self._number += 1
        answer: Future[dict[str, Any]] = Future()
        self._answers[self._number] = answer
        self._say({"n": self._number, "do": do, **arguments})
        return answer

    def kill(self) -> None:
        """End it as `kill -9` does: nobody gets an answer any more."""
        assert self._process is not None
        assert self._listener is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._listener.join()
        self._close_pipes()
        self.waiting = 0
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()
        for each in self.ledger.values():
            each.survived = each.survived and each.state != "waiting"

    def close(self) -> None:
        """Sign out and wait for its end."""
        if self._process is None or self._process.poll() is not None or self._listener is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(self._process.pid, signal.SIGKILL)
            raise
        finally:
            self._listener.join()
            self._close_pipes()

    def states(self) -> dict[UUID, str]:
        """What its journal says of each entry: waiting, done or refused."""
        if not self.journal.exists():
            return {}
        with closing(sqlite3.connect(self.journal, timeout=10)) as journal:
            return {UUID(id): state for id, state in journal.execute("SELECT id, state FROM entries")}

    def _say(self, line: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line, default=str) + "\n")
        self._process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._heard(json.loads(line))

    def _heard(self, line: dict[str, Any]) -> None:
        match line:
            case {"n": number}:
                self._answers.pop(number).set_result(line)
            case {"event": "sent", "id": id, "kind": kind, "of": of}:
                self.ledger[UUID(id)] = Shown(kind, UUID(of))
            case {"event": "shown", "id": id, "state": state}:
                shown = self.ledger[UUID(id)]
                shown.state, shown.message = state, line.get("message", "")
            case {"event": "tally", "waiting": waiting}:
                self.waiting = waiting
            case {"event": "told", "kind": kind, "message": message}:
                self.told.append((kind, message))
            case {"event": "alarm", "message": message}:
                self.told.append(("alarm", message))
            case {"event": "bug", "details": details}:
                self.bugs.append(details)
            case {"event": "ready"}:
                self._ready.set()
            case {"event": "recovered"}:
                self._recovered.set()
            case _:
                self.bugs.append(f"a line that nobody expects: {line}")

    def _close_pipes(self) -> None:
        assert self._process is not None
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def _last_words(self) -> str:
        return self._errors.read_text(encoding="utf-8")[-2000:]
