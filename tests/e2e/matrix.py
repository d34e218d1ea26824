"""One fault against every operation of four consoles at work, and the row of the table that it makes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests.e2e.faults import Fault, Scene
from tests.e2e.processes import PATIENCE_SECONDS, ConsoleProcess
from tests.e2e.stage import Idea, Stage
from tests.support.waiting import wait_until

WORKS = ("decide", "undo", "save a bible")
OPERATIONS = (*WORKS, "claim", "browse")
README = Path(__file__).with_name("README.md")
LASTS_SECONDS = 1.2
"""How long a fault lasts at least: what is going to wait has been tried in vain by then."""
LONGEST_SECONDS = 30.0
"""How long it lasts at most, for what gets an answer in spite of it."""
WAITS, REPEATED = "waits", "done when done again"
_BEGIN, _END = "<!-- the table, written by the run -->", "<!-- end of the table -->"

Answer = Future[dict[str, Any]]


@dataclass(slots=True)
class _Part:
    """What one console does while the fault lasts: works, by the ids that they have, and a claim."""

    console: ConsoleProcess
    decided: Idea
    undone: UUID
    claimed: Idea
    scene: UUID
    ids: tuple[UUID, ...]

    def ask(self, operation: str) -> Answer:
        decide, undo, save = self.ids
        ask, idea = self.console.ask, self.decided
        asks: dict[str, Callable[[], Answer]] = {
            "decide": lambda: ask("decide", id=decide, subject=idea.id, version=idea.version),
            "undo": lambda: ask("undo", id=undo, decision=self.undone),
            "save a bible": lambda: ask("save", id=save, scene=self.scene, base=0),
            "claim": lambda: ask("claim", subject=self.claimed.id),
            "browse": lambda: ask("browse"),
        }
        return asks[operation]()


def play(stage: Stage, fault: Fault, expected: Mapping[str, str]) -> dict[str, str]:
    """The cells of the fault's row by operation, once everything has come to rest again.

    `expected` are those that the table has: what waits in it is not waited for while the fault lasts.
    """
    met = [_part(stage, console) for console in stage.consoles[: 1 if fault.of_one else None]]
    works = {place: part.ids for place, part in enumerate(met)}
    claims = {place: part.claimed.id for place, part in enumerate(met)}
    stage.moderate()
    with fault.play(Scene(stage, range(len(met)), works, claims)):
        asked = {name: [part.ask(name) for part in met] for name in OPERATIONS[:-1]}
        time.sleep(LASTS_SECONDS / 2)
        # Whoever reads knows by now that something was sent and not answered.
        asked["browse"] = [part.ask("browse") for part in met]
        _last(asked, expected)
        during = {name: [_shown(answer) for answer in answers] for name, answers in asked.items()}
    stage.healthy()
    cells = {}
    for name in OPERATIONS:
        answers = zip(met, during[name], asked[name], strict=True)
        ends = {_ended(part, name, shown, answer) for part, shown, answer in answers}
        cells[name] = "answered" if name == "browse" and fault.either else " / ".join(sorted(ends))
    for part in met:
        part.console.ask("let_go", subject=part.claimed.id).result(PATIENCE_SECONDS)
    stage.settle()
    return cells


def _part(stage: Stage, console: ConsoleProcess) -> _Part:
    """Ideas and a scene of its own; one of the ideas is decided already."""
    before, decision = stage.add_idea(), uuid4()
    asked = console.ask("decide", id=decision, subject=before.id, version=before.version)
    assert asked.result(PATIENCE_SECONDS)["state"] == "done"
    ids = tuple(uuid4() for _ in WORKS)
    return _Part(console, stage.add_idea(), decision, stage.add_idea(), stage.add_scene(), ids)


def _last(asked: Mapping[str, list[Answer]], expected: Mapping[str, str]) -> None:
    """Return when the fault may end."""
    begun = time.monotonic()
    due = [
        answer
        for name, answers in asked.items()
        if not expected.get(name, "").startswith(WAITS)
        for answer in answers
    ]
    while time.monotonic() < begun + LASTS_SECONDS / 2 or (
        not all(answer.done() for answer in due) and time.monotonic() < begun + LONGEST_SECONDS
    ):
        time.sleep(0.02)


def _shown(answer: Answer) -> str:
    """What stands on the screen at this moment."""
    return _words(answer.result()) if answer.done() else WAITS


def _words(told: Mapping[str, Any]) -> str:
    match told:
        case {"error": kind}:
            return f"told {kind}"
        case {"state": state}:
            return str(state)
        case {"server": server}:
            return f"by the {server}"
        case _:
            return "done"


def _ended(part: _Part, name: str, shown: str, answer: Answer) -> str:
    """What became of it after the fault: by itself, or because the person did it again."""
    if shown == WAITS and name in WORKS:
        id = part.ids[WORKS.index(name)]
        wait_until(lambda: part.console.states().get(id) not in {None, "waiting"}, f"{name} has an answer")
        return f"{WAITS}, then {part.console.states()[id]}"
    if shown == WAITS and not answer.cancelled():
        return f"{WAITS}, then {_words(answer.result(PATIENCE_SECONDS))}"
    if shown == WAITS or shown.startswith("told") or shown == "unrecorded":
        # Done anew it is another work.
        part.ids = tuple(uuid4() for _ in WORKS)
        wait_until(
            lambda: not _words(part.ask(name).result(PATIENCE_SECONDS)).startswith("told"), f"{name} again"
        )
        return f"{shown}, {REPEATED}"
    return shown


def table(readme: str) -> dict[str, dict[str, str]]:
    """The rows that the README has, by fault."""
    lines = readme.partition(_BEGIN)[2].partition(_END)[0].strip().splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(OPERATIONS, row[1:], strict=True)) for row in cells}


def written(readme: str, rows: Mapping[str, Mapping[str, str]]) -> str:
    """The README with these rows."""
    before, _, rest = readme.partition(_BEGIN)
    lines = [f"| fault | {' | '.join(OPERATIONS)} |", "| --- " * (len(OPERATIONS) + 1) + "|"]
    lines += [
        f"| {name} | {' | '.join(cells[each] for each in OPERATIONS)} |" for name, cells in rows.items()
    ]
    return f"{before}{_BEGIN}\n" + "\n".join(lines) + f"\n{_END}{rest.partition(_END)[2]}"
