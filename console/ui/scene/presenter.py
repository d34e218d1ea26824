"""The scene workspace: opens a scene, goes from segment to segment, follows what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.domain.changes import ChangeBatch, Event
from console.domain.errors import GreenroomError
from console.domain.policies import Policy
from console.domain.queues import Item, Platform
from console.domain.scenes import Scene, SceneSegment
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Films, Journal
from console.ui.deciding.asking import Asking, Foretell
from console.ui.deciding.deciding import Deciding
from console.ui.deciding.holding import Holding
from console.ui.scene.choosing import Choosing
from console.ui.scene.marking import Marking
from console.ui.scene.playing import Playing
from console.ui.scene.reading import SceneReading
from console.ui.scene.watching import Watching
from console.ui.scene.workspace import SceneWorkspace
from console.ui.theme.words import plain
from console.ui.widgets.served import tell_served


@dataclass(frozen=True, slots=True)
class SceneServices:
    """What the workspace reads from and writes to; `deciding` is the desk's, with one stack to undo from."""

    platform: Platform
    films: Films
    pipeline: DecisionPipeline
    claims: ClaimBook
    journal: Journal
    deciding: Deciding
    foretell: Foretell


class ScenePresenter(QObject):
    """Attributes: `watching`, `choosing` and `marking` are what the person does with the current segment.

    Signals: `opened()` when a scene is shown, `left()` when the person goes back to the desk.
    """

    opened = Signal()
    left = Signal()

    def __init__(
        self,
        person: Person,
        services: SceneServices,
        policies: Sequence[Policy],
        tasks: Tasks,
        notices: Notices,
        bus: ChangeBus,
        workspace: SceneWorkspace,
        watching: Watching,
        player: Playing,
    ) -> None:
        super().__init__()
        self._person, self._services = person, services
        self._tasks, self._bus = tasks, bus
        self._view, self.watching = workspace, watching
        self._deciding = services.deciding
        self._reading = SceneReading(services.films, tasks)
        self._holding = Holding(services.claims, tasks)
        self._asking = Asking(
            workspace.reasons, workspace.bar, services.journal, None, tasks, services.foretell
        )
        self._asking.policies = policies
        self.marking = Marking(
            person.login, services.pipeline, services.journal, self._asking, tasks, notices, player
        )
        self.marking.drive(workspace.moments, workspace.timeline)
        self._opening: asyncio.Task[Any] | None = None
        self.choosing = Choosing(
            person,
            services.platform,
            self._reading,
            workspace.model,
            self._holding,
            self._asking,
            services.deciding,
            notices,
        )
        scene = services.platform.kind("scene")
        if not any(person.may(verb.role) for verb in scene.verbs if verb.key == "lock"):
            workspace.forbid_lock("“Lock” is for moderators")
        self._connect()

    def _connect(self) -> None:
        self._view.segment_chosen.connect(self._chosen)
        self._view.left.connect(self.leave)
        self._view.bar.chosen.connect(self.choosing.choose)
        self._asking.closed.connect(self._view.cards.setFocus)
        self.choosing.changed.connect(self._refreshed)
        self.choosing.passed.connect(lambda: self.watching.go(1))
        self._reading.read.connect(self._read)
        self._reading.outdated.connect(self._view.say)
        self._bus.changed.connect(self._reading.settle)
        self._holding.refused.connect(self._tell_of)
        self._holding.moved_on.connect(lambda _: self._reading.reread())
        self.marking.written.connect(self._reading.reread)
        self._bus.heard.connect(self._heard)

    def close(self) -> None:
        """Begin nothing any more."""
        self.watching.close()
        self._holding.close()
        self._bus.heard.disconnect(self._heard)
        self.choosing.close()
        self._bus.changed.disconnect(self._reading.settle)
        self.marking.blockSignals(True)
        self._asking.blockSignals(True)
        self._view.blockSignals(True)

    @property
    def scene(self) -> Scene | None:
        """The scene that is open."""
        return self._reading.scene

    @property
    def segment(self) -> SceneSegment | None:
        """The segment that is looked at."""
        return self.choosing.segment

    @property
    def looked_at(self) -> tuple[Subject, tuple[str, ...]] | None:
        """The segment in front of the person, and what it was reported for; None behind another screen."""
        segment = self.segment
        if segment is None or not self._view.isVisible():
            return None
        return segment.subject, tuple(report.reason for report in segment.reports)

    @property
    def claimed(self) -> bool:
        """Whether this console holds it."""
        return self.segment is not None and self._holding.holds(self.segment.subject)

    # Opening

    def open(self, subject: Subject) -> None:
        """Open a scene, or the scene of a segment at that segment."""
        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._spawn(self._open(subject), "open a scene")

    def leave(self) -> None:
        """Back to the desk: nothing goes on playing or is held behind it."""
        if self._asking.open:
            self._asking.cancel()
            return
        if self.marking.drop():
            return
        self._rest()
        self.left.emit()

    def shown(self) -> None:
        """The workspace came to the front."""
        self._view.cards.setFocus()
        if self.segment is not None:
            self._holding.look(self._reading.item(self.segment))

    async def _open(self, subject: Subject) -> None:
        self._rest()
        self._view.wait()
        try:
            wanted = subject if subject.kind == "scene" else await self._services.films.scene_of(subject)
            scene = await self._services.films.film(wanted)
            tell_served(self._view.served, self._services.films.served)
        except GreenroomError as error:
            self._reading.scene = self.choosing.segment = None
            again = ("Try again", lambda: self.open(subject))
            self._view.tell("warning", str(error), error.remedy, again)
            return
        self._reading.start(scene)
        self.choosing.start()
        self._view.say("")
        self._view.model.clear()
        self._view.model.only_viewers(on=False)
        self._view.show_viewers(on=False)
        self._view.model.show(scene)
        if not scene.segments:
            self._view.tell("empty", f"“{plain(scene.title)}” has no segments yet")
            self.opened.emit()
            return
        self._tell_scene()
        row = self._view.model.row_of(subject)
        self._view.go_to(row if row is not None else 0)
        self._view.cards.setFocus()
        self.opened.emit()

    def _rest(self) -> None:
        self._holding.leave()
        self._asking.cancel()
        self.watching.rest()

    def _chosen(self, row: int) -> None:
        """Another card is the current one."""
        segment = self._view.model.segment(row)
        if segment is None:
            self.choosing.segment = None
            self.marking.show(None, None)
            return
        if self.segment is not None and self.segment.subject == segment.subject:
            return
        self._holding.leave()
        self._asking.cancel()
        self.choosing.segment = segment
        self._holding.look(self._reading.item(segment))
        self._view.offer(self.choosing.offered(segment))
        self.watching.show(segment, self.scene.bible_version if self.scene is not None else 0)
        self.marking.show(segment, self._reading.item(segment))

    # Keeping in step

    def _read(self, scene: Scene) -> None:
        """The scene was read anew."""
        tell_served(self._view.served, self._reading.served)
        self.choosing.settle(scene)
        self._view.model.show(scene, self._reading.unsettled)
        self._refreshed()
        self.choosing.resume()

    def _refreshed(self) -> None:
        """What is shown of the scene and the segment follows what is known now."""
        self._tell_scene()
        if self.segment is None:
            return
        now = next((s for s in self._view.model.every if s.subject == self.segment.subject), None)
        if now is None or now == self.segment:
            return
        self.choosing.segment = now
        self._view.offer(self.choosing.offered(now))
        self.marking.show(now, self._reading.item(now))
        if now.subject not in self._reading.unsettled:
            self._holding.look(self._reading.item(now))

    def _tell_scene(self) -> None:
        if self.scene is not None and self.scene.segments:
            self._view.show_scene(self.scene, self.choosing.status)

    def _heard(self, batch: ChangeBatch) -> None:
        """What others did to this scene."""
        if self.scene is None:
            return
        mine = {self.scene.subject, *(segment.subject for segment in self.scene.segments)}
        others = [
            change
            for change in batch.changes
            if change.subject in mine
            and change.decision_id not in self._deciding.own
            and change.login != self._person.login
        ]
        for change in others:
            current = self.segment is not None and change.subject == self.segment.subject
            if change.event is Event.DECIDED and (current or change.subject == self.scene.subject):
                self._view.say(f"{change.past} by {plain(change.login)}")
        if (
            any(change.event not in {Event.CLAIMED, Event.RELEASED} for change in others)
            or not batch.complete
        ):
            self._reading.reread()

    def _tell_of(self, item: Item, sentence: str) -> None:
        if self.segment is not None and self.segment.subject == item.subject:
            self._view.say(sentence)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)
