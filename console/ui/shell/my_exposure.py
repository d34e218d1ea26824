"""My exposure: how long this person looked at what, by severity. Kept on this machine, told to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from PySide6.QtWidgets import QWidget

from console.domain.exposure import Exposure
from console.ui.shell.overlay import Overlay, Row
from console.ui.theme.theme import Theme
from console.ui.theme.words import waited

_WORDS = {0: "Not reported", 1: "Severity 1, minor", 5: "Severity 5, danger to people"}
_PRIVATE = "Kept on this machine only. Nobody else sees it."


class MyExposure(Overlay):
    """Today, and the days before."""

    def __init__(self, theme: Theme, host: QWidget, exposure: Callable[[], Exposure]) -> None:
        super().__init__(theme, host, "My exposure", "Type to narrow")
        self._exposure = exposure
        self.typed.connect(self._show)

    def _show(self, text: str) -> None:
        today = datetime.now().astimezone().date()
        rows: list[Row] = []
        for title, days in (("Today", 1), ("Last 7 days", 7), ("Last 30 days", 30)):
            found = [row for row in self._rows(today, days) if text.lower() in row.words.lower()]
            if found:
                rows += [Row(title, "", None, heading=True), *found]
        self.show_rows(rows, _PRIVATE if rows else f"Nothing was looked at yet. {_PRIVATE}")

    def _rows(self, today: date, days: int) -> list[Row]:
        seconds: Mapping[int, float] = self._exposure().seconds(today - timedelta(days=days - 1), today)
        return [
            Row(_WORDS.get(severity, f"Severity {severity}"), waited(seconds[severity]), None)
            for severity in sorted(seconds, reverse=True)
        ]
