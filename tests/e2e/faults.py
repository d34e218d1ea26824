"""The faults: each is there while its block runs, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid4

from tests.e2e.processes import PATIENCE_SECONDS, ConsoleProcess
from tests.e2e.stage import Stage
from tests.support.databases import wait_for_replay
from tests.support.waiting import wait_until
from tests.support.wire import Wire


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom a fault meets, by place on the stage, and which ids each of them is about to send: of its works,
    and of what it claims.
    """

    stage: Stage
    met: Sequence[int]
    works: Mapping[int, Sequence[UUID]] = field(default_factory=dict)
    claims: Mapping[int, UUID] = field(default_factory=dict)

    @property
    def lines(self) -> list[Wire]:
        """The lines of those whom it meets to the primary."""
        return [self.stage.lines[place].primary for place in self.met]

    @property
    def consoles(self) -> list[ConsoleProcess]:
        """Those whom it meets."""
        return [self.stage.consoles[place] for place in self.met]


Part = Literal["line", "server", "console"]
Play = Callable[[Scene], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """`name` as the table has it; `part` is what breaks: a line, a server or a console. `of_one` says that it
    meets one console at a time, `either` that reads may be answered by both servers while it lasts.
    """

    name: str
    part: Part
    play: Play
    of_one: bool = False
    either: bool = False


@contextmanager
def _slow_line(scene: Scene) -> Iterator[None]:
    for line in scene.lines:
        line.delay = 0.2
    yield
    for line in scene.lines:
        line.delay = 0.0


@contextmanager
def _cut_line(scene: Scene) -> Iterator[None]:
    for line in scene.lines:
        line.cut()
    yield
    for line in scene.lines:
        line.mend()


@contextmanager
def _half_open_line(scene: Scene) -> Iterator[None]:
    for line in scene.lines:
        line.freeze()
    yield
    for line in scene.lines:
        line.mend()


@contextmanager
def _lost_answers(scene: Scene) -> Iterator[None]:
    for place, line in zip(scene.met, scene.lines, strict=True):
        for id in (*scene.works[place], scene.claims[place]):
            line.lose_the_answer_to(id)
    yield
    for line in scene.lines:
        assert line.every_answer_lost
        line.mend()


@contextmanager
def _lost_next_answers(scene: Scene) -> Iterator[None]:
    for line in scene.lines:
        line.lose_the_next_answer()
    yield


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
    consoles = scene.consoles
    for answer in [console.ask("limit_files", size=0) for console in consoles]:
        answer.result(60)
    yield
    for answer in [console.ask("limit_files", size=None) for console in consoles]:
        answer.result(60)


@contextmanager
def _killed_console(scene: Scene) -> Iterator[None]:
    """Killed while its line is half-open: all it did waits in the journal, and nobody knows what arrived."""
    place, line, console = scene.met[0], scene.lines[0], scene.consoles[0]
    line.freeze()
    yield
    wait_until(lambda: set(scene.works.get(place, ())) <= console.states().keys(), "the journal has all")
    console.kill()
    line.mend()
    console.start()
    console.wait_until_ready()


@contextmanager
def _promoted_standby(scene: Scene) -> Iterator[None]:
    stage = scene.stage
    lost = [(console, stage.add_idea(), uuid4()) for console in scene.consoles]
    wait_for_replay(stage.database.cluster)  # The platform's rows are there; what is decided on them is not.
    stage.stop_following()
    for console, idea, id in lost:
        told = console.ask("decide", id=id, subject=idea.id, version=idea.version).result(PATIENCE_SECONDS)
        assert told["state"] == "done"
    stage.kill("primary")
    yield
    stage.promote()
    wait_until(
        lambda: all(console.ledger[id].message == "sent again" for console, _, id in lost),
        "what was lost is sent again",
    )


PROMOTION = Fault(
    "The primary dies with what the standby lacks, and that is promoted", "server", _promoted_standby
)
LOST = Fault("The line is cut before the next answer", "line", _lost_next_answers, either=True)
FAULTS = (
    Fault("The line to the primary takes 200 ms", "line", _slow_line, either=True),
    Fault("The line to the primary is cut", "line", _cut_line),
    Fault("The line to the primary is half-open: nothing comes through", "line", _half_open_line),
    Fault("The line is cut after COMMIT was sent, before its answer", "line", _lost_answers, either=True),
    Fault("The primary is killed (SIGKILL) and started again", "server", _killed_primary),
    Fault("The primary is frozen (SIGSTOP) and goes on", "server", _frozen_primary),
    Fault("The replica is killed (SIGKILL) and started again", "server", _killed_replica),
    Fault("The replica is frozen (SIGSTOP) and goes on", "server", _frozen_replica),
    Fault("Replay on the replica is paused", "server", _paused_replay),
    Fault("The disk of the journal is full", "console", _full_disk, either=True),
    Fault("The console is killed (SIGKILL) and started again", "console", _killed_console, of_one=True),
    PROMOTION,
)
"""Those of the table, in its order: after the last one there is no standby any more."""

PASSING = (*(fault for fault in FAULTS if fault.play not in {_lost_answers, _promoted_standby}), LOST)
"""Those that can come at any moment, however often."""
