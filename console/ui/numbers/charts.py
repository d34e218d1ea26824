"""Charts of numbers, drawn by pyqtgraph. It takes half a second to import: aside, when it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import log10
from typing import TypeAlias

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3
from console.ui.theme.words import number, waited
from console.ui.widgets.labels import label

CHART_HEIGHT = 150
_DAY = 86_400
_WAIT_TICKS = (1, 10, 60, 600, 3_600, _DAY, 30 * _DAY, 365 * _DAY)
_LINE_PIXELS, _MOST_TICKS = 2, 7
_BAR_SHARE = 0.72
"""How much of a day's place its bar takes."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one part of the bars: `colour` is the name of a token. Values are None where unknown."""

    title: str
    colour: str
    values: Mapping[datetime, float | None]


def noon(day: date) -> datetime:
    """Where a day stands on the axis."""
    return datetime.combine(day, time(12), UTC)


Ticks: TypeAlias = list[tuple[float, str]]


def day_ticks(first: float, last: float) -> Ticks:
    """At most seven days between two moments in seconds, as they are counted, in UTC: "3 Nov"."""
    days = range(int(first // _DAY), int(last // _DAY) + 1)
    step = next((each for each in (1, 2, 7, 14, 28, 56) if len(days) / each <= _MOST_TICKS), 91)
    noons = [day * _DAY + _DAY / 2 for day in days[::step]]
    return [(at, f"{datetime.fromtimestamp(at, UTC):%d %b}".lstrip("0")) for at in noons]


def count_ticks(highest: float) -> Ticks:
    """Two to five whole numbers from 0 that are easy to read."""
    steps = (part * 10**power for power in range(15) for part in (1, 2, 5))
    step = next(each for each in steps if highest / each <= 4)
    return [(float(value), number(value)) for value in range(0, int(highest) + 1, step)]


def wait_ticks(highest: float) -> Ticks:
    """Well-known times up to a wait in seconds, each at the logarithm of its seconds."""
    return [(log10(each), waited(each)) for each in _WAIT_TICKS if each <= highest]


class Chart(QWidget):
    """A title, what its colours mean, and a plot over days. No mouse: the numbers stand in the table."""

    def __init__(self, theme: Theme, title: str, *, waits: bool = False) -> None:
        super().__init__()
        self._theme, self._waits = theme, waits
        self._bars: tuple[Series, ...] = ()
        self._lines: tuple[Series, ...] = ()
        self.setAccessibleName(title)
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setFixedHeight(CHART_HEIGHT)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        # The wheel scrolls the page.
        self.plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._legend = QHBoxLayout()
        self._legend.setSpacing(SPACE_3)
        head = QHBoxLayout()
        head.addWidget(label(title, font=theme.strong_font))
        head.addStretch()
        head.addLayout(self._legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addLayout(head)
        column.addWidget(self.plot)
        theme.changed.connect(self._paint)

    def show_bars(self, *parts: Series) -> None:
        """Bars a day, the parts on top of each other in this order."""
        self._bars, self._lines = parts, ()
        self._paint()

    def show_lines(self, *lines: Series) -> None:
        """One line each; where values are unknown it is broken."""
        self._bars, self._lines = (), lines
        self._paint()

    def _paint(self) -> None:
        tokens = self._theme.tokens
        self.plot.setBackground(tokens.surface)
        self.plot.clear()
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(tokens.border)
            axis.setTextPen(tokens.muted)
            axis.setStyle(tickFont=self._theme.small_font, tickLength=0)
        self.plot.getAxis("left").setWidth(52)
        self._paint_bars()
        for line in self._lines:
            self._paint_line(line)
        self._frame()
        self._tell((*self._bars, *self._lines))

    def _paint_bars(self) -> None:
        below: dict[datetime, float] = {}
        for part in self._bars:
            at = sorted(part.values)
            heights = [part.values[each] or 0.0 for each in at]
            self.plot.addItem(
                pyqtgraph.BarGraphItem(
                    x=[each.timestamp() for each in at],
                    y0=[below.get(each, 0.0) for each in at],
                    height=heights,
                    width=_DAY * _BAR_SHARE,
                    pen=None,
                    brush=getattr(self._theme.tokens, part.colour),
                )
            )
            below.update(
                {each: below.get(each, 0.0) + height for each, height in zip(at, heights, strict=True)}
            )

    def _paint_line(self, line: Series) -> None:
        known = {at.timestamp(): value for at, value in sorted(line.values.items()) if value is not None}
        if not known:
            return
        pen = pyqtgraph.mkPen(getattr(self._theme.tokens, line.colour), width=_LINE_PIXELS)
        moments = np.array(list(known))
        heights = np.array([log10(max(value, 1.0)) if self._waits else value for value in known.values()])
        # It leads on to the next one, but not over days without a value; what stands alone is a dot.
        leads = np.append(np.diff(moments) <= _DAY * 1.5, False)
        alone = ~leads & ~np.insert(leads[:-1], 0, False)
        self.plot.plot(moments, heights, pen=pen, antialias=True, connect=leads)
        dots = {"symbol": "o", "symbolSize": 5, "symbolPen": None, "symbolBrush": pen.color()}
        self.plot.plot(moments[alone], heights[alone], pen=None, **dots)

    def _frame(self) -> None:
        known = [at.timestamp() for part in (*self._bars, *self._lines) for at in part.values]
        bottom, left = self.plot.getAxis("bottom"), self.plot.getAxis("left")
        if known:
            self.plot.setXRange(min(known) - _DAY / 2, max(known) + _DAY / 2, padding=0)
            bottom.setTicks([day_ticks(min(known), max(known))])
        highest = max(self._highest(), 60.0 if self._waits else 4.0)
        top = log10(highest) if self._waits else highest
        self.plot.setYRange(0, top * 1.08, padding=0)
        left.setTicks([wait_ticks(highest) if self._waits else count_ticks(highest)])

    def _highest(self) -> float:
        sums: dict[datetime, float] = {}
        for part in self._bars:
            for at, value in part.values.items():
                sums[at] = sums.get(at, 0.0) + (value or 0.0)
        values = [value or 0.0 for line in self._lines for value in line.values.values()]
        return max([*sums.values(), *values], default=0.0)

    def _tell(self, shown: Sequence[Series]) -> None:
        while self._legend.count():
            item = self._legend.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.deleteLater()
        for each in shown:
            self._legend.addWidget(_Key(self._theme, each))


class _Key(QWidget):
    """A colour and what it means."""

    def __init__(self, theme: Theme, series: Series) -> None:
        super().__init__()
        swatch = QLabel()
        swatch.setFixedSize(10, 10)
        swatch.setAutoFillBackground(True)
        palette = swatch.palette()
        palette.setColor(swatch.backgroundRole(), getattr(theme.tokens, series.colour))
        swatch.setPalette(palette)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_1)
        row.addWidget(swatch)
        row.addWidget(label(series.title, "muted", theme.small_font))
