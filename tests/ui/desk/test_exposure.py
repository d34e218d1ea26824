"""Looking at reported content is counted while the window is in front, kept, and shown to its person."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from console.bootstrap import Session
from console.domain import exposure
from console.ui.desk.exposure import MOST_SECONDS, ExposureMeter
from console.ui.keyboard import press, type_text
from console.ui.shell.my_exposure import MyExposure
from tests.support.content import add_content, add_flag
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, moderator


def meter_of(session: Session) -> ExposureMeter:
    meter = session.window.findChild(ExposureMeter)
    assert meter is not None
    return meter


def total(session: Session) -> dict[int, float]:
    days = meter_of(session).exposure.days
    return next(iter(days.values())) if days else {}


async def test_what_is_looked_at_is_counted_kept_and_shown(
    attached: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = add_content(attached)
    with attached.connect() as owner:
        add_flag(owner, "idea", content.idea, "violence")
    monkeypatch.setattr(exposure, "DUE_SECONDS", 60)
    async with moderator(attached, tmp_path) as session:
        await until(lambda: session.desk.item is not None)
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        meter = meter_of(session)
        severity = session.desk.severities["violence"]
        assert severity >= 4
        for _ in range(13):
            meter.beat()
        assert total(session) == {severity: 65}
        await until(lambda: any("without a break" in text for text in told))
        for _ in range(int(MOST_SECONDS)):
            meter.beat()
        # Whoever went away leaves the item in front.
        assert total(session)[severity] <= MOST_SECONDS + 10
        counted = total(session)
        session.window.show_screen("refused")
        meter.beat()
        assert total(session) == counted
        await press(Qt.Key.Key_K, CONTROL)
        await type_text("my exposure")
        await press(Qt.Key.Key_Return)
        mine = session.window.findChild(MyExposure)
        assert mine is not None
        await until(lambda: mine.list.count() > 0)
        assert mine.list.item(0).text() == "Today"
        assert mine.list.item(1).text().startswith(f"Severity {severity}")
    async with moderator(attached, tmp_path) as session:
        await until(lambda: total(session) == counted)
