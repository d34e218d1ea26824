"""Merging a topic into another: chosen, looked at, begun, followed, stopped and taken back."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from console.domain.curation import Topic
from console.domain.merging import (
    RUNNING,
    Carried,
    Contents,
    MergeAct,
    MergeBegin,
    MergeState,
    MergeSteer,
    TopicMerge,
)
from console.runtime.notices import Action, Notices
from console.runtime.tasks import Tasks
from console.services.carrying import carry_out
from console.ui.curation.acts import Acts, CurationServices
from console.ui.curation.chooser import TopicChooser
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, number, shortened
from console.ui.widgets.labels import label

_WIDTH = 480


class MergeDialog(QDialog):
    """Shows what would move. Signals: `wanted()` when the person lets it happen."""

    wanted = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget, topic: Topic, survivor: Topic, contents: Contents
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Merge topics")
        title = label(
            f"Merge “{shortened(topic.name, 40)}” into “{shortened(survivor.name, 40)}”",
            font=theme.title_font,
        )
        title.setWordWrap(True)
        counts = label(
            "\n".join(
                (
                    count_of(contents.ideas, "idea"),
                    count_of(contents.scenes, "scene"),
                    "1 category" if contents.categories == 1 else f"{number(contents.categories)} categories",
                    count_of(contents.suggestions, "suggestion"),
                )
            )
        )
        counts.setAccessibleName("What moves")
        told = label(
            f"They move a few at a time, while everybody goes on working. “{shortened(topic.name, 40)}” is"
            f" retired, and its slug {shortened(topic.slug, 60)} leads to the other. A category whose slug is"
            " taken there gets a number. All of it can be taken back for seven days.",
            "muted",
        )
        told.setWordWrap(True)
        self.go = QPushButton("Merge")
        self.go.setProperty("part", "main")
        self.go.clicked.connect(self._go)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_3)
        for widget in (title, counts, told):
            column.addWidget(widget)
        column.addLayout(buttons)
        # Wrapped lines ask for their height only when the width is known.
        self.resize(_WIDTH, column.totalHeightForWidth(_WIDTH))
        self.finished.connect(self.deleteLater)

    def _go(self) -> None:
        self.accept()
        self.wanted.emit()


class MergeBar(QWidget):
    """One merge: what it is, how far, and what can be done about it. Signals: `steered(MergeAct)`."""

    steered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.words, self.progress = label(""), QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("How much has moved")
        self.progress.setFixedWidth(160)
        self.buttons = {act: QPushButton(act.capitalize()) for act in MergeAct}
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        row.setSpacing(SPACE_3)
        row.addWidget(self.words)
        row.addWidget(self.progress)
        row.addStretch()
        for act, button in self.buttons.items():
            button.clicked.connect(partial(self.steered.emit, act))
            row.addWidget(button)
        self.hide()

    def tell(self, merge: TopicMerge, state: MergeState, moved: int, of: int) -> None:
        """Show how it stands; `of` is 0 where nobody counted."""
        doing = {MergeState.STOPPED: "Stopped: merging", MergeState.UNDOING: "Taking back the merge of"}.get(
            state, "Merging"
        )
        far = f"{number(moved)} of {number(max(of, moved))} moved" if of else f"{number(moved)} moved"
        names = f"“{shortened(merge.title, 30)}” into “{shortened(merge.survivor, 30)}”"
        self.words.setText(f"{doing} {names}" + ("" if state is MergeState.UNDOING else f" · {far}"))
        self.progress.setVisible(state is not MergeState.STOPPED)
        # Without an end to measure by, it only shows that it goes on.
        known = bool(of) and state is MergeState.MOVING
        self.progress.setRange(0, max(of, moved) if known else 0)
        self.progress.setValue(moved if known else 0)
        self.buttons[MergeAct.STOP].setVisible(state is MergeState.MOVING)
        self.buttons[MergeAct.RESUME].setVisible(state is MergeState.STOPPED)
        self.buttons[MergeAct.UNDO].setVisible(state in {MergeState.MOVING, MergeState.STOPPED})
        self.show()


class TopicMerging(QObject):
    """Signals: `changed()` when a merge began or ended, `asked(MergeDialog)` when a preview is shown."""

    changed = Signal()
    asked = Signal(object)

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        services: CurationServices,
        acts: Acts,
        tasks: Tasks,
        notices: Notices,
    ) -> None:
        super().__init__(window)
        self._theme, self._window, self._services = theme, window, services
        self._acts, self._tasks, self._notices = acts, tasks, notices
        self._merge: TopicMerge | None = None
        self._of = 0
        self.bar = MergeBar()
        self.bar.steered.connect(self._steer_shown)

    def choose(self, topic: Topic, topics: Sequence[Topic]) -> None:
        """Ask for the topic that survives."""
        others = {each.id: each for each in topics if each.id != topic.id and each.active}
        title = f"Merge “{shortened(topic.name, 40)}” into which topic?"
        TopicChooser(
            self._window,
            title,
            list(others.values()),
            lambda chosen: self._spawn(self._preview(topic, others[chosen]), "look at a merge"),
        ).open()

    def look(self) -> None:
        """Show a merge that is not at rest, and carry it on."""
        self._spawn(self._look(), "look for merges")

    def choose_undo(self) -> None:
        """Take the newest merge back that can be."""
        self._spawn(self._undo_newest(), "take a merge back")

    async def _look(self) -> None:
        if self._merge is not None:
            return
        for merge in await self._services.catalogue.merges():
            if merge.state in RUNNING or merge.state is MergeState.STOPPED:
                if self._merge is None:
                    await self._follow(merge)
                return

    async def _undo_newest(self) -> None:
        for merge in await self._services.catalogue.merges():
            if merge.state is MergeState.MERGED:
                await self._steer(merge, MergeAct.UNDO)
                return
        self._notices.done("No merge of the last seven days is there to take back")

    async def _preview(self, topic: Topic, survivor: Topic) -> None:
        contents = await self._services.catalogue.contents(topic.id)
        dialog = MergeDialog(self._theme, self._window, topic, survivor, contents)
        dialog.wanted.connect(
            lambda: self._spawn(self._begin(topic, survivor, contents.rows), "merge topics")
        )
        dialog.open()
        self.asked.emit(dialog)

    async def _begin(self, topic: Topic, survivor: Topic, of: int) -> None:
        work = MergeBegin(uuid4(), topic.id, survivor.id, topic.name, survivor.name)
        await self._acts.submit(work)
        await self._follow(await self._services.catalogue.merge(work.id), of)

    async def _follow(self, merge: TopicMerge, of: int = 0) -> None:
        self._merge, self._of = merge, of
        self.bar.tell(merge, merge.state, merge.moved, of)
        self.changed.emit()
        if merge.state in RUNNING:
            ended: list[Carried] = []
            try:
                await carry_out(self._services.writer, merge.id, lambda each: self._tell(merge, each, ended))
            finally:
                if self._merge is merge:
                    self._rest(merge, ended)

    def _tell(self, merge: TopicMerge, carried: Carried, ended: list[Carried]) -> None:
        if self._merge is merge:
            self.bar.tell(merge, carried.state, carried.moved, self._of)
        if carried.state not in RUNNING:
            ended.append(carried)

    def _rest(self, merge: TopicMerge, ended: Sequence[Carried]) -> None:
        state = ended[-1].state if ended else None
        if state is MergeState.STOPPED:
            return
        self._merge = None
        self.bar.hide()
        names = f"“{shortened(merge.title, 30)}” into “{shortened(merge.survivor, 30)}”"
        if state is MergeState.MERGED:
            moved = count_of(ended[-1].moved, "row")
            undo = Action("Undo", lambda: self._spawn(self._steer(merge, MergeAct.UNDO), "take a merge back"))
            self._notices.done(f"Merged {names}: {moved} moved", undo, about=merge.id)
        elif state is MergeState.UNDONE:
            kept = ended[-1].kept
            more = f"; {count_of(kept, 'row')} moved on since and stayed" if kept else ""
            self._notices.done(f"Undone: merged {names}{more}", about=merge.id)
        self.changed.emit()

    def _steer_shown(self, act: MergeAct) -> None:
        if self._merge is not None:
            self._spawn(self._steer(self._merge, act), f"{act} a merge")

    async def _steer(self, merge: TopicMerge, act: MergeAct) -> None:
        running = self._merge is not None and self._merge.id == merge.id
        following = running and self.bar.buttons[MergeAct.STOP].isVisibleTo(self.bar)
        await self._acts.submit(MergeSteer(uuid4(), merge.id, merge.topic, merge.title, act))
        # A merge that is being followed is told by its next transaction what became of it.
        if not following:
            await self._follow(await self._services.catalogue.merge(merge.id), self._of if running else 0)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)
