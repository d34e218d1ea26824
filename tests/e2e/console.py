"""A console as a process: the data layer of the real one, worked by lines of JSON instead of keys.

Each line on standard input is a command, `{"n": 1, "do": "claim", ...}`, and is answered by a line with its
`n`. In between it tells what a person would see: `sent` when a key was pressed, `shown` when the desk shows
what became of it, `tally` for the count of what waits.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from console.config import Profile
from console.data_layer import DataLayer
from console.domain.decisions import Candidate, Decision, Target, Undo
from console.domain.documents import DocumentSave
from console.domain.errors import GreenroomError, Refused, Unavailable
from console.domain.queues import Item, View
from console.domain.subjects import Subject
from console.services.decisions import Resent, Tally
from db import node
from db.platforms.scenes.bibles import SceneBibles
from db.routing import SignIn

IDEAS = View("scenes.ideas", "oldest")
PAGE = 30
HEALTH_SECONDS = 0.5
"""The window asks every three seconds; a test need not wait as long for a server that is back."""
LONGEST_PAUSE_SECONDS = 0.06
"""Between two decisions of the load, at random from nothing."""
EMPTY_BIBLE = {"version": 1, "characters": [], "setting": {}, "timeline": []}
LOAD = "Load"
"""How the titles of the items begin that the load decides; the others are left to commands."""

# A frozen server is given up sooner than by people's consoles, or each such fault would take half a minute.
node.ANSWER_SECONDS = 5
node.PROBE_SECONDS = 1


def tell(**fields: Any) -> None:
    """Say a line to the driver. One write each: a console that is killed leaves no half of one behind it."""
    sys.stdout.write(json.dumps(fields, default=str) + "\n")
    sys.stdout.flush()


class Console:
    """One person at one console. Methods that begin with `do_` are the commands."""

    def __init__(self, data: DataLayer, dice: random.Random) -> None:
        self._data = data
        self._dice = dice
        self._documents = SceneBibles(data.servers)
        self._decided: list[UUID] = []
        self._scenes: list[UUID] = []
        self._busy = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def do_browse(self) -> dict[str, Any]:
        """Read a page of the queue: which server answered, and how many rows."""
        page = await self._data.reader.page(IDEAS, None, PAGE)
        return {"server": page.served_by.server.value, "rows": len(page.items)}

    async def do_claim(self, subject: str) -> dict[str, Any]:
        """Hold an idea."""
        held = await self._data.claims.hold(Subject("idea", UUID(subject)))
        return {"token": held.token}

    async def do_let_go(self, subject: str) -> dict[str, Any]:
        """Give it back."""
        await self._data.claims.release(Subject("idea", UUID(subject)))
        return {}

    async def do_decide(self, id: str, subject: str, version: str) -> dict[str, Any]:
        """Approve an idea as it was shown in `version`."""
        target = Target(Subject("idea", UUID(subject)), version, "Scripted")
        return await self._decide(UUID(id), target, ())

    async def do_undo(self, id: str, decision: str) -> dict[str, Any]:
        """Take a decision back."""
        return await self._undo(UUID(id), UUID(decision))

    async def do_save(self, id: str, scene: str, base: int) -> dict[str, Any]:
        """Save a scene's bible, made from version `base`."""
        return await self._save(UUID(id), UUID(scene), base)

    async def do_limit_files(self, size: int | None) -> dict[str, Any]:
        """Let no file grow beyond `size` bytes, as on a disk that is full; None takes the limit away."""
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
        return {}

    async def do_moderate(self, scenes: list[str]) -> dict[str, Any]:
        """Decide what waits, sometimes take one back or save the bible of a scene, until told to pause."""
        self._scenes = [UUID(scene) for scene in scenes]
        self._busy.set()
        return {}

    async def do_pause(self) -> dict[str, Any]:
        """Begin nothing new; answers once the load has its answers."""
        self._busy.clear()
        await self._idle.wait()
        return {}

    async def do_health(self) -> dict[str, Any]:
        """Whether each server is reachable, the primary first."""
        return {"reachable": [each.reachable for each in await self._data.servers.health()]}

    async def load(self) -> None:
        """The load, as long as it is wanted."""
        while True:
            await self._busy.wait()
            self._idle.clear()
            try:
                await self._one_more()
            except GreenroomError as error:
                tell(event="told", kind=type(error).__name__, message=str(error))
                await asyncio.sleep(0.1)
            finally:
                self._idle.set()
            await asyncio.sleep(self._dice.random() * LONGEST_PAUSE_SECONDS)

    async def watch_health(self) -> None:
        """As the window does for its status line."""
        while True:
            await self._data.servers.health()
            await asyncio.sleep(HEALTH_SECONDS)

    async def recover(self) -> None:
        """What an earlier run left."""
        for work, message in await self._data.pipeline.recover():
            tell(event="shown", id=work.id, state="refused", message=message)
        tell(event="recovered")

    async def answer(self, line: str) -> None:
        """Carry out one command."""
        command = json.loads(line)
        number, name = command.pop("n"), command.pop("do")
        work: Callable[..., Awaitable[dict[str, Any]]] = getattr(self, f"do_{name}")
        try:
            told = await work(**command)
        except GreenroomError as error:
            told = {
                "error": type(error).__name__,
                "refused": isinstance(error, Refused),
                "message": str(error),
            }
        tell(n=number, **told)

    async def _one_more(self) -> None:
        page = await self._data.reader.page(IDEAS, None, PAGE)
        free = [item for item in page.items if item.title.startswith(LOAD) and item.holder is None]
        if not free:
            return
        if self._decided and self._dice.random() < 0.15:
            await self._undo(uuid4(), self._decided.pop())
            return
        if self._dice.random() < 0.1:
            scene = self._dice.choice(self._scenes)
            history = await self._documents.history(Subject("scene", scene))
            await self._save(uuid4(), scene, history.base)
            return
        place = self._dice.randrange(min(len(free), 8))
        item, rest = free[place], free[place + 1 :]
        # Some look for a while, as people do; some press the key at once.
        if self._dice.random() < 0.5:
            await self._data.claims.hold(item.subject)
        for _ in range(self._dice.randrange(1, 6)):
            id = uuid4()
            answer = await self._decide(id, _target(item), [Candidate(i.subject, i.version) for i in rest])
            if answer.get("state") != "done":
                return
            self._decided.append(id)
            following = next((each for each in rest if str(each.subject.id) == answer["next"]), None)
            if following is None or not self._busy.is_set():
                return
            place = rest.index(following)
            item, rest = following, rest[place + 1 :]
            await asyncio.sleep(self._dice.random() * LONGEST_PAUSE_SECONDS)

    async def _decide(
        self, id: UUID, target: Target, candidates: list[Candidate] | tuple[()]
    ) -> dict[str, Any]:
        decision = Decision(id, "scenes.ideas", "approve", None, None, (target,))
        return await self._submit("decide", target.subject.id, decision, candidates)

    async def _undo(self, id: UUID, decision: UUID) -> dict[str, Any]:
        return await self._submit("undo", decision, Undo(id, decision))

    async def _save(self, id: UUID, scene: UUID, base: int) -> dict[str, Any]:
        text = json.dumps(EMPTY_BIBLE | {"style": {"tone": str(id)}})
        save = DocumentSave(id, Subject("scene", scene), "Scripted", base, text, None)
        return await self._submit("save", scene, save)

    async def _submit(
        self, kind: str, of: object, work: Any, candidates: list[Candidate] | tuple[()] = ()
    ) -> dict[str, Any]:
        """Send as the desk does, and tell what it shows."""
        tell(event="sent", id=work.id, kind=kind, of=of)
        try:
            outcome = await self._data.pipeline.submit(work, candidates)
        except Refused as error:
            shown = {"state": "refused", "rule": error.rule, "message": str(error)}
        except GreenroomError as error:
            shown = {"state": "unrecorded", "message": str(error)}
        else:
            following = getattr(outcome, "next", None)
            shown = {"state": "done", "next": "" if following is None else str(following.subject.id)}
        tell(event="shown", id=work.id, **shown)
        return shown


