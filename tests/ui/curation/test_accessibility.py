"""Curation with a screen reader: whatever takes the keyboard has a name, in the dialog too."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from console.domain.curation import CATEGORY, TOPIC
from console.ui.keyboard import press
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.curation.test_suggestions import promoting
from tests.ui.curation.test_topics import CONTROL, choose, curating, fill
from tests.ui.shell.test_accessibility import unnamed


async def test_the_fields_and_the_chooser_have_names(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        await choose(screen, TOPIC, ids["Land"])
        assert unnamed(session.window) == []
        screen.view.expand(screen.tree.find(TOPIC, ids["Land"]))
        await until(lambda: screen.tree.outline.known(ids["Land"]))
        await choose(screen, CATEGORY, ids["Hills"])
        assert unnamed(session.window) == []
        screen.view.setFocus()
        await press(Qt.Key.Key_M, CONTROL)
        await until(lambda: screen.findChild(QDialog) is not None)
        assert unnamed(session.window) == []


async def test_suggestions_have_names(attached: Database, tmp_path: Path) -> None:
    async with promoting(attached, tmp_path) as (session, _):
        assert unnamed(session.window) == []
