"""While the primary is away the window shows the replica, says so, and keeps what is decided."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from console.bootstrap import Session
from console.domain.decisions import Decision, Target
from console.domain.errors import Taken
from console.domain.remarks import NoteAdd
from console.domain.subjects import Subject
from console.runtime.notices import Notice, Notices
from console.services.decisions import Resent
from console.ui.deciding.bar import DecisionBar
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.keyboard import press
from console.ui.shell.outage import Outage
from db.greenroom.ledger import decisions
from tests.support.databases import Database
from tests.support.waiting import until
from tests.support.wire import wire_to
from tests.ui.test_desk import moderator, of_desk


def words(session: Session) -> str:
    """All that the status line says."""
    return " | ".join(
        label.text() for label in session.window.status.findChildren(QLabel) if label.isVisible()
    )


def toasts(session: Session) -> list[str]:
    frames = session.window.findChildren(QFrame, "toast")
    return [frame.accessibleName() for frame in frames if frame.isVisible()]


def pane(session: Session) -> ListPane:
    found = session.window.findChild(ListPane)
    assert isinstance(found, ListPane)
    return found


def listed(session: Session) -> str:
    return " | ".join(label.text() for label in pane(session).findChildren(QLabel) if label.isVisible())


def told_of_the_item(session: Session) -> str:
    """What the card says of who answered."""
    card = session.window.findChild(Inspector)
    assert isinstance(card, Inspector)
    return " ".join(label.accessibleDescription() for label in card.findChildren(QLabel))


async def test_what_is_decided_while_the_primary_is_away_waits_and_is_sent(
    attached: Database, tmp_path: Path
) -> None:
    with wire_to(attached.primary) as line:
        async with moderator(attached, tmp_path, line.conninfo) as session:
            await until(lambda: "primary" in words(session))
            await until(lambda: "From the " in told_of_the_item(session))
            line.cut()
            await until(lambda: "primary out of reach: read only" in words(session))
            await until(lambda: "The primary is out of reach" in " ".join(toasts(session)))
            session.desk.refresh()
            first = session.desk.item
            assert first is not None
            await press(Qt.Key.Key_D)
            await press(Qt.Key.Key_D)
            await until(lambda: "2 waiting" in words(session))
            session.desk.open_queue(session.data.reader.platform.queues[0])
            await until(lambda: "primary away" in listed(session))
            await until(lambda: pane(session).model.settled(first.subject) is not None)
            await session.desk.poll()
            assert pane(session).model.settled(first.subject) is not None
            with attached.connect() as c:
                assert decisions(c) == []
            line.mend()
            await until(lambda: "0 waiting" in words(session))
            await until(lambda: any("The primary is back" in each for each in toasts(session)))
            assert not any("out of reach" in each for each in toasts(session))
            await until(lambda: session.desk.claimed)
            assert "out of reach" not in session.desk.banner
            with attached.connect() as c:
                assert [entry.verb for entry in decisions(c)] == ["dismiss", "dismiss"]


def test_what_a_failover_lost_is_told_in_plain_words() -> None:
    notices, told = Notices(), list[Notice]()
    notices.posted.connect(told.append)
    outage = Outage(notices)
    target = Target(Subject("idea", uuid4()), "v", "The tide")
    decision = Decision(uuid4(), "scenes.ideas", "reject", None, "Seen before", (target,))
    note = NoteAdd(uuid4(), target.subject, "The tide", "Look")
    outage.resent(Resent(((decision, None), (decision, None))))
    outage.resent(Resent(((note, None),)))
    taken = Taken("max is deciding this", subject=None, holder="max", since=None)
    outage.resent(Resent(((decision, taken), (note, None))))
    assert [notice.text for notice in told] == [
        "2 decisions were lost by the failover and sent again",
        "1 change was lost by the failover and sent again",
        "2 changes were lost by the failover. 1 sent again, 1 refused",
    ]
    assert "Reject “The tide”: max is deciding this. Seen before" in told[2].remedy


async def test_without_any_server_a_queue_says_so_in_short_and_offers_nothing(
    attached: Database, tmp_path: Path
) -> None:
    with wire_to(attached.primary) as line, wire_to(attached.replica) as other:
        async with moderator(attached, tmp_path, line.conninfo, other.conninfo) as session:
            bar = of_desk(session, DecisionBar)
            assert bar is not None
            assert bar.isVisible()
            line.cut()
            other.cut()
            await press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
            await until(lambda: "The server cannot be reached" in listed(session))
            assert "open" not in listed(session), "the count of the queue before"
            assert not bar.isVisible()
            buttons = [b.text() for b in pane(session).state.findChildren(QPushButton) if b.isVisible()]
            assert buttons == ["Try again", "Copy details"]
            line.mend()
            other.mend()
            await until(lambda: session.desk.ready)
            assert bar.isVisible()
