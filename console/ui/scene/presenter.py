"""What happens in the scene workspace: opening, watching, deciding."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.changes import ChangeBatch, Changes, Event
from console.domain.errors import GreenroomError, Unavailable
from console.domain.policies import Policy
from console.domain.queues import Cursor, Item, Platform, Reason, Relation, Verb
from console.domain.scenes import Scene, SceneSegment
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.services.ports import Films, Journal
from console.ui.deciding.asking import Asking, Question, draft_key
from console.ui.deciding.deciding import Choice, Deciding, Sent
from console.ui.deciding.holding import Holding
from console.ui.scene.marking import Marking
from console.ui.scene.playing import Playing
from console.ui.scene.watching import Watching
from console.ui.scene.workspace import SceneWorkspace
from console.ui.theme.words import count_of, plain

AGAIN_MILLISECONDS = 2_000
MOST = 500
"""Items of one decision; a longer rest of a scene is hidden by another one."""


@dataclass(frozen=True, slots=True)
class SceneServices:
    """What the workspace reads from and writes to; `deciding` is the desk's, with one stack to undo from."""

    platform: Platform
    films: Films
    pipeline: DecisionPipeline
    claims: ClaimBook
    journal: Journal
    deciding: Deciding


class ScenePresenter(QObject):
    """Signals: `opened()` when a scene is shown, `left()` when the person goes back to the desk."""

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
        self._tasks, self._notices, self._bus = tasks, notices, bus
        self._view, self.watching = workspace, watching
        self._deciding = services.deciding
        self._holding = Holding(services.claims, tasks)
        self._asking = Asking(workspace.reasons, workspace.bar, services.journal, None, tasks)
        self._asking.policies = policies
        self.marking = Marking(
            person.login, services.pipeline, services.journal, self._asking, tasks, notices, player
        )
        self.marking.drive(workspace.moments, workspace.timeline)
        self._scene: Scene | None = None
        self._scene_status: str | None = None
        self._segment: SceneSegment | None = None
        self._opening: asyncio.Task[Any] | None = None
        self._reading = False
        self._read_again = False
        # Decided here and not read back yet: their versions are old.
        self._unsettled: set[Subject] = set()
        self._answered: set[Subject] = set()
        self._later: tuple[SceneSegment, Callable[[], None]] | None = None
        self._kind = services.platform.kind("segment")
        self._scene_kind = services.platform.kind("scene")
        if not any(person.may(verb.role) for verb in self._scene_kind.verbs if verb.key == "lock"):
            workspace.forbid_lock("“Lock” is for moderators")
        self._connect()

    def _connect(self) -> None:
        self._view.segment_chosen.connect(self._chosen)
        self._view.left.connect(self.leave)
        self._view.bar.chosen.connect(self.choose)
        self._asking.closed.connect(self._view.cards.setFocus)
        self._deciding.returned.connect(self._returned)
        self._bus.changed.connect(self._settle)
        self._holding.refused.connect(self._tell_of)
        self._holding.moved_on.connect(lambda _: self._reread())
        self.marking.written.connect(self._reread)
        self._bus.heard.connect(self._heard)

    def close(self) -> None:
        """Begin nothing any more."""
        self.watching.close()
        self._holding.close()
        self._bus.heard.disconnect(self._heard)
        self._deciding.returned.disconnect(self._returned)
        self._bus.changed.disconnect(self._settle)
        self.marking.blockSignals(True)
        self._asking.blockSignals(True)
        self._view.blockSignals(True)

    @property
    def scene(self) -> Scene | None:
        """The scene that is open."""
        return self._scene

    @property
    def segment(self) -> SceneSegment | None:
        """The segment that is looked at."""
        return self._segment

    @property
    def claimed(self) -> bool:
        """Whether this console holds it."""
        return self._segment is not None and self._holding.holds(self._segment.subject)

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
        if self._segment is not None:
            self._holding.look(self._item(self._segment))

    async def _open(self, subject: Subject) -> None:
        self._rest()
        self._view.wait()
        try:
            wanted = subject if subject.kind == "scene" else await self._services.films.scene_of(subject)
            scene = await self._services.films.film(wanted)
        except GreenroomError as error:
            self._scene = self._segment = None
            again = ("Try again", lambda: self.open(subject))
            self._view.tell("warning", str(error), error.remedy, again)
            return
        self._scene, self._scene_status, self._segment = scene, None, None
        self._unsettled, self._answered, self._later = set(), set(), None
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
            self._segment = None
            self.marking.show(None, None)
            return
        if self._segment is not None and self._segment.subject == segment.subject:
            return
        self._holding.leave()
        self._asking.cancel()
        self._segment = segment
        self._holding.look(self._item(segment))
        self._view.offer(self._offered(segment))
        self.watching.show(segment, self._scene.bible_version if self._scene is not None else 0)
        self.marking.show(segment, self._item(segment))

    # Deciding

    def choose(self, verb: Verb) -> None:
        """A verb's key or button."""
        segment = self._segment
        if segment is None or verb not in self._offered(segment) or not self._person.may(verb.role):
            return
        if not self._put_off(segment, lambda: self.choose(verb)):
            self._ask(verb, verb.title, (self._item(segment),), self._kind.scope, None)

    def hide_rest(self) -> None:
        """Hide the segment that is looked at and all that follow it: one decision, taken back as one."""
        segment, scene = self._segment, self._scene
        if segment is None or scene is None or self._put_off(segment, self.hide_rest):
            return
        every = self._view.model.every
        first = next(row for row, each in enumerate(every) if each.subject == segment.subject)
        rest = [each for each in every[first:] if each.seen][:MOST]
        if not rest:
            self._notices.done("Viewers see nothing from here on")
            return
        verb = next(verb for verb in self._kind.verbs if verb.key == "hide")
        items = tuple(self._item(each) for each in rest)
        places = f"{rest[0].sequence} to {rest[-1].sequence}" if len(rest) > 1 else str(rest[0].sequence)
        reach = f"Hides {count_of(len(rest), 'segment')} from here on: {places}"
        self._ask(verb, "Hide rest", items, self._kind.scope, scene.subject, reach)

    def lock(self) -> None:
        """Lock the scene, so that nobody goes on with it; or open it again."""
        scene, segment = self._scene, self._segment
        if scene is None or segment is None or self._put_off(segment, self.lock):
            return
        key = "restore" if self._status == "locked" else "lock"
        verb = next(verb for verb in self._scene_kind.verbs if verb.key == key)
        if self._person.may(verb.role):
            item = Item(scene.subject, scene.version, scene.title, (), Cursor(()))
            title = "Unlock scene" if key == "restore" else "Lock scene"
            self._ask(verb, title, (item,), self._scene_kind.scope, None)

    def undo(self) -> None:
        """Take back the newest decision of this console."""
        self._deciding.undo()

    def _put_off(self, segment: SceneSegment, deed: Callable[[], None]) -> bool:
        """Whether what was decided before must be read back first; then the deed follows by itself."""
        if not self._unsettled:
            return False
        self._later = segment, deed
        return True

    @property
    def _status(self) -> str:
        """The scene's status, as it is or was just decided."""
        return self._scene_status or (self._scene.status if self._scene is not None else "")

    def _offered(self, segment: SceneSegment) -> list[Verb]:
        """Verbs that change something about it."""
        given = {verb.key: _status_set(verb) for verb in self._kind.verbs}
        return [
            verb
            for verb in self._kind.verbs
            if (segment.due if given[verb.key] is None else given[verb.key] != segment.status)
        ]

    def _ask(
        self,
        verb: Verb,
        title: str,
        items: tuple[Item, ...],
        scope: str,
        covered_by: Subject | None,
        reach: str = "",
    ) -> None:
        """Ask for the reason where one is needed, then decide."""
        if verb.reason is Reason.NONE:
            self._decide(verb, None, None, items, scope, covered_by)
            return
        self._holding.now()
        self._asking.begin(
            Question(
                title,
                items,
                lambda policy, note, _: self._decide(verb, policy, note, items, scope, covered_by),
                verb,
                required=verb.reason is Reason.REQUIRED,
                reach=reach,
            )
        )

    def _decide(
        self,
        verb: Verb,
        policy: str | None,
        note: str | None,
        items: tuple[Item, ...],
        scope: str,
        covered_by: Subject | None,
    ) -> None:
        choice = Choice(scope, verb, policy, note, items, {}, draft_key(items), covered_by)
        self._deciding.send(choice, None, tuple(enumerate(items)), ())
        subjects = [item.subject for item in items]
        self._unsettled.update(subjects)
        if self._segment is not None and self._segment.subject in subjects and covered_by is None:
            self._holding.send()
        status = _status_set(verb)
        if self._scene is not None and subjects == [self._scene.subject]:
            self._scene_status = status
        elif status is not None:
            self._view.model.decide(subjects, status)
        self._refreshed()
        if status is None:
            self.watching.go(1)

    def _returned(self, sent: Sent, _: bool) -> None:
        """Refused, or undone: viewers see again what they saw."""
        subjects = [item.subject for _, item in sent.rows]
        if self._scene is not None and self._scene.subject in subjects:
            self._scene_status = None
        self._view.model.take_back(subjects)
        self._refreshed()
        self._settle(Changes(tuple(subjects), sent.id, None))

    # Keeping in step

    def _settle(self, changes: Changes) -> None:
        """The primary has answered: what it wrote is read back."""
        self._answered.update(changes.subjects)
        self._reread()

    def _reread(self) -> None:
        """Read the scene anew: versions and statuses are others now."""
        if self._scene is None:
            return
        if self._reading:
            self._read_again = True
            return
        self._reading = True
        self._spawn(self._read_scene(self._scene.subject), "read the scene again")

    async def _read_scene(self, subject: Subject) -> None:
        try:
            while True:
                self._read_again = False
                answered = set(self._answered)
                scene = await self._services.films.film(subject)
                if self._scene is None or self._scene.subject != subject:
                    return
                if not self._read_again:
                    break
        except Unavailable as error:
            self._view.say(f"{error}: what is shown may be old")
            QTimer.singleShot(AGAIN_MILLISECONDS, self, self._reread)
            return
        finally:
            self._reading = False
        self._unsettled -= answered
        self._answered -= answered
        self._scene = scene
        if scene.subject not in self._unsettled:
            self._scene_status = None
        self._view.model.show(scene, self._unsettled)
        self._refreshed()
        later, self._later = self._later, None
        if later is not None and self._segment is not None and later[0].subject == self._segment.subject:
            later[1]()

    def _refreshed(self) -> None:
        """What is shown of the scene and the segment follows what is known now."""
        self._tell_scene()
        if self._segment is None:
            return
        now = next((s for s in self._view.model.every if s.subject == self._segment.subject), None)
        if now is None or now == self._segment:
            return
        self._segment = now
        self._view.offer(self._offered(now))
        self.marking.show(now, self._item(now))
        if now.subject not in self._unsettled:
            self._holding.look(self._item(now))

    def _tell_scene(self) -> None:
        if self._scene is not None and self._scene.segments:
            self._view.show_scene(self._scene, self._status)

    def _heard(self, batch: ChangeBatch) -> None:
        """What others did to this scene."""
        if self._scene is None:
            return
        mine = {self._scene.subject, *(segment.subject for segment in self._scene.segments)}
        others = [
            change
            for change in batch.changes
            if change.subject in mine
            and change.decision_id not in self._deciding.own
            and change.login != self._person.login
        ]
        for change in others:
            current = self._segment is not None and change.subject == self._segment.subject
            if change.event is Event.DECIDED and (current or change.subject == self._scene.subject):
                self._view.say(f"{change.past} by {plain(change.login)}")
        if (
            any(change.event not in {Event.CLAIMED, Event.RELEASED} for change in others)
            or not batch.complete
        ):
            self._reread()

    def _tell_of(self, item: Item, sentence: str) -> None:
        if self._segment is not None and self._segment.subject == item.subject:
            self._view.say(sentence)

    def _item(self, segment: SceneSegment) -> Item:
        scene = self._scene.title if self._scene is not None else ""
        title = f"Segment {segment.sequence} of {scene}"
        return Item(segment.subject, segment.version, title, (), Cursor(()))

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)


def _status_set(verb: Verb) -> str | None:
    """The status that a verb gives; None for one that gives none."""
    content = (change.values for change in verb.changes if change.relation is Relation.CONTENT)
    return next((values["status"] for values in content if "status" in values), None)
