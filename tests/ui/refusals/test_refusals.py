"""What was refused stays, also after a restart: it can be read, copied, tried again, opened and dismissed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.bootstrap import Session
from console.ui.deciding.reasons import ReasonPanel
from console.ui.keyboard import press, type_text
from console.ui.refusals.screen import RefusalsScreen
from db.greenroom.ledger import decisions
from tests.support.content import claim, one
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, moderator, of_desk

NOTE = "Seen before <b>twice</b>"


def screen(session: Session) -> RefusalsScreen:
    found = session.window.findChild(RefusalsScreen)
    assert isinstance(found, RefusalsScreen)
    return found


async def hide_with_a_note(session: Session) -> None:
    """Hide the item shown, with the first reason and a note."""
    panel = of_desk(session, ReasonPanel)
    assert isinstance(panel, ReasonPanel)
    await press(Qt.Key.Key_H)
    await until(lambda: session.desk.asking)
    await type_text("1")
    await type_text(NOTE)
    await press(Qt.Key.Key_Return)


async def test_a_refusal_of_an_earlier_run_is_read_copied_and_tried_again(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        item = session.desk.item
        assert item is not None
        await until(lambda: session.desk.claimed)
        with attached.connect() as c:  # max takes over what mia's console believes to hold
            c.execute("UPDATE greenroom.claims SET holder = NULL, expires_at = '-infinity'")
        with attached.connect("max") as other:
            claim(other, "idea", item.subject.id)
        await hide_with_a_note(session)
        await until(lambda: session.window.status.tally.refused == 1)
        await until(lambda: len(screen(session).entries) == 1)
    async with moderator(attached, tmp_path) as session:
        await until(lambda: len(screen(session).entries) == 1)
        session.window.show_screen("refused")
        view = screen(session)
        entry = view.current()
        assert entry is not None
        assert entry.message == "max is deciding this"
        assert view.typed.toPlainText() == NOTE
        await press(Qt.Key.Key_C, CONTROL)
        copied = QApplication.clipboard().text()
        assert all(part in copied for part in (entry.work.words, "max is deciding this", NOTE))
        await press(Qt.Key.Key_R)  # he still holds it
        await until(lambda: session.window.status.tally.refused == 1)
        await until(lambda: len(view.entries) == 1)
        with attached.connect() as c:
            c.execute("UPDATE greenroom.claims SET holder = NULL, expires_at = '-infinity'")
        await press(Qt.Key.Key_R)
        await until(lambda: view.entries == [])
        with attached.connect() as c:
            assert [(each.verb, each.note) for each in decisions(c)] == [("hide", NOTE)]


async def test_what_was_typed_waits_for_who_opens_the_item_and_goes_when_it_is_decided(
    attached: Database, tmp_path: Path
) -> None:
    async with moderator(attached, tmp_path) as session:
        item = session.desk.item
        assert item is not None
        await until(lambda: session.desk.claimed)
        with attached.connect() as c:
            c.execute("UPDATE ideas SET title = 'Another tide' WHERE id = %s", [item.subject.id])
        await hide_with_a_note(session)
        await until(lambda: session.window.status.tally.refused == 1)
        await until(lambda: len(screen(session).entries) == 1)
        session.window.show_screen("refused")
        await until(lambda: screen(session).isVisible())
        await press(Qt.Key.Key_Return)
        await until(lambda: session.desk.scope != "scenes.flags")  # opened by itself, not in its queue
        assert session.desk.item is not None
        assert session.desk.item.title == "Another tide"
        await until(lambda: session.desk.ready)
        panel = of_desk(session, ReasonPanel)
        assert isinstance(panel, ReasonPanel)
        await press(Qt.Key.Key_H)
        await until(lambda: panel.note.text() == NOTE)
        await type_text("1")
        await press(Qt.Key.Key_Return)
        await until(lambda: session.window.status.tally.sent == 1)
        session.window.show_screen("refused")
        await until(lambda: screen(session).entries == [])
        with attached.connect() as c:
            assert one(c, "SELECT note FROM greenroom.decisions") == NOTE


async def test_dismissed_is_gone_for_good(attached: Database, tmp_path: Path) -> None:
    async with moderator(attached, tmp_path) as session:
        item = session.desk.item
        assert item is not None
        await until(lambda: session.desk.claimed)
        with attached.connect() as c:
            c.execute("UPDATE ideas SET title = 'Another tide' WHERE id = %s", [item.subject.id])
        await press(Qt.Key.Key_D)
        await until(lambda: len(screen(session).entries) == 1)
        session.window.show_screen("refused")
        await until(lambda: screen(session).isVisible())
        await press(Qt.Key.Key_D)
        await until(lambda: screen(session).entries == [])
        assert list(await session.data.journal.refusals()) == []
