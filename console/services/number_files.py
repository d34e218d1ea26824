"""Numbers as files: one CSV table, or a workbook with a sheet for each. Nothing here writes to a disk."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import TypeAlias

import xlsxwriter

from console.domain.numbers import Line, Numbers
from console.services.spreadsheets import defused

Cell: TypeAlias = str | int | float | None

_COLUMNS = (
    "decided",
    "taken_back",
    "overturned",
    "overturn_rate",
    "first_look_median_seconds",
    "first_look_90_percent_seconds",
    "decision_median_seconds",
    "decision_90_percent_seconds",
)


def to_csv(numbers: Numbers, policy_title: Callable[[str], str]) -> str:
    """Days, then policies, then the queues' lengths, in one table; the first column says which."""
    out = io.StringIO()
    writer = csv.writer(out)
    for name, (header, rows) in _tables(numbers, policy_title).items():
        writer.writerow(("table", *header))
        for row in rows:
            writer.writerow((name, *(defused(cell) if isinstance(cell, str) else cell for cell in row)))
    return out.getvalue()


def to_xlsx(numbers: Numbers, policy_title: Callable[[str], str]) -> bytes:
    """A sheet for each table; text is written as text, whatever it begins with."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    strong = book.add_format({"bold": True})
    for name, (header, rows) in _tables(numbers, policy_title).items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, header, strong)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, row)
        sheet.autofit()
    book.close()
    return out.getvalue()


def _tables(
    numbers: Numbers, policy_title: Callable[[str], str]
) -> dict[str, tuple[tuple[str, ...], Iterator[tuple[Cell, ...]]]]:
    return {
        "days": (
            ("day", *_COLUMNS),
            ((day.isoformat(), *_cells(line)) for day, line in sorted(numbers.days.items())),
        ),
        "policies": (
            ("policy", "title", *_COLUMNS),
            ((key, policy_title(key), *_cells(line)) for key, line in sorted(numbers.policies.items())),
        ),
        "queues": (
            ("hour", "queue", "waiting", "oldest_since"),
            (
                (
                    each.hour.isoformat(),
                    each.scope,
                    each.waiting,
                    None if each.oldest_at is None else each.oldest_at.isoformat(),
                )
                for each in numbers.lengths
            ),
        ),
    }


def _cells(line: Line) -> tuple[Cell, ...]:
    tally = line.tally
    rate = tally.overturn_rate
    return (
        tally.decided,
        tally.taken_back,
        tally.overturned,
        None if rate is None else round(rate, 4),
        *(
            None if wait is None else round(wait, 1)
            for waits in (line.look, line.wait)
            for wait in (waits.quantile(0.5), waits.quantile(0.9))
        ),
    )
