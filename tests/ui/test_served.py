"""Every view says who answered what it shows, and how fresh that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from console.domain.subjects import Subject
from console.ui.keyboard import press, type_text
from tests.support.content import add_content
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.curation.test_topics import curating
from tests.ui.test_desk import CONTROL


def answered(window: QWidget) -> Callable[[], list[str]]:
    """What the labels that are seen say."""

    def said() -> list[str]:
        labels = window.findChildren(QLabel)
        return [each.text() for each in labels if each.accessibleName() == "Answered by" and each.isVisible()]

    return said


async def test_every_view_says_who_answered(attached: Database, tmp_path: Path) -> None:
    scene = Subject("scene", add_content(attached).scene)
    async with curating(attached, tmp_path) as (session, _):
        window = session.window
        said = answered(window)

        def told() -> bool:
            return len(said()) == 1 and said()[0].startswith(("primary", "replica"))

        for screen in ("topics", "suggestions", "numbers"):
            window.show_screen(screen)
            await until(told)
        for screen in ("bibles", "scene"):
            window.open_at(screen, scene)
            await until(told)
        window.show_desk()
        await until(told)
        await press(Qt.Key.Key_D, CONTROL)
        await until(lambda: len(said()) == 2)
        await press(Qt.Key.Key_Escape)
        await press(Qt.Key.Key_F, CONTROL)
        await type_text("harbour")
        await until(lambda: len(said()) == 2)
