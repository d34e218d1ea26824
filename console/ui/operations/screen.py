"""The workspace of operations: what can be looked at beside what it shows; jobs tried again and cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.domain.errors import GreenroomError, Refused
from console.domain.operations import JOB, JobAct, JobSteer, JobUndo, SheetKind
from console.domain.servers import Served
from console.domain.subjects import Subject
from console.domain.work import Work
from console.runtime.notices import Action, Level, Notice, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import DecisionPipeline
from console.services.ports import Journal, Operations
from console.ui.operations.table import ROW, SheetModel, Sifted, whole
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import ROW_HEIGHT, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import count_of, number
from console.ui.widgets.labels import label, set_tooltip
from console.ui.widgets.served import served_label, tell_served
from console.ui.widgets.states import Skeleton, StatePanel

_ENDED = frozenset({"failed", "cancelled"})
ANEW_MILLISECONDS = 5_000
"""How often the sheet in front is read anew: jobs and servers are in no log of ours."""
WIDEST = 340
"""Pixels of a column at first; people may widen it."""


@dataclass(frozen=True, slots=True)
class OperationsServices:
    """What the screen works with."""

    operations: Operations
    pipeline: DecisionPipeline
    journal: Journal


class OperationsScreen(QWidget):
    """Signals: `loaded(str)` when the sheet of this key was read."""

    loaded = Signal(str)

    def __init__(self, theme: Theme, services: OperationsServices, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._theme, self._services, self._tasks, self._notices = theme, services, tasks, notices
        self._reading: asyncio.Task[None] | None = None
        self._verifying: asyncio.Task[None] | None = None
        self._undoable: list[tuple[UUID, Subject, str]] = []
        self._shown = ""
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.kinds = QListWidget()
        self.model = SheetModel(self)
        self.sifted = Sifted(self, self.model)
        self.table, self.filter = QTableView(), QLineEdit()
        self._count, self._about = label("", "muted"), label("", "muted", theme.small_font)
        self._served = served_label(theme)
        self.retry, self.cancel = QPushButton("Retry"), QPushButton("Cancel job")
        self.verify = QPushButton("Verify")
        self._state, self._skeleton = StatePanel(theme), Skeleton(theme)
        self._stack = QStackedWidget()
        self._timer = QTimer(self)
        self._timer.setInterval(ANEW_MILLISECONDS)
        self._lay_out()
        self._connect()
        self.kinds.setCurrentRow(0)

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None], bool], ...]:
        """What can be done here: title, keys, and whether a held key goes on."""
        return (
            ("Retry the job", ("R",), partial(self.steer, JobAct.RETRY), False),
            ("Cancel the job", ("X",), partial(self.steer, JobAct.CANCEL), False),
            ("Verify the audit, or stop it", ("V",), self.verify_audit, False),
            ("Next row", ("J",), partial(self._step, 1), True),
            ("Previous row", ("K",), partial(self._step, -1), True),
            ("Next sheet", ("Ctrl+PgDown",), partial(self._turn, 1), True),
            ("Previous sheet", ("Ctrl+PgUp",), partial(self._turn, -1), True),
            ("Filter the rows", ("/",), self.filter.setFocus, False),
            ("Copy the row", ("Ctrl+C",), self.copy, False),
            ("Undo last change", ("Ctrl+Z",), self.undo_last, False),
            ("Read anew", ("F5",), self.reload, False),
        )

    def _lay_out(self) -> None:
        for kind in self._services.operations.kinds:
            self.kinds.addItem(kind.title)
        self.kinds.setObjectName("sheets")
        self.kinds.setAccessibleName("What to look at")
        self.kinds.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.filter.setPlaceholderText("Filter the rows")
        self.filter.setAccessibleName("Filter the rows")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(260)
        set_tooltip(self.retry, "Queue the job again: R")
        set_tooltip(self.cancel, "Cancel the job: X")
        set_tooltip(self.verify, "Hold every seal of the audit against its rows: V")
        self._dress_table()
        self._place()

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.sifted)
        table.setObjectName("sheet")
        table.setAccessibleName("Rows")
        table.setSortingEnabled(True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)

    def _place(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        top.setSpacing(SPACE_2)
        self._title = label("", font=self._theme.strong_font)
        for shown in (self._title, self._count, self._served):
            top.addWidget(shown)
        top.addStretch()
        for widget in (self.filter, self.retry, self.cancel, self.verify):
            top.addWidget(widget)
        self._about.setContentsMargins(SPACE_4, 0, SPACE_4, SPACE_2)
        for page in (self.table, self._state, self._skeleton):
            self._stack.addWidget(page)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._about)
        column.addWidget(self._stack, 1)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(self.kinds)
        panes.addWidget(right)
        panes.setStretchFactor(1, 1)
        panes.setSizes([180, 900])
        everything = QVBoxLayout(self)
        everything.setContentsMargins(0, 0, 0, 0)
        everything.addWidget(panes)

    def _connect(self) -> None:
        self.kinds.currentRowChanged.connect(lambda _: self._changed())
        self.filter.textChanged.connect(self._sift)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._offer())
        self.sifted.modelReset.connect(self._offer)
        self.retry.clicked.connect(partial(self.steer, JobAct.RETRY))
        self.cancel.clicked.connect(partial(self.steer, JobAct.CANCEL))
        self.verify.clicked.connect(self.verify_audit)
        self._timer.timeout.connect(self._follow)
        self._timer.start()

    @property
    def kind(self) -> SheetKind:
        """The sheet that is looked at."""
        return self._services.operations.kinds[max(0, self.kinds.currentRow())]

    # Reading

    async def left(self) -> None:
        """Nothing is read any more."""
        self._timer.stop()

    def opened(self) -> None:
        """The screen came to the front."""
        self.kinds.setFocus()
        self.reload()

    def _changed(self) -> None:
        kind = self.kind
        self._title.setText(kind.title)
        self._about.setText(kind.about)
        self._count.setText("")
        self.filter.clear()
        self.retry.setVisible(kind.jobs)
        self.cancel.setVisible(kind.jobs)
        self.verify.setVisible(kind.key == "audit")
        if self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Read the sheet anew; the current row stays so."""
        if self._reading is not None:
            self._reading.cancel()
        if self._shown != self.kind.key:
            self._skeleton.begin()
            self._stack.setCurrentWidget(self._skeleton)
        self._reading = self._spawn(self._read(self.kind), "read operations")

    def _follow(self) -> None:
        done = self._reading is None or self._reading.done()
        if done and self.isVisible() and self._shown == self.kind.key:
            self.reload()

    async def _read(self, kind: SheetKind) -> None:
        try:
            sheet = await self._services.operations.sheet(kind.key)
        except GreenroomError as error:
            self._shown = ""
            again = ("Try again", self.reload)
            details = f"{kind.title}\n{error}\n{error.remedy}"
            self._state.tell("warning", str(error), error.remedy, action=again, details=details)
            self._stack.setCurrentWidget(self._state)
            return
        self._show(kind, sheet.rows, sheet.served)
        self.loaded.emit(kind.key)

    def _show(self, kind: SheetKind, rows: tuple[tuple[object, ...], ...], served: Served) -> None:
        tell_served(self._served, served)
        anew, current = self._shown != kind.key, self.current()
        self._shown = kind.key
        if anew:
            # In the order in which it was read, until a column is clicked.
            self.sifted.sort(-1)
            self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        if not anew and rows == self.model.rows:
            self.table.viewport().update()  # what it says of ages is older by now
            self._tell()
            return
        above = self.table.verticalScrollBar().value()
        self.model.show_rows(kind, rows)
        if anew:
            self._fit()
        place = next((row for row in range(self.sifted.rowCount()) if self._row(row)[:1] == current[:1]), 0)
        self._go_to(place)
        if not anew:
            self.table.verticalScrollBar().setValue(above)
        self._tell()

    def _fit(self) -> None:
        self.table.resizeColumnsToContents()
        for column in range(self.model.columnCount()):
            self.table.setColumnWidth(column, min(WIDEST, self.table.columnWidth(column) + SPACE_4))

    def _tell(self) -> None:
        shown, all_of_them = self.sifted.rowCount(), len(self.model.rows)
        few = shown != all_of_them
        self._count.setText(f"· {f'{number(shown)} of ' if few else ''}{count_of(all_of_them, 'row')}")
        if shown:
            self._stack.setCurrentWidget(self.table)
            return
        title, text = ("No row holds that", "") if few else ("Nothing here", self.kind.empty)
        action = ("Clear the filter", self.filter.clear) if few else None
        self._state.tell("search" if few else "approve", title, text, action=action)
        self._stack.setCurrentWidget(self._state)

    def _sift(self, text: str) -> None:
        self.sifted.sift(text)
        if self._shown == self.kind.key:
            self._tell()
            self._go_to(max(0, self.table.currentIndex().row()))

    # What is chosen

    def _row(self, row: int) -> tuple[object, ...]:
        found: tuple[object, ...] = self.sifted.index(row, 0).data(ROW) or ()
        return found

    def current(self) -> tuple[object, ...]:
        """The values of the current row; none where there is no row."""
        return self._row(self.table.currentIndex().row())

    def _step(self, by: int) -> None:
        self._go_to(max(0, min(self.table.currentIndex().row() + by, self.sifted.rowCount() - 1)))

    def _turn(self, by: int) -> None:
        self.kinds.setCurrentRow((self.kinds.currentRow() + by) % self.kinds.count())

    def _go_to(self, row: int) -> None:
        index = self.sifted.index(row, 0)
        chosen = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, chosen)
        self._offer()

    def _offer(self) -> None:
        job = self._job()
        self.retry.setEnabled(job is not None and job[1] in _ENDED)
        self.cancel.setEnabled(job is not None and job[1] not in {*_ENDED, "final_ready"})

    def _job(self) -> tuple[Subject, str] | None:
        match self.current():
            case (UUID() as id, datetime() as made, str() as status, *_) if self.kind.jobs:
                return Subject(JOB, id, made), status
        return None

    def copy(self) -> None:
        """Copy the row, its values parted by tabs."""
        QGuiApplication.clipboard().setText("\t".join(whole(value) for value in self.current()))

    # Jobs

    def steer(self, act: JobAct) -> None:
        """Try the current job again, or cancel it."""
        job = self._job()
        if job is None or not (self.retry if act is JobAct.RETRY else self.cancel).isEnabled():
            return
        work = JobSteer(uuid4(), job[0], act, job[1])
        if act is JobAct.CANCEL and work.status != "queued":
            self._ask_before(work)
        else:
            self._spawn(self._steer(work), "steer a job")

    def _ask_before(self, work: JobSteer) -> None:
        """A worker has it: it lets go, and nobody can set it running again."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Cancel the job")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Cancel job {str(work.subject.id)[:8]}, which is {work.status}?")
        box.setInformativeText("This cannot be undone. The job can be tried again from the beginning.")
        cancel = box.addButton("Cancel the job", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        cancel.clicked.connect(lambda: self._spawn(self._steer(work), "steer a job"))
        box.open()

    async def _steer(self, work: JobSteer) -> None:
        name = str(work.subject.id)[:8]
        words = f"Queued job {name} again" if work.act is JobAct.RETRY else f"Cancelled job {name}"
        await self._answer(work)
        # One that ran was let go by its worker: it can be tried again, and not be set running.
        undoable = work.act is JobAct.RETRY or work.status == "queued"
        if undoable:
            self._undoable.append((work.id, work.subject, words))
        undo = Action("Undo", partial(self._undo, work.id)) if undoable else None
        self._notices.done(words, undo, about=work.id)

    def undo_last(self) -> None:
        """Take back what was done here last."""
        if self._undoable:
            self._undo(self._undoable[-1][0])

    def _undo(self, id: UUID) -> None:
        for each in self._undoable:
            if each[0] == id:
                self._undoable.remove(each)
                self._spawn(self._take_back(*each), "undo on a job")
                return

    async def _take_back(self, id: UUID, subject: Subject, words: str) -> None:
        await self._answer(JobUndo(uuid4(), id, subject))
        self._notices.done(f"Undone: {words}", about=id)

    async def _answer(self, work: Work[str]) -> None:
        try:
            await self._services.pipeline.submit(work)
        except Refused:
            # It is told at once, and nothing was typed.
            await self._services.journal.dismiss(work.id)
            raise
        finally:
            self.reload()

    # The audit

    def verify_audit(self) -> None:
        """Hold the audit's seals against its rows; once more stops it."""
        if self._verifying is not None:
            self._verifying.cancel()
        elif self.kind.key == "audit":
            self.verify.setText("Stop")
            self._verifying = self._spawn(self._verify(), "verify the audit")

    async def _verify(self) -> None:
        last, wrong = 0, list[str]()
        try:
            while True:
                reached, found = await self._services.operations.verify_audit(last)
                wrong.extend(found)
                if reached is None:
                    break
                last = reached
                self._about.setText(f"{number(last)} seals held against their rows")
        finally:
            self._verifying = None
            self.verify.setText("Verify")
            self._about.setText(self.kind.about)
        if wrong:
            self._notices.post(
                Notice(Level.PROBLEM, "The audit was changed", wrong[0], "\n".join(wrong), title="Audit")
            )
        else:
            self._notices.done(f"The audit is whole: {count_of(last, 'seal')} fit their rows")

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)