def _target(item: Item) -> Target:
    return Target(item.subject, item.version, item.title)


async def _main() -> None:
    reader = asyncio.StreamReader(limit=1_000_000)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    given = json.loads(await reader.readline())
    profile = Profile("e2e", "Faults", "scenes", given["primary"], tuple(given["replicas"]))

    def show(tally: Tally) -> None:
        tell(event="tally", sent=tally.sent, waiting=tally.waiting)

    def failed(error: Exception) -> None:
        tell(event="told", kind=type(error).__name__, message=str(error))

    def resent(lost: Resent) -> None:
        for work, refusal in lost.works:
            tell(
                event="shown",
                id=work.id,
                state="done" if refusal is None else "refused",
                message="sent again" if refusal is None else f"lost by a failover: {refusal}",
            )

    sign_in = SignIn(given["login"], given["password"])
    while True:
        # A person whose server does not answer tries again.
        with suppress(Unavailable):
            data = await DataLayer.open(
                profile,
                sign_in,
                Path(given["data"]),
                changed=show,
                failed=failed,
                alarm=lambda words: tell(event="alarm", message=words),
                resent=resent,
            )
            break
        await asyncio.sleep(0.2)
    console = Console(data, random.Random(given["seed"]))
    tasks: set[asyncio.Task[None]] = set()

    def spawn(work: Coroutine[Any, Any, None]) -> None:
        tasks.add(task := loop.create_task(work))
        task.add_done_callback(ended)

    def ended(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            tell(event="bug", details="".join(traceback.format_exception(error)))

    for work, _ in data.work(lambda _: None):
        spawn(work)
    for work in (console.load(), console.watch_health(), console.recover()):
        spawn(work)
    tell(event="ready", login=data.person.login)
    while line := await reader.readline():
        spawn(console.answer(line.decode()))
    await data.let_go()
    running = tuple(tasks)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await data.close()


if __name__ == "__main__":
    asyncio.run(_main())
