"""Setting, moving and removing marks, and flagging from them. What is not set yet survives the console."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, Signal

from console.domain.errors import GreenroomError
from console.domain.queues import Item
from console.domain.remarks import FlagRaise, FlagWithdraw, MarkFlag, MarkRemove, MarkSave
from console.domain.scenes import Mark, SceneSegment
from console.domain.work import Work
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal
from console.ui.deciding.asking import Asking, Question, draft_key
from console.ui.scene.moments import Draft, MomentsPane
from console.ui.scene.playing import FRAME_SECONDS, Playing
from console.ui.scene.timeline import Moment, TimeLine
from console.ui.theme.words import humanised, plain, shortened


class Marking(QObject):
    """Signals: `written()` when what is known of the segment is old."""

    written = Signal()

    def __init__(
        self,
        login: str,
        pipeline: DecisionPipeline,
        journal: Journal,
        asking: Asking,
        tasks: Tasks,
        notices: Notices,
        player: Playing,
    ) -> None:
        super().__init__()
        self._login = login
        self._pipeline, self._journal, self._asking = pipeline, journal, asking
        self._tasks, self._notices, self._player = tasks, notices, player
        self._pane: MomentsPane | None = None
        self._line: TimeLine | None = None
        self._segment: SceneSegment | None = None
        self._item: Item | None = None
        self._draft: Draft | None = None

    def drive(self, pane: MomentsPane, line: TimeLine) -> None:
        """Show what is marked on these."""
        self._pane, self._line = pane, line
        pane.chosen.connect(self._chosen)
        pane.removal.connect(self._remove)

    @property
    def draft(self) -> Draft | None:
        """The mark that is being set."""
        return self._draft

    def show(self, segment: SceneSegment | None, item: Item | None) -> None:
        """Mark this segment from now on."""
        same = self._segment is not None and segment is not None and self._segment.subject == segment.subject
        self._segment, self._item = segment, item
        if not same:
            self._draft = None
            if segment is not None:
                self._spawn(self._restore(segment), "restore a mark")
        self._paint()

    # Setting

    def begin(self) -> None:
        """The mark begins where the player is."""
        if self._segment is not None:
            self._set(self._draft.with_begin(self._now) if self._draft else Draft(self._now))

    def end(self) -> None:
        """The mark ends where the player is."""
        if self._segment is not None:
            self._set((self._draft or Draft(0)).with_end(self._now))

    def nudge(self, frames: int) -> None:
        """The end that was set last, some pictures on or back; the player shows it."""
        mark = self._own
        if self._draft is None and mark is not None:
            self._draft = Draft(mark.begins, mark.ends, "begins", mark.id)
        if self._draft is None:
            return
        self._set(self._draft.nudged(round(frames * (self._player.frame_seconds or FRAME_SECONDS) * 1000)))
        moved = self._draft
        end = moved.last == "ends" and moved.ends is not None
        self._player.seek((moved.ends if end and moved.ends is not None else moved.begins) / 1000)

    def keep(self) -> None:
        """Set the mark: with its reason, or where it is an older one that was moved, as it was."""
        draft, segment, item = self._draft, self._segment, self._item
        if segment is None or item is None:
            return
        if draft is None:
            self._set(Draft(self._now))
            draft = self._draft
        moved = next((mark for mark in segment.marks if draft and mark.id == draft.mark_id), None)
        if draft is not None and moved is not None:
            work = MarkSave(
                uuid4(),
                moved.id,
                segment.subject,
                item.title,
                draft.begins,
                draft.ends,
                moved.policy,
                moved.note,
            )
            back = MarkSave(
                uuid4(),
                moved.id,
                segment.subject,
                item.title,
                moved.begins,
                moved.ends,
                moved.policy,
                moved.note,
            )
            self._spawn(
                self._write(work, f"Mark moved to {draft.words}", back, "Mark moved back"), "move a mark"
            )
        elif draft is not None:
            self._ask(draft, segment, item, flag=False)

    def flag(self) -> None:
        """Flag the segment: from the mark that is chosen or being set, else as a whole."""
        draft, segment, item, mark = self._draft, self._segment, self._item, self._own
        if segment is None or item is None:
            return
        if draft is not None and draft.mark_id is None:
            self._ask(draft, segment, item, flag=True)
        elif mark is not None and mark.flag_id is None:
            self._spawn(self._flag(mark.id, item), "flag a mark")
        else:
            question = Question(
                "Raise a flag",
                (item,),
                lambda policy, note, _: self._spawn(
                    self._flag_whole(item, policy or "", note), "raise a flag"
                ),
                required=True,
            )
            self._asking.begin(question)

    def drop(self) -> bool:
        """Forget the mark that is being set; whether there was one."""
        if self._draft is None:
            return False
        self._set(None)
        if self._pane is not None:
            self._pane.choose_none()
        return True

    @property
    def _now(self) -> int:
        return max(0, round(self._player.position * 1000))

    @property
    def _own(self) -> Mark | None:
        """The chosen mark, if it is the person's own."""
        mark = self._pane.mark if self._pane is not None else None
        return mark if mark is not None and mark.login == self._login else None

    def _set(self, draft: Draft | None) -> None:
        self._draft = draft
        self._paint()
        if self._segment is not None:
            stored = None if draft is None else json.dumps(asdict(draft), default=str)
            self._spawn(self._journal.save_draft(_key(self._segment), stored), "keep a mark")

    async def _restore(self, segment: SceneSegment) -> None:
        stored = await self._journal.draft(_key(segment))
        same = self._segment is not None and self._segment.subject == segment.subject
        if stored and same and self._draft is None:
            kept = json.loads(stored)
            mark = None if kept["mark_id"] is None else UUID(kept["mark_id"])
            self._draft = Draft(kept["begins"], kept["ends"], kept["last"], mark)
            self._paint()

    # Writing

    def _ask(self, draft: Draft, segment: SceneSegment, item: Item, *, flag: bool) -> None:
        def answered(policy: str | None, note: str | None, _: object) -> None:
            mark = MarkSave(
                uuid4(), uuid4(), segment.subject, item.title, draft.begins, draft.ends, policy or "", note
            )
            self._spawn(self._save(mark, item, flag=flag), "set a mark")

        title, reach = ("Flag", f"Flags {draft.words}") if flag else ("Set mark", f"Marks {draft.words}")
        self._asking.begin(Question(title, (item,), answered, required=True, reach=reach))

    async def _save(self, mark: MarkSave, item: Item, *, flag: bool) -> None:
        words = f"Marked {Draft(mark.begins, mark.ends).words}"
        back = MarkRemove(uuid4(), mark.mark_id, item.title)
        if await self._write(mark, words, back, "Mark taken back"):
            await self._journal.save_draft(draft_key((item,)), None)
            if flag:
                await self._flag(mark.mark_id, item)

    async def _flag(self, mark: UUID, item: Item) -> None:
        flag = MarkFlag(uuid4(), mark, item.title)
        back = FlagWithdraw(uuid4(), flag.id, item.title)
        await self._write(flag, f"Flagged “{shortened(item.title)}” at the mark", back, "Flag withdrawn")

    async def _flag_whole(self, item: Item, reason: str, note: str | None) -> None:
        flag = FlagRaise(uuid4(), item.subject, item.title, reason, note or "")
        back = FlagWithdraw(uuid4(), flag.id, item.title)
        if await self._write(flag, f"Flagged “{shortened(item.title)}”", back, "Flag withdrawn"):
            await self._journal.save_draft(draft_key((item,)), None)

    def _remove(self, mark: Mark) -> None:
        item = self._item
        if item is not None:
            words = f"Removed the mark at {Draft(mark.begins, mark.ends).words}"
            back = MarkRemove(uuid4(), mark.id, item.title, False)
            work = MarkRemove(uuid4(), mark.id, item.title)
            self._spawn(self._write(work, words, back, "The mark is there again"), "remove a mark")

    async def _write(self, work: Work[None], words: str, back: Work[None], taken_back: str) -> bool:
        """Send it and offer to take it back; whether it was accepted."""
        try:
            await self._pipeline.submit(work)
        except GreenroomError as error:
            self._notices.failed("write", error)
            return False
        if isinstance(work, MarkSave):
            self._set(None)
        self._notices.done(
            words, Action("Undo", lambda: self._spawn(self._take_back(back, taken_back), "take back"))
        )
        self.written.emit()
        return True

    async def _take_back(self, work: Work[None], words: str) -> None:
        try:
            await self._pipeline.submit(work)
        except GreenroomError as error:
            self._notices.failed("undo", error)
            return
        self._notices.done(words)
        self.written.emit()

    # Showing

    def _chosen(self, mark: Mark | None) -> None:
        if self._draft is not None and self._draft.mark_id is not None:
            # Another one is looked at: that one was not moved after all.
            self._set(None)
        if mark is not None:
            self._paint()

    def _paint(self) -> None:
        pane, line, segment = self._pane, self._line, self._segment
        if pane is None or line is None:
            return
        pane.show_segment(segment)
        pane.show_draft(self._draft)
        if segment is None:
            line.show_segment(1, (), None)
            return
        chosen = pane.mark
        moments = [
            Moment(
                mark.begins,
                mark.ends,
                mark.policy,
                _told(mark),
                reported=False,
                chosen=chosen is not None and mark.id == chosen.id,
            )
            for mark in segment.marks
        ]
        for report in segment.reports:
            words = plain(f"{humanised(report.reason)}: {report.description or 'reported without words'}")
            moments += [Moment(time, None, report.reason, words, reported=True) for time in report.times]
        draft = None if self._draft is None else (self._draft.begins, self._draft.ends)
        whole = round(self._player.duration * 1000) or segment.duration * 1000
        line.show_segment(whole, tuple(moments), draft)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)


def _saved(mark: Mark, item: Item, begins: int, ends: int | None) -> MarkSave:
    """The mark, at another time."""
    return MarkSave(uuid4(), mark.id, mark.subject, item.title, begins, ends, mark.policy, mark.note)


def _told(mark: Mark) -> str:
    span = Draft(mark.begins, mark.ends).words
    return plain(f"{span} by {mark.login}: {mark.note}" if mark.note else f"{span} by {mark.login}")


def _key(segment: SceneSegment) -> str:
    """The name under which the journal keeps a mark that is being set."""
    return f"mark:{segment.subject}"
