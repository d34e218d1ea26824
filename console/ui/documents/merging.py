"""The merge view: what was merged is listed, what a person must decide is asked, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bible.conflicts import Decision
from console.bible.reconciling import Reconciliation
from console.bible.validation import Surroundings
from console.bible.values import Json
from console.runtime.tasks import Tasks
from console.ui.documents.change_list import ChangeDelegate, ChangeModel, Mode
from console.ui.documents.question_page import SIDES, QuestionPage
from console.ui.documents.questions import Question, spoken
from console.ui.documents.three_way import Merged, MergeInput, merge
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.theme.words import count_of, plain
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.states import Skeleton, StatePanel

_WORDS = {"mine": "yours", "theirs": "theirs", "base": "as before", "edited": "edited", "both": "both"}


class MergeView(QWidget):
    """Asks what a merge leaves open, and hands over the merged document.

    Keys: 1 takes mine, 2 theirs, 3 what was before, 4 keeps both, E edits an own answer, Down and Up go
    through the questions, Ctrl+Return accepts, Escape leaves; what was answered is kept.
    Signals: `accepted(object)` with the merged document; `edit_wanted(object)`, when it is to be edited
    first; `decided(tuple)` with all decisions after each answer; `left()`.
    """

    accepted = Signal(object)
    edit_wanted = Signal(object)
    decided = Signal(tuple)
    left = Signal()

    def __init__(self, theme: Theme, tasks: Tasks) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._tasks = theme, tasks
        self._input: MergeInput | None = None
        self._found: Merged | None = None
        self._decisions: dict[str, Decision] = {}
        # Every question that was asked keeps its place in the list, answered or not.
        self._turn: dict[str, int] = {}
        self._round = 0
        self._title = ElidedLabel()
        self._title.setFont(theme.strong_font)
        self.progress = label("", "muted")
        self.progress.setAccessibleName("How far the merge is")
        self.list = QListWidget()
        self.list.setObjectName("questions")
        self.list.setAccessibleName("Questions")
        # The view itself has the keys: a list would take letters and digits for a search.
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.list.currentRowChanged.connect(self._show_question)
        self._merged = ChangeModel()
        self._delegate = ChangeDelegate(theme)
        self._delegate.mode = Mode.SENTENCES
        self._heading = label("", "section", theme.small_font)
        self.accept, self.to_editor = QPushButton("Save merged  Ctrl+Return"), QPushButton("To the editor")
        self.accept.setProperty("part", "main")
        self._end, self._skeleton = StatePanel(theme), Skeleton(theme)
        self._stack = QStackedWidget()
        self.page = QuestionPage(theme)
        for page in (self.page, self._end, self._skeleton):
            self._stack.addWidget(page)
        self._build()
        self._connect()

    def _build(self) -> None:
        merged = QListView()
        merged.setModel(self._merged)
        merged.setItemDelegate(self._delegate)
        merged.setAccessibleName("Merged without asking")
        merged.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        merged.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        to_decide = label("To decide", "section", self._theme.small_font)
        for heading in (to_decide, self._heading):
            heading.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        for widget, stretch in ((to_decide, 0), (self.list, 2), (self._heading, 0), (merged, 3)):
            column.addWidget(widget, stretch)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(side)
        panes.addWidget(self._stack)
        panes.setStretchFactor(1, 1)
        panes.setSizes([330, 800])
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        head.setSpacing(SPACE_2)
        leave = quiet_button("Back  Esc")
        leave.clicked.connect(self.left)
        head.addWidget(self._title, 1)
        head.addWidget(self.progress)
        for button in (leave, self.to_editor, self.accept):
            head.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(panes, 1)

    def _connect(self) -> None:
        self.page.answered.connect(self._answer)
        self.page.own_left.connect(self.setFocus)
        self.accept.clicked.connect(self._accept)
        self.to_editor.clicked.connect(self._to_editor)
        self._theme.changed.connect(lambda: self._show_question(self.list.currentRow()))

    # -- what is merged

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All answers so far."""
        return tuple(self._decisions.values())

    @property
    def reconciliation(self) -> Reconciliation | None:
        """The merge as it stands, None while it is being made."""
        return self._found.result if self._found is not None else None

    @property
    def input(self) -> MergeInput | None:
        """What is being merged, None when nothing is."""
        return self._input

    def merges(self, mine: Json) -> bool:
        """Whether this is what is being merged already."""
        return self._input is not None and self._input.mine is mine

    def forget(self) -> None:
        """Nothing is merged any more."""
        self._input, self._found = None, None
        self.page.question = None
        self._round += 1

    def begin(self, merged: MergeInput, decisions: Sequence[Decision] = ()) -> None:
        """Merge, and ask; `decisions` are answers that were given before."""
        self._input = merged
        self._decisions = {decision.digest: decision for decision in decisions}
        self._turn = {}
        self._title.set_text(f"Merging your changes with those of {merged.who}")
        self._skeleton.begin()
        self._stack.setCurrentWidget(self._skeleton)
        self._start()

    def rebase(self, theirs: Json, who: str, around: Surroundings | None = None) -> None:
        """They saved again: merge anew; an answer whose question is the same counts."""
        if self._input is None:
            return
        one = self._input
        self._input = MergeInput(one.base, one.mine, theirs, one.schema, who, around)
        self._start()

    def _start(self) -> None:
        self._round += 1
        self._found = None
        self.page.question = None
        self._offer()
        self._tasks.spawn(self._merge(self._round), "merge", self)

    async def _merge(self, number: int) -> None:
        if self._input is None:
            return
        found = await asyncio.to_thread(merge, self._input, self.decisions)
        if number == self._round:
            self._found = found
            self._show()

    # -- what is shown

    def _show(self) -> None:
        found = self._found
        if found is None or self._input is None:
            return
        for asked in found.questions:
            self._turn.setdefault(asked.conflict.path, len(self._turn))
        open_ = {conflict.digest for conflict in found.result.merge.conflicts}
        self.list.blockSignals(True)
        self.list.clear()
        for asked in self._ordered():
            digest = asked.conflict.digest
            decision = self._decisions.get(digest)
            state = "○" if digest in open_ or decision is None else f"✓ {_WORDS[decision.choice]} ·"
            self.list.addItem(QListWidgetItem(f"{state} {asked.title}"))
        self.list.blockSignals(False)
        self._merged.show(found.unasked.rows)
        told = count_of(found.unasked.count, "change")
        self._heading.setText(
            f"Merged without asking: {told}" if found.unasked.count else "Nothing else changed"
        )
        self._title.set_text(f"Merging your changes with those of {self._input.who}")
        self._offer()
        following = next(
            (at for at, asked in enumerate(self._ordered()) if asked.conflict.digest in open_), None
        )
        self.page.own.hide()
        if following is None:
            self.list.setCurrentRow(-1)
            self._show_end()
        else:
            self.list.setCurrentRow(following)
            self._show_question(following)
            self.setFocus()

    def _ordered(self) -> list[Question]:
        questions = self._found.questions if self._found is not None else ()
        return sorted(questions, key=lambda asked: self._turn[asked.conflict.path])

    def _offer(self) -> None:
        found = self._found
        left = len(found.result.merge.conflicts) if found is not None else 0
        of = len(found.questions) if found is not None else 0
        ready = found is not None and not left
        broken = ready and any(flaw.severity == "error" for flaw in found.result.flaws) if found else False
        self.progress.setText("Merging" if found is None else f"{of - left} of {of} decided" if of else "")
        self.accept.setEnabled(ready and not broken)
        self.to_editor.setEnabled(ready)

    def _show_end(self) -> None:
        found = self._found
        if found is None:
            return
        flaws = found.result.flaws
        if not flaws:
            self._end.tell("approve", "All is decided", "Ctrl+Return saves the merged document.")
        else:
            lines = [f"{spoken(flaw.path)}: {plain(flaw.message)}" for flaw in flaws[:8]]
            lines += [f"and {len(flaws) - 8:,} more"] if len(flaws) > 8 else []
            errors = any(flaw.severity == "error" for flaw in flaws)
            self._end.tell(
                "warning",
                f"The merge brings {count_of(len(flaws), 'flaw')} that neither side has",
                "\n".join(lines)
                + (
                    "\n\nMend it in the editor."
                    if errors
                    else "\n\nSave it as it is, or mend it in the editor."
                ),
            )
        self._stack.setCurrentWidget(self._end)
        (self.accept if self.accept.isEnabled() else self.to_editor).setFocus()

    @property
    def current(self) -> Question | None:
        """The question shown."""
        row, questions = self.list.currentRow(), self._ordered()
        return questions[row] if 0 <= row < len(questions) else None

    def _show_question(self, _row: int) -> None:
        asked = self.current
        if asked is None or self._input is None:
            return
        self.page.show_question(asked, self._decisions.get(asked.conflict.digest), self._input.who)
        self._stack.setCurrentWidget(self.page)

    # -- answers

    def _answer(self, decision: Decision) -> None:
        self._decisions[decision.digest] = decision
        self.decided.emit(self.decisions)
        self._start()

    def _accept(self) -> None:
        if self.accept.isEnabled() and self._found is not None:
            self.accepted.emit(self._found.result.merge.merged)

    def _to_editor(self) -> None:
        if self.to_editor.isEnabled() and self._found is not None:
            self.edit_wanted.emit(self._found.result.merge.merged)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the class's words."""
        key, plain_key = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and key in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        ):
            self._accept()
        elif not plain_key:
            super().keyPressEvent(event)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_3:
            self.page.choose(SIDES[key - Qt.Key.Key_1])
        elif key == Qt.Key.Key_4:
            self.page.ask_keys()
        elif key == Qt.Key.Key_E:
            self.page.edit_own()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            row = self.list.currentRow() + (1 if key == Qt.Key.Key_Down else -1)
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
