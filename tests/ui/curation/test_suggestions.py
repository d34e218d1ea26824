"""Suggested topics in the real window: made topics, folded into others, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QDialog

from console.bootstrap import Session
from console.ui.curation.suggestions import SuggestionsScreen
from console.ui.keyboard import press, type_text
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until
from tests.ui.curation.test_topics import CONTROL, curating, fill, stored

WAITING = "SELECT count(*) FROM user_topics WHERE promoted_to_topic_id IS NULL"


@asynccontextmanager
async def promoting(database: Database, folder: Path) -> AsyncIterator[tuple[Session, SuggestionsScreen]]:
    """An admin's window with three suggestions: Skies and Fire are approved, Ponds is not yet."""
    ids = fill(database)
    with database.connect() as c:
        for name, status in (("Skies", "approved"), ("Fire", "approved"), ("Ponds", "pending")):
            c.execute(
                "INSERT INTO user_topics (user_id, name, status)"
                " SELECT user_id, %s, %s FROM ideas WHERE topic_id = %s LIMIT 1",
                [name, status, ids["Sea"]],
            )
    wait_for_replay(database.cluster)
    async with curating(database, folder) as (session, _):
        screen = session.window.findChild(SuggestionsScreen)
        assert screen is not None
        QAbstractItemModelTester(screen.model, QAbstractItemModelTester.FailureReportingMode.Fatal, screen)
        session.window.show_screen("suggestions")
        await until(lambda: len(screen.model.rows) == 3)
        screen.rows.setFocus()
        yield session, screen


def names(screen: SuggestionsScreen) -> list[str]:
    return [suggestion.name for suggestion, _ in screen.model.rows]


async def test_a_suggestion_is_folded_into_what_it_is_like_and_taken_back(
    attached: Database, tmp_path: Path
) -> None:
    async with promoting(attached, tmp_path) as (_, screen):
        assert names(screen) == ["Skies", "Fire", "Ponds"]
        assert "singular and plural" in screen.card.likes.item(0).text()
        assert screen.card.fold_button.property("part") == "main"
        await press(Qt.Key.Key_F)
        assert names(screen) == ["Fire", "Ponds"]
        query = (
            "SELECT t.name FROM user_topics AS u JOIN topics AS t ON t.id = u.promoted_to_topic_id"
            " WHERE u.name = 'Skies'"
        )
        await until(lambda: stored(attached, WAITING) == 2)
        assert stored(attached, query) == "Sky"
        await press(Qt.Key.Key_Z, CONTROL)
        await until(lambda: names(screen) == ["Skies", "Fire", "Ponds"])
        assert stored(attached, WAITING) == 3


async def test_a_suggestion_becomes_a_topic_of_another_name(attached: Database, tmp_path: Path) -> None:
    async with promoting(attached, tmp_path) as (_, screen):
        await press(Qt.Key.Key_J)
        assert screen.card.likes.count() == 0
        assert not screen.card.fold_button.isEnabled()
        screen.card.name.setFocus()
        screen.card.name.selectAll()
        await type_text("Sea")
        # The slug of Sea is Sea's.
        assert screen.card.slug.text() == "sea-2"
        screen.card.slug.selectAll()
        screen.card.slug.setFocus()
        await type_text("sea")
        assert not screen.card.promote_button.isEnabled()
        await type_text("s-on-fire")
        screen.card.promote_button.click()
        await until(lambda: stored(attached, "SELECT count(*) FROM topics WHERE slug = 'seas-on-fire'") == 1)
        await until(lambda: names(screen) == ["Skies", "Ponds"])


async def test_one_that_waits_is_approved_with_it(attached: Database, tmp_path: Path) -> None:
    async with promoting(attached, tmp_path) as (_, screen):
        await press(Qt.Key.Key_J)
        await press(Qt.Key.Key_J)
        current = screen.current()
        assert current is not None
        assert current.name == "Ponds"
        assert "approves it" in screen.card._about.text()
        await press(Qt.Key.Key_O)
        await until(lambda: screen.findChild(QDialog) is not None)
        await type_text("lan")
        await press(Qt.Key.Key_Return)
        await until(
            lambda: stored(attached, "SELECT status FROM user_topics WHERE name = 'Ponds'") == "approved"
        )
        await until(lambda: names(screen) == ["Skies", "Fire"])


async def test_what_others_decided_goes_and_what_was_refused_comes_back(
    attached: Database, tmp_path: Path
) -> None:
    async with promoting(attached, tmp_path) as (session, screen):
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        with attached.connect() as c:
            c.execute("UPDATE user_topics SET description = 'Changed by its author' WHERE name = 'Skies'")
        await press(Qt.Key.Key_P)
        await until(lambda: [each for each in told if "changed meanwhile" in each])
        await until(lambda: names(screen) == ["Skies", "Fire", "Ponds"])
        with attached.connect() as c:
            c.execute("UPDATE user_topics SET status = 'rejected' WHERE name <> 'Nobody'")
        await press(Qt.Key.Key_F5)
        await until(screen._state.isVisible)
