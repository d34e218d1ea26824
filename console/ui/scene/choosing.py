"""What is decided in the scene workspace: about a segment, the rest of the scene, or the scene itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.domain.changes import Changes
from console.domain.queues import Cursor, Item, Platform, Reason, Relation, Verb
from console.domain.scenes import Scene, SceneSegment
from console.domain.staff import Person
from console.domain.subjects import Subject
from console.runtime.notices import Notices
from console.ui.deciding.asking import Asking, Question, draft_key
from console.ui.deciding.deciding import Choice, Deciding, Sent
from console.ui.deciding.holding import Holding
from console.ui.scene.model import StripModel
from console.ui.scene.reading import SceneReading
from console.ui.theme.words import count_of

MOST = 500
"""Items of one decision; a longer rest of a scene is hidden by another one."""


class Choosing(QObject):
    """What was decided is shown at once, and taken back when it is refused or undone.

    Attributes: `segment` is the one that is looked at. Signals: `changed()` when what is known of the scene
    or of a segment is another; `passed()` when the person is done with the segment.
    """

    changed = Signal()
    passed = Signal()

    def __init__(
        self,
        person: Person,
        platform: Platform,
        reading: SceneReading,
        model: StripModel,
        holding: Holding,
        asking: Asking,
        deciding: Deciding,
        notices: Notices,
    ) -> None:
        super().__init__()
        self._person, self._reading, self._model = person, reading, model
        self._holding, self._asking, self._deciding = holding, asking, deciding
        self._notices = notices
        self._kind = platform.kind("segment")
        self._scene_kind = platform.kind("scene")
        self.segment: SceneSegment | None = None
        self._scene_status: str | None = None
        self._later: tuple[SceneSegment, Callable[[], None]] | None = None
        deciding.returned.connect(self._returned)

    def close(self) -> None:
        """Take nothing back any more."""
        self._deciding.returned.disconnect(self._returned)

    @property
    def status(self) -> str:
        """The scene's status, as it is or was just decided."""
        scene = self._reading.scene
        return self._scene_status or (scene.status if scene is not None else "")

    def offered(self, segment: SceneSegment) -> list[Verb]:
        """Verbs that change something about it."""
        given = {verb.key: _status_set(verb) for verb in self._kind.verbs}
        return [
            verb
            for verb in self._kind.verbs
            if (segment.due if given[verb.key] is None else given[verb.key] != segment.status)
        ]

    def start(self) -> None:
        """Another scene is open now, and no segment of it is looked at yet."""
        self.segment = self._scene_status = self._later = None

    def settle(self, scene: Scene) -> None:
        """The scene was read anew."""
        if scene.subject not in self._reading.unsettled:
            self._scene_status = None

    def resume(self) -> None:
        """Do what had to wait until the scene was read back, unless the person has gone on."""
        later, self._later = self._later, None
        if later is not None and self.segment is not None and later[0].subject == self.segment.subject:
            later[1]()

    def choose(self, verb: Verb) -> None:
        """A verb's key or button."""
        segment = self.segment
        if segment is None or verb not in self.offered(segment) or not self._person.may(verb.role):
            return
        if not self._put_off(segment, lambda: self.choose(verb)):
            self._ask(verb, verb.title, (self._reading.item(segment),), self._kind.scope, None)

    def hide_rest(self) -> None:
        """Hide the segment that is looked at and all that follow it: one decision, taken back as one."""
        segment, scene = self.segment, self._reading.scene
        if segment is None or scene is None or self._put_off(segment, self.hide_rest):
            return
        every = self._model.every
        first = next(row for row, each in enumerate(every) if each.subject == segment.subject)
        rest = [each for each in every[first:] if each.seen][:MOST]
        if not rest:
            self._notices.done("Viewers see nothing from here on")
            return
        verb = next(verb for verb in self._kind.verbs if verb.key == "hide")
        items = tuple(self._reading.item(each) for each in rest)
        places = f"{rest[0].sequence} to {rest[-1].sequence}" if len(rest) > 1 else str(rest[0].sequence)
        reach = f"Hides {count_of(len(rest), 'segment')} from here on: {places}"
        self._ask(verb, "Hide rest", items, self._kind.scope, scene.subject, reach)

    def lock(self) -> None:
        """Lock the scene, so that nobody goes on with it; or open it again."""
        scene, segment = self._reading.scene, self.segment
        if scene is None or segment is None or self._put_off(segment, self.lock):
            return
        key = "restore" if self.status == "locked" else "lock"
        verb = next(verb for verb in self._scene_kind.verbs if verb.key == key)
        if self._person.may(verb.role):
            item = Item(scene.subject, scene.version, scene.title, (), Cursor(()))
            title = "Unlock scene" if key == "restore" else "Lock scene"
            self._ask(verb, title, (item,), self._scene_kind.scope, None)

    def _put_off(self, segment: SceneSegment, deed: Callable[[], None]) -> bool:
        """Whether what was decided before must be read back first; then the deed follows by itself."""
        if not self._reading.unsettled:
            return False
        self._later = segment, deed
        return True

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
        self._reading.unsettled.update(subjects)
        if self.segment is not None and self.segment.subject in subjects and covered_by is None:
            self._holding.send()
        status, scene = _status_set(verb), self._reading.scene
        if scene is not None and subjects == [scene.subject]:
            self._scene_status = status
        elif status is not None:
            self._model.decide(subjects, status)
        self.changed.emit()
        if status is None:
            self.passed.emit()

    def _returned(self, sent: Sent, _: bool) -> None:
        """Refused, or undone: viewers see again what they saw."""
        subjects = [item.subject for _, item in sent.rows]
        scene = self._reading.scene
        if scene is not None and scene.subject in subjects:
            self._scene_status = None
        self._model.take_back(subjects)
        self.changed.emit()
        self._reading.settle(Changes(tuple(subjects), sent.id, None))


def _status_set(verb: Verb) -> str | None:
    """The status that a verb gives; None for one that gives none."""
    content = (change.values for change in verb.changes if change.relation is Relation.CONTENT)
    return next((values["status"] for values in content if "status" in values), None)
