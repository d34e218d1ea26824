"""`./dev soak`: four consoles at work for minutes, faults at random, and no broken promise."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.e2e.faults import PASSING, PROMOTION, Fault, Scene
from tests.e2e.promises import broken
from tests.e2e.stage import PEOPLE, Stage, stage

PARTS = ("console", "line", "server")
"""In this order: what begins last ends first, and a console can only start again once its server is there."""
LONGEST_SECONDS = 4.0
"""How long a fault lasts at most, and how long there is none."""
CHECK_SECONDS = 30.0


@dataclass(slots=True)
class Summary:
    """What a soak came to. `broken` are the promises that did not hold, in words."""

    seed: int
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.seconds:.0f} s"]
        lines += [f"{count:6} {name}" for name, count in sorted(self.faults.items())]
        lines += [f"{count:6} {name}" for name, count in sorted(self.shown.items())]
        lines += [f"BROKEN {promise}" for promise in self.broken] or ["every promise was kept"]
        return "\n".join(lines)


def soak(seconds: float, seed: int, say: Callable[[str], None] = lambda _: None) -> Summary:
    """Run for about so long; `say` is called with each fault as it begins. Ends at the first broken promise.

    The same seed makes the same plan: which faults, whom they meet, how long they last.
    """
    summary = Summary(seed)
    dice = random.Random(seed)
    with stage(seed) as played:
        begun = time.monotonic()
        while time.monotonic() < begun + seconds and not summary.broken:
            check = min(time.monotonic() + CHECK_SECONDS, begun + seconds)
            played.add_load()
            while time.monotonic() < check:
                played.moderate()
                _play(played, _some(dice), dice, summary, say)
            _check(played, summary)
        if not summary.broken:
            played.moderate()
            _play(played, [PROMOTION], dice, summary, say)
            _check(played, summary)
        for console in played.consoles:
            summary.shown.update(
                f"{shown.kind}, {shown.state if shown.survived else 'not answered before a kill'}"
                for shown in console.ledger.values()
            )
        summary.seconds = time.monotonic() - begun
    return summary


def _some(dice: random.Random) -> list[Fault]:
    """One fault, or two or three at once of different parts."""
    parts = [part for part in PARTS if dice.random() < 0.5] or [dice.choice(PARTS)]
    return [dice.choice([fault for fault in PASSING if fault.part == part]) for part in parts]


def _play(
    played: Stage, faults: list[Fault], dice: random.Random, summary: Summary, say: Callable[[str], None]
) -> None:
    with ExitStack() as ending:
        for fault in faults:
            many = (
                1 if fault.of_one else len(PEOPLE) if fault.part == "server" else dice.randint(1, len(PEOPLE))
            )
            met = sorted(dice.sample(range(len(PEOPLE)), many))
            say(f"{fault.name} ({', '.join(PEOPLE[place] for place in met)})")
            summary.faults[fault.name] += 1
            ending.enter_context(fault.play(Scene(played, met)))
            time.sleep(dice.random())
        time.sleep(dice.random() * LONGEST_SECONDS)
    time.sleep(dice.random() * LONGEST_SECONDS / 4)


def _check(played: Stage, summary: Summary) -> None:
    """Let all come to rest and look; the load goes on afterwards."""
    played.healthy()
    played.settle()
    summary.broken = broken(played)


def main() -> int:
    """The command: 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}: {options.minutes:g} minutes", flush=True)
    begun = time.monotonic()
    summary = soak(
        options.minutes * 60,
        options.seed,
        lambda words: print(f"{time.monotonic() - begun:6.1f} s  {words}", flush=True),
    )
    print(summary)
    return 1 if summary.broken else 0


if __name__ == "__main__":
    sys.exit(main())
