"""The faults: each is there while its block runs, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from uuid import UUID

from tests.e2e.processes import until
from tests.e2e.stage import Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault needs to know of what is about to be done, for each console in their order: the ids of its
    works, and the subject of its claim.
    """

    stage: Stage
    works: Sequence[Sequence[UUID]]
    claims: Sequence[UUID]


Play = Callable[[Scene], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """`name` as the table has it. `of_one` says that it meets the first console alone, `either` that reads
    may be answered by both servers while it lasts.
    """

    name: str
    play: Play
    of_one: bool = False
    either: bool = False


@contextmanager
def _slow_line(scene: Scene) -> Iterator[None]:
    for line in scene.stage.lines:
        line.primary.delay = 0.2
    yield
    for line in scene.stage.lines:
        line.primary.delay = 0.0


@contextmanager
def _cut_line(scene: Scene) -> Iterator[None]:
    for line in scene.stage.lines:
        line.primary.cut()
    yield
    for line in scene.stage.lines:
        line.primary.mend()


@contextmanager
def _half_open_line(scene: Scene) -> Iterator[None]:
    for line in scene.stage.lines:
        line.primary.freeze()
    yield
    for line in scene.stage.lines:
        line.primary.mend()


@contextmanager
def _lost_answers(scene: Scene) -> Iterator[None]:
    for line, works, claim in zip(scene.stage.lines, scene.works, scene.claims, strict=True):
        for id in (*works, claim):
            line.primary.lose_the_answer_to(id)
    yield
    for line in scene.stage.lines:
        assert line.primary.every_answer_lost
        line.primary.mend()


@contextmanager
def _killed_primary(scene: Scene) -> Iterator[None]:
    scene.stage.kill("primary")
    yield
    scene.stage.start("primary")
    scene.stage.streams()


@contextmanager
def _frozen_primary(scene: Scene) -> Iterator[None]:
    scene.stage.freeze("primary")
    yield
    scene.stage.wake("primary")


@contextmanager
def _killed_replica(scene: Scene) -> Iterator[None]:
    scene.stage.kill("standby")
    yield
    scene.stage.start("standby")
    scene.stage.streams()


@contextmanager
def _frozen_replica(scene: Scene) -> Iterator[None]:
    scene.stage.freeze("standby")
    yield
    scene.stage.wake("standby")


@contextmanager
def _paused_replay(scene: Scene) -> Iterator[None]:
    with scene.stage.superuser("standby") as c:
        c.execute("SELECT pg_wal_replay_pause()")
    yield
    with scene.stage.superuser("standby") as c:
        c.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def _full_disk(scene: Scene) -> Iterator[None]:
    consoles = scene.stage.consoles
    for answer in [console.ask("limit_files", size=0) for console in consoles]:
        answer.result(60)
    yield
    for answer in [console.ask("limit_files", size=None) for console in consoles]:
        answer.result(60)


@contextmanager
def _killed_console(scene: Scene) -> Iterator[None]:
    """Killed while its line is half-open: all it did waits in the journal, and nobody knows what arrived."""
    line, console = scene.stage.lines[0].primary, scene.stage.consoles[0]
    line.freeze()
    yield
    until(lambda: set(scene.works[0]) <= console.states().keys(), "the journal has all")
    console.kill()
    line.mend()
    console.start()
    console.wait_until_ready()


@contextmanager
def _promoted_standby(scene: Scene) -> Iterator[None]:
    scene.stage.kill("primary")
    yield
    scene.stage.promote()


FAULTS = (
    Fault("The line to the primary takes 200 ms", _slow_line, either=True),
    Fault("The line to the primary is cut", _cut_line),
    Fault("The line to the primary is half-open: nothing comes through", _half_open_line),
    Fault("The line is cut after COMMIT was sent, before its answer", _lost_answers, either=True),
    Fault("The primary is killed (SIGKILL) and started again", _killed_primary),
    Fault("The primary is frozen (SIGSTOP) and goes on", _frozen_primary),
    Fault("The replica is killed (SIGKILL) and started again", _killed_replica),
    Fault("The replica is frozen (SIGSTOP) and goes on", _frozen_replica),
    Fault("Replay on the replica is paused", _paused_replay),
    Fault("The disk of the journal is full", _full_disk, either=True),
    Fault("The console is killed (SIGKILL) and started again", _killed_console, of_one=True),
    Fault("The primary dies and the standby is promoted", _promoted_standby),
)
