"""How the work went: figures, charts over days, and a line for each policy or day; exported as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.errors import GreenroomError, Unavailable
from console.domain.numbers import Line, Numbers
from console.runtime.notices import Level, Notice, Notices
from console.runtime.tasks import Tasks
from console.services.counting import count
from console.services.number_files import to_csv, to_xlsx
from console.services.ports import NumbersReads, Writer
from console.ui.numbers.table import LinesModel, LinesTable, Told, told
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4, SPACE_6
from console.ui.theme.words import humanised, number, share, since, waited
from console.ui.widgets.labels import label, set_tooltip
from console.ui.widgets.served import served_label, tell_served
from console.ui.widgets.states import Skeleton, StatePanel

if TYPE_CHECKING:
    from console.ui.numbers.charts import Chart

PERIODS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "12 months"))
_WITHOUT = "Without a policy"
_KINDS = "Workbook (*.xlsx);;Table (*.csv)"
_FIGURES = (
    ("Decided", "Items decided in the period"),
    ("Overturned", "Undone by somebody else, of what was decided and not taken back"),
    ("To first look", "Half were opened within this time"),
    ("To decision", "Half were decided within this time"),
    ("90 % decided", "Nine of ten were decided within this time"),
    ("Waiting", "What waited when it was counted last, and since when the oldest did"),
)
_COLOURS = ("accent", "good", "notable", "serious", "grave")


@dataclass(frozen=True, slots=True)
class NumbersServices:
    """What the screen works with. `queues` are (scope, title) in order; `policies` key → title."""

    reads: NumbersReads
    writer: Writer
    queues: tuple[tuple[str, str], ...]
    policies: Callable[[], Coroutine[Any, Any, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class _Ready:
    """What was reckoned aside."""

    whole: Line
    policies: list[Told]
    days: list[Told]


class NumbersScreen(QWidget):
    """Reads when it is opened, when something else is chosen, and on F5."""

    def __init__(self, theme: Theme, services: NumbersServices, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._theme, self._services, self._tasks, self._notices = theme, services, tasks, notices
        self._charts: tuple[Chart, Chart, Chart] | None = None
        self._numbers: Numbers | None = None
        self._titles: Mapping[str, str] = {}
        self._asked = 0
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.period, self.queue = QComboBox(), QComboBox()
        self._fresh, self._served = label("", "muted"), served_label(theme)
        self.export = QPushButton("Export…")
        self._figures = {title: label("", font=theme.title_font) for title, _ in _FIGURES}
        self._below = {title: label("", "muted", theme.small_font) for title, _ in _FIGURES}
        self.policies, self.days = LinesModel("Policy"), LinesModel("Day")
        self._state, self._skeleton = StatePanel(theme), Skeleton(theme)
        self._page = QScrollArea()
        self._body = QVBoxLayout()
        self._stack = QStackedWidget()
        self._lay_out()
        self.period.currentIndexChanged.connect(self.reload)
        self.queue.currentIndexChanged.connect(self.reload)
        self.export.clicked.connect(self.choose_export)

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None]], ...]:
        """What can be done here: title and keys."""
        return (
            ("Export…", ("Ctrl+Shift+E",), self.choose_export),
            ("Count and read anew", ("F5",), self.reload),
        )

    def _lay_out(self) -> None:
        for days, title in PERIODS:
            self.period.addItem(title, days)
        self.period.setCurrentIndex(1)
        self.period.setAccessibleName("Period")
        self.queue.addItem("All queues", None)
        for scope, title in self._services.queues:
            self.queue.addItem(title, scope)
        self.queue.setAccessibleName("Queue")
        self.export.setToolTip("As a workbook or a table: Ctrl+Shift+E")
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_2, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(label("Numbers", font=self._theme.strong_font))
        header.addWidget(self._fresh)
        header.addWidget(self._served)
        header.addStretch()
        for widget in (self.queue, self.period, self.export):
            header.addWidget(widget)
        self._body.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_4)
        self._body.setSpacing(SPACE_6)
        self._body.addLayout(self._build_figures())
        self._plots = QGridLayout()
        self._plots.setHorizontalSpacing(SPACE_6)
        self._plots.setVerticalSpacing(SPACE_6)
        self._body.addLayout(self._plots)
        for title, model in (("By policy", self.policies), ("By day", self.days)):
            self._body.addLayout(self._section(title, LinesTable(model)))
        self._body.addStretch()
        inside = QWidget()
        inside.setObjectName("page")
        inside.setLayout(self._body)
        self._page.setWidget(inside)
        self._page.setWidgetResizable(True)
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for page in (self._page, self._state, self._skeleton):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._stack, 1)

    def _build_figures(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        for title, help in _FIGURES:
            card = QFrame()
            card.setProperty("part", "card")
            set_tooltip(card, help)
            column = QVBoxLayout(card)
            column.setContentsMargins(SPACE_3, SPACE_2, SPACE_3, SPACE_2)
            column.setSpacing(0)
            column.addWidget(label(title, "muted", self._theme.small_font))
            self._figures[title].setAccessibleName(title)
            column.addWidget(self._figures[title])
            column.addWidget(self._below[title])
            row.addWidget(card, 1)
        return row

    def _section(self, title: str, table: LinesTable) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE_2)
        column.addWidget(label(title, font=self._theme.strong_font))
        table.setAccessibleName(title)
        column.addWidget(table)
        return column

    # Reading

    def opened(self) -> None:
        """The screen came to the front."""
        if self._numbers is None:
            self._skeleton.begin()
            self._stack.setCurrentWidget(self._skeleton)
        self._page.setFocus()
        self.reload()

    def reload(self) -> None:
        """Count what was not counted yet, and read the numbers anew."""
        self._asked += 1
        self._tasks.spawn(self._read(self._asked), "read the numbers", self)

    async def _read(self, turn: int) -> None:
        days, scope = self.period.currentData(), self.queue.currentData()
        today = datetime.now(UTC).date()
        try:
            # What was counted before can be read, and says of when it is.
            with suppress(Unavailable):
                await count(self._services.writer)
            numbers = await self._services.reads.numbers(today - timedelta(days=days - 1), today, scope)
            served = self._services.reads.served
            titles = await self._services.policies()
        except GreenroomError as error:
            if turn == self._asked:
                self._failed(error)
            return
        await asyncio.to_thread(import_module, "console.ui.numbers.charts")
        self._titles = titles
        ready = await asyncio.to_thread(self._prepared, numbers)
        if turn == self._asked:
            tell_served(self._served, served)
            await self._show(numbers, ready)

    def _failed(self, error: GreenroomError) -> None:
        self._state.tell(
            "warning", str(error), error.remedy, action=("Try again", self.reload), details=str(error)
        )
        self._stack.setCurrentWidget(self._state)

    # Showing

    def _prepared(self, numbers: Numbers) -> _Ready:
        return _Ready(
            numbers.whole,
            [told(self._title(key), line) for key, line in numbers.policies.items()],
            [told(f"{day:%Y-%m-%d}", line) for day, line in numbers.days.items() if line.tally.decided],
        )

    async def _show(self, numbers: Numbers, ready: _Ready) -> None:
        self._numbers = numbers
        self._fresh.setText("" if numbers.at is None else f"· counted {since(numbers.at)}, in days of UTC")
        self._tell_figures(numbers, ready.whole)
        self.policies.show_rows(ready.policies)
        self.days.show_rows(ready.days)
        self._stack.setCurrentWidget(self._page)
        for draw in (self._draw_decided, self._draw_waits, self._draw_lengths):
            # Each takes about a frame; keys come in between.
            await asyncio.sleep(0)
            draw(numbers)

    def _title(self, key: str) -> str:
        return self._titles.get(key, humanised(key)) if key else _WITHOUT

    def _tell_figures(self, numbers: Numbers, whole: Line) -> None:
        newest = numbers.lengths[-1].hour if numbers.lengths else None
        now = [each for each in numbers.lengths if each.hour == newest]
        oldest = min((each.oldest_at for each in now if each.oldest_at is not None), default=None)
        days = len(numbers.days)
        for title, value, below in (
            ("Decided", number(whole.tally.decided), f"{number(round(whole.tally.decided / days))} a day"),
            (
                "Overturned",
                share(whole.tally.overturn_rate),
                f"{number(whole.tally.overturned)}, and {number(whole.tally.taken_back)} taken back",
            ),
            ("To first look", waited(whole.look.quantile(0.5)), f"of {number(whole.look.items)} looked at"),
            ("To decision", waited(whole.wait.quantile(0.5)), "median"),
            ("90 % decided", waited(whole.wait.quantile(0.9)), "within this time"),
            (
                "Waiting",
                number(sum(each.waiting for each in now)) if now else "–",
                "" if oldest is None else f"the oldest {since(oldest)}",
            ),
        ):
            self._figures[title].setText(value)
            self._below[title].setText(below)

    def _draw_decided(self, numbers: Numbers) -> None:
        from console.ui.numbers.charts import Series, noon

        tallies = {noon(day): line.tally for day, line in numbers.days.items()}
        self._made_charts()[0].show_bars(
            Series(
                "standing",
                "accent",
                {at: t.decided - t.taken_back - t.overturned for at, t in tallies.items()},
            ),
            Series("taken back", "muted", {at: t.taken_back for at, t in tallies.items()}),
            Series("overturned", "grave", {at: t.overturned for at, t in tallies.items()}),
        )

    def _draw_waits(self, numbers: Numbers) -> None:
        from console.ui.numbers.charts import Series, noon

        days = {noon(day): line for day, line in numbers.days.items()}
        self._made_charts()[1].show_lines(
            Series("first look", "good", {at: line.look.quantile(0.5) for at, line in days.items()}),
            Series("decision", "accent", {at: line.wait.quantile(0.5) for at, line in days.items()}),
            Series("90 % decided", "muted", {at: line.wait.quantile(0.9) for at, line in days.items()}),
        )

    def _draw_lengths(self, numbers: Numbers) -> None:
        from console.ui.numbers.charts import Series

        shown = [
            (title, {each.hour: float(each.waiting) for each in numbers.lengths if each.scope == scope})
            for scope, title in self._services.queues
        ]
        self._made_charts()[2].show_lines(
            *(
                Series(title, _COLOURS[place % len(_COLOURS)], values)
                for place, (title, values) in enumerate(shown)
                if values
            )
        )

    def _made_charts(self) -> tuple[Chart, Chart, Chart]:
        from console.ui.numbers.charts import Chart

        if self._charts is None:
            theme = self._theme
            self._charts = (
                Chart(theme, "Decided a day"),
                Chart(theme, "Time waited, median", waits=True),
                Chart(theme, "Waiting"),
            )
            for chart, *place in zip(self._charts, (0, 0, 1), (0, 1, 0), (1, 1, 1), (1, 1, 2), strict=True):
                self._plots.addWidget(chart, *place)
            for column in range(2):
                self._plots.setColumnStretch(column, 1)
        return self._charts

    # Files

    def choose_export(self) -> None:
        """Ask where to."""
        numbers = self._numbers
        if numbers is None:
            return
        dialog = QFileDialog(self, "Export the numbers", f"numbers {numbers.last:%Y-%m-%d}", _KINDS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "xlsx")
        )
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.open()

    def write(self, path: Path) -> None:
        """Write what is shown: a workbook, or a table where the name ends in .csv."""
        if self._numbers is not None:
            self._tasks.spawn(self._write(path, self._numbers), "export the numbers", self)

    async def _write(self, path: Path, numbers: Numbers) -> None:
        def made() -> None:
            if path.suffix.lower() == ".csv":
                path.write_text(to_csv(numbers, self._title), encoding="utf-8", newline="")
            else:
                path.write_bytes(to_xlsx(numbers, self._title))

        try:
            await asyncio.to_thread(made)
        except OSError as error:
            problem = GreenroomError(
                f"The numbers cannot be written to {path}: {error.strerror}", "Choose another place."
            )
            self._notices.failed("export", problem)
            return
        self._notices.post(Notice(Level.DONE, f"Exported to {path.name}"))
