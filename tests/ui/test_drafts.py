"""What was typed survives a console that is killed: a reason's note, a flag's text, a note, a search."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.ui.deciding.reasons import ReasonPanel
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice
from db.routing import SignIn
from tests.support.content import add_content, add_flag
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL, bring_to_front, of_desk

# A console of its own process: it types, says so once the journal has it, and waits to be killed.
_TYPES = """
import asyncio, json, sys
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
import qasync
from console.ui.keyboard import press, type_text
from tests.support.waiting import until
from tests.ui.test_desk import CONTROL
from tests.ui.test_drafts import opened

async def main():
    primary, replica, password, folder, key, typed = json.loads(sys.stdin.readline())
    async with opened(primary, replica, password, Path(folder)) as session:
        if key == "search":
            await press(Qt.Key.Key_F, CONTROL)
        else:
            await press(getattr(Qt.Key, f"Key_{key}"))
            await until(lambda: session.desk.asking)
            if key != "N":
                await type_text("1")
        await type_text(typed)
        name = "search" if key == "search" else f"note:{session.desk.item.subject}"
        async with asyncio.timeout(30):
            while await session.data.journal.draft(name) != typed:
                await asyncio.sleep(0.01)
        print("typed", flush=True)
        await asyncio.sleep(600)

loop = qasync.QEventLoop(QApplication([]))
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
"""


@asynccontextmanager
async def opened(primary: str, replica: str, password: str, folder: Path) -> AsyncIterator[Session]:
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", primary, (replica,))
    session = await open_session(app, profile, SignIn("mia", password))
    await bring_to_front(session.window)
    await until(lambda: session.desk.ready)
    try:
        yield session
    finally:
        await session.close()


def type_and_die(database: Database, folder: Path, key: str, typed: str) -> None:
    """Type in a console that is then killed as the system kills: without a word."""
    asked = json.dumps(
        [database.primary, database.replica, database.passwords["mia"], str(folder), key, typed]
    )
    process = subprocess.Popen(
        [sys.executable, "-c", _TYPES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(asked + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "typed\n"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def note_of(session: Session) -> str:
    panel = of_desk(session, ReasonPanel)
    return "" if panel is None else panel.note.text()


async def test_what_was_typed_stands_there_again_after_a_kill(attached: Database, tmp_path: Path) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        add_flag(c, "idea", content.idea, "spam")
    wait_for_replay(attached.cluster)
    type_and_die(attached, tmp_path, "H", "half a sentence, 'quoted'")
    type_and_die(attached, tmp_path, "search", "the tin orch")
    password = attached.passwords["mia"]
    async with opened(attached.primary, attached.replica, password, tmp_path) as session:
        for key in (Qt.Key.Key_H, Qt.Key.Key_N, Qt.Key.Key_F):  # whatever it was begun for
            await press(key)
            await until(lambda: session.desk.asking)
            await until(lambda: note_of(session) == "half a sentence, 'quoted'")
            await press(Qt.Key.Key_Escape)
            await until(lambda: not session.desk.asking)
        await press(Qt.Key.Key_F, CONTROL)
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit)
        assert (field.text(), field.selectedText()) == ("the tin orch", "the tin orch")
        await type_text("x")
        assert field.text() == "x"
