"""Numbers as files: what a spreadsheet reads is what was counted, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime

from console.domain.numbers import Line, Numbers, QueueLength, Tally, Waits
from console.services.number_files import to_csv, to_xlsx

HOSTILE = '=HYPERLINK("http://x")'
NUMBERS = Numbers(
    date(2026, 3, 1),
    date(2026, 3, 2),
    {
        date(2026, 3, 2): Line(Tally(10, 2, 2), Waits({10: 8}), Waits({10: 4, 20: 4})),
        date(2026, 3, 1): Line(),
    },
    {"=spam": Line(Tally(10, 2, 2))},
    (QueueLength(datetime(2026, 3, 2, 9, tzinfo=UTC), "scenes.flags", 7, None),),
    None,
)


def test_a_table_has_days_policies_and_queues() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(NUMBERS, lambda _: HOSTILE))))
    assert rows[0][:5] == ["table", "day", "decided", "taken_back", "overturned"]
    assert rows[1][:6] == ["days", "2026-03-01", "0", "0", "0", ""]
    assert rows[2] == ["days", "2026-03-02", "10", "2", "2", "0.25", "37.6", "42.9", "44.3", "1362.3"]
    assert rows[4][:4] == ["policies", "'=spam", f"'{HOSTILE}", "10"]
    assert rows[6] == ["queues", "2026-03-02T09:00:00+00:00", "scenes.flags", "7", ""]


def test_a_workbook_has_a_sheet_for_each_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(NUMBERS, lambda _: HOSTILE))) as book:
        sheets = {
            name: book.read(name).decode()
            for name in book.namelist()
            if name.startswith("xl/worksheets/sheet")
        }
        texts = book.read("xl/sharedStrings.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    assert len(sheets) == 3
    assert all("<f>" not in sheet for sheet in sheets.values())
    assert "=HYPERLINK" in texts
    assert [names.index(f'name="{each}"') > 0 for each in ("days", "policies", "queues")] == [True] * 3
