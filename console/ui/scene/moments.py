"""What was reported and marked in a segment, by time; and the mark that is being set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QMargins, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from console.domain.scenes import Mark, Reported, SceneSegment
from console.ui.scene.timeline import clock
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_4
from console.ui.theme.words import humanised, plain, shortened
from console.ui.widgets.buttons import KeyButton
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label, tooltip

_ENTRY = Qt.ItemDataRole.UserRole
LONGEST_WORDS = 140


@dataclass(frozen=True, slots=True)
class Draft:
    """A mark that is being set, in ms; `mark_id` is that of one which is being moved.

    `last` says which end was set last: it is the one that is nudged.
    """

    begins: int
    ends: int | None = None
    last: str = "begins"
    mark_id: UUID | None = None

    @property
    def words(self) -> str:
        """The span as it is read: "0:12.400–0:15.000"."""
        return clock(self.begins) if self.ends is None else f"{clock(self.begins)}–{clock(self.ends)}"

    def with_begin(self, moment: int) -> Draft:
        """Begin at a moment; an end before it goes."""
        ends = self.ends if self.ends is not None and self.ends >= moment else None
        return Draft(moment, ends, "begins", self.mark_id)

    def with_end(self, moment: int) -> Draft:
        """End at a moment; before the beginning, the two change places."""
        begins, ends = sorted((self.begins, moment))
        return Draft(begins, ends, "ends" if ends == moment else "begins", self.mark_id)

    def nudged(self, by: int) -> Draft:
        """The end that was set last, moved; it does not pass the other one, nor the beginning of all."""
        if self.last == "ends" and self.ends is not None:
            return Draft(self.begins, max(self.begins, self.ends + by), "ends", self.mark_id)
        moved = max(0, self.begins + by)
        begins = moved if self.ends is None else min(moved, self.ends)
        return Draft(begins, self.ends, "begins", self.mark_id)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the buttons beside the list do."""

    begin: Callable[[], None]
    end: Callable[[], None]
    back: Callable[[], None]
    forth: Callable[[], None]
    keep: Callable[[], None]
    flag: Callable[[], None]


class _List(QListWidget):
    """A list that leaves letters to the keys of the workspace."""

    removal = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removal.emit()
        elif event.text().isalnum():
            event.ignore()
        else:
            super().keyPressEvent(event)


class MomentsPane(QWidget):
    """Signals: `wanted(int)` to go to a moment, in ms; `chosen(Mark | None)`; `removal(Mark)`."""

    wanted = Signal(int)
    chosen = Signal(object)
    removal = Signal(object)

    def __init__(self, theme: Theme, login: str, deeds: Deeds, title: Callable[[str], str]) -> None:
        super().__init__()
        self._login, self._title = login, title
        self._segment: SceneSegment | None = None
        self._draft = label("", font=theme.strong_font)
        self.list = _List()
        self.list.setAccessibleName("Reported moments and marks")
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.currentItemChanged.connect(lambda *_: self.chosen.emit(self.mark))
        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        self.list.removal.connect(self._remove)
        self._nothing = label("Nothing reported or marked here", "muted")
        buttons, self._nudges = QWidget(), QWidget()
        for box, entries in (
            (
                buttons,
                (
                    ("In", "mark-in", "I", deeds.begin),
                    ("Out", "mark-out", "O", deeds.end),
                    ("Set", "approve", "M", deeds.keep),
                    ("Flag", "flag", "F", deeds.flag),
                ),
            ),
            (
                self._nudges,
                (
                    ("Frame", "earlier", "Alt+←", deeds.back),
                    ("Frame", "later", "Alt+→", deeds.forth),
                ),
            ),
        ):
            row = FlowLayout(box, QMargins(0, 0, 0, 0), SPACE_1)
            for words, icon, key, run in entries:
                button = KeyButton(theme, words, icon, key)
                button.clicked.connect(lambda _=False, run=run: run())
                row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_2, SPACE_4, SPACE_2)
        column.setSpacing(SPACE_2)
        column.addWidget(label("Moments", "section", theme.small_font))
        column.addWidget(buttons)
        column.addWidget(self._draft)
        column.addWidget(self._nudges)
        column.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.list, 1)
        self.show_draft(None)

    @property
    def mark(self) -> Mark | None:
        """The mark that is chosen; None where that is a report, or nothing."""
        entry = self.list.currentIndex().data(_ENTRY)
        return entry if isinstance(entry, Mark) else None

    def show_draft(self, draft: Draft | None) -> None:
        """Show the mark that is being set."""
        self._draft.setText(
            "" if draft is None else ("Moves to " if draft.mark_id else "Marks ") + draft.words
        )
        self._draft.setVisible(draft is not None)
        self._nudges.setVisible(draft is not None)

    def show_segment(self, segment: SceneSegment | None) -> None:
        """Show what is known of a segment; a choice among its marks stays."""
        before = self.mark
        self._segment = segment
        self.list.blockSignals(True)
        self.list.clear()
        for moment, entry, words in self._rows(segment):
            item = QListWidgetItem(shortened(words, LONGEST_WORDS))
            item.setData(_ENTRY, entry)
            item.setToolTip(tooltip(plain(words, lines=True)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, plain(words))
            item.setData(_ENTRY + 1, moment)
            self.list.addItem(item)
            if before is not None and isinstance(entry, Mark) and entry.id == before.id:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        self.list.setVisible(self.list.count() > 0)
        self._nothing.setVisible(segment is not None and self.list.count() == 0)

    def choose(self, mark: UUID) -> None:
        """Choose a mark."""
        for row in range(self.list.count()):
            entry = self.list.item(row).data(_ENTRY)
            if isinstance(entry, Mark) and entry.id == mark:
                self.list.setCurrentRow(row)

    def choose_none(self) -> None:
        """Choose nothing."""
        self.list.setCurrentRow(-1)

    def _rows(self, segment: SceneSegment | None) -> list[tuple[int, Mark | Reported, str]]:
        """Moments in order of time; reports that name none come last."""
        if segment is None:
            return []
        rows: list[tuple[int, Mark | Reported, str]] = []
        for mark in segment.marks:
            span = Draft(mark.begins, mark.ends).words
            flagged = ", flagged" if mark.flag_id else ""
            note = f": {mark.note}" if mark.note else ""
            who = "you" if mark.login == self._login else mark.login
            rows.append((mark.begins, mark, f"◆ {span}  {self._title(mark.policy)}, by {who}{flagged}{note}"))
        late = (segment.duration + 1) * 1000
        from_marks = {mark.flag_id for mark in segment.marks}
        for report in segment.reports:
            who = report.reporter or "automatic detection"
            said = (
                f": {report.description}" if report.description and report.flag_id not in from_marks else ""
            )
            facts = f"{humanised(report.reason)}, by {who}{said}"
            rows += [(time, report, f"⚑ {clock(time)}  {facts}") for time in report.times]
            if not report.times:
                rows.append((late, report, f"⚑ {facts}"))
        return sorted(rows, key=lambda row: row[0])

    def _go(self, item: QListWidgetItem) -> None:
        entry, moment = item.data(_ENTRY), item.data(_ENTRY + 1)
        if isinstance(entry, Mark) or (isinstance(entry, Reported) and entry.times):
            self.wanted.emit(moment)

    def _remove(self) -> None:
        mark = self.mark
        if mark is not None:
            self.removal.emit(mark)
