"""Watching a scene: the card that is looked at is played, the one after it made ready."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QTimer

from console.domain.scenes import SceneSegment
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.ports import Films
from console.ui.scene.playing import Playing
from console.ui.scene.thumbnails import Thumbnails
from console.ui.scene.workspace import SceneWorkspace

SETTLE_MILLISECONDS = 120
"""A card that has been the current one this long is looked at, not passed over on the way to another."""


class Watching(QObject):
    """Drives the player along the strip. `careful` is told of each segment before its picture is shown."""

    def __init__(
        self,
        view: SceneWorkspace,
        player: Playing,
        films: Films,
        thumbnails: Thumbnails,
        careful: Callable[[SceneSegment], None],
        tasks: Tasks,
        notices: Notices,
    ) -> None:
        super().__init__()
        self._view, self._player, self._films = view, player, films
        self._thumbnails, self._careful = thumbnails, careful
        self._tasks, self._notices = tasks, notices
        self._segment: SceneSegment | None = None
        self._bible = 0
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLE_MILLISECONDS)
        self._settled.timeout.connect(self._look)
        view.cards.space.connect(player.toggle)
        view.timeline.wanted.connect(self.seek)
        view.moments.wanted.connect(self.seek)
        player.position_changed.connect(self._moved)
        player.duration_changed.connect(lambda seconds: view.timeline.last(round(seconds * 1000)))
        player.first_frame.connect(self._shown)
        player.ended.connect(self._ended)

    def show(self, segment: SceneSegment, bible: int) -> None:
        """Another card is the current one; `bible` is the scene's newest version."""
        self._segment, self._bible = segment, bible
        self._view.show_script(segment, None, bible)
        self._settled.start()

    def rest(self) -> None:
        """Nothing is looked at any more."""
        self._settled.stop()
        self._segment = None
        self._player.close()

    def close(self) -> None:
        """Begin nothing any more."""
        self._settled.stop()
        self._segment = None

    def go(self, step: int) -> None:
        """The next segment, or the one before."""
        row = self._view.row + step
        if 0 <= row < self._view.model.rowCount():
            self._view.go_to(row)

    def go_to_end(self, *, last: bool) -> None:
        """The first segment, or the last."""
        self._view.go_to(self._view.model.rowCount() - 1 if last else 0)

    def only_viewers(self) -> None:
        """Play, and show, only what viewers see; or everything again."""
        model, segment = self._view.model, self._segment
        model.only_viewers(on=not model.viewers)
        self._view.show_viewers(on=model.viewers)
        if segment is None or not model.rowCount():
            return
        places = [row for row, each in enumerate(model.shown) if each.sequence >= segment.sequence]
        self._view.go_to(places[0] if places else model.rowCount() - 1)

    def next_report(self) -> None:
        """Go to the next reported moment: in this segment, else in the next one that was reported."""
        segment = self._segment
        if segment is None:
            return
        here = round(self._player.position * 1000)
        later = [moment for moment in _reported(segment) if moment > here + 1]
        if later:
            self.seek(later[0])
            return
        shown, row = self._view.model.shown, self._view.row
        following = next((r for r in (*range(row + 1, len(shown)), *range(row)) if shown[r].reports), None)
        if following is None:
            self._notices.done("No other segment of this scene is reported")
            return
        self._view.go_to(following)
        times = _reported(shown[following])
        self._open(play=False, start=times[0] / 1000 if times else 0.0)

    def seek(self, moment: int) -> None:
        """Go to a moment of the segment, in ms."""
        self._player.seek(moment / 1000)

    def _look(self) -> None:
        self._open(play=self._player.playing)

    def _open(self, *, play: bool, start: float = 0.0) -> None:
        """Show the current segment's picture and script."""
        self._settled.stop()
        segment = self._segment
        if segment is not None:
            self._careful(segment)
            self._player.open(segment.stream_url, start=start, play=play)
            self._spawn(self._read_script(segment, self._bible), "read the script")

    async def _read_script(self, segment: SceneSegment, bible: int) -> None:
        script = await self._films.script(segment.subject)
        if self._segment is not None and self._segment.subject == segment.subject:
            self._view.show_script(segment, script, bible)

    def _moved(self, position: float) -> None:
        self._view.timeline.move_to(round(position * 1000))

    def _shown(self, _: float) -> None:
        """The picture is there: what follows is made ready, and a segment without a thumbnail gets one."""
        if self._segment is not None and self._thumbnails.lacking(self._segment):
            self._thumbnails.keep(self._segment, self._player.snapshot())
        following = self._view.model.segment(self._view.row + 1)
        if following is not None:
            self._player.prepare(following.stream_url)

    def _ended(self) -> None:
        """Played to the end: on to the next one, without a pause."""
        if self._segment is not None and self._view.row + 1 < self._view.model.rowCount():
            self._view.go_to(self._view.row + 1)
            self._open(play=True)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)


def _reported(segment: SceneSegment) -> list[int]:
    """Moments that its reports name, in order."""
    return sorted(time for report in segment.reports for time in report.times)
