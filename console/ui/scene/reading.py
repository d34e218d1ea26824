"""The scene that is open, read anew after what was decided or heard: one read at a time."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.changes import Changes
from console.domain.errors import Unavailable
from console.domain.queues import Cursor, Item
from console.domain.scenes import Scene, SceneSegment
from console.domain.servers import Served
from console.domain.subjects import Subject
from console.runtime.tasks import Tasks
from console.services.ports import Films

AGAIN_MILLISECONDS = 2_000


class SceneReading(QObject):
    """Attributes: `scene` as it was read last, None when none is open; `unsettled` are the subjects that were
    decided here and not read back yet: their versions are old.

    Signals: `read(Scene)` when the scene was read anew; `outdated(str)` when it could not be, and why.
    """

    read = Signal(object)
    outdated = Signal(str)

    def __init__(self, films: Films, tasks: Tasks) -> None:
        super().__init__()
        self._films, self._tasks = films, tasks
        self.scene: Scene | None = None
        self.served: Served | None = None
        self.unsettled: set[Subject] = set()
        self._answered: set[Subject] = set()
        self._reading = False
        self._again = False

    def start(self, scene: Scene) -> None:
        """Another scene is open now."""
        self.scene = scene
        self.unsettled, self._answered = set(), set()

    def settle(self, changes: Changes) -> None:
        """The primary has answered: what it wrote is read back."""
        self._answered.update(changes.subjects)
        self.reread()

    def reread(self) -> None:
        """Read the scene anew: versions and statuses are others now."""
        if self.scene is None:
            return
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._tasks.spawn(self._read(self.scene.subject), "read the scene again", self)

    async def _read(self, subject: Subject) -> None:
        try:
            while True:
                self._again = False
                answered = set(self._answered)
                scene = await self._films.film(subject)
                self.served = self._films.served
                if self.scene is None or self.scene.subject != subject:
                    return
                if not self._again:
                    break
        except Unavailable as error:
            self.outdated.emit(f"{error}: what is shown may be old")
            QTimer.singleShot(AGAIN_MILLISECONDS, self, self.reread)
            return
        finally:
            self._reading = False
        self.unsettled -= answered
        self._answered -= answered
        self.scene = scene
        self.read.emit(scene)

    def item(self, segment: SceneSegment) -> Item:
        """A segment of the scene, as it is claimed and decided."""
        scene = self.scene.title if self.scene is not None else ""
        title = f"Segment {segment.sequence} of {scene}"
        return Item(segment.subject, segment.version, title, (), Cursor(()))
